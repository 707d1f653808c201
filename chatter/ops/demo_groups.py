"""The demo's groups: their channels, roles and what is said there. Only words; `seed_groups` makes them real through actions."""

from dataclasses import dataclass

from chatter.ops.demo_talk import DAY, Line, Talk
from groups.permissions import Right

TEXT, NEWS = "text", "announcement"


@dataclass(frozen=True, slots=True)
class DemoRole:
    name: str
    hue: int
    holders: tuple[str, ...]
    rights: int = 0


@dataclass(frozen=True, slots=True)
class DemoChannel:
    """`only` is the role that alone sees it, "" where everybody does."""

    name: str
    topic: str = ""
    kind: str = TEXT
    only: str = ""


@dataclass(frozen=True, slots=True)
class DemoGroup:
    """`members` besides the owner; `categories`: a heading and its channels."""

    name: str
    owner: str
    description: str
    members: tuple[str, ...] = ()
    is_public: bool = True
    roles: tuple[DemoRole, ...] = ()
    categories: tuple[tuple[str, tuple[DemoChannel, ...]], ...] = ()


CARTOGRAPHERS = DemoRole(
    "Cartographers", 1, ("alice", "bob"), Right.MANAGE_MESSAGES | Right.PIN | Right.MENTION_ALL | Right.MANAGE_CHANNELS
)
GROUPS = (
    DemoGroup(
        "Open Atlas",
        "alice",
        "An atlas that everybody may draw in: coasts, benches, drinking fountains. Newcomers are shown around.",
        members=("bob", "charlie", "admin"),
        roles=(CARTOGRAPHERS, DemoRole("Printers", 4, ("charlie",))),
        categories=(
            (
                "Welcome",
                (
                    DemoChannel("announcements", "What is new in the atlas", NEWS),
                    DemoChannel("rules", "Short, and meant so", NEWS),
                ),
            ),
            (
                "Maps",
                (
                    DemoChannel("general", "Everything about the atlas that has no channel of its own"),
                    DemoChannel("field-notes", "What you saw outside today"),
                    DemoChannel("projections-and-other-arguments", "Bring a counter-example"),
                    DemoChannel("editors", "What goes into the next edition", only="Cartographers"),
                ),
            ),
        ),
    ),
    DemoGroup(
        "Bread Club",
        "charlie",
        "Sourdough, patience, crumbs.",
        members=("alice",),
        categories=(("", (DemoChannel("general"), DemoChannel("recipes", "Weights, not cups"))),),
    ),
    DemoGroup(
        "Kernel Nights",
        "bob",
        "We read one subsystem a month.",
        members=("alice", "charlie"),
        is_public=False,
        categories=(("", (DemoChannel("general"),)),),
    ),
    DemoGroup(
        "Quiet Readers",
        "admin",
        "A book a month, and no spoilers before the 20th.",
        categories=(("", (DemoChannel("general"), DemoChannel("next-book", "Suggest one, vote for two"))),),
    ),
)

TALKS = (
    Talk(
        place="Open Atlas/announcements",
        readers=("bob", "charlie"),
        lines=(
            Line(
                9 * DAY,
                "alice",
                "**The second edition is out.** 214 coasts, 38 of them new. Thank you, all of you.",
                reactions={"🎉": ("bob", "charlie", "admin"), "🗺️": ("charlie",)},
            ),
            Line(2 * DAY + 60, "alice", "Tiles are rebuilt on Thursday from 22:00; for an hour the map may look patchy."),
        ),
    ),
    Talk(
        place="Open Atlas/rules",
        readers=("bob", "charlie", "admin"),
        lines=(
            Line(20 * DAY, "alice", "1. Draw what is there.\n2. Say where you know it from.\n3. Be kind to whom you correct."),
        ),
    ),
    Talk(
        place="Open Atlas/field-notes",
        readers=("charlie",),
        lines=(
            Line(DAY + 90, "bob", "Counted the benches at the old harbour: 14, of which 3 face the wall."),
            Line(DAY + 80, "charlie", "The wall is nice in the evening, though."),
        ),
    ),
    Talk(
        place="Open Atlas/projections-and-other-arguments",
        readers=("alice", "bob"),
        lines=(
            Line(6 * DAY, "charlie", "Web Mercator is fine."),
            Line(6 * DAY - 2, "alice", "For what?", reactions={"🔥": ("bob",)}),
            Line(6 * DAY - 5, "charlie", "For being left alone by people who ask that."),
        ),
    ),
    Talk(
        place="Open Atlas/editors",
        readers=("alice",),
        lines=(Line(DAY, "alice", "For the third edition: rivers first, or the rail network?"),
               Line(DAY - 30, "bob", "Rivers. Rails follow them anyway.", reply_to=1)),
    ),
    Talk(
        place="Open Atlas/general",
        readers=("bob",),
        lines=(
            Line(
                3 * DAY,
                "charlie",
                "Is there a reason why ||the lighthouse at Sker|| is missing, or shall I draw it?",
                reactions={"👀": ("alice",)},
            ),
            Line(3 * DAY - 4, "alice", "No reason. Draw it!", reply_to=1),
            Line(
                80,
                "alice",
                "Morning! The tiles for the north coast are finally rendering. Took the simplification down to 0.4 px and "
                "nobody can tell.",
                reactions={"🎉": ("bob", "charlie", "admin"), "🗺️": ("bob", "charlie")},
            ),
            Line(79, "alice", "Next stop: labels that don't collide."),
            Line(72, "charlie", "That coastline is still wrong at z7. Look at the inlet: it is drawn inside out."),
            Line(
                61,
                "bob",
                "It's the winding order. This fixes it here:\n\n"
                "```python\nring = shapely.geometry.polygon.orient(ring, sign=1.0)\n```",
                reply_to=5,
                reactions={"👍": ("alice", "charlie", "admin"), "🙏": ("charlie",)},
            ),
            Line(22, "charlie", "It does. @alice you can merge my branch now, the inlet is water again.", reply_to=6),
        ),
    ),
    Talk(
        place="Bread Club/general",
        readers=("alice",),
        lines=(
            Line(2 * DAY, "charlie", "My starter doubled in four hours. I am not saying I am proud."),
            Line(2 * DAY - 9, "alice", "You are saying exactly that.", reactions={"😂": ("charlie",)}),
        ),
    ),
    Talk(
        place="Bread Club/recipes",
        readers=(),
        lines=(
            Line(DAY + 5, "charlie", "| | g |\n|---|---:|\n| flour | 500 |\n| water | 360 |\n| starter | 100 |\n| salt | 10 |"),
        ),
    ),
    Talk(
        place="Kernel Nights/general",
        readers=("bob",),
        lines=(
            Line(5 * DAY, "bob", "This month: how a page fault finds its page. Start at `handle_mm_fault`."),
            Line(4 * DAY, "charlie", "I got as far as the third `unlikely()`."),
        ),
    ),
    Talk(
        place="Quiet Readers/general",
        readers=(),
        lines=(Line(7 * DAY, "admin", "We meet here on the 20th. Until then: shhh."),),
    ),
)  # fmt: skip
