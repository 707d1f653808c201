"""What may be done in a group, as bits; who may see a group; who may act on whom. `check_*` raises `Refused`.

What a member may do in a channel stands in their membership row (groups/access.py); here are the group's own rights. In words
for people: docs/permissions.md.
"""

from dataclasses import dataclass
from enum import IntFlag
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.actions.log import key_of
from chat.permissions import Permission
from chatter.core.errors import NotFound, Refused
from groups.models import Ban, Group, Member, Role


class Right(IntFlag):
    """Bits of `Role.permissions` and `Override`: 0–52, never reused. The first are those of `chat.permissions.Permission`."""

    SEND = Permission.SEND
    REACT = Permission.REACT
    ATTACH = Permission.ATTACH
    PIN = Permission.PIN
    MENTION_ALL = Permission.MENTION_ALL
    MANAGE_MESSAGES = Permission.MANAGE_MESSAGES
    VIEW = 1 << 11
    READ_HISTORY = 1 << 12
    EMBED = 1 << 13
    MANAGE_CHANNELS = 1 << 14
    MANAGE_ROLES = 1 << 15
    MANAGE_GROUP = 1 << 16
    INVITE = 1 << 17
    KICK = 1 << 18
    BAN = 1 << 19
    TIME_OUT = 1 << 20
    CHANGE_NICKNAME = 1 << 21
    MANAGE_NICKNAMES = 1 << 22
    VIEW_AUDIT = 1 << 23
    ADMINISTRATOR = 1 << 24


ALL = Right(sum(Right))
# What a channel or category may allow or deny; the others are the group's.
IN_CHANNELS = (
    Right.SEND | Right.REACT | Right.ATTACH | Right.PIN | Right.MENTION_ALL | Right.MANAGE_MESSAGES
    | Right.VIEW | Right.READ_HISTORY | Right.EMBED
)  # fmt: skip
# Pointless for who may not speak.
NEEDS_SEND = Right.ATTACH | Right.EMBED | Right.MENTION_ALL
EVERYONE_DEFAULT = (
    Right.VIEW | Right.READ_HISTORY | Right.SEND | Right.REACT | Right.ATTACH | Right.EMBED | Right.INVITE
    | Right.CHANGE_NICKNAME
)  # fmt: skip
OWNER_RANK = 1 << 30


@dataclass(frozen=True)
class Standing:
    """A member of a group: what they may in all of it, and their rank (the position of their highest role; the owner's is
    above all)."""

    group: Group
    member: Member
    rights: Right
    rank: int

    @cached_property
    def is_owner(self) -> bool:
        return self.group.owner_id == self.member.user_id

    def can(self, right: Right) -> bool:
        return bool(self.rights & right)


def lock_group(group_id: UUID) -> Group:
    """The group, locked until the transaction ends, before anything else of it. Raises NotFound."""
    group = Group.objects.select_for_update(no_key=True).filter(pk=group_id).first()
    if group is None:
        raise NotFound
    return group


def standing_in(group: Group, person: Any) -> Standing:
    """The member's standing in the group (two queries). Raises NotFound for who is not in it."""
    member = Member.objects.select_related("user").filter(group=group, user=key_of(person)).first()
    if member is None:
        raise NotFound
    return standing_of(group, member)


def standing_of(group: Group, member: Member) -> Standing:
    """What the roles of `member` amount to (one query)."""
    roles = Role.objects.filter(group=group)
    held = roles.filter(is_everyone=True) | roles.filter(held__member=member)
    rights, rank = Right(0), 0
    for role in held:
        rights |= Right(role.permissions)
        rank = max(rank, role.position)
    if group.owner_id == member.user_id:
        return Standing(group, member, ALL, OWNER_RANK)
    return Standing(group, member, ALL if rights & Right.ADMINISTRATOR else rights, rank)


def visible_group(person: Any, group_id: UUID) -> Standing:
    """The group as its member sees it. Raises NotFound for outsiders and unknown ids alike, and where it is being deleted."""
    group = Group.objects.alive().filter(pk=group_id).first()
    if group is None:
        raise NotFound
    return standing_in(group, person)


def locked_standing(person: Any, group_id: UUID, right: Right | None = None) -> Standing:
    """As `visible_group`, the group locked: the first line of every action. Raises NotFound, or Refused without `right`."""
    group = lock_group(group_id)
    if group.deletion_due_at is not None:
        raise NotFound
    standing = standing_in(group, person)
    if right is not None:
        check_right(standing, right)
    return standing


def check_right(standing: Standing, right: Right) -> None:
    """Raises `Refused("forbidden")` unless the member has the right in all of the group."""
    if not standing.can(right):
        raise Refused("forbidden")


def check_owner(standing: Standing) -> None:
    """Raises `Refused("forbidden")` for everybody but the owner."""
    if not standing.is_owner:
        raise Refused("forbidden")


def check_above_member(standing: Standing, target: Standing) -> None:
    """Nobody acts on a member of their own rank or above; the owner is above all. Raises Refused."""
    if standing.rank <= target.rank:
        raise Refused("forbidden", _("This member stands as high as you, or higher."))


def check_above_role(standing: Standing, role: Role) -> None:
    """Nobody touches a role at or above their own. Raises Refused."""
    if standing.rank <= role.position:
        raise Refused("forbidden", _("This role stands as high as yours, or higher."))


def check_grants(standing: Standing, before: int, after: int) -> None:
    """Nobody gives, or takes, what they do not have themselves. Raises Refused."""
    # Of a flag, ~ knows only the bits with a name.
    if (before ^ after) & ~int(standing.rights):
        raise Refused("forbidden", _("You can only give and take what you may do yourself."))


def check_not_banned(group: Group, person: Any) -> None:
    """Raises Refused for who was put out and may not come back yet."""
    lasts = Q(until=None) | Q(until__gt=timezone.now())
    if Ban.objects.filter(lasts, group=group, user=key_of(person)).exists():
        raise Refused("forbidden", _("You cannot join this group."))


def top_position(group: Group) -> int:
    """The position of the group's highest role."""
    top: int = Role.objects.filter(group=group).aggregate(top=Coalesce(Max("position"), 0))["top"]
    return top
