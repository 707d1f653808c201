"""What the demo's people say to each other. Only words and who says them when; `seed` makes them real through actions."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Line:
    """`speaker` says `text` so many minutes ago. `reply_to` counts lines of this talk from 1; `edited` replaces `text`."""

    minutes_ago: int
    speaker: str
    text: str
    reply_to: int | None = None
    edited: str = ""
    deleted: bool = False
    pinned: bool = False
    reactions: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Talk:
    """A place and what is said there; `readers` have read everything, the others what they answered."""

    place: str
    lines: tuple[Line, ...]
    readers: tuple[str, ...]


HOUR, DAY = 60, 24 * 60

LOBBY = Talk(
    place="lobby",
    readers=("bob", "admin"),
    lines=(
        Line(
            2 * DAY + 190,
            "admin",
            "Welcome to Chatter! This is the lobby: everybody who signs in is here.\n\n"
            "- be kind\n- no advertising\n- questions are always fine",
            pinned=True,
            reactions={"👋": ("alice", "bob", "charlie"), "❤️": ("alice",)},
        ),
        Line(2 * DAY + 180, "bob", "Morning, all ☕"),
        Line(2 * DAY + 178, "alice", "Good morning! Is the meetup at the library still on for Saturday?"),
        Line(
            2 * DAY + 170,
            "bob",
            "Yes, **Saturday at 14:00**, second floor. I booked the room with the big table.",
            reply_to=3,
            reactions={"👍": ("alice", "charlie"), "🎉": ("charlie",)},
        ),
        Line(2 * DAY + 165, "charlie", "I'll bring cake. Any allergies I should know about?"),
        Line(2 * DAY + 160, "alice", "No nuts for me, please. Thank you for asking 🙏", reply_to=5),
        Line(DAY + 320, "charlie", "Does anybody know how to flatten a list of lists in Python without a loop?"),
        Line(
            DAY + 314,
            "bob",
            "This does it:\n\n```python\nfrom itertools import chain\n\n"
            "flat = list(chain.from_iterable(nested))\n```\n\nOne level only, which is mostly what one wants.",
            reply_to=7,
            reactions={"🚀": ("charlie",), "👍": ("alice", "charlie")},
        ),
        Line(
            DAY + 312,
            "charlie",
            "Lovely, and fast enough: 12 ms for a million items. `sum(nested, [])` took *minutes*.",
        ),
        Line(
            DAY + 300,
            "alice",
            "> `sum(nested, [])`\n\nPlease never do that 😄",
            reactions={"😂": ("bob", "charlie", "admin")},
        ),
        Line(DAY + 120, "bob", "The photos of last time are online: <https://example.org/photos/october>"),
        Line(DAY + 110, "charlie", "The one with the dog and the projector is ||my new wallpaper||"),
        Line(7 * HOUR, "admin", "Heads-up: we restart at 22:00 tonight, two minutes at most. Your drafts stay."),
        Line(6 * HOUR, "alice", "Thanks for the warning!", reactions={"👍": ("admin",)}),
        Line(55, "bob", "@alice could you take the notes on Saturday?", reactions={"🙋": ("charlie",)}),
        Line(48, "charlie", "I can help her with that, ~~if my laptop survives~~ my laptop is fixed."),
        Line(20, "charlie", "Does somebody still have a spare HDMI cable?"),
    ),
)

ALICE_BOB = Talk(
    place="alice–bob",
    readers=("bob",),
    lines=(
        Line(DAY + 500, "bob", "Hi Alice, did you look at the new map tiles?"),
        Line(DAY + 495, "alice", "I did. The contrast is much better now, but the rivers vanish at zoom 9."),
        Line(
            DAY + 490,
            "bob",
            "Ah. That will be the simplification:\n\n```sql\nselect st_simplify(way, 400) from rivers\n```",
        ),
        Line(DAY + 486, "alice", "400 metres is a lot. Try 120?", reply_to=3),
        Line(
            DAY + 470,
            "bob",
            "120 it is. Rendering takes 3 min now.",
            edited="120 it is. Rendering takes 4 min now, still fine.",
            reactions={"🎯": ("alice",)},
        ),
        Line(5 * HOUR, "alice", "Lunch at one? The place by the canal is open again."),
        Line(5 * HOUR - 4, "bob", "Gladly. I'll be there at ten past.", reply_to=6, reactions={"👍": ("alice",)}),
        Line(35, "bob", "That soup was something. Sending you the recipe tonight."),
        Line(33, "bob", "Also: **could you review my change before five?** It is short, I promise."),
    ),
)

ALICE_CHARLIE = Talk(
    place="alice–charlie",
    readers=("alice", "charlie"),
    lines=(
        Line(2 * DAY + 90, "charlie", "Hey! Bob said you collect old maps?"),
        Line(2 * DAY + 80, "alice", "I do! Mostly harbours, before 1900. Why?"),
        Line(
            2 * DAY + 76,
            "charlie",
            "My aunt is clearing her attic. There is a chart of Valparaíso, I think 1874.",
            reactions={"😮": ("alice",)},
        ),
        Line(2 * DAY + 70, "alice", "Oh. *Oh.* Please do not let her throw it away.", reply_to=3),
        Line(2 * DAY + 68, "charlie", "Wrong window, sorry", deleted=True),
        Line(
            2 * DAY + 60,
            "charlie",
            "It is yours. I'll bring it on Saturday.",
            reactions={"❤️": ("alice",), "🗺️": ("alice",)},
        ),
    ),
)

CARTOGRAPHERS = Talk(
    place="Saturday cartographers",
    readers=("charlie",),
    lines=(
        Line(DAY + 200, "alice", "I made us a room, so that we do not fill the lobby 🙂"),
        Line(DAY + 198, "charlie", "Good idea. What do we print first?"),
        Line(
            DAY + 190,
            "bob",
            "My vote:\n\n1. the canal walk\n2. the cycle routes\n3. the map of *all* the benches",
            reactions={"🚲": ("alice", "charlie"), "🪑": ("charlie",)},
        ),
        Line(DAY + 186, "charlie", "The benches! @bob you counted them all?", reply_to=3),
        Line(
            DAY + 184,
            "bob",
            "412 so far. ||There is a spreadsheet.||",
            reply_to=4,
            reactions={"😂": ("alice", "charlie")},
        ),
        Line(4 * HOUR, "alice", "Paper: A3, 170 g. I ordered 50 sheets.", pinned=True),
        Line(
            80,
            "charlie",
            "Then we need the colours by Friday. I'd keep the palette small:\n\n`#1f6f78` water, `#e8a33d` paths, `#f4efe6` land",
        ),
        Line(
            76,
            "bob",
            "Looks great, and people who see red and green alike can read it too.",
            reactions={"👍": ("charlie",)},
        ),
        Line(12, "bob", "@alice shall I send the file to the printer, or do you want to look first?"),
    ),
)

TALKS = (LOBBY, ALICE_BOB, ALICE_CHARLIE, CARTOGRAPHERS)
