"""What a hub makes of access that was derived anew: many people at once, in parts, in any order."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from chatter.core.bus import NOTIFY_BYTES, notes_by_shard
from chatter.core.events import AccessChanged, GroupChanged
from chatter.core.hub import Hub
from chatter.core.rooms import COMMON_MEMBER
from tests.live.test_hub import PLACE, Database, Guest, created, database, hub, open_for, read_again

__all__ = ["database", "hub"]


def changed(access_version: int, *, is_part: bool = False, **people: tuple[UUID, ...]) -> AccessChanged:
    return AccessChanged(conversation=PLACE, access_version=access_version, is_part=is_part, **people)


async def test_those_who_lost_it_are_silenced_before_anything_is_read(hub: Hub, database: Database) -> None:
    one, other, stays = (Guest(hub, database) for _number in range(3))
    for guest in (one, other, stays):
        open_for(hub, guest)
    database.gate.clear()
    database.access_version = 2
    del database.members[one.key], database.members[other.key]
    hub.accept(changed(2, lost=(one.key, other.key)))
    assert one.seen == other.seen == ["membership.removed"]
    hub.accept(created(11, access_version=2))
    database.gate.set()
    await read_again(hub)
    assert one.seen == other.seen == ["membership.removed"]
    assert stays.seen == ["membership.removed", "membership.removed", "message.created"]


async def test_news_in_parts_silences_the_last_part_too(hub: Hub, database: Database) -> None:
    """LISTEN/NOTIFY brings a large event in several, which all name one version. The first of them brings it."""
    one, other = Guest(hub, database), Guest(hub, database)
    for guest in (one, other):
        open_for(hub, guest)
    database.access_version = 2
    database.members.clear()
    hub.accept(changed(2, lost=(one.key,), is_part=True))
    hub.accept(changed(2, lost=(other.key,), is_part=True))
    assert one.seen.count("membership.removed") == other.seen.count("membership.removed") == 1
    hub.accept(created(11, access_version=2))
    await read_again(hub)
    assert [guest.seen for guest in (one, other)] == [["membership.removed"], ["membership.removed"]]
    assert PLACE not in hub.rooms


async def test_what_concerns_nobody_here_is_not_read(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    room = open_for(hub, guest)
    database.access_version = 2
    hub.accept(changed(2, lost=(uuid4(),), changed=(uuid4(),)))
    hub.accept(created(11, access_version=2))
    assert (room.access_version, room.waiting) == (2, None)
    assert guest.seen == ["membership.removed", "membership.changed", "message.created"]


async def test_those_who_came_hear_from_then_on(hub: Hub, database: Database) -> None:
    guest, stranger = Guest(hub, database, member=False), Guest(hub, database, member=False)
    database.members[guest.key] = COMMON_MEMBER
    hub.accept(changed(1, came=(guest.key, uuid4())))
    hub.accept(created(11))
    await read_again(hub)
    assert guest.seen == ["membership.added", "conversation.activity"]
    assert stranger.seen == []


async def test_changed_says_no_permissions_and_reads_again(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    room = open_for(hub, guest)
    database.members[guest.key] = COMMON_MEMBER._replace(silent_until=float("inf"))
    hub.accept(changed(1, changed=(guest.key,)))
    await read_again(hub)
    assert guest.frames == [{"event": "membership.changed", "conversation": str(PLACE), "user": str(guest.key)}]
    assert not room.may_speak(guest.socket.person)


async def test_a_late_loss_does_not_undo_a_return(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    open_for(hub, guest)
    database.access_version = 2
    hub.accept(changed(2, changed=(guest.key,)))
    await read_again(hub)
    hub.accept(changed(2, lost=(guest.key,)))
    hub.accept(created(11, access_version=2))
    await read_again(hub)
    assert guest.seen == ["membership.changed", "message.created"]


async def test_of_many_only_some_are_told_to_all(hub: Hub, database: Database) -> None:
    witness, last = Guest(hub, database), Guest(hub, database)
    open_for(hub, witness)
    hub.accept(changed(1, changed=(*(uuid4() for _number in range(499)), last.key)))
    await read_again(hub)
    assert witness.seen == ["membership.changed"] * 20
    assert last.seen == ["membership.changed"]


@pytest.mark.parametrize("kind", ["lost", "came", "changed"])
def test_five_hundred_people_fit_the_bus_of_the_database(kind: str) -> None:
    people: Any = {kind: tuple(uuid4() for _number in range(500))}
    notes = notes_by_shard("somebody", [replace(changed(7), **people)])
    assert all('"is_part":true' in note for _shard, note in notes)
    assert all(len(note) < NOTIFY_BYTES for _shard, note in notes)
    assert sum(note.count("-") for _shard, note in notes) == 4 * (500 + len(notes))


async def test_a_changed_group_reaches_open_channels_and_who_came(hub: Hub, database: Database) -> None:
    group = uuid4()
    inside, closed, newcomer = Guest(hub, database), Guest(hub, database), Guest(hub, database, member=False)
    open_for(hub, inside).parent = group
    hub.accept(GroupChanged(group=group))
    hub.accept(GroupChanged(group=uuid4()))
    hub.accept(GroupChanged(group=group, user=newcomer.key))
    told = {"event": "group.changed", "group": str(group)}
    assert (inside.frames, closed.frames, newcomer.frames) == ([told], [], [told])
