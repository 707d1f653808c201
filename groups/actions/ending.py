"""A group changes hands, or ends: deletion waits CHATTER_GROUP_DELETION_DAYS, in which nobody sees the group and its owner can
take it back. What becomes of it afterwards is in `groups.tasks`."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actions.audit import audit
from accounts.actions.notifications import notify
from accounts.models import Block, Notification, User
from accounts.names import likeness
from chatter.core.errors import NotFound, Refused
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.actions.group import check_may_own_more
from groups.models import Group, Member
from groups.permissions import check_owner, lock_group, locked_standing


def transfer_group(*, actor: User, group_id: UUID, person_id: UUID, name: str) -> None:
    """Hand the group to another member; `name` is what the owner typed to confirm it. They stay, with the roles they hold."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id)
        check_owner(standing)
        check_name(standing.group, name)
        heir = Member.objects.filter(group=standing.group, user=person_id).first()
        if heir is None or heir.user_id == actor.pk:
            raise NotFound
        _check_heir(actor, User.objects.select_for_update(no_key=True).get(pk=person_id))
        crown(standing.group, heir)
        audit(actor=actor, action="group.transferred", place=group_id, target=heir, before=actor.pk, after=heir.user_id)


def crown(group: Group, heir: Member) -> None:
    """Let the member own the locked group, have the access of both follow, and tell the new owner."""
    former = group.owner
    group.owner_id = heir.user_id
    group.save(update_fields=["owner", "updated_at"])
    change_access(Scope(group=group.pk, users=(former.pk, heir.user_id)))
    publish(GroupChanged(group=group.pk))
    notify(
        recipient=heir.user_id,
        kind=Notification.Kind.MODERATION,
        group_key=f"group_owned:{group.pk.hex}",
        source=group,
        payload={"event": "group_owned", "group": group.name, "id": str(group.pk)},
    )


def request_group_deletion(*, actor: User, group_id: UUID, name: str) -> datetime:
    """Close the group to everybody and have it deleted at the moment returned. `name` is what the owner typed."""
    due = timezone.now() + timedelta(days=settings.CHATTER_GROUP_DELETION_DAYS)
    with transaction.atomic():
        standing = locked_standing(actor, group_id)
        check_owner(standing)
        check_name(standing.group, name)
        set_due(standing.group, due)
        audit(actor=actor, action="group.deletion.requested", place=group_id, target=standing.group, due=due)
    return due


def restore_group(*, actor: User, group_id: UUID) -> Group:
    """Take the deletion back, in time. Everybody has again what they had. Raises NotFound for all but the owner."""
    with transaction.atomic():
        group = lock_group(group_id)
        if group.owner_id != actor.pk or not is_waiting(group):
            raise NotFound
        set_due(group, None)
        audit(actor=actor, action="group.deletion.withdrawn", place=group_id, target=group)
    return group


def is_waiting(group: Group) -> bool:
    """Is it to be deleted, and can it still be taken back?"""
    return group.deletion_due_at is not None and group.deletion_due_at > timezone.now()


def check_name(group: Group, typed: str) -> None:
    """Raises Refused unless `typed` is the group's name."""
    if likeness(typed) != likeness(group.name):
        raise Refused("invalid", _("This is not the name of the group."))


def _check_heir(actor: User, heir: User) -> None:
    """Whoever blocks the owner, cannot log in or owns too many already does not get a group."""
    is_here = heir.is_active and not heir.is_suspended and not heir.is_guest and heir.deleted_at is None
    if not is_here or Block.objects.filter(blocker=heir, blocked=actor).exists():
        raise Refused("forbidden", _("This member cannot own the group."))
    check_may_own_more(heir)


def set_due(group: Group, due: datetime | None) -> None:
    """When the locked group is to be deleted, or that it is not. Everybody's access follows."""
    group.deletion_due_at = due
    group.save(update_fields=["deletion_due_at", "updated_at"])
    change_access(Scope(group=group.pk), first=(group.owner_id,))
    publish(GroupChanged(group=group.pk), GroupChanged(group=group.pk, user=group.owner_id))
