"""What the clock does to groups: those whose time has come are deleted with all that was said in them, and so are deleted
channels. In steps that are each whole: what one round does not finish, or is interrupted at, the next goes on with."""

import logging
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from sys import maxsize
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.audit import audit
from chat.actions.purge import Budget, purge_conversation, purge_messages
from groups.access import Scope, sync_access
from groups.actions.pictures import ICONS, sweep_icons
from groups.models import Channel, Group, Member

logger = logging.getLogger(__name__)

GROUPS_AT_ONCE = 20
CHANNELS_AT_ONCE = 200
MEMBERS_AT_ONCE = 1000
# Steps of deleting what was said, in one round of the clock.
STEPS_PER_ROUND = 300


def purge_due() -> int:
    """Go on with everything that is to be deleted by now. Returns how many groups and channels went."""
    now = timezone.now()
    groups = Group.objects.filter(deletion_due_at__lte=now).order_by("deletion_due_at")[:GROUPS_AT_ONCE]
    before = now - timedelta(days=settings.CHATTER_GROUP_DELETION_DAYS)
    channels = Channel.objects.filter(deleted_at__lte=before).order_by("deleted_at")[:CHANNELS_AT_ONCE]
    budget = Budget(STEPS_PER_ROUND)
    return sum(_tried(purge_group, groups, budget)) + sum(_tried(purge_channel, channels, budget))


def tidy_icons() -> int:
    """Files of icons that no group has any more."""
    return sweep_icons()


def purge_group(group: Group, budget: Budget | None = None) -> bool:
    """Delete a group that nobody can take back any more. False where something is left for the next round."""
    key, name, icon, allowed = group.pk, group.name, group.icon, budget or Budget(maxsize)
    sync_access(Scope(group=key))
    for channel in Channel.objects.filter(group=group).order_by("pk"):
        if not purge_channel(channel, allowed):
            return False
    while _forget_members(group):
        pass
    with transaction.atomic():
        group.delete()
        audit(actor=None, action="group.deleted", place=key, target=("group", key), name=name)
    if icon:
        ICONS.delete(icon)
    return True


def purge_channel(channel: Channel, budget: Budget | None = None) -> bool:
    """Delete a channel into which nobody is let any more, and what was said there. False where something is left."""
    sync_access(Scope(group=channel.group_id, channels=(channel.pk,)))
    conversation = channel.conversation_id
    if not purge_messages(conversation, budget or Budget(maxsize)):
        return False
    with transaction.atomic():
        channel.delete()
        purge_conversation(conversation)
    return True


@transaction.atomic
def _forget_members(group: Group) -> int:
    keys = list(Member.objects.filter(group=group).values_list("pk", flat=True)[:MEMBERS_AT_ONCE])
    Member.objects.filter(pk__in=keys).delete()
    Group.objects.filter(pk=group.pk).update(member_count=F("member_count") - len(keys))
    return len(keys)


def _tried(purge: Callable[[Any, Budget], bool], rows: Iterable[Any], budget: Budget) -> Iterator[bool]:
    """Each row in its turn; one that fails is tried again in the next round, the others go on."""
    for row in rows:
        if budget.steps <= 0:
            return
        try:
            yield purge(row, budget)
        except Exception:
            logger.exception(
                "what is to be deleted could not be", extra={"kind": type(row).__name__, "id": str(row.pk)}
            )
