"""The roles of a group: made, changed, ordered, deleted. Who holds them is in groups/actions/holders.py.

Positions have no gaps and @everyone is 0. Nobody touches a role at or above their own rank, nor moves one there; nobody gives
or takes with it what they may not do themselves, in the group or in a place.
"""

from collections import defaultdict
from collections.abc import Iterable
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.lines import checked_line
from accounts.models import User
from accounts.names import likeness
from chatter.core.errors import NotFound, Refused
from chatter.core.events import GroupChanged
from chatter.core.realtime import publish
from groups.access import Scope, change_access
from groups.models import Group, Override, Role
from groups.permissions import (
    IN_CHANNELS,
    Right,
    Standing,
    check_above_role,
    check_grants,
    locked_standing,
    top_position,
)
from groups.places import Target, Wish, judged, reader_of

ROLES_MAX = 250
NAME_MAX_LENGTH = 60
HUES = 12
# Taken: whoever mentions them calls everybody.
CALLS = frozenset({"everyone", "here"})


def create_role(
    *,
    actor: User,
    group_id: UUID,
    name: str,
    permissions: int = 0,
    hue: int | None = None,
    is_shown_apart: bool = False,
    is_mentionable: bool = False,
) -> Role:
    """A role that nobody holds yet, the lowest above @everyone. Raises Refused."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_ROLES)
        if standing.rank < 1:
            raise Refused("forbidden", _("New roles stand below your own: you need one yourself."))
        check_grants(standing, 0, permissions)
        roles = Role.objects.filter(group=group_id, is_everyone=False)
        if roles.count() >= ROLES_MAX:
            raise Refused("forbidden", _("A group can have at most %(count)d roles.") % {"count": ROLES_MAX})
        title = free_name(standing.group, name)
        roles.update(position=F("position") + 1)
        role = Role.objects.create(
            group=standing.group,
            name=title,
            permissions=permissions,
            hue=checked_hue(hue),
            is_shown_apart=is_shown_apart,
            is_mentionable=is_mentionable,
        )
        publish(GroupChanged(group=group_id))
        audit(
            actor=actor, action="group.role.created", place=group_id, target=role, name=title, permissions=permissions
        )
    return role


def change_role(*, actor: User, group_id: UUID, role_id: UUID, grant: int = 0, withdraw: int = 0, **looks: Any) -> Role:
    """Give and take bits, and change `looks`: name, hue, is_shown_apart, is_mentionable, as far as they are given. Bits that
    are neither granted nor withdrawn stay as somebody else may just have set them. Of @everyone only bits change."""
    with transaction.atomic():
        standing, role = touched_role(actor, group_id, role_id)
        before = {field: getattr(role, field) for field in ("permissions", *looks)}
        after = before | _checked_looks(role, looks) | {"permissions": (role.permissions | grant) & ~withdraw}
        check_grants(standing, role.permissions, after["permissions"])
        changed = {field: value for field, value in after.items() if value != before[field]}
        if not changed:
            return role
        for field, value in changed.items():
            setattr(role, field, value)
        role.save(update_fields=list(changed))
        # Rows of channels know nothing of the other rights.
        if (before["permissions"] ^ role.permissions) & (IN_CHANNELS | Right.ADMINISTRATOR) or "hue" in changed:
            whom = None if role.is_everyone else role.pk
            change_access(Scope(group=group_id, role=whom), first=(actor.pk,))
        publish(GroupChanged(group=group_id))
        old = {field: before[field] for field in changed}
        audit(
            actor=actor, action="group.role.changed", place=group_id, target=role, name=role.name, old=old, new=changed
        )
    return role


def delete_role(*, actor: User, group_id: UUID, role_id: UUID) -> int:
    """The role is gone, from who held it and from every override. Returns how many held it. Raises Refused."""
    with transaction.atomic():
        standing, role = touched_role(actor, group_id, role_id)
        if role.is_everyone:
            raise Refused("forbidden", _("All members hold this role; it stays."))
        check_handing(standing, role)
        holders = tuple(role.held.values_list("member__user_id", flat=True))
        key = role.pk
        role.delete()
        Role.objects.filter(group=group_id, position__gt=role.position).update(position=F("position") - 1)
        if holders:
            change_access(Scope(group=group_id, users=holders), first=(actor.pk,))
        publish(GroupChanged(group=group_id))
        facts: dict[str, Any] = {"name": role.name, "permissions": role.permissions, "holders": len(holders)}
        audit(actor=actor, action="group.role.deleted", place=group_id, target=("role", key), **facts)
    return len(holders)


def move_role(*, actor: User, group_id: UUID, role_id: UUID, over: UUID | None) -> None:
    """Let the role stand directly over another one, wherever that one is by now; None: over @everyone. Raises Refused."""
    with transaction.atomic():
        standing, role = touched_role(actor, group_id, role_id)
        below = role_of(standing.group, over).position if over else 0
        # Who comes from below pushes that one down.
        _put(standing, role, below if role.position < below else below + 1)


def nudge_role(*, actor: User, group_id: UUID, role_id: UUID, up: bool) -> None:
    """Let the role change places with the next one above or below; at the ends it stays. Raises Refused."""
    with transaction.atomic():
        standing, role = touched_role(actor, group_id, role_id)
        position = role.position + (1 if up else -1)
        if 1 <= position <= top_position(standing.group):
            _put(standing, role, position)


def touched_role(actor: User, group_id: UUID, role_id: UUID) -> tuple[Standing, Role]:
    """The locked standing of who manages roles, and a role below theirs. Raises NotFound or Refused."""
    standing = locked_standing(actor, group_id, Right.MANAGE_ROLES)
    role = role_of(standing.group, role_id)
    check_above_role(standing, role)
    return standing, role


def role_of(group: Group, role_id: UUID) -> Role:
    """Raises NotFound for roles of other groups and unknown ids alike."""
    role = Role.objects.filter(group=group, pk=role_id).first()
    if role is None:
        raise NotFound
    return role


def check_handing(standing: Standing, *roles: Role) -> None:
    """May the member give these roles to somebody, or take them? They stand above, may themselves all that the roles bring,
    and what overrides give or deny their holders they may do in those places. Raises Refused."""
    for role in roles:
        check_above_role(standing, role)
        check_grants(standing, 0, role.permissions)
    if standing.can(Right.ADMINISTRATOR):
        return
    keys = {role.pk for role in roles}
    if places := _wishes_beside(keys):
        reader = reader_of(standing)
        for wishes in places:
            bits = reduce(or_, (wish.allow | wish.deny for target, wish in wishes.items() if target.id in keys))
            if bits & ~int(judged(reader, wishes)):
                raise Refused("forbidden", _("In some channels this role gives or takes what you may not do there."))


def _wishes_beside(roles: Iterable[UUID]) -> list[dict[Target, Wish]]:
    """All that overrides say in each channel and category where they say something of these roles (one query)."""
    own = Override.objects.filter(role__in=roles)
    channels, categories = own.filter(channel__deleted_at=None).values("channel"), own.values("category")
    found: dict[Any, dict[Target, Wish]] = defaultdict(dict)
    for row in Override.objects.filter(Q(channel__in=channels) | Q(category__in=categories)):
        target = Target("role", row.role_id) if row.role_id else Target("member", row.member_id)  # type: ignore[arg-type]
        found[row.channel_id or row.category_id][target] = Wish(row.allow, row.deny)
    return list(found.values())


def free_name(group: Group, raw: str, *, besides: Role | None = None) -> str:
    """`raw` as the name of a role that no other role of the group reads like. Raises Refused."""
    name = checked_line(raw, NAME_MAX_LENGTH)
    others = Role.objects.filter(group=group).exclude(pk__in=[besides.pk] if besides else [])
    taken = CALLS | {likeness(other) for other in others.values_list("name", flat=True)}
    if likeness(name) in taken:
        raise Refused("invalid", _("There is already a role of this name."))
    return name


def checked_hue(hue: int | None) -> int | None:
    if hue is not None and not 0 <= hue < HUES:
        raise Refused("invalid")
    return hue


def _checked_looks(role: Role, looks: dict[str, Any]) -> dict[str, Any]:
    if role.is_everyone and looks:
        raise Refused("forbidden", _("Of what all members hold, only the permissions can be changed."))
    checked = dict(looks)
    if "name" in looks and looks["name"] != role.name:
        checked["name"] = free_name(role.group, looks["name"], besides=role)
    if "hue" in looks:
        checked["hue"] = checked_hue(looks["hue"])
    return checked


def _put(standing: Standing, role: Role, position: int) -> None:
    """Move the role, in one statement with those it passes."""
    if role.is_everyone or position >= standing.rank:
        raise Refused("forbidden", _("A role can only be moved to where it stands below yours."))
    old, group = role.position, standing.group.pk
    if position == old:
        return
    passed = Q(position__gt=old, position__lte=position) | Q(position__lt=old, position__gte=position)
    recoloured = role.hue is not None and Role.objects.filter(passed, group=group).exclude(hue=None).exists()
    step = -1 if position > old else 1
    there = Case(When(pk=role.pk, then=Value(position)), default=F("position") + step)
    Role.objects.filter(passed | Q(pk=role.pk), group=group).update(position=there)
    if recoloured:
        change_access(Scope(group=group, role=role.pk))
    publish(GroupChanged(group=group))
    facts: dict[str, Any] = {"name": role.name, "old": old, "new": position}
    audit(actor=standing.member.user, action="group.role.moved", place=group, target=role, **facts)
