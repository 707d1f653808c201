"""Who holds which roles: given and taken, one by one or many at once.

Whoever gives or takes stands above the role and above the member; with their own roles below their highest they may do the same.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.models import User
from chatter.core.errors import NotFound, Refused
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.actions.roles import check_handing
from groups.models import Member, MemberRole, Role
from groups.permissions import Right, Standing, locked_standing

GIVEN_AT_ONCE = 50


def give_role(*, actor: User, group_id: UUID, role_id: UUID, people: Collection[UUID]) -> int:
    """Give a role to members, all of them or, refused, nobody. Returns how many did not hold it before."""
    return _change(actor, group_id, people, give=[role_id])


def take_role(*, actor: User, group_id: UUID, role_id: UUID, person_id: UUID) -> None:
    """Take a role from a member; what it brought them ends at once. Raises Refused."""
    _change(actor, group_id, [person_id], take=[role_id])


def change_roles_of(
    *, actor: User, group_id: UUID, person_id: UUID, give: Collection[UUID] = (), take: Collection[UUID] = ()
) -> None:
    """Give and take several roles of one member. Others that they hold stay, as somebody else may just have given them."""
    _change(actor, group_id, [person_id], give=give, take=take)


def _change(
    actor: User, group_id: UUID, people: Collection[UUID], *, give: Collection[UUID] = (), take: Collection[UUID] = ()
) -> int:
    if len(people) > GIVEN_AT_ONCE:
        raise Refused("invalid", _("At most %(count)d people at once.") % {"count": GIVEN_AT_ONCE})
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_ROLES)
        members = _members_below(standing, set(people))
        wanted = _roles(standing, {*give, *take})
        held = MemberRole.objects.filter(member__in=members, role__in=wanted.values())
        pairs = {(row.member_id, row.role_id) for row in held}
        given = [(member, wanted[key]) for member in members for key in set(give) if (member.pk, key) not in pairs]
        taken = [
            (member, wanted[key]) for member in members for key in set(take) - set(give) if (member.pk, key) in pairs
        ]
        check_handing(standing, *{role for _member, role in given + taken})
        MemberRole.objects.bulk_create(MemberRole(member=member, role=role) for member, role in given)
        for member, role in taken:
            MemberRole.objects.filter(member=member, role=role).delete()
        _tell(standing, given, taken)
    return len(given)


def _tell(standing: Standing, given: list[tuple[Member, Role]], taken: list[tuple[Member, Role]]) -> None:
    group = standing.group.pk
    people = tuple({member.user_id for member, _role in given + taken})
    if not people:
        return
    change_access(Scope(group=group, users=people), first=people[:GIVEN_AT_ONCE])
    publish(GroupChanged(group=group))
    for action, pairs in (("group.role.given", given), ("group.role.taken", taken)):
        for member, role in pairs:
            facts: dict[str, Any] = {"role": str(role.pk), "name": role.name}
            audit(actor=standing.member.user, action=action, place=group, target=member, **facts)


def _members_below(standing: Standing, people: set[UUID]) -> list[Member]:
    """These members, who stand below; themselves are allowed. Raises NotFound for who is not in the group, or Refused."""
    members = Member.objects.filter(group=standing.group, user__in=people).order_by("pk")
    ranked: list[Any] = list(members.annotate(rank=Coalesce(Max("held__role__position"), 0)))
    if len(ranked) < len(people):
        raise NotFound
    for member in ranked:
        is_self = member.pk == standing.member.pk
        is_above = member.user_id == standing.group.owner_id or member.rank >= standing.rank
        if is_above and not is_self:
            raise Refused("forbidden", _("This member stands as high as you, or higher."))
    return ranked


def _roles(standing: Standing, keys: Iterable[UUID]) -> dict[UUID, Role]:
    """Roles that somebody can be given. Raises NotFound."""
    wanted = set(keys)
    found = Role.objects.filter(group=standing.group, is_everyone=False).in_bulk(wanted)
    if len(found) < len(wanted):
        raise NotFound
    return found
