"""Keeping order among the members of a group: time-outs, kicks and bans. What a ban takes with it: groups/actions/purging.py.

Nobody acts on themselves, on who stands as high, or on the owner. The person is told why, never by whom.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.actions.notifications import notify
from accounts.lines import checked_text
from accounts.models import Notification, User
from accounts.permissions import visible_people
from chat.rendering import iso
from chatter.core.errors import NotFound, Refused
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.actions.invites import end_invites
from groups.actions.members import part_member, rows_in
from groups.actions.purging import begin_purge
from groups.models import Ban, Group, Member
from groups.permissions import Right, Standing, check_above_member, lock_group, locked_standing, standing_of

REASON_MAX = 500
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TIME_OUTS = (timedelta(seconds=60), timedelta(minutes=5), timedelta(minutes=10), HOUR, DAY, timedelta(days=7))
# None is for good.
BANS = (HOUR, DAY, timedelta(days=7), timedelta(days=30), None)
BANS_AT_ONCE = 500


def kick_member(*, actor: User, group_id: UUID, person_id: UUID, reason: str) -> None:
    """Put a member out; they may come back. Raises NotFound or Refused."""
    why = checked_reason(reason)
    with transaction.atomic():
        standing, target = stands_above(actor, group_id, person_id, Right.KICK)
        part_member(standing.group, target.member)
        end_invites(standing.group, person_id)
        tell_moderated(standing.group, person_id, "group_kicked", reason=why)
        audit(actor=actor, action="group.member.kicked", place=group_id, target=target.member, reason=why)


def ban_person(
    *,
    actor: User,
    group_id: UUID,
    person_id: UUID,
    reason: str,
    lasts: timedelta | None = None,
    purge: timedelta | None = None,
) -> Ban:
    """Put somebody out, or keep out who is not in, for as long as `lasts` (None is for good). What they wrote within `purge` is
    deleted in the background. Banned again, the latest word counts. Raises NotFound or Refused."""
    why = checked_reason(reason)
    if lasts not in BANS:
        raise Refused("invalid")
    with transaction.atomic():
        standing, target = _banned_in(actor, group_id, person_id)
        until = timezone.now() + lasts if lasts else None
        fields: dict[str, Any] = {"actor": actor, "reason": why, "until": until}
        ban, _new = Ban.objects.update_or_create(group=standing.group, user_id=person_id, defaults=fields)
        if target is not None:
            part_member(standing.group, target.member)
            tell_moderated(standing.group, person_id, "group_banned", reason=why, until=iso(until))
        end_invites(standing.group, person_id)
        if purge is not None:
            begin_purge(standing, person_id, purge)
        facts: dict[str, Any] = {
            "until": until,
            "was_member": target is not None,
            "purge": purge.total_seconds() if purge else None,
        }
        audit(
            actor=actor, action="group.member.banned", place=group_id, target=("user", person_id), reason=why, **facts
        )
    return ban


def lift_ban(*, actor: User, group_id: UUID, person_id: UUID, reason: str) -> None:
    """Let somebody come in again. Raises NotFound where there is no ban."""
    why = checked_reason(reason)
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.BAN)
        if not Ban.objects.filter(group=standing.group, user=person_id).delete()[0]:
            raise NotFound
        if was_inside(standing.group, person_id):
            tell_moderated(standing.group, person_id, "group_ban_lifted", reason=why)
        audit(actor=actor, action="group.ban.lifted", place=group_id, target=("user", person_id), reason=why)


def time_out_member(*, actor: User, group_id: UUID, person_id: UUID, lasts: timedelta, reason: str) -> datetime:
    """Let a member read and not write until the moment returned. Raises NotFound or Refused."""
    why = checked_reason(reason)
    if lasts not in TIME_OUTS:
        raise Refused("invalid")
    with transaction.atomic():
        standing, target = stands_above(actor, group_id, person_id, Right.TIME_OUT)
        if target.can(Right.ADMINISTRATOR):
            raise Refused("forbidden", _("Whoever administers the group cannot be timed out."))
        until = timezone.now() + lasts
        _set_time_out(target.member, until)
        tell_moderated(standing.group, person_id, "group_timed_out", reason=why, until=iso(until))
        audit(
            actor=actor, action="group.member.timed_out", place=group_id, target=target.member, reason=why, until=until
        )
    return until


def lift_time_out(*, actor: User, group_id: UUID, person_id: UUID) -> None:
    """Let a member write again. Raises NotFound or Refused; where there is none (any more), nothing happens."""
    with transaction.atomic():
        standing, target = stands_above(actor, group_id, person_id, Right.TIME_OUT)
        until = target.member.timed_out_until
        if until is None or until <= timezone.now():
            return
        _set_time_out(target.member, None)
        tell_moderated(standing.group, person_id, "group_time_out_lifted")
        audit(actor=actor, action="group.time_out.lifted", place=group_id, target=target.member)


def end_bans() -> int:
    """Delete the bans whose time has come. Returns how many there were."""
    ended = Ban.objects.filter(until__lte=timezone.now()).order_by("until", "pk")
    return sum(_end_ban(*keys) for keys in ended.values_list("pk", "group_id")[:BANS_AT_ONCE])


def checked_reason(raw: str) -> str:
    """Why: 1 to REASON_MAX characters. Raises Refused."""
    reason = checked_text(raw, REASON_MAX)
    if not reason:
        raise Refused("invalid", _("Say why: the person reads it, and so does whoever reads the log."))
    return reason


def stands_above(actor: User, group_id: UUID, person_id: UUID, right: Right) -> tuple[Standing, Standing]:
    """The actor, who has `right` in the locked group, and the member, who stands below. Raises NotFound or Refused."""
    standing = locked_standing(actor, group_id, right)
    member = Member.objects.select_related("user").filter(group=standing.group, user=person_id).first()
    if member is None:
        raise NotFound
    target = standing_of(standing.group, member)
    if member.pk == standing.member.pk:
        raise Refused("forbidden", _("You cannot do this to yourself."))
    check_above_member(standing, target)
    return standing, target


def was_inside(group: Group, person_id: UUID) -> bool:
    """Was the person ever in one of its channels? Only then they know its name, and may be told of it."""
    return rows_in(group.pk, person_id).exists()


def _banned_in(actor: User, group_id: UUID, person_id: UUID) -> tuple[Standing, Standing | None]:
    """The actor, and the member they ban: None for who is not in. Of those they can ban whom they may see, or who was in."""
    standing = locked_standing(actor, group_id, Right.BAN)
    if Member.objects.filter(group=standing.group, user=person_id).exists():
        return stands_above(actor, group_id, person_id, Right.BAN)
    if not visible_people(actor).filter(pk=person_id).exists() and not was_inside(standing.group, person_id):
        raise NotFound
    return standing, None


def _set_time_out(member: Member, until: datetime | None) -> None:
    Member.objects.filter(pk=member.pk).update(timed_out_until=until)
    # What channels they lost meanwhile remember is out of date (groups/actions/members.py asks them).
    ended = rows_in(member.group_id, member.user_id).exclude(left_at=None).exclude(timed_out_until=None)
    ended.update(timed_out_until=None)
    change_access(Scope(group=member.group_id, users=(member.user_id,)), first=(member.user_id,))
    publish(GroupChanged(group=member.group_id))


def _end_ban(key: UUID, group_id: UUID) -> int:
    """Nobody's deed. Of a group that is gone meanwhile, or a ban that was changed, nothing is left to do."""
    try:
        with transaction.atomic():
            lock_group(group_id)
            ban = Ban.objects.filter(pk=key, until__lte=timezone.now()).first()
            if ban is None:
                return 0
            ban.delete()
            audit(actor=None, action="group.ban.ended", place=group_id, target=("user", ban.user_id))
    except NotFound:
        return 0
    return 1


def tell_moderated(group: Group, person_id: UUID, event: str, **said: Any) -> None:
    """Tell somebody what was decided about them; the group as it is called now, when they are in or are put out."""
    payload = {"event": event, "group": group.name, **said}
    key = f"{event}:{group.pk.hex}"
    notify(recipient=person_id, kind=Notification.Kind.MODERATION, group_key=key, source=group, payload=payload)
