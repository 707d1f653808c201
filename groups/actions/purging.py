"""Deleting what somebody wrote in a group: in the background, a few messages at a time, so that nobody who sends waits."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from accounts.actions.audit import audit
from accounts.background import background
from chat.actions.change import bury
from chat.actions.log import lock_conversation
from chat.models import Message
from chatter.core.errors import NotFound, Refused
from groups.actions.members import rows_in
from groups.models import Purge
from groups.permissions import Standing

# How far back; EVER is all of it.
EVER = timedelta(days=36500)
SPANS = (timedelta(days=1), timedelta(days=3), timedelta(days=7), EVER)
BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
MESSAGES_AT_ONCE = 10
FOUND_AT_ONCE = 2000


def begin_purge(standing: Standing, person_id: UUID, span: timedelta) -> Purge:
    """Have all that the person wrote within `span` deleted, in every channel; in the transaction of the ban."""
    if span not in SPANS:
        raise Refused("invalid")
    since = BEGINNING if span == EVER else timezone.now() - span
    purge = Purge.objects.create(group=standing.group, user_id=person_id, actor=standing.member.user, since=since)
    purge_messages.enqueue(str(purge.pk))
    return purge


@background()
def purge_messages(key: str) -> None:
    """Go on with a purge, or begin it. What is deleted already is not found again, so it may run twice."""
    purge = Purge.objects.filter(pk=key, finished_at=None).first()
    if purge is None:
        return
    # Where they never wrote nothing is looked for: messages are not indexed by who sent them.
    wrote = rows_in(purge.group_id, purge.user_id).filter(last_sent_at__isnull=False)
    places = list(wrote.order_by("conversation_id").values_list("conversation_id", flat=True))
    left = sum(_written(purge, place).count() for place in places)
    Purge.objects.filter(pk=purge.pk).update(message_count=F("done_count") + left)
    for place in places:
        for keys in _found(purge, place):
            _bury(purge, place, keys)
    _finish(purge)


def _written(purge: Purge, place: UUID) -> QuerySet[Message]:
    """What is still there of it. Ids tell when, so the months before are not looked at."""
    since = max(purge.since, BEGINNING)
    first = UUID(int=int(since.timestamp() * 1000) << 80)
    mine = Message.objects.filter(conversation=place, sender=purge.user_id, deleted_at=None, pk__gte=first)
    return mine.filter(created_at__gte=since)


def _found(purge: Purge, place: UUID) -> Iterator[tuple[UUID, ...]]:
    """Few at a time, oldest first, each once."""
    number = 0
    while found := list(
        _written(purge, place).filter(number__gt=number).order_by("number").values_list("pk", "number")[:FOUND_AT_ONCE]
    ):
        yield from batched((key for key, _number in found), MESSAGES_AT_ONCE)
        number = found[-1][1]


def _bury(purge: Purge, place: UUID, keys: tuple[UUID, ...]) -> None:
    """As one transaction, with the count of it."""
    with transaction.atomic():
        try:
            conversation = lock_conversation(place)
        except NotFound:
            return
        standing = Message.objects.select_related("reply_to").filter(pk__in=keys, deleted_at=None).order_by("number")
        messages = list(standing)
        for message in messages:
            bury(conversation, message, actor=purge.actor_id)
        Purge.objects.filter(pk=purge.pk).update(done_count=F("done_count") + len(messages))


def _finish(purge: Purge) -> None:
    with transaction.atomic():
        if not Purge.objects.filter(pk=purge.pk, finished_at=None).update(finished_at=timezone.now()):
            return
        purge.refresh_from_db()
        facts: dict[str, Any] = {
            "since": purge.since if purge.since > BEGINNING else None,
            "messages": purge.done_count,
        }
        audit(
            actor=purge.actor_id,
            action="group.messages.purged",
            place=purge.group_id,
            target=("user", purge.user_id),
            **facts,
        )
