"""Words for a large community: names, topics, and sentences put together from parts. No two runs differ."""

import random
from collections.abc import Iterator

VARIANTS = 1_000

FIRST_NAMES = (
        "Amira", "Bao", "Carla", "Dmitri", "Elif", "Farid", "Greta", "Hana", "Ivo", "Jamal", "Keiko", "Lars", "Mei",
    "Nadia", "Omar", "Paula", "Quentin", "Rosa", "Sven", "Tala", "Ugo", "Vera", "Wale", "Ximena", "Yuki", "Zofia",
    "Anders", "Bruna", "Chidi", "Dalia", "Emre", "Fiona",
)  # fmt: skip
LAST_NAMES = (
        "Abara", "Bergström", "Castillo", "Dubois", "Eriksen", "Fontana", "Gupta", "Haddad", "Ito", "Jansen",
    "Kowalska", "Lindqvist", "Moreno", "Nguyen", "Olsen", "Petrov", "Quispe", "Rossi", "Santos", "Takahashi",
    "Ueda", "Vasquez", "Weber", "Xu", "Yilmaz", "Zhang",
)  # fmt: skip
TOPICS = (
        "Gardeners", "Night shift", "Book circle", "Cycling", "Choir", "Allotment", "Film club", "Release crew",
    "Parents",
    "Lost and found", "Bakers", "Chess", "Translators", "Street party", "Radio", "Old maps",
)  # fmt: skip
EMOJI = ("👍", "❤️", "😂", "🎉", "🙏", "😮")

_OPENINGS = (
    "Good morning.", "Quick question:", "For those who missed it:", "I think", "Honestly,", "Fun fact:", "Reminder:",
    "Not sure, but", "Update:", "Just saw that", "Who knows whether", "By the way,",
)  # fmt: skip
_MIDDLES = (
    "the room on the second floor is free on Thursday", "the new timetable starts next week",
    "somebody left a green umbrella in the hall", "the *second* draft reads much better than the first",
    "we still need two people for the stand", "`make test` is green again after the last change",
    "the bakery on the corner closes at six", "the photos are **finally** online",
    "the list is on the table by the door", "our train leaves from platform four",
    "the projector needs the other cable", "there is soup left in the kitchen",
)  # fmt: skip
_ENDINGS = (
    "and I would like to hear what you think.", "so please tell the others.", "if the weather holds.",
    "which surprised me.", "as we said last time.", "but only until noon.", "and that is that.", "thank you all!",
    "see you there 🙂", "no hurry.",
)  # fmt: skip
_ALONE = (
    "Yes!",
    "Thanks 🙏",
    "On my way.",
    "Same here.",
    "😂",
    "Agreed.",
    "Not today, sorry.",
    "Let me check.",
    "Done.",
)


def lines() -> Iterator[str]:
    """VARIANTS messages, short and long as people write them."""
    chance = random.Random(11)  # noqa: S311 -- the same words every time
    for number in range(VARIANTS):
        if number % 5 == 0:
            yield chance.choice(_ALONE)
            continue
        sentences = [
            f"{chance.choice(_OPENINGS)} {chance.choice(_MIDDLES)}, {chance.choice(_ENDINGS)}"
            for _ in range(chance.choice((1, 1, 1, 2, 3)))
        ]
        yield " ".join(sentences)
