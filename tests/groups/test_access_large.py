"""A group as large as groups get: 250 roles, 500 channels, 1,000 overrides. What one change costs does not grow with it."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from chat.models import Conversation, Membership
from chatter.ops.dbcheck import find_violations
from groups.access import Scope, change_access, sync_access
from groups.actions.members import admit_member, part_member
from groups.models import Category, Channel, Group, Member, MemberRole, Override, Role
from groups.permissions import IN_CHANNELS, Right, lock_group
from groups.why import Place, bits_in, places_of, subject_of
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import make_community

pytestmark = pytest.mark.django_db

ROLES, CATEGORIES, CHANNELS, OVERRIDES, MEMBERS = 250, 20, 500, 1000, 12


@pytest.fixture
def large(cast: Cast) -> Group:
    """Made in a few statements, with what chance gives."""
    chance, group = random.Random(4), make_community(cast).group
    Role.objects.bulk_create(
        Role(group=group, name=f"Role {number}", position=number, permissions=_bits(chance), hue=number % 12)
        for number in range(2, ROLES)
    )
    Category.objects.bulk_create(Category(group=group, name=f"Category {number}") for number in range(CATEGORIES))
    categories = [None, *group.categories.all()]
    talks = Conversation.objects.bulk_create(
        Conversation(kind="channel", parent=group.pk, title=f"channel-{number}") for number in range(CHANNELS - 2)
    )
    Channel.objects.bulk_create(
        Channel(group=group, conversation=talk, category=chance.choice(categories), is_synced=chance.random() < 0.5)
        for talk in talks
    )
    _say_overrides(group, chance)
    with transaction.atomic():
        for _number in range(MEMBERS):
            member = admit_member(lock_group(group.pk), make_person())
            roles = chance.sample(list(group.roles.filter(is_everyone=False)), chance.randrange(30))
            MemberRole.objects.bulk_create(MemberRole(member=member, role=role) for role in roles)
        sync_access(Scope(group=group.pk))
    return group


def _bits(chance: random.Random) -> int:
    return chance.randrange(1 << 14) & int(IN_CHANNELS)


def _say_overrides(group: Group, chance: random.Random) -> None:
    roles, channels = list(group.roles.all()), list(group.channels.all())
    categories = list(group.categories.all())
    made: dict[tuple[str, object], Override] = {}
    while len(made) < OVERRIDES - 1:
        role, deny = chance.choice(roles), _bits(chance)
        place: dict[str, object] = {"channel": chance.choice(channels)}
        if chance.random() < 0.2:
            place = {"category": chance.choice(categories)}
        override = Override(role=role, deny=deny, allow=_bits(chance) & ~deny, **place)
        made[str(override.channel_id or override.category_id), role.pk] = override
    # #announcements has one already.
    Override.objects.bulk_create(made.values(), ignore_conflicts=True)


@contextmanager
def at_most(statements: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as queries:
        yield
    assert len(queries) <= statements, "\n".join(query["sql"][:200] for query in queries)


def rows_of(member: Member) -> dict[object, int]:
    rows = Membership.objects.active().filter(user=member.user_id, conversation__kind="channel")
    return {row.conversation_id: row.permissions for row in rows}


def test_what_changes_cost(large: Group, cast: Cast) -> None:
    """A join, a role, a kick: each a handful of statements, over 500 channels. What concerns everybody writes one row."""
    row_of_everybody_is_what_the_steps_say(large)
    one_person_costs_little(large, cast)
    everybody_waits_for_the_worker(large, cast)


def one_person_costs_little(large: Group, cast: Cast) -> None:
    with transaction.atomic(), at_most(16):
        member = admit_member(lock_group(large.pk), cast.charlie)
    assert len(rows_of(member)) > CHANNELS / 4
    with transaction.atomic(), at_most(15):
        lock_group(large.pk)
        MemberRole.objects.create(member=member, role=large.roles.get(position=7))
        change_access(Scope(group=large.pk, users=(cast.charlie.pk,)))
    subject = subject_of(large, member)
    bits = {place.channel.conversation_id: int(bits_in(subject, place) & IN_CHANNELS) for place in all_places(large)}
    assert rows_of(member) == {place: rights for place, rights in bits.items() if rights}
    with transaction.atomic(), at_most(20):
        part_member(lock_group(large.pk), member)
    assert rows_of(member) == {}


def all_places(large: Group) -> list[Place]:
    with at_most(2):
        return places_of(large, Channel.objects.all())


def row_of_everybody_is_what_the_steps_say(large: Group) -> None:
    places = all_places(large)
    for member in large.members.all():
        subject = subject_of(large, member)
        bits = {place.channel.conversation_id: int(bits_in(subject, place) & IN_CHANNELS) for place in places}
        assert rows_of(member) == {place: rights for place, rights in bits.items() if rights}
    assert [finding.name for finding in find_violations() if finding.broken] == []


def everybody_waits_for_the_worker(large: Group, cast: Cast) -> None:
    before = rows_of(large.members.get(user=cast.bob))
    with transaction.atomic(), at_most(10):
        lock_group(large.pk)
        large.roles.filter(is_everyone=True).update(permissions=0)
        change_access(Scope(group=large.pk))
    assert rows_of(large.members.get(user=cast.bob)) == before


def test_sending_asks_nothing_more_than_in_a_group_conversation(cast: Cast) -> None:
    """One row decides: roles and overrides cost a send nothing."""
    atlas = make_community(cast)
    counts = []
    for place in (cast.group, atlas.talk):
        say(cast.bob, place)
        with CaptureQueriesContext(connection) as queries:
            say(cast.bob, place)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 3
    assert rows_of(atlas.member(cast.bob))[atlas.talk.pk] & Right.SEND
