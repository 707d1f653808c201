"""What the staff of the site does to groups without being in them, through the administration: end and restore a group, end
invitations and bans. All else is its members' own."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.models import User
from chatter.core.errors import NotFound, Refused
from groups.actions.ending import is_waiting, set_due
from groups.models import Ban, Group, Invite
from groups.permissions import lock_group


def close_group(*, actor: User, group: Group) -> None:
    """Have the group deleted after its time of grace. Until then its owner, or the staff, can take it back."""
    _check_staff(actor, "groups.delete_group")
    due = timezone.now() + timedelta(days=settings.CHATTER_GROUP_DELETION_DAYS)
    with transaction.atomic():
        locked = lock_group(group.pk)
        if locked.deletion_due_at is not None:
            raise Refused("invalid", _("This group is to be deleted already."))
        set_due(locked, due)
        audit(actor=actor, action="group.deletion.requested", place=group.pk, target=locked, due=due, by_staff=True)


def reopen_group(*, actor: User, group: Group) -> None:
    """Take the deletion back, in time; everybody has again what they had."""
    _check_staff(actor, "groups.delete_group")
    with transaction.atomic():
        locked = lock_group(group.pk)
        if not is_waiting(locked):
            raise Refused("invalid", _("There is no deletion that could be taken back."))
        set_due(locked, None)
        audit(actor=actor, action="group.deletion.withdrawn", place=group.pk, target=locked, by_staff=True)


def cancel_invite(*, actor: User, invite: Invite) -> None:
    """End an invitation. Twice changes nothing."""
    _check_staff(actor, "groups.change_invite")
    with transaction.atomic():
        lock_group(invite.group_id)
        ended = Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=timezone.now())
        if ended:
            _note(actor, "group.invite.revoked", invite.group_id, invite)


def forgive_ban(*, actor: User, ban: Ban) -> None:
    """Let somebody come in again. Raises NotFound where there is no ban any more."""
    _check_staff(actor, "groups.delete_ban")
    with transaction.atomic():
        lock_group(ban.group_id)
        if not Ban.objects.filter(pk=ban.pk).delete()[0]:
            raise NotFound
        _note(actor, "group.ban.lifted", ban.group_id, ("user", ban.user_id))


def _note(actor: User, action: str, group_id: Any, target: Any) -> None:
    audit(actor=actor, action=action, place=group_id, target=target, by_staff=True)


def _check_staff(actor: User, right: str) -> None:
    if not (actor.is_staff and actor.has_perm(right)):
        raise Refused("forbidden")
