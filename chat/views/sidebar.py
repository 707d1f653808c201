"""The side bar as html. One conversation's line is rendered once and remembered until something in it changes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.template.loader import get_template
from django.utils.translation import get_language

from accounts.models import User
from accounts.permissions import blocked_by, visible_statuses
from chat import reading, surroundings
from chat.reading import ConversationRow, Room
from chat.views.access import viewer_of
from chatter.core.fragments import remembered

PLACES_SHOWN = 100
PLACES_MAX = 2000
BADGE_MAX = 99


def rows_of(request: HttpRequest) -> list[ConversationRow]:
    """The conversations of the side bar: the newest, one more than fit; or, asked for, all of them."""
    match = request.resolver_match
    current = match.kwargs.get("conversation_id") if match else None
    limit = PLACES_MAX if "all" in request.GET else PLACES_SHOWN + 1
    return reading.conversations_of(viewer_of(request).pk, limit=limit, current=current)


def shell(
    request: HttpRequest,
    *,
    pane: str,
    current: UUID | None = None,
    rows: list[ConversationRow] | None = None,
    presence: Mapping[UUID, str] | None = None,
    room: Room | None = None,
) -> dict[str, Any]:
    """What layouts/app.html needs: the side bar, and which pane a phone shows ("list" or "talk"). Around the `room` it may be
    another application's."""
    around = surroundings.around(request, room) if room else None
    if around:
        return around.side() | {"pane": pane}
    rows = rows_of(request) if rows is None else rows
    if presence is None:
        presence = visible_statuses(viewer_of(request).pk, (row.other_id for row in rows if row.other_id))
    return {"places": _places(request, rows, presence, current), "pane": pane}


def place_line(
    row: ConversationRow, viewer: User, *, presence: str = "", current: bool = False, language: str = ""
) -> str:
    """The `<li>` of one conversation. Of whom the viewer blocks it repeats nothing, but between the two."""
    folded = row.other_id is None and row.last_sender_id in blocked_by(viewer)
    language = language or get_language() or ""
    return _line(row, viewer.pk == row.last_sender_id, folded, presence, current, language)


def badge_of(row: ConversationRow) -> str:
    """What the badge says: mentions before unread messages, never longer than "99+"."""
    count = row.mention_count or row.unread
    return f"{BADGE_MAX}+" if count > BADGE_MAX else str(count)


def _places(
    request: HttpRequest, rows: list[ConversationRow], presence: Mapping[UUID, str], current: UUID | None
) -> str:
    viewer, language = viewer_of(request), get_language() or ""
    has_more = "all" not in request.GET and len(rows) > PLACES_SHOWN
    parts: dict[str, list[str]] = {"lobby": [], "direct": [], "group": [], "discussion": [], "archived": []}
    for row in rows[:PLACES_SHOWN] if has_more else rows:
        section = "archived" if row.archived else row.kind if row.kind in parts else "group"
        status = presence.get(row.other_id, "offline") if row.other_id else ""
        line = place_line(row, viewer, presence=status, current=row.id == current, language=language)
        parts[section].append(line)
    return remembered(
        "chat/_places.html",
        gaps={name: "".join(lines) for name, lines in parts.items()},
        is_guest=viewer.is_guest,
        has_direct=bool(parts["direct"]),
        has_group=bool(parts["group"]),
        has_discussion=bool(parts["discussion"]),
        has_more=has_more,
        archived_count=len(parts["archived"]),
    )


@lru_cache(maxsize=16384)
def _line(row: ConversationRow, is_mine: bool, folded: bool, presence: str, current: bool, language: str) -> str:
    context = {
        "row": row,
        "is_mine": is_mine,
        "folded": folded,
        "presence": presence,
        "current": current,
        "badge": badge_of(row),
    }
    return get_template("chat/_place.html").render(context)
