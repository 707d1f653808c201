"""A random walk through everything that decides about access in one group: done to the database and to the slow model alike."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import F
from django.utils import timezone

from chat.models import Conversation, Membership
from groups import access
from groups.access import Scope
from groups.models import Category, Channel, Group, Member, MemberRole, Override, Role
from groups.permissions import Right
from tests.factories import make_person
from tests.groups import slow

PEOPLE, CATEGORIES, ROLES, CHANNELS = 6, 2, 3, 4
_SWAP = "update groups_role set position = %s - position where id in (%s, %s)"


class Walk:
    """`touched` is what the steps since the last `sync()` concerned: None means everybody, or everywhere."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.people = [make_person().pk for _number in range(PEOPLE)]
        self.group = Group.objects.create(name="Walkers", owner_id=self.people[0])
        everyone = Role.objects.create(
            group=self.group, name="everyone", is_everyone=True, position=0, permissions=int(Right.VIEW)
        )
        self.world = slow.World(self.people[0], slow.Role(everyone.pk, 0, int(Right.VIEW)))
        self.rows: slow.Rows = {}
        self.scopes: list[tuple[list[UUID] | None, list[UUID] | None]] = [(None, None)]
        for person in self.people[:4]:
            self.come(person)
        for _number in range(CATEGORIES):
            category = Category.objects.create(group=self.group, name="Category")
            self.world.categories.append(category.pk)
        for _number in range(ROLES):
            self.add_role()
        for _number in range(CHANNELS):
            self.add_channel()
        self.sync()

    # --- chance -----------------------------------------------------------------------------------------------------

    def bits(self) -> int:
        """A right in three, and seldom everything."""
        chosen = sum(bit for bit in Right if self.random.random() < 0.3 and bit != Right.ADMINISTRATOR)
        return chosen | (int(Right.ADMINISTRATOR) if self.random.random() < 0.03 else 0)

    def member(self) -> slow.Member:
        return self.random.choice(list(self.world.members.values()))

    def role(self) -> slow.Role | None:
        return self.random.choice([*self.world.roles.values(), None])

    def channel(self) -> slow.Channel:
        return self.random.choice(list(self.world.channels.values()))

    def touch(self, *, users: list[UUID] | None = None, channels: list[UUID] | None = None) -> None:
        self.scopes.append((users, channels))

    def holders(self, role: UUID) -> list[UUID]:
        return [member.user for member in self.world.members.values() if role in member.roles]

    # --- steps ------------------------------------------------------------------------------------------------------

    def come(self, person: UUID) -> None:
        row = Member.objects.create(group=self.group, user_id=person)
        self.world.members[person] = slow.Member(row.pk, person)
        self.touch(users=[person])

    def go(self, person: UUID) -> None:
        member = self.world.members.pop(person)
        Member.objects.filter(pk=member.key).delete()
        self.forget(member.key)
        self.touch(users=[person])

    def come_or_go(self) -> None:
        person = self.random.choice(self.people[1:])
        if person in self.world.members:
            self.go(person)
        else:
            self.come(person)

    def forget(self, target: UUID) -> None:
        """What was said of a role, member or place goes with it."""
        self.world.overrides = {pair: said for pair, said in self.world.overrides.items() if target not in pair}

    def add_role(self) -> None:
        position = 1 + max((role.position for role in self.world.roles.values()), default=0)
        row = Role.objects.create(group=self.group, name="role", position=position)
        self.world.roles[row.pk] = slow.Role(row.pk, position, 0)

    def change_role(self) -> None:
        role = self.role() or self.world.everyone
        role.rights = self.bits()
        role.hue = None if role is self.world.everyone else self.random.choice([None, 1, 2, 3])
        Role.objects.filter(pk=role.key).update(permissions=role.rights, hue=role.hue)
        self.touch(users=None if role is self.world.everyone else self.holders(role.key))

    def replace_role(self) -> None:
        """Delete a role that people hold, and make another."""
        if role := self.role():
            self.touch(users=self.holders(role.key))
            Role.objects.filter(pk=role.key).delete()
            del self.world.roles[role.key]
            for member in self.world.members.values():
                member.roles.discard(role.key)
            self.forget(role.key)
            self.add_role()

    def swap_roles(self) -> None:
        one, other = self.random.sample(list(self.world.roles.values()), 2)
        with connection.cursor() as cursor:
            cursor.execute(_SWAP, [one.position + other.position, one.key, other.key])
        one.position, other.position = other.position, one.position
        self.touch()

    def give_or_take_role(self) -> None:
        member, role = self.member(), self.role()
        if role is None:
            return
        if role.key in member.roles:
            MemberRole.objects.filter(member=member.key, role=role.key).delete()
        else:
            MemberRole.objects.create(member_id=member.key, role_id=role.key)
        member.roles ^= {role.key}
        self.touch(users=[member.user])

    def override(self) -> None:
        """Of a role or member, in a channel or category: set, or taken away."""
        targets: dict[UUID, str] = dict.fromkeys([*self.world.roles, self.world.everyone.key], "role_id")
        targets |= {member.key: "member_id" for member in self.world.members.values()}
        places = dict.fromkeys(self.world.channels, "channel_id") | dict.fromkeys(self.world.categories, "category_id")
        target, place = self.random.choice(list(targets)), self.random.choice(list(places))
        which: dict[str, Any] = {places[place]: place, targets[target]: target}
        if (place, target) in self.world.overrides and self.random.random() < 0.4:
            Override.objects.filter(**which).delete()
            del self.world.overrides[place, target]
        else:
            denied = self.bits()
            allowed = self.bits() & ~denied
            Override.objects.update_or_create(**which, defaults={"allow": allowed, "deny": denied})
            self.world.overrides[place, target] = (allowed, denied)
        self.touch(channels=[key for key, channel in self.world.channels.items() if place in (key, channel.category)])

    def rename(self) -> None:
        member = self.member()
        member.nickname = self.random.choice(["", "Zoë", "🦊"])
        Member.objects.filter(pk=member.key).update(nickname=member.nickname)
        self.touch(users=[member.user])

    def time_out(self) -> None:
        member = self.member()
        later = datetime(2100, 1, 1, tzinfo=UTC) + timedelta(days=self.random.randrange(9))
        member.timed_out_until = self.random.choice([None, later])
        Member.objects.filter(pk=member.key).update(timed_out_until=member.timed_out_until)
        self.touch(users=[member.user])

    def add_channel(self) -> None:
        place = Conversation.objects.create(kind="channel", title="x", parent=self.group.pk)
        channel = slow.Channel(uuid4(), place.pk, None, is_synced=True)
        Channel.objects.create(pk=channel.key, group=self.group, conversation=place)
        self.world.channels[channel.key] = channel
        self.touch(channels=[channel.key])

    def move_channel(self) -> None:
        channel = self.channel()
        channel.category = self.random.choice([None, *self.world.categories])
        channel.is_synced = self.random.random() < 0.7
        Channel.objects.filter(pk=channel.key).update(category=channel.category, is_synced=channel.is_synced)
        self.touch(channels=[channel.key])

    def delete_channel(self) -> None:
        """Or bring it back: what would come of a restored one is the same rule."""
        channel = self.channel()
        channel.is_deleted = not channel.is_deleted and self.random.random() < 0.5
        Channel.objects.filter(pk=channel.key).update(deleted_at=timezone.now() if channel.is_deleted else None)
        self.touch(channels=[channel.key])

    def delete_group(self) -> None:
        self.world.is_being_deleted = not self.world.is_being_deleted and self.random.random() < 0.3
        due = timezone.now() if self.world.is_being_deleted else None
        Group.objects.filter(pk=self.group.pk).update(deletion_due_at=due)
        self.touch()

    def say(self) -> None:
        channel = self.channel()
        channel.message_count += 1
        one_more = {"message_count": F("message_count") + 1, "version": F("version") + 1}
        Conversation.objects.filter(pk=channel.conversation).update(**one_more)

    def step(self) -> None:
        common: list[Callable[[], None]] = [
            *(self.change_role, self.give_or_take_role, self.come_or_go, self.move_channel, self.rename, self.time_out),
            *(self.override, self.override, self.override, self.say, self.swap_roles, self.delete_channel),
        ]
        rare = [self.replace_role, self.delete_group]
        self.random.choice(rare if self.random.random() < 0.03 else common)()

    # --- what follows -----------------------------------------------------------------------------------------------

    def sync(self, *, by_worker: bool = False) -> None:
        """Let the rows follow all that was touched: in the transaction of its cause, or in chunks as the worker does."""
        for users, channels in self.scopes:
            scope = Scope(
                group=self.group.pk,
                users=None if users is None else tuple(users),
                channels=None if channels is None else tuple(channels),
            )
            if by_worker:
                access.sync_access(scope)
            else:
                access.change_access(scope)
        self.scopes = []
        self.rows = slow.rows_of(self.world, self.rows)

    def stored(self) -> slow.Rows:
        """The rows of the group as the database has them."""
        held = Membership.objects.active().filter(conversation__channel__group=self.group)
        return {
            (row.conversation_id, row.user_id): slow.Row(
                row.permissions, row.nickname, row.hue, row.timed_out_until, row.history_from
            )
            for row in held
        }
