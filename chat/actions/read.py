"""How far a person has read, what they had begun to write, how loud a place may be: their own row, never a version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.actions.notifications import read_place
from chat.actions.log import key_of
from chat.models import Membership
from chat.permissions import membership_of
from chat.reading.places import MENTION_CAP, receipts_in
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound, Refused
from chatter.core.events import ReadChanged, ReceiptGiven
from chatter.core.realtime import publish

DRAFT_MAX_LENGTH = 8000

_READ = """
update chat_membership m
   set last_read_number = greatest(m.last_read_number, least(%(number)s, v.message_count)), last_read_at = clock_timestamp(),
       last_delivered_number = greatest(m.last_delivered_number, least(%(number)s, v.message_count))
  from chat_conversation v
 where v.id = m.conversation_id and m.conversation_id = %(place)s and m.user_id = %(person)s and m.left_at is null
   and m.last_read_number < least(%(number)s, v.message_count)
returning old.last_read_number, new.last_read_number
"""
_UNREAD = """
update chat_membership m
   set last_read_number = greatest(least(m.last_read_number, %(number)s - 1), m.history_from - 1, 0)
 where m.conversation_id = %(place)s and m.user_id = %(person)s and m.left_at is null
returning old.last_read_number, new.last_read_number
"""
# Whose messages a receipt newly covers; of a long absence, the newest two hundred messages count.
_SENDERS = """
select distinct sender_id from chat_message
 where conversation_id = %s and number > greatest(%s, %s - 200) and number <= %s and sender_id is not null and sender_id <> %s
   and accounts_reach(sender_id, %s, 'receipts') = 'yes'
"""
_DELIVERED = """
update chat_membership m
   set last_delivered_number = greatest(m.last_delivered_number, least(%(number)s, v.message_count))
  from chat_conversation v
 where v.id = m.conversation_id and m.conversation_id = %(place)s and m.user_id = %(person)s and m.left_at is null
   and m.last_delivered_number < least(%(number)s, v.message_count)
returning old.last_delivered_number, new.last_delivered_number
"""


# Whom each of the two was called by the other, wherever that was.
_FORGET = """
delete from chat_mention x using chat_message t
 where t.id = x.message_id and (x.user_id, t.sender_id) in ((%(one)s, %(other)s), (%(other)s, %(one)s))
   and x.user_id in (%(one)s, %(other)s)
"""


def mark_read(*, reader: Any, conversation_id: UUID, number: int) -> tuple[int, int]:
    """Read up to `number`: only forward, never past the end. Returns (last_read_number, mention_count)."""
    person = key_of(reader)
    moved = _move(_READ, person, conversation_id, number)
    membership = membership_of(person, conversation_id)
    mentions = mention_count(membership)
    # Not in one transaction with the move: who tells people meanwhile looks a second time at how far they have read.
    read_place(person, conversation_id, membership.last_read_number)
    if moved:
        _publish_position(membership, mentions)
        _publish_receipt(membership, moved, "read")
    return membership.last_read_number, mentions


def mark_unread(*, reader: Any, conversation_id: UUID, number: int) -> int:
    """Move back, so that `number` is the first unread. Returns last_read_number."""
    person = key_of(reader)
    if _move(_UNREAD, person, conversation_id, number) is None:
        raise NotFound
    membership = membership_of(person, conversation_id)
    _publish_position(membership, mention_count(membership))
    return membership.last_read_number


def mark_delivered(*, reader: Any, conversation_id: UUID, number: int) -> None:
    """Everything up to `number` reached one of the person's devices; told only where receipts are."""
    person = key_of(reader)
    membership = membership_of(person, conversation_id)
    moved = _move(_DELIVERED, person, conversation_id, number) if _receipts(membership) else None
    if moved:
        _publish_receipt(membership, moved, "delivered")


def mention_count(membership: Membership) -> int:
    """Unread mentions of the member, counted up to 100."""
    sql = f"select count(*) from (select from chat_mention where user_id = %s and conversation_id = %s and number > %s limit {MENTION_CAP}) x"
    with prepared_cursor() as cursor:
        cursor.execute(
            sql,
            [
                membership.user_id,
                membership.conversation_id,
                membership.last_read_number,
            ],
        )
        return int(cursor.fetchone()[0])


def forget_mentions(*, one: UUID, other: UUID) -> None:
    """Neither of the two was called by the other: a block stands between them. In the caller's transaction."""
    with prepared_cursor() as cursor:
        cursor.execute(_FORGET, {"one": one, "other": other})


def save_draft(*, author: Any, conversation_id: UUID, text: str) -> None:
    """Keep what the person began to write there; an empty text forgets it. Raises Refused."""
    if len(text) > DRAFT_MAX_LENGTH:
        raise Refused("too_long")
    if "\0" in text:
        raise Refused("invalid")
    _update_own(author, conversation_id, draft=text)


def mute_conversation(*, person: Any, conversation_id: UUID, until: datetime | None) -> None:
    """No notifications from there until `until`; None or a past time makes it loud again."""
    _update_own(person, conversation_id, muted_until=until)


def choose_notifications(*, person: Any, conversation_id: UUID, notify: str) -> None:
    """What of that place the person wants to be told of: a `Membership.Notify`. Raises Refused."""
    if notify not in Membership.Notify.values:
        raise Refused("invalid")
    _update_own(person, conversation_id, notify=notify)


def archive_conversation(*, person: Any, conversation_id: UUID, archived: bool = True) -> None:
    """Put it away for this person, until somebody writes there again."""
    _update_own(person, conversation_id, archived_at=timezone.now() if archived else None)


def _update_own(person: Any, conversation_id: UUID, **fields: Any) -> None:
    rows = Membership.objects.active().filter(user_id=key_of(person), conversation_id=conversation_id)
    if not rows.update(**fields):
        raise NotFound


def _move(sql: str, person: UUID, conversation_id: UUID, number: int) -> tuple[int, int] | None:
    """From where to where the row moved, or None. Numbers beyond what the database holds are clamped."""
    number = max(0, min(number, 2**62))
    with prepared_cursor() as cursor:
        cursor.execute(sql, {"number": number, "place": conversation_id, "person": person})
        row: tuple[int, int] | None = cursor.fetchone()
    return row


def _receipts(membership: Membership) -> bool:
    place = membership.conversation
    return receipts_in(place.kind, place.member_count, place.settings)


def _publish_position(membership: Membership, mentions: int) -> None:
    publish(
        ReadChanged(
            conversation=membership.conversation_id,
            access_version=membership.conversation.access_version,
            user=membership.user_id,
            last_read_number=membership.last_read_number,
            mention_count=mentions,
        )
    )


def _publish_receipt(membership: Membership, moved: tuple[int, int], kind: Any) -> None:
    if not _receipts(membership):
        return
    start, end = moved
    with prepared_cursor() as cursor:
        cursor.execute(_SENDERS, [membership.conversation_id, start, end, end, membership.user_id, membership.user_id])
        senders = tuple(row[0] for row in cursor.fetchall())
    publish(
        ReceiptGiven(
            conversation=membership.conversation_id,
            access_version=membership.conversation.access_version,
            user=membership.user_id,
            number=end,
            kind=kind,
            senders=senders,
        )
    )
