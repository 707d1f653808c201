"""From what the address asks for to a page of history."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from chat import reading
from chat.reading import MessagePage, Room
from chat.reading.messages import PAGE


def page_for(room: Room, window: dict[str, Any]) -> MessagePage:
    """The page that `window` (a checked WindowForm) names; nothing named: the newest."""
    limit = window.get("limit") or PAGE
    number = anchor_of(room, window)
    if number is not None:
        return reading.page_of(room, around=number, limit=limit)
    if window.get("before") is not None:
        return reading.page_of(room, before=window["before"], limit=limit)
    if window.get("after") is not None:
        return reading.page_of(room, after=window["after"], limit=limit)
    return reading.page_of(room, limit=limit)


def first_window(room: Room) -> dict[str, Any]:
    """Where a page begins that was asked for without saying where: at the first unread message, where the newest page
    would not show it (nobody has read what they did not see); else at the newest."""
    first = room.first_unread
    return {"unread": True} if first is not None and first <= room.conversation.message_count - PAGE else {}


def anchor_of(room: Room, window: dict[str, Any]) -> int | None:
    """The number around which to show: a message, the first of a day, the first unread."""
    if window.get("at") is not None:
        return clamped(room, window["at"])
    if window.get("date"):
        return reading.number_at_date(room, midnight(window["date"], window.get("offset")))
    return room.first_unread if window.get("unread") else None


def focus_of(room: Room, window: dict[str, Any]) -> int | None:
    """The message the address points at, to be marked: by its number, or as the first of a day."""
    return anchor_of(room, window) if window.get("date") else window.get("at")


def clamped(room: Room, number: int) -> int:
    """`number`, not outside of what the member sees."""
    return max(room.membership.history_from, min(number, room.conversation.message_count))


def midnight(day: date, offset: int | None) -> datetime:
    """When `day` begins where clocks are `offset` minutes behind UTC, as the reader's script tells it; without one, in
    the zone of the reader's settings."""
    begin = datetime.combine(day, time.min)
    if offset is None:
        return timezone.make_aware(begin)
    return begin.replace(tzinfo=UTC) + timedelta(minutes=offset)
