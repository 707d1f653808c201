"""Groups of a big community: one with everybody in it, one of many channels, others of all sizes. Members and roles are written
in bulk, who may what is derived by `sync_access`, as always."""

import random
from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import transaction

from accounts.models import User
from chat.models import Conversation
from chatter.ops import large_talk
from groups.access import Scope, sync_access
from groups.actions.channels import make_channel
from groups.models import Category, Group, Member, MemberRole, Role
from groups.permissions import EVERYONE_DEFAULT, Right

MODERATES = Right.MANAGE_MESSAGES | Right.KICK | Right.BAN | Right.TIME_OUT | Right.VIEW_AUDIT
# Of the first group and of the second: channels, and the share of all people.
LARGEST = ((20, 1.0), (100, 0.3))
ROLES = ("Council", "Moderators", "Regulars", "Helpers")


def make_large_groups(people: Sequence[User], count: int, chance: random.Random) -> list[Conversation]:
    """Make `count` groups; returns the conversations of their channels, the largest groups first."""
    places: list[Conversation] = []
    for number in range(count):
        channels, share = LARGEST[number] if number < len(LARGEST) else (chance.randint(2, 12), chance.random() * 0.2)
        inside = chance.sample(people, max(1, int(len(people) * share)))
        places += _make_group(f"{chance.choice(large_talk.TOPICS)} {number + 1}", inside, channels, chance)
    return places


def _make_group(name: str, inside: Sequence[User], channels: int, chance: random.Random) -> Iterator[Conversation]:
    with transaction.atomic():
        group = Group.objects.create(
            name=name,
            description="Made to measure with.",
            owner=inside[0],
            is_public=chance.random() < 0.8,
            member_count=len(inside),
        )
        Role.objects.create(
            group=group, name="everyone", is_everyone=True, position=0, permissions=int(EVERYONE_DEFAULT)
        )
        members = [Member(group=group, user=person) for person in inside]
        Member.objects.bulk_create(members, batch_size=2000)
        _give_roles(group, members, chance)
        places = [_make_channel(group, number) for number in range(channels)]
    sync_access(Scope(group=group.pk))
    yield from Conversation.objects.filter(pk__in=places)


def _give_roles(group: Group, members: Sequence[Member], chance: random.Random) -> None:
    """The highest to few, the lowest to many."""
    for place, name in enumerate(ROLES):
        role = Role.objects.create(
            group=group,
            name=name,
            position=len(ROLES) - place,
            hue=(3 * place + 1) % 12,
            is_shown_apart=True,
            permissions=int(MODERATES) if place < 2 else 0,
        )
        holders = chance.sample(members, min(len(members), max(1, len(members) * (place + 1) ** 2 // 200)))
        MemberRole.objects.bulk_create([MemberRole(member=member, role=role) for member in holders], batch_size=2000)


def _make_channel(group: Group, number: int) -> UUID:
    """A channel; ten are in each category. Returns its conversation."""
    category, _made = Category.objects.get_or_create(
        group=group, name=f"Part {number // 10 + 1}", defaults={"position": number // 10}
    )
    topic = large_talk.TOPICS[number % len(large_talk.TOPICS)].lower().replace(" ", "-")
    name = f"{topic}-{number}" if number else "general"
    return make_channel(group, name=name, category=category, position=number).conversation_id
