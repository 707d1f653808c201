"""The details pane: who is in the conversation, by presence; the profile where it is direct."""

from functools import lru_cache
from typing import Any

from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from chat import reading
from chat.reading import MemberRow, Room
from chat.reading.rooms import marks_of
from chatter.core.presence import statuses

MEMBERS_SHOWN = 100


def details_of(room: Room) -> dict[str, Any]:
    """What chat/_details.html needs."""
    members = reading.members_of(room, limit=MEMBERS_SHOWN)
    presence = statuses(member.id for member in members)
    marks = {mark["user"]: (str(mark["read"]), str(mark["delivered"])) for mark in marks_of(room)}
    groups: dict[str, list[str]] = {"here": [], "away": []}
    for member in members:
        status = presence.get(member.id, "offline")
        line = member_line(member, status, marks.get(str(member.id)))
        groups["away" if status == "offline" else "here"].append(line)
    return {
        "members": {name: mark_safe("".join(lines)) for name, lines in groups.items()},
        "here_count": len(groups["here"]),
        "away_count": len(groups["away"]),
        "members_hidden": room.conversation.member_count - len(members),
        "other_status": presence.get(room.other.pk, "offline") if room.other else "",
    }


def member_line(member: MemberRow, status: str, marks: tuple[str, str] | None = None) -> SafeString:
    """One member's line, remembered until something in it changes."""
    return _line(member, status, marks, get_language() or "")


@lru_cache(maxsize=16384)
def _line(member: MemberRow, status: str, marks: tuple[str, str] | None, language: str) -> SafeString:
    return get_template("chat/_member.html").render({"member": member, "status": status, "marks": marks})
