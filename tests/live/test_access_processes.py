"""Access that ends ends at once, in every web process, over either bus; access that begins is told (groups)."""

import asyncio
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction

from accounts.models import User
from chatter.core.events import AccessChanged, GroupChanged
from chatter.core.realtime import publish, run_db
from groups.access import Scope, change_access
from groups.actions.members import admit_member, part_member
from groups.models import MemberRole, Override, Role
from groups.permissions import Right, lock_group
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community
from tests.live.conftest import Join, Start

pytestmark = pytest.mark.timeout(180)


def kick(atlas: Community, person: User) -> None:
    with transaction.atomic():
        part_member(lock_group(atlas.group.pk), atlas.member(person))


def come(atlas: Community, person: User) -> None:
    with transaction.atomic():
        admit_member(lock_group(atlas.group.pk), person)


def hide_general(atlas: Community) -> None:
    """Only moderators see #general from now on."""
    Override.objects.create(channel=atlas.general, role=atlas.everyone, deny=int(Right.VIEW))
    Override.objects.create(channel=atlas.general, role=atlas.moderators, allow=int(Right.VIEW))
    type(atlas.general).objects.filter(pk=atlas.general.pk).update(is_synced=False)
    change_access(Scope(group=atlas.group.pk, channels=(atlas.general.pk,)))


def take_role(atlas: Community, person: User) -> None:
    with transaction.atomic():
        lock_group(atlas.group.pk)
        MemberRole.objects.filter(member=atlas.member(person), role=atlas.moderators).delete()
        change_access(Scope(group=atlas.group.pk, users=(person.pk,)))


def silence_everyone(atlas: Community) -> None:
    with transaction.atomic():
        lock_group(atlas.group.pk)
        Role.objects.filter(pk=atlas.everyone.pk).update(permissions=int(Right.VIEW | Right.READ_HISTORY))
        change_access(Scope(group=atlas.group.pk))


def about(socket: Any, place: str) -> list[str]:
    return [event["event"] for event in socket.events if event.get("conversation") == place]


async def test_not_one_frame_after_a_kick_or_a_lost_role(start: Start, cast: Cast, join: Join) -> None:
    """Two lose #general while others talk there and type: one by a kick, one with the role that let him see it."""
    one, two = start(CHATTER_RATE_LIMITS="off"), start(CHATTER_RATE_LIMITS="off")
    atlas = await run_db(make_community, cast)
    await run_db(hide_general, atlas)
    place = str(atlas.talk.pk)
    alice, mod, tab = await join(one, cast.alice), await join(two, cast.mod), await join(two, cast.mod)
    for socket in (alice, mod):
        await socket.open(place)
    stop = asyncio.Event()

    async def talk() -> None:
        while not stop.is_set():
            await alice.send(place, "Still here")
            await alice.ok("typing", conversation=place)
            await run_db(say, cast.alice, atlas.talk)

    async def loses(change: Callable[[Community, User], None]) -> None:
        await run_db(change, atlas, cast.mod)
        for socket in (mod, tab):
            await socket.until(lambda socket=socket: "membership.removed" in about(socket, place))
        seen = len(alice.events)
        await alice.until(lambda: len(alice.events) > seen + 8)
        for socket in (mod, tab):
            await socket.quiet()
            assert about(socket, place)[-1] == "membership.removed"
            assert about(socket, place).count("membership.removed") == 1
            assert await socket.refused("conversation.open", conversation=place, version=None) == "not_found"

    talking = asyncio.create_task(talk())
    await mod.event("message.created", conversation=place)
    await loses(take_role)
    mod.events.clear()
    tab.events.clear()
    await run_db(give_role, atlas, cast.mod)
    await mod.event("membership.added", conversation=place, user=str(cast.mod.pk))
    await mod.open(place)
    await mod.event("message.created", conversation=place)
    await loses(kick)
    stop.set()
    await talking


def give_role(atlas: Community, person: User) -> None:
    with transaction.atomic():
        lock_group(atlas.group.pk)
        MemberRole.objects.create(member=atlas.member(person), role=atlas.moderators)
        change_access(Scope(group=atlas.group.pk, users=(person.pk,)))


async def test_who_comes_is_told_and_then_hears(start: Start, cast: Cast, join: Join) -> None:
    one, two = start(), start()
    atlas = await run_db(make_community, cast)
    group, place = str(atlas.group.pk), str(atlas.talk.pk)
    alice, charlie, bob = await join(one, cast.alice), await join(two, cast.charlie), await join(two, cast.bob)
    for socket in (alice, bob):
        await socket.open(place)
    await run_db(come, atlas, cast.charlie)
    await charlie.event("membership.added", conversation=place, user=str(cast.charlie.pk))
    await charlie.event("group.changed", group=group)
    for socket in (alice, bob):
        await socket.event("membership.added", conversation=place, user=str(cast.charlie.pk))
    await alice.send(place, "Welcome")
    assert (await charlie.event("conversation.activity", conversation=place))["preview"] == "Welcome"
    await charlie.open(place)
    await alice.send(place, "Once more")
    await charlie.event("message.created", conversation=place)

    await run_db(publish, GroupChanged(group=atlas.group.pk))
    for socket in (alice, bob, charlie):
        await socket.event("group.changed", group=group)

    await charlie.ok("typing", conversation=place)
    await run_db(silence_everyone, atlas)
    news = await charlie.event("membership.changed", conversation=place, user=str(cast.charlie.pk))
    assert news.keys() == {"event", "conversation", "user"}
    assert await charlie.refused("typing", conversation=place) == "forbidden"
    assert await charlie.refused("message.send", conversation=place, content="x", client_id=str(uuid4())) == "forbidden"

    many = (*(uuid4() for _number in range(499)), cast.bob.pk)
    version = await run_db(lambda: type(atlas.talk).objects.get(pk=atlas.talk.pk).access_version)
    bob.events.clear()
    await run_db(publish, AccessChanged(conversation=atlas.talk.pk, access_version=version, changed=many))
    await bob.event("membership.changed", conversation=place, user=str(cast.bob.pk))
