"""The details pane: who is in the conversation, by presence; the profile where it is direct."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.template.loader import get_template
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from accounts.models import User
from accounts.permissions import reach, visible_statuses
from accounts.privacy import Way
from chat import reading
from chat.reading import MemberRow, Room

MEMBERS_SHOWN = 100


def details_of(
    room: Room, members: list[MemberRow] | None = None, presence: Mapping[UUID, str] | None = None
) -> dict[str, Any]:
    """What chat/_details.html needs."""
    members = reading.members_of(room, limit=MEMBERS_SHOWN) if members is None else members
    if presence is None:
        presence = visible_statuses(room.membership.user_id, (member.id for member in members))
    groups: dict[str, list[str]] = {"here": [], "away": []}
    viewer, receipts, language = room.membership.user_id, room.receipts, get_language() or ""
    for member in members:
        status = presence.get(member.id, "offline")
        with_marks = receipts and member.id != viewer
        line = member_line(member, status, with_marks=with_marks, language=language)
        groups["away" if status == "offline" else "here"].append(line)
    lines: dict[str, Any] = {name: mark_safe("".join(group)) for name, group in groups.items()}  # noqa: S308 -- made by templates
    return lines | {
        **(_other(room.membership.user_id, room.other) if room.other else {}),
        "here_count": len(groups["here"]),
        "away_count": len(groups["away"]),
        "members_hidden": room.conversation.member_count - len(members),
        "other_status": presence.get(room.other.pk, "offline") if room.other else "",
    }


def _other(viewer: UUID, other: User) -> dict[str, bool]:
    """Whether what the other says of themselves is hidden (a block, whoever made it), and whether their page is not there."""
    answer = reach(viewer, other.pk, Way.PRESENCE)
    is_hidden = answer in ("blocking", "blocked", "missing")
    is_gone = is_hidden and (answer != "blocking" or reach(other.pk, viewer, Way.PRESENCE) == "blocking")
    return {"other_hidden": is_hidden, "other_gone": is_gone}


def member_line(member: MemberRow, status: str, *, with_marks: bool = False, language: str = "") -> str:
    """One member's line, remembered until something in it changes. Marks: how far they have received and read."""
    if not with_marks:
        member = member._replace(last_read_number=0, last_delivered_number=0)
    return _line(member, status, with_marks, language or get_language() or "")


@lru_cache(maxsize=16384)
def _line(member: MemberRow, status: str, with_marks: bool, language: str) -> str:
    marks = (str(member.last_read_number), str(member.last_delivered_number)) if with_marks else None
    return get_template("chat/_member.html").render({"member": member, "status": status, "marks": marks})
