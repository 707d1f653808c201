"""Catching up: what a client that has version v of a conversation missed."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from chat.reading.messages import PAGE, history, shown_messages
from chat.rendering import article
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound

MISSED_MAX = 500
ITEMS_MAX = 100
BYTES_MAX = 256 * 1024

# One statement, so that the version and the changes come from one snapshot.
_MISSED = f"""
select v.version, v.floor_version, v.access_version, m.history_from, missed.ids, missed.versions
  from chat_membership m join chat_conversation v on v.id = m.conversation_id
  left join lateral (
    select array_agg(message_id order by last) ids, array_agg(last order by last) versions
      from (select c.message_id, max(c.version) last from chat_change c
             where c.conversation_id = v.id and c.version > %(since)s and c.message_id is not null and c.number >= m.history_from
             group by c.message_id order by 2 limit {ITEMS_MAX + 1}) latest) missed
    on %(since)s >= v.floor_version and %(since)s <= v.version and v.version - %(since)s <= {MISSED_MAX}
 where m.conversation_id = %(conversation)s and m.user_id = %(person)s and m.left_at is null
"""


@dataclass(frozen=True, slots=True)
class CaughtUp:
    """The reply of `conversation.open`, and what the hub needs to know from the same snapshot."""

    reply: dict[str, Any]
    access_version: int
    history_from: int


def changes_since(person_id: UUID, conversation_id: UUID, version: int | None) -> CaughtUp:
    """What the person missed since `version` (None: everything). Raises NotFound."""
    since = -1 if version is None else max(-1, min(version, 2**62))
    with prepared_cursor() as cursor:
        cursor.execute(
            _MISSED,
            {"since": since, "conversation": conversation_id, "person": person_id},
        )
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    current, floor, access_version, history_from, ids, versions = row
    reply = {
        "version": current,
        "floor": floor,
        "reset": False,
        "changes": [],
        "more": False,
    }
    if version is None or not floor <= since <= current or current - since > MISSED_MAX:
        reply |= {
            "reset": True,
            "changes": _latest(person_id, conversation_id, current),
        }
    elif ids:
        reply["changes"], reply["more"] = _missed(person_id, ids, versions, history_from)
    return CaughtUp(reply, access_version, history_from)


def _latest(person_id: UUID, conversation_id: UUID, version: int) -> list[dict[str, Any]]:
    """The newest messages that fit, oldest first."""
    kept: list[dict[str, Any]] = []
    size = 0
    for message in reversed(history(person_id, conversation_id, before=2**62, limit=PAGE)):
        html = message.pop("html")
        item = {"version": version, "message": message, "html": html}
        size += len(orjson.dumps(item))
        if size > BYTES_MAX and kept:
            break
        kept.append(item)
    return kept[::-1]


def _missed(
    person_id: UUID, ids: list[UUID], versions: list[int], history_from: int
) -> tuple[list[dict[str, Any]], bool]:
    """The changed messages in their latest state, in order of version; and whether there are more."""
    found = shown_messages(ids[:ITEMS_MAX], person_id, history_from)
    items: list[dict[str, Any]] = []
    size = 0
    for key, version in zip(ids[:ITEMS_MAX], versions[:ITEMS_MAX], strict=True):
        shown = found.get(key)
        if shown is None:
            continue
        item = {"version": version, "message": shown.wire, "html": article(shown)}
        size += len(orjson.dumps(item))
        if size > BYTES_MAX and items:
            return items, True
        items.append(item)
    return items, len(ids) > ITEMS_MAX
