"""Deleting a conversation for good, with everything said there: a chunk at a time, each a transaction after which all that
`dbcheck` proves is still true. Interrupted, it goes on where it was. Whoever calls has seen to it that nobody is in it."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from accounts.models import Notification, QuietException
from chat.actions.log import lock_conversation
from chat.models import Conversation, Membership
from chatter.core.database import prepared_cursor

CHUNK = 1000

_FORGET_CHANGES = """
with oldest as (select id from chat_change where conversation_id = %(place)s order by version limit %(limit)s),
gone as (delete from chat_change where id in (select id from oldest) returning version)
update chat_conversation set floor_version = x.version from (select max(version) as version, count(*) as many from gone) x
 where id = %(place)s and x.many > 0
returning x.many
"""
# From the end, so that numbers still run from 1 to message_count; what answers goes before what it answers. Revisions go with
# their messages (a cascade of the database: nobody else may touch them).
_FORGET_MESSAGES = """
with newest as materialized (select id from chat_message where conversation_id = %(place)s and number > %(keep)s),
called as (delete from chat_mention where message_id in (select id from newest)),
reacted as (delete from chat_reaction where message_id in (select id from newest)),
gone as (delete from chat_message where conversation_id = %(place)s and number > %(keep)s)
update chat_conversation set message_count = %(keep)s, preview = '', last_sender_id = null,
       last_message_at = (select created_at from chat_message where conversation_id = %(place)s and number = %(keep)s)
 where id = %(place)s
"""


@dataclass
class Budget:
    """How many steps may still be taken in this round."""

    steps: int


def purge_messages(conversation_id: UUID, budget: Budget) -> bool:
    """Delete who was in the conversation, its log and its messages, as far as `budget` allows. True when nothing is left."""
    for step in (_forget_members, _forget_changes, _forget_messages):
        while step(conversation_id):
            budget.steps -= 1
            if budget.steps <= 0:
                return False
    return True


def purge_conversation(conversation_id: UUID) -> None:
    """Delete the conversation itself, once `purge_messages` has left nothing of it. In the caller's transaction."""
    Conversation.objects.filter(pk=conversation_id, message_count=0).delete()


def _forget_members(place: UUID) -> int:
    """Rows of those who left, and what they were told of here."""
    rows = list(Membership.objects.filter(conversation=place).exclude(left_at=None).order_by("pk")[:CHUNK])
    people = [row.user_id for row in rows]
    with transaction.atomic():
        Notification.objects.filter(recipient__in=people, place=place).delete()
        QuietException.objects.filter(user__in=people, place=place).delete()
        Membership.objects.filter(pk__in=[row.pk for row in rows]).exclude(left_at=None).delete()
    return len(rows)


@transaction.atomic
def _forget_changes(place: UUID) -> int:
    lock_conversation(place)
    with prepared_cursor() as cursor:
        cursor.execute(_FORGET_CHANGES, {"place": place, "limit": CHUNK})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


@transaction.atomic
def _forget_messages(place: UUID) -> int:
    count = lock_conversation(place).message_count
    keep = max(0, count - CHUNK)
    if count:
        with prepared_cursor() as cursor:
            cursor.execute(_FORGET_MESSAGES, {"place": place, "keep": keep})
    return count - keep
