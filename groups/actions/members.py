"""Who is in a group: coming and going. Callers hold the group's lock (or have just made it)."""

from datetime import UTC, datetime
from uuid import UUID

from django.db.models import F, Max, QuerySet
from django.utils import timezone

from accounts.models import User
from chat.models import Membership
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, sync_access
from groups.models import Channel, Group, GroupDay, Member
from groups.permissions import check_not_banned


def admit_member(group: Group, user: User, *, invited_by: UUID | None = None) -> Member:
    """Let `user` in; who is in already stays as they are. Their channels follow in the same transaction. Raises Refused for
    who is banned."""
    check_not_banned(group, user)
    fields = {"invited_by_id": invited_by, "timed_out_until": _time_out_left(group, user)}
    member, made = Member.objects.get_or_create(group=group, user=user, defaults=fields)
    if made:
        Group.objects.filter(pk=group.pk).update(member_count=F("member_count") + 1)
        _count(group, "joined")
        sync_access(Scope(group=group.pk, users=(user.pk,)))
        publish(GroupChanged(group=group.pk, user=user.pk))
    return member


def part_member(group: Group, member: Member) -> None:
    """Let them out, at once: with this transaction they read and hear nothing of it any more."""
    person = member.user_id
    member.delete()
    Group.objects.filter(pk=group.pk).update(member_count=F("member_count") - 1)
    _count(group, "left")
    sync_access(Scope(group=group.pk, users=(person,)))
    publish(GroupChanged(group=group.pk, user=person))


def _time_out_left(group: Group, user: User) -> datetime | None:
    """Who leaves while they are timed out comes back so: the rows they had in the group's channels remember it."""
    rows = rows_in(group.pk, user.pk).filter(timed_out_until__gt=timezone.now())
    until: datetime | None = rows.aggregate(until=Max("timed_out_until"))["until"]
    return until


def rows_in(group_id: UUID, person_id: UUID) -> QuerySet[Membership]:
    """What the person holds, or held, of the group's channels. By the channels: no index leads from a person to what they
    left, none from a group to its conversations."""
    channels = Channel.objects.filter(group=group_id)
    return Membership.objects.filter(conversation__in=channels.values("conversation"), user=person_id)


def _count(group: Group, field: str) -> None:
    """Note in the day's row that somebody `joined` or `left`."""
    day, _made = GroupDay.objects.get_or_create(group=group, day=datetime.now(UTC).date())
    GroupDay.objects.filter(pk=day.pk).update(**{field: F(field) + 1})
