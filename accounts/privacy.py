"""Who may reach a person, and how: the ways, the circles, and the shape in which a person's wishes are stored.

Judged in one place, the database function `accounts_reach()`; `accounts.permissions` asks it.
"""

from enum import StrEnum
from typing import Any

from jsonschema import Draft202012Validator

from chatter.core.errors import Refused


class Way(StrEnum):
    """How one person may reach, or perceive, another."""

    MESSAGE = "message"
    GROUP = "group"
    INVITE = "invite"
    REQUEST = "request"
    MENTION = "mention"
    FIND = "find"
    PRESENCE = "presence"
    LAST_SEEN = "last_seen"
    TYPING = "typing"
    RECEIPTS = "receipts"
    EMAIL = "email"
    PHONE = "phone"


class Circle(StrEnum):
    """Whom a person lets: everybody (whom no block keeps away), their friends, or nobody."""

    EVERYONE = "everyone"
    FRIENDS = "friends"
    NOBODY = "nobody"


# What can be chosen, and what holds until somebody chooses; an invitation is a way into a group. As in accounts_reach().
DEFAULTS: dict[Way, Circle] = {
    Way.MESSAGE: Circle.EVERYONE,
    Way.GROUP: Circle.EVERYONE,
    Way.REQUEST: Circle.EVERYONE,
    Way.MENTION: Circle.EVERYONE,
    Way.FIND: Circle.EVERYONE,
    Way.PRESENCE: Circle.EVERYONE,
    Way.LAST_SEEN: Circle.EVERYONE,
    Way.TYPING: Circle.EVERYONE,
    Way.RECEIPTS: Circle.EVERYONE,
    Way.EMAIL: Circle.NOBODY,
    Way.PHONE: Circle.NOBODY,
}

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {way.value: {"enum": [circle.value for circle in Circle]} for way in DEFAULTS},
}
_validator = Draft202012Validator(SCHEMA)


def checked_privacy(wishes: Any) -> dict[str, str]:
    """`wishes` (way → circle) as they are stored. Raises Refused("invalid") for unknown ways, circles and shapes."""
    if not _validator.is_valid(wishes):
        raise Refused("invalid")
    return dict(wishes)


def circle_of(wishes: dict[str, str], way: Way) -> Circle:
    """Whom a person with these wishes lets."""
    return Circle(wishes.get(way.value, DEFAULTS[way]))
