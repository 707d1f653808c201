"""How groups forget a person: what they own goes to the highest of the others, or ends where nobody is left; they leave, and
nothing says any more whom they invited, banned or followed."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts import erasure
from accounts.actions.audit import audit
from accounts.models import User
from groups.actions.ending import crown
from groups.actions.members import part_member
from groups.models import Ban, Group, Invite, InviteUse, Member, Purge
from groups.permissions import lock_group
from groups.tasks import purge_group


def forget(person: User) -> None:
    for key in list(Group.objects.filter(owner=person).values_list("pk", flat=True)):
        _pass_on(person, key)
    for key in list(Member.objects.filter(user=person).order_by("group_id").values_list("group_id", flat=True)):
        _leave(person, key)
    with transaction.atomic():
        for model in (Ban, InviteUse, Purge):
            model._default_manager.filter(user=person).delete()  # noqa: SLF001 -- public by documentation
        Ban.objects.filter(actor=person).update(actor=None)
        Purge.objects.filter(actor=person).update(actor=None)
        Invite.objects.filter(creator=person).update(creator=None)
        Member.objects.filter(invited_by=person).update(invited_by=None)


def _pass_on(person: User, key: UUID) -> None:
    """The group goes to another; one that nobody is left in, or that its owner wanted deleted, ends now."""
    with transaction.atomic():
        group = lock_group(key)
        heir = None if group.deletion_due_at else _heir(group)
        if heir is not None:
            crown(group, heir)
            audit(actor=None, action="group.transferred", place=key, target=heir, after=heir.user_id)
            return
        group.deletion_due_at = timezone.now()
        group.save(update_fields=["deletion_due_at"])
    purge_group(group)


def _heir(group: Group) -> Member | None:
    """The highest of the members who can own a group; among them who has been here longest."""
    suspended = Q(user__suspended_at__isnull=False) & (
        Q(user__suspended_until=None) | Q(user__suspended_until__gt=timezone.now())
    )
    here = Member.objects.filter(group=group, user__is_active=True, user__deleted_at=None, user__is_guest=False)
    ranked = here.exclude(suspended).exclude(user=group.owner_id).annotate(rank=Coalesce(Max("roles__position"), 0))
    return ranked.order_by("-rank", "joined_at", "pk").first()


@transaction.atomic
def _leave(person: User, key: UUID) -> None:
    group = lock_group(key)
    member = Member.objects.filter(group=group, user=person).first()
    if member is not None:
        part_member(group, member)


def register() -> None:
    erasure.register("groups", forget)
