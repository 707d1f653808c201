"""One row decides: the rows of channels equal the derivation, and the derivation equals a slow one written from its words."""

import random
from uuid import UUID

import pytest

from chat.models import Conversation, Membership
from groups.access import Scope, sync_access
from groups.models import Category, Channel, Group, Member, MemberRole, Override, Role
from groups.permissions import ALL, NEEDS_SEND, Right
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def slow(group: Group) -> dict[tuple[UUID, UUID], int]:
    """(conversation, user) → permissions, by the words of groups/sql/derive_1.sql."""
    found = {}
    everyone = group.roles.get(is_everyone=True)
    for member in group.members.all():
        roles = list(member.roles.all())
        base = everyone.permissions
        for role in roles:
            base |= role.permissions
        above = group.owner_id == member.user_id or bool(base & Right.ADMINISTRATOR)
        for channel in group.channels.all():
            place = channel.category if channel.is_synced and channel.category else channel
            bits = base
            wishes = list(place.overrides.all())
            for wish in wishes:
                if wish.role_id == everyone.pk:
                    bits = bits & ~wish.deny | wish.allow
            held = [wish for wish in wishes if wish.role_id in {role.pk for role in roles}]
            for wish in held:
                bits &= ~wish.deny
            for wish in held:
                bits |= wish.allow
            for wish in wishes:
                if wish.member_id == member.pk:
                    bits = bits & ~wish.deny | wish.allow
            if above:
                bits = int(ALL)
            if not bits & Right.SEND:
                bits &= ~int(NEEDS_SEND)
            if bits & Right.VIEW:
                found[channel.conversation_id, member.user_id] = bits
    return found


def rows(group: Group) -> dict[tuple[UUID, UUID], int]:
    held = Membership.objects.active().filter(conversation__channel__group=group)
    return {(row.conversation_id, row.user_id): row.permissions for row in held}


def counted(group: Group) -> bool:
    return all(
        place.member_count == Membership.objects.active().filter(conversation=place).count()
        for place in Conversation.objects.filter(channel__group=group)
    )


class Walk:
    """Random changes to one group, each followed by syncing no more than it concerns."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        people = [make_person() for _number in range(6)]
        self.group = Group.objects.create(name="Walkers", owner=people[0])
        Role.objects.create(
            group=self.group, name="everyone", is_everyone=True, position=0, permissions=int(Right.VIEW)
        )
        self.people = people
        for person in people[:4]:
            Member.objects.create(group=self.group, user=person)
        for number in range(2):
            Category.objects.create(group=self.group, name=f"c{number}")
        for number in range(3):
            Role.objects.create(group=self.group, name=f"r{number}", position=number + 1)
        for _number in range(4):
            self.add_channel()
        sync_access(Scope(group=self.group.pk))

    def bits(self) -> int:
        return sum(bit for bit in Right if self.random.random() < 0.3 and bit != Right.ADMINISTRATOR) | (
            int(Right.ADMINISTRATOR) if self.random.random() < 0.03 else 0
        )

    def one(self, rows: object) -> object:
        return self.random.choice(list(rows))  # type: ignore[call-overload]

    def add_channel(self) -> Scope:
        place = Conversation.objects.create(kind="channel", title="x")
        category = self.random.choice([None, *self.group.categories.all()])
        channel = Channel.objects.create(
            group=self.group, conversation=place, category=category, is_synced=self.random.random() < 0.7
        )
        return Scope(group=self.group.pk, channels=(channel.pk,))

    def change_role(self) -> Scope:
        role = self.one(self.group.roles.all())
        role.permissions = self.bits()
        role.save()
        return Scope(group=self.group.pk, role=None if role.is_everyone else role.pk)

    def give_or_take_role(self) -> Scope:
        member, role = self.one(self.group.members.all()), self.one(self.group.roles.filter(is_everyone=False))
        gone, _rows = MemberRole.objects.filter(member=member, role=role).delete()
        if not gone:
            MemberRole.objects.create(member=member, role=role)
        return Scope(group=self.group.pk, users=(member.user_id,))

    def override(self) -> Scope:
        deny = self.bits()
        allow = self.bits() & ~deny
        place = self.one([*self.group.channels.all(), *self.group.categories.all()])
        target = self.one([*self.group.roles.all(), *self.group.members.all()])
        where = {"channel": place} if isinstance(place, Channel) else {"category": place}
        whom = {"role": target} if isinstance(target, Role) else {"member": target}
        Override.objects.update_or_create(**where, **whom, defaults={"allow": allow, "deny": deny})
        channels = [place.pk] if isinstance(place, Channel) else place.channels.values_list("pk", flat=True)
        return Scope(group=self.group.pk, channels=tuple(channels))

    def come_or_go(self) -> Scope:
        person = self.one(self.people[1:])
        gone, _rows = Member.objects.filter(group=self.group, user=person).delete()
        if not gone:
            Member.objects.create(group=self.group, user=person)
        return Scope(group=self.group.pk, users=(person.pk,))

    def unsync(self) -> Scope:
        channel = self.one(self.group.channels.all())
        channel.is_synced = not channel.is_synced
        channel.save()
        return Scope(group=self.group.pk, channels=(channel.pk,))

    def step(self) -> None:
        act = self.one(
            [self.change_role, self.give_or_take_role, self.override, self.override, self.come_or_go, self.unsync]
        )
        sync_access(act())  # type: ignore[operator]


@pytest.mark.parametrize("seed", range(8))
def test_after_a_random_walk_every_row_equals_the_derivation(seed: int) -> None:
    walk = Walk(seed)
    for _step in range(60):
        walk.step()
        assert rows(walk.group) == slow(walk.group)
    assert counted(walk.group)
    assert sync_access(Scope(group=walk.group.pk)) == []
