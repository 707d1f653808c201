"""A member's own row of a group: how loud it is for them, and all of it read."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from chat.actions.log import key_of
from chat.actions.read import mark_read
from chat.models import Membership
from chatter.core.limits import check_limit
from groups.models import Member
from groups.permissions import locked_standing, visible_group

# So many channels are read at once, those with the latest news first.
READ_AT_ONCE = 200
# Each writes a row for every channel, while the group waits.
MUTES_PER_HOUR = 120


def mute_group(*, person: Any, group_id: UUID, until: datetime | None) -> None:
    """No notifications from any of its channels until `until`; None makes it loud again, but for channels that were muted
    for longer than the group or by themselves. Raises NotFound or Refused."""
    check_limit("group_mute", key_of(person), limit=MUTES_PER_HOUR, seconds=3600)
    with transaction.atomic():
        member = locked_standing(person, group_id).member
        before, member.muted_until = member.muted_until, until
        member.save(update_fields=["muted_until"])
        rows = _rows(member)
        if until is None:
            rows.filter(muted_until=before).update(muted_until=None)
        else:
            shorter = Q(muted_until=None) | Q(muted_until__lt=until) | Q(muted_until=before)
            rows.filter(shorter).update(muted_until=until)


def read_group(*, reader: Any, group_id: UUID) -> int:
    """Mark its channels as read, up to READ_AT_ONCE of them; returns how many were not. Raises NotFound."""
    member = visible_group(reader, group_id).member
    unread = _rows(member).filter(last_read_number__lt=F("conversation__message_count"))
    latest = unread.order_by("-conversation__last_message_at", "pk")[:READ_AT_ONCE]
    places = list(latest.values_list("conversation_id", "conversation__message_count"))
    for place, number in places:
        mark_read(reader=key_of(reader), conversation_id=place, number=number)
    return len(places)


def _rows(member: Member) -> Any:
    """What the member holds of the group's channels."""
    return Membership.objects.active().filter(
        user=member.user_id, conversation__kind="channel", conversation__parent=member.group_id
    )
