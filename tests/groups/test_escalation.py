"""Random deeds of random members, all there are: whatever is allowed, nobody gives or takes a bit that they lacked at that moment,
nor reaches who stands as high. What is true before and after is judged by `slow`, which knows nothing of the product's code.

The line "session fixation: the key rotates at … role change" of the security page is about rights of the site's staff, whose
sessions end with a change (accounts/actions/moderation.py: change_rights). Roles of groups are read anew under the group's
lock at every deed, so a session carries nothing of them that could be fixed.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from accounts.models import User
from chatter.core.errors import Refused
from groups.access import Scope, sync_access
from groups.actions.categories import create_category, delete_category, rename_category
from groups.actions.channels import create_channel, delete_channel, edit_channel
from groups.actions.coming import leave_group
from groups.actions.ending import request_group_deletion, transfer_group
from groups.actions.group import create_group
from groups.actions.holders import change_roles_of, give_role, take_role
from groups.actions.invites import make_invite
from groups.actions.members import admit_member
from groups.actions.moderation import HOUR, ban_person, kick_member, lift_ban, lift_time_out, time_out_member
from groups.actions.nicknames import change_nickname
from groups.actions.opening import set_privacy
from groups.actions.ordering import place_channel, shift_place
from groups.actions.overrides import follow_category, set_override
from groups.actions.roles import change_role, create_role, delete_role, move_role, nudge_role
from groups.models import Ban, Category, Channel, Group, Member, MemberRole, Override, Role
from groups.permissions import IN_CHANNELS, OWNER_RANK, Right
from groups.places import Target
from tests.factories import make_person
from tests.groups import slow

pytestmark = pytest.mark.django_db

LEADS = Right.MANAGE_ROLES | Right.MANAGE_CHANNELS | Right.KICK | Right.BAN | Right.TIME_OUT | Right.MANAGE_NICKNAMES


@dataclass(frozen=True)
class Picture:
    """The group as it stands, and what follows from it by the words of docs/permissions.md."""

    world: slow.World
    looks: dict[UUID, tuple[Any, ...]]
    named: dict[UUID, tuple[str, Any]]
    bans: frozenset[UUID]

    @classmethod
    def of(cls, group_id: UUID) -> "Picture":
        group = Group.objects.get(pk=group_id)
        roles = {role.pk: role for role in Role.objects.filter(group=group)}
        rows = {key: slow.Role(key, role.position, role.permissions, role.hue) for key, role in roles.items()}
        everyone = next(role.pk for role in roles.values() if role.is_everyone)
        world = slow.World(group.owner_id, rows.pop(everyone), rows)
        members = {member.pk: member for member in Member.objects.filter(group=group)}
        for member in members.values():
            world.members[member.user_id] = slow.Member(member.pk, member.user_id, member.nickname)
        for held in MemberRole.objects.filter(member__in=members):
            world.members[members[held.member_id].user_id].roles.add(held.role_id)
        for channel in Channel.objects.alive().filter(group=group):
            world.channels[channel.pk] = slow.Channel(
                channel.pk, channel.conversation_id, channel.category_id, channel.is_synced
            )
        world.categories = list(Category.objects.filter(group=group).values_list("pk", flat=True))
        for row in Override.objects.filter(channel__group=group) | Override.objects.filter(category__group=group):
            place, target = row.channel_id or row.category_id, row.role_id or row.member_id
            assert place and target
            world.overrides[place, target] = (row.allow, row.deny)
        looks = {key: (role.name, role.hue, role.is_shown_apart, role.is_mentionable) for key, role in roles.items()}
        named = {member.user_id: (member.nickname, member.timed_out_until) for member in members.values()}
        return cls(world, looks, named, frozenset(Ban.objects.filter(group=group).values_list("user_id", flat=True)))

    @property
    def roles(self) -> dict[UUID, slow.Role]:
        return {self.world.everyone.key: self.world.everyone, **self.world.roles}

    def rights(self, person: UUID) -> int:
        member = self.world.members.get(person)
        return slow.rights_in_group(self.world, member) if member else 0

    def rank(self, person: UUID) -> int:
        if person == self.world.owner:
            return OWNER_RANK
        member = self.world.members.get(person)
        return max((self.world.roles[key].position for key in member.roles), default=0) if member else -1

    def here(self, person: UUID, channel: UUID) -> int:
        """What they may in the channel."""
        member = self.world.members.get(person)
        return slow.rights_in_channel(self.world, member, self.world.channels[channel]) if member else 0

    def said(self, person: UUID, channel: UUID) -> int:
        """As `here`, without what seeing and writing open and close: only what roles and overrides say."""
        world, member, place = self.world, self.world.members[person], self.world.channels[channel]
        rights = slow.rights_in_group(world, member)
        if slow.stands_above(world, member):
            return rights
        where = place.category if place.is_synced and place.category else place.key
        for targets in ([world.everyone.key], sorted(member.roles), [member.key]):
            rights = slow.overridden(world, where, targets, rights)
        return rights


def check(before: Picture, after: Picture, actor: UUID) -> None:
    """Of all that is another now, was everything the actor's to change?"""
    if actor == before.world.owner:
        return
    rights, rank = before.rights(actor), before.rank(actor)
    check_roles(before, after, rights, rank)
    check_order(before, after, rank)
    check_people(before, after, actor)
    check_places(before, after, actor)
    assert after.world.owner == before.world.owner
    if actor in after.world.members:
        assert not after.rights(actor) & ~rights, "gained what they lacked"
        above = {key for key, role in before.roles.items() if role.position > rank}
        assert not any(after.roles[key].position <= after.rank(actor) for key in above), "rose"


def check_roles(before: Picture, after: Picture, rights: int, rank: int) -> None:
    old, new = before.roles, after.roles
    for key in old.keys() | new.keys():
        was, now = (roles[key].rights if key in roles else 0 for roles in (old, new))
        touched = key not in old or key not in new or was != now or before.looks[key] != after.looks[key]
        if not touched:
            continue
        assert not (was ^ now) & ~rights, "a bit that they lack"
        assert rights & Right.MANAGE_ROLES
        # A new role comes in below all others: it may only be made by who stands above it.
        assert (old[key].position if key in old else 0) < rank, "a role as high as theirs"


def check_order(before: Picture, after: Picture, rank: int) -> None:
    """Whatever two roles changed places, both stood below; and there are no gaps."""
    assert sorted(role.position for role in after.roles.values()) == list(range(len(after.roles)))
    both = [(before.roles[key].position, after.roles[key].position) for key in before.roles.keys() & after.roles.keys()]
    for was, now in both:
        for other_was, other_now in both:
            if was < other_was and now > other_now:
                assert other_was < rank, "passed a role as high as theirs"


def check_people(before: Picture, after: Picture, actor: UUID) -> None:
    rights, rank = before.rights(actor), before.rank(actor)
    for person, was in before.world.members.items():
        now = after.world.members.get(person)
        if now is None:
            assert person == actor or before.rank(person) < rank, "put out who stands as high"
            assert person == actor or rights & (Right.KICK | Right.BAN)
            continue
        for key in (was.roles ^ now.roles) & after.roles.keys():
            assert before.roles[key].position < rank, "gave or took a role as high as theirs"
            assert not before.roles[key].rights & ~rights, "gave or took a role with what they lack"
            assert person == actor or before.rank(person) < rank, "changed the roles of who stands as high"
            assert rights & Right.MANAGE_ROLES
        if before.named[person] != after.named[person] and person != actor:
            assert before.rank(person) < rank, "renamed or timed out who stands as high"
            assert rights & (Right.MANAGE_NICKNAMES | Right.TIME_OUT)
    assert before.bans == after.bans or rights & Right.BAN


def check_places(before: Picture, after: Picture, actor: UUID) -> None:
    """In no place does anybody come to have, or lose, what the actor had neither there nor in the whole group."""
    for channel in before.world.channels.keys() & after.world.channels.keys():
        own = before.here(actor, channel)
        for person in before.world.members.keys() & after.world.members.keys():
            changed = before.said(person, channel) ^ after.said(person, channel)
            assert not changed & ~(own | before.rights(actor)), "gave or took in a place what they lack"
        if actor in after.world.members:
            gained = after.here(actor, channel) & ~own
            assert not gained, "gained in a place"


class Town:
    """A group with members of every rank, and everything that any of them may try."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people: list[User] = [make_person() for _number in range(8)]
        self.group = create_group(owner=self.people[0], name="Town")
        for person in self.people[1:7]:
            admit_member(self.group, person)
        ranks = [*(int(LEADS) | self.bits() for _ in "123"), int(Right.ADMINISTRATOR), self.bits(), self.bits()]
        self.random.shuffle(ranks)
        roles = [
            Role.objects.create(group=self.group, name=f"Rank {at}", position=at + 1, permissions=bits)
            for at, bits in enumerate(ranks)
        ]
        powers = [role for role in roles if role.permissions & int(Right.MANAGE_ROLES | Right.ADMINISTRATOR)]
        self.random.shuffle(powers)
        for person, role in zip(self.people[1:5], powers, strict=False):
            for held in {role, *self.random.sample(roles, self.random.choice([0, 1]))}:
                MemberRole.objects.create(member=self.member(person), role=held)
        for name in ("one", "two"):
            create_category(actor=self.people[0], group_id=self.group.pk, name=name)
        for number in range(3):
            category = self.one([None, *self.group.categories.all()])
            where: dict[str, Any] = {"category_id": category.pk if category else None}
            create_channel(actor=self.people[0], group_id=self.group.pk, name=f"place {number}", **where)
        for place in [*self.group.channels.all(), *self.group.categories.all()]:
            self.scatter(place)
        sync_access(Scope(group=self.group.pk))

    def bits(self, among: int = int(sum(Right))) -> int:
        return sum(bit for bit in Right if bit & among and bit != Right.ADMINISTRATOR and self.random.random() < 0.4)

    def one(self, rows: Any) -> Any:
        return self.random.choice(list(rows))

    def member(self, person: User) -> Member:
        return Member.objects.get(group=self.group, user=person)

    def targets(self) -> list[Target]:
        roles = [Target("role", key) for key in self.group.roles.values_list("pk", flat=True)]
        return [*roles, *(Target("member", key) for key in self.group.members.values_list("pk", flat=True))]

    def scatter(self, place: Any) -> None:
        """Overrides that somebody higher made."""
        where: dict[str, Any] = {"channel" if isinstance(place, Channel) else "category": place}
        for target in self.random.sample(self.targets(), 2):
            deny = self.bits(int(IN_CHANNELS))
            wish = {"allow": self.bits(int(IN_CHANNELS)) & ~deny, "deny": deny}
            whom: dict[str, Any] = {f"{target.kind}_id": target.id}
            Override.objects.update_or_create(**where, **whom, defaults=wish)
        if isinstance(place, Channel):
            Channel.objects.filter(pk=place.pk).update(is_synced=self.random.random() < 0.5)

    def step(self, actor: User) -> None:
        self.one([self.of_roles, self.of_roles, self.of_roles, self.of_places, self.of_members])(actor)()

    def of_roles(self, actor: User) -> Callable[[], Any]:
        who: dict[str, Any] = {"actor": actor, "group_id": self.group.pk}
        roles = list(self.group.roles.values_list("pk", flat=True))
        role, other, person = self.one(roles), self.one(roles), self.one(self.people).pk
        bit = int(self.one(Right))
        return self.one(
            [
                lambda: create_role(
                    **who, name=f"New {self.random.random()}", permissions=self.one([0, bit, self.bits()])
                ),
                lambda: change_role(**who, role_id=role, grant=bit),
                lambda: change_role(**who, role_id=role, withdraw=bit),
                lambda: change_role(**who, role_id=role, grant=self.bits(), withdraw=self.bits()),
                lambda: change_role(**who, role_id=role, hue=self.random.randrange(12), is_mentionable=True),
                lambda: delete_role(**who, role_id=role) if len(roles) > 4 else None,
                lambda: move_role(**who, role_id=role, over=self.one([None, other])),
                lambda: nudge_role(**who, role_id=role, up=self.one([True, False])),
                lambda: give_role(**who, role_id=role, people=[person]),
                lambda: give_role(**who, role_id=role, people=[actor.pk]),
                lambda: give_role(**who, role_id=role, people=[person, self.one(self.people).pk]),
                lambda: take_role(**who, role_id=role, person_id=person),
                lambda: take_role(**who, role_id=role, person_id=actor.pk),
                lambda: change_roles_of(**who, person_id=person, give=[role], take=[other]),
            ]
        )

    def of_places(self, actor: User) -> Callable[[], Any]:
        who: dict[str, Any] = {"actor": actor, "group_id": self.group.pk}
        channel, category = self.one(self.group.channels.alive()), self.one([None, *self.group.categories.all()])
        place = self.one([channel, category or channel])
        at: dict[str, Any] = {"kind": "channel" if isinstance(place, Channel) else "category", "place_id": place.pk}
        into: dict[str, Any] = {"category_id": category.pk if category else None}
        target, flip, deny = self.one(self.targets()), self.one([True, False]), self.bits(int(IN_CHANNELS))
        allow = int(self.one([right for right in Right if right & IN_CHANNELS]))
        return self.one(
            [
                lambda: set_override(**who, **at, target=target, allow=allow & ~deny, deny=deny),
                lambda: set_override(**who, **at, target=target, allow=allow),
                lambda: set_override(**who, **at, target=target),
                lambda: set_privacy(**who, **at, closed=flip, shown_to=self.random.sample(self.targets(), 2)),
                lambda: follow_category(**who, channel_id=channel.pk, follows=flip),
                lambda: place_channel(**who, channel_id=channel.pk, **into),
                lambda: shift_place(**who, **at, by=1 if flip else -1),
                lambda: edit_channel(**who, channel_id=channel.pk, kind="text" if flip else "announcement"),
                lambda: create_channel(**who, name="new", closed=flip, **into),
                lambda: create_category(**who, name="new", closed=flip),
                lambda: rename_category(**who, category_id=category.pk, name="other") if category else None,
                lambda: delete_category(**who, category_id=category.pk) if category and flip else None,
                lambda: (
                    delete_channel(**who, channel_id=channel.pk)
                    if flip and self.group.channels.alive().count() > 4
                    else None
                ),
            ]
        )

    def of_members(self, actor: User) -> Callable[[], Any]:
        whom: dict[str, Any] = {"actor": actor, "group_id": self.group.pk, "person_id": self.one(self.people).pk}
        who: dict[str, Any] = {"actor": actor, "group_id": self.group.pk}
        rare = self.random.random() < 0.3
        return self.one(
            [
                lambda: kick_member(**whom, reason="x") if rare else None,
                lambda: ban_person(**whom, reason="x", lasts=self.one([HOUR, None])) if rare else None,
                lambda: lift_ban(**whom, reason="x"),
                lambda: time_out_member(**whom, lasts=timedelta(minutes=5), reason="x"),
                lambda: lift_time_out(**whom),
                lambda: change_nickname(**whom, nickname=f"Called {self.random.random()}"),
                lambda: transfer_group(**whom, name="Town"),
                lambda: request_group_deletion(**who, name="Town"),
                lambda: make_invite(creator=actor, group_id=self.group.pk),
                lambda: leave_group(person=actor, group_id=self.group.pk) if rare else None,
            ]
        )

    def refill(self) -> None:
        """Who was put out may come again: nobody is left else."""
        if self.group.members.count() < 5:
            Ban.objects.filter(group=self.group).delete()
            for person in self.people[:7]:
                admit_member(self.group, person)


@pytest.mark.parametrize("seed", range(6))
def test_nobody_reaches_above_themselves_by_any_deeds(seed: int) -> None:
    town = Town(seed)
    before, done = Picture.of(town.group.pk), 0
    for _step in range(70):
        actor = town.one([*town.people[1:], *town.people[1:5], *town.people[1:5]])
        try:
            town.step(actor)
        except Refused:
            assert Picture.of(town.group.pk) == before, "refused, and yet something was written"
            continue
        after = Picture.of(town.group.pk)
        check(before, after, actor.pk)
        done += after != before
        town.refill()
        before = Picture.of(town.group.pk)
    assert done >= 5, "too little happened to prove anything"
    assert sync_access(Scope(group=town.group.pk)) == []
