"""Messages in order of their numbers: pages both ways, threads, pins, revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from accounts.permissions import hidden_from
from chat.models import MessageRevision, Reaction
from chat.permissions import membership_of
from chat.reading.happenings import name_people, nicknames_in
from chat.reading.rooms import Room
from chat.rendering import Shown, Wire, article, iso, message_wire, person_wire, reply_wire
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound, Refused

PAGE = 50
PAGE_MAX = 100
THREAD_MAX = 200
PINS_MAX = 100
NUMBERED_MAX = 200

_COLUMNS = """
select t.id, t.conversation_id, t.number, t.kind, t.content, t.html, t.metadata, t.created_at, t.edited_at, t.deleted_at,
       t.pinned_at, t.sender_id, u.username, u.display_name, u.deleted_at is not null, u.avatar, n.nickname, n.hue, t.reply_to_id
  from chat_message t left join accounts_user u on u.id = t.sender_id
  left join chat_membership n on n.conversation_id = t.conversation_id and n.user_id = t.sender_id
"""
_BEFORE = (
    _COLUMNS + " where t.conversation_id = %s and t.number < %s and t.number >= %s order by t.number desc limit %s"
)
_AFTER = _COLUMNS + " where t.conversation_id = %s and t.number > %s and t.number >= %s order by t.number limit %s"
_BY_ID = _COLUMNS + " where t.id = any(%s)"
_BY_NUMBER = _COLUMNS + " where t.conversation_id = %s and t.number = any(%s) and t.number >= %s order by t.number"
_PINNED = (
    _COLUMNS
    + " where t.conversation_id = %s and t.pinned_at is not null and t.number >= %s order by t.number desc limit %s"
)

_THREAD = """
with recursive thread(id) as (
  select %s::uuid
  union
  select r.id from thread join chat_message r on r.reply_to_id = thread.id
   where r.conversation_id = %s and r.number >= %s)
select id from thread limit %s
"""

_QUOTED = """
select t.id, t.number, t.content, t.sender_id, u.username, u.display_name, u.deleted_at is not null, u.avatar, n.nickname, n.hue
  from chat_message t left join accounts_user u on u.id = t.sender_id
  left join chat_membership n on n.conversation_id = t.conversation_id and n.user_id = t.sender_id
 where t.id = any(%s) and t.conversation_id = %s and t.number >= %s
"""

_REACTIONS = """
select message_id, emoji, count(*), bool_or(user_id = %s) from chat_reaction
 where message_id = any(%s) group by message_id, emoji order by message_id, min(created_at), emoji
"""

_ANSWERED = """
select reply_to_id, count(*) from chat_message
 where reply_to_id = any(%s) and deleted_at is null and number >= %s group by reply_to_id
"""

# A binary search over the numbers, which are in order of time: some twenty index probes instead of a scan.
_NUMBER_AT = """
with recursive step(low, high) as (
  select %s::bigint, %s::bigint + 1
  union all
  select case when earlier then middle + 1 else low end, case when earlier then high else middle end
    from (select low, high, (low + high) / 2 middle,
                 coalesce((select t.created_at < %s from chat_message t where t.conversation_id = %s and t.number = (low + high) / 2), true) earlier
            from step where low < high) probe)
select low from step where low >= high
"""


@dataclass(frozen=True, slots=True)
class MessagePage:
    """Messages oldest first, and whether there are more on either side."""

    messages: list[Shown]
    has_before: bool
    has_after: bool


def page_of(
    room: Room,
    *,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = PAGE,
) -> MessagePage:
    """A page of the room by message number: before, after or around one, or the newest. At most three queries each way."""
    limit = max(1, min(limit, PAGE_MAX))
    first, last = room.membership.history_from, room.conversation.message_count
    viewer, place = room.membership.user_id, room.id
    if around is not None:
        half = limit // 2
        rows = _rows(_BEFORE, [place, around, first, half])[::-1] + _rows(
            _AFTER, [place, around - 1, first, limit - half]
        )
    elif after is not None:
        rows = _rows(_AFTER, [place, after, first, limit])
    else:
        rows = _rows(_BEFORE, [place, last + 1 if before is None else before, first, limit])[::-1]
    messages = _with_answers(_shown(rows, viewer, first), first)
    if not messages:
        return MessagePage([], before is None and after is not None and first <= last, False)
    return MessagePage(messages, messages[0].wire["number"] > first, messages[-1].wire["number"] < last)


def history(
    person_id: UUID,
    conversation_id: UUID,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = PAGE,
) -> list[Wire]:
    """The `history` command: messages oldest first, tombstones included, each with its article as `html`. Raises NotFound."""
    membership = membership_of(person_id, conversation_id)
    limit = max(1, min(limit, PAGE_MAX))
    sql, number = (_BEFORE, before) if after is None else (_AFTER, after)
    rows = _rows(sql, [conversation_id, number, membership.history_from, limit])
    if after is None:
        rows.reverse()
    return [{**shown.wire, "html": article(shown)} for shown in _shown(rows, person_id, membership.history_from)]


def shown_messages(ids: Sequence[UUID], viewer: UUID | None, history_from: int = 1) -> dict[UUID, Shown]:
    """The messages with these ids by id, as `viewer` sees them (None: as everybody does). Access is the caller's to check."""
    shown = _shown(_rows(_BY_ID, [list(ids)]), viewer, history_from) if ids else []
    return {UUID(each.wire["id"]): each for each in shown}


def message_numbered(room: Room, number: int) -> Shown:
    """Message `number` of the room. Raises NotFound."""
    found = page_of(room, after=number - 1, limit=1).messages
    if not found or found[0].wire["number"] != number:
        raise NotFound
    return found[0]


def messages_numbered(room: Room, numbers: Sequence[int]) -> list[Shown]:
    """Those of the room with these numbers that its member may read, oldest first; at most 200 are looked for."""
    asked = sorted(number for number in set(numbers) if 0 < number <= room.conversation.message_count)[:NUMBERED_MAX]
    first = room.membership.history_from
    return _shown(_rows(_BY_NUMBER, [room.id, asked, first]), room.membership.user_id, first) if asked else []


def thread_of(room: Room, number: int) -> list[Shown]:
    """The message and everything that answers it, directly or not, oldest first; at most 200."""
    root = message_numbered(room, number)
    with prepared_cursor() as cursor:
        cursor.execute(
            _THREAD,
            [root.wire["id"], room.id, room.membership.history_from, THREAD_MAX],
        )
        ids = [row[0] for row in cursor.fetchall()]
    found = shown_messages(ids, room.membership.user_id, room.membership.history_from)
    return sorted(found.values(), key=lambda shown: shown.wire["number"])


def pinned_of(room: Room) -> list[Shown]:
    """The pinned messages, newest first; at most 100."""
    rows = _rows(_PINNED, [room.id, room.membership.history_from, PINS_MAX])
    return _shown(rows, room.membership.user_id, room.membership.history_from)


def revisions_of(room: Room, number: int) -> list[MessageRevision]:
    """What message `number` said before, oldest first. A deleted one tells nothing here. Raises NotFound."""
    shown = message_numbered(room, number)
    if shown.wire["deleted_at"] is not None:
        raise NotFound
    return list(MessageRevision.objects.filter(message_id=shown.wire["id"]).order_by("created_at")[:200])


def reactors_of(shown: Shown, viewer: UUID) -> dict[str, list[str]]:
    """Who reacted to the message: emoji → names, first come first (two queries, three in a channel); at most 200 in all.
    Blocks hide, both ways."""
    named: dict[str, list[str]] = {}
    if not shown.wire["reactions"]:
        return named
    rows = Reaction.objects.filter(message_id=shown.wire["id"]).exclude(user__in=hidden_from(viewer))
    reactions = list(rows.select_related("user").order_by("created_at")[:200])
    nicknames = nicknames_in(UUID(shown.wire["conversation"]), {row.user_id for row in reactions})
    for row in reactions:
        named.setdefault(row.emoji, []).append(nicknames.get(row.user_id) or row.user.name)
    return named


def number_at_date(room: Room, moment: datetime) -> int | None:
    """The number of the first message at or after `moment`; None where there is none later."""
    first, last = room.membership.history_from, room.conversation.message_count
    with prepared_cursor() as cursor:
        cursor.execute(_NUMBER_AT, [first, last, moment, room.id])
        row = cursor.fetchone()
    return row[0] if row and row[0] <= last else None


def _rows(sql: str, parameters: list[Any]) -> list[tuple[Any, ...]]:
    if any(isinstance(value, int) and not -(2**63) <= value < 2**63 for value in parameters):
        raise Refused("invalid")
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def _shown(rows: list[tuple[Any, ...]], viewer: UUID | None, history_from: int) -> list[Shown]:
    """Wire forms of the rows: one query for what they quote, where they do, one for reactions, one for the
    people whom system messages name."""
    if not rows:
        return []
    quoted = _quoted([row[-1] for row in rows if row[-1] is not None], rows[0][1], history_from)
    reactions = _reactions([row[0] for row in rows], viewer)
    shown = [_one(row, quoted, reactions, viewer) for row in rows]
    name_people(rows[0][1], (each.wire["metadata"] for each in shown if each.wire["kind"] == "system"))
    return shown


def _with_answers(messages: list[Shown], history_from: int) -> list[Shown]:
    """The same with how many answer each, for pages. Not part of the wire form: an answer is no new version of what it
    answers, so a client that catches up could not know."""
    ids = [UUID(shown.wire["id"]) for shown in messages]
    for key, count in _rows(_ANSWERED, [ids, history_from]) if ids else ():
        messages[ids.index(key)].wire["reply_count"] = count
    return messages


def _one(
    row: tuple[Any, ...],
    quoted: dict[UUID, Wire],
    reactions: dict[UUID, Any],
    viewer: UUID | None,
) -> Shown:
    (key, place, number, kind, content, html, metadata, created_at, edited_at, deleted_at, pinned_at,
     sender_id, username, display_name, gone, avatar, nickname, hue, reply_id) = row  # fmt: skip
    counts, mine = reactions.get(key, ({}, []))
    wire = message_wire(
        key,
        place,
        number,
        created_at,
        kind=kind,
        sender=None
        if sender_id is None
        else person_wire(sender_id, username, display_name, gone, avatar, nickname=nickname, hue=hue),
        content=content,
        reply_to=None if reply_id is None else quoted.get(reply_id),
    )
    wire |= {
        "reactions": counts,
        "edited_at": iso(edited_at),
        "deleted_at": iso(deleted_at),
        "pinned_at": iso(pinned_at),
        "metadata": orjson.loads(metadata) if isinstance(metadata, str | bytes) else metadata,
    }
    if viewer is not None:
        wire["my_reactions"] = mine
    return Shown(wire, html)


def _quoted(ids: list[UUID], conversation_id: UUID, history_from: int) -> dict[UUID, Wire]:
    if not ids:
        return {}
    return {
        key: reply_wire(
            key,
            number,
            None if sender is None else person_wire(sender, username, name, gone, avatar, nickname=nickname, hue=hue),
            content,
        )
        for key, number, content, sender, username, name, gone, avatar, nickname, hue in _rows(
            _QUOTED, [ids, conversation_id, history_from]
        )
    }


def _reactions(ids: list[UUID], viewer: UUID | None) -> dict[UUID, tuple[dict[str, int], list[str]]]:
    found: dict[UUID, tuple[dict[str, int], list[str]]] = {}
    for message, emoji, count, mine in _rows(_REACTIONS, [viewer, ids]):
        counts, own = found.setdefault(message, ({}, []))
        counts[emoji] = count
        if mine:
            own.append(emoji)
    return found
