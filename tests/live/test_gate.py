"""The hub on its own: news of members that comes while members, or messages, are being read; who is shown what."""

import asyncio
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest

from chatter import frames
from chatter.consumers import commands
from chatter.core import events
from chatter.core.errors import NotFound
from chatter.core.hub import Hub
from chatter.core.rooms import Credential, Member, Relations, Roster, Socket, Standing
from chatter.core.upkeep import Upkeep


class Database:
    """The truth, with its snapshots: while `is_slow`, what was read arrives when `answer` is called."""

    def __init__(self) -> None:
        self.roster = Roster(1, 5, 2, {})
        self.hidden: frozenset[UUID] = frozenset()
        self.is_slow = False
        self.reading: list[asyncio.Event] = []

    def rosters(self, conversations: list[UUID], people: list[UUID]) -> dict[UUID, Roster]:
        members = {person: member for person, member in self.roster.members.items() if person in people}
        return {conversation: self.roster._replace(members=members) for conversation in conversations}

    def relations(self, _person: UUID) -> Relations:
        return Relations(self.hidden)

    def versions(self, _conversations: list[UUID]) -> dict[UUID, tuple[int, int]]:
        return {}

    def ended(self, _credentials: list[Credential]) -> dict[Credential, int]:
        return {}

    async def run(self, function: Callable[..., Any], *args: Any) -> Any:
        snapshot = function(*args)
        if self.is_slow:
            arrived = asyncio.Event()
            self.reading.append(arrived)
            await arrived.wait()
        return snapshot

    def answer(self) -> None:
        self.is_slow = False
        for arrived in self.reading:
            arrived.set()


class Scene:
    """Alice and Bob, each with a socket; Alice is a member of the one place."""

    def __init__(self) -> None:
        self.database = Database()
        self.hub = Hub(self.database, self.database.run, lambda _wire, _body: "")  # type: ignore[arg-type]
        self.place, self.alice, self.bob = uuid4(), uuid4(), uuid4()
        self.heard: dict[UUID, list[str]] = {self.alice: [], self.bob: []}

    def enter(self, person: UUID, *, is_member: bool) -> Socket:
        async def send(message: dict[str, Any]) -> None:
            self.heard[person].append(json.loads(message["text"])["event"])

        socket = Socket(send, self.hub.person(person), Credential(person, None, ""))  # type: ignore[arg-type]
        if is_member:
            self.database.roster.members[person] = Member()
        standings = [Standing(self.place, 1, 5, 2, Member())] if is_member else []
        self.hub.arrive(socket, standings, Relations())
        return socket

    async def begin_reading(self) -> None:
        """Make the hub read the members again, and hold the answer back."""
        self.database.is_slow = True
        changed = events.MembershipChanged(
            conversation=self.place, access_version=5, user=self.alice, role="admin", permissions=1
        )
        self.hub.accept(changed)
        await settled()
        assert self.database.reading

    def say(self, version: int, access_version: int) -> None:
        wire = {"id": str(uuid4()), "number": version, "sender": None}
        self.hub.accept(
            events.MessageCreated(
                conversation=self.place, access_version=access_version, version=version, message=wire, preview="plans"
            )
        )


async def settled() -> None:
    for _turn in range(20):
        await asyncio.sleep(0)


async def test_a_reading_from_before_a_removal_brings_nobody_back() -> None:
    scene = Scene()
    scene.enter(scene.alice, is_member=True)
    scene.enter(scene.bob, is_member=True)
    await scene.begin_reading()
    scene.database.roster = Roster(3, 6, 1, {scene.alice: Member()})
    scene.hub.accept(events.MembershipRemoved(conversation=scene.place, access_version=6, user=scene.bob))
    scene.say(version=3, access_version=6)
    scene.database.answer()
    await settled()
    scene.say(version=4, access_version=6)
    await settled()
    assert scene.heard[scene.bob] == ["membership.removed"]
    assert "conversation.activity" in scene.heard[scene.alice]


async def test_a_message_that_overtakes_the_news_of_a_removal_waits_for_a_newer_reading() -> None:
    scene = Scene()
    scene.enter(scene.alice, is_member=True)
    scene.enter(scene.bob, is_member=True)
    await scene.begin_reading()
    scene.database.roster = Roster(3, 6, 1, {scene.alice: Member()})
    scene.say(version=3, access_version=6)
    scene.database.answer()
    await settled()
    assert scene.heard[scene.bob] == ["membership.removed"]
    assert "conversation.activity" in scene.heard[scene.alice]


async def test_who_is_added_during_a_reading_hears_of_it() -> None:
    scene = Scene()
    scene.enter(scene.alice, is_member=True)
    scene.enter(scene.bob, is_member=False)
    await scene.begin_reading()
    scene.database.roster = Roster(2, 5, 2, {scene.alice: Member(), scene.bob: Member()})
    scene.hub.accept(events.MembershipAdded(conversation=scene.place, access_version=5, user=scene.bob))
    scene.database.answer()
    await settled()
    scene.say(version=3, access_version=5)
    assert scene.heard[scene.bob] == ["membership.added", "conversation.activity"]
    assert not scene.hub.rooms[scene.place].newcomers


@pytest.mark.parametrize("access_version", [6, 7])
async def test_history_read_before_a_removal_is_not_handed_out_after_it(
    monkeypatch: pytest.MonkeyPatch, access_version: int
) -> None:
    """6 is the next change of members; with 7 one was missed, and the hub reads them again."""
    scene = Scene()
    bob = scene.enter(scene.bob, is_member=True)

    async def read_slowly(*_args: Any, **_kwargs: Any) -> list[Any]:
        removed = events.MembershipRemoved(conversation=scene.place, access_version=access_version, user=scene.bob)
        scene.database.roster = Roster(3, access_version, 0, {})
        scene.hub.accept(removed)
        if access_version == 6:
            await settled()
        return [{"content": "plans"}]

    monkeypatch.setattr(commands, "run_db", read_slowly)
    asked = frames.History(1, scene.place, before=10, after=None, limit=50)
    with pytest.raises(NotFound):
        await commands.read_history(SimpleNamespace(hub=scene.hub), bob, asked)  # type: ignore[arg-type]
    await settled()
    assert scene.heard[scene.bob] == ["membership.removed"]
    assert scene.place not in scene.hub.rooms or not scene.hub.rooms[scene.place].openings


@pytest.mark.parametrize("edited", [False, True])
async def test_an_answer_does_not_quote_to_whose_history_begins_later(edited: bool) -> None:
    scene = Scene()
    for person in (scene.alice, scene.bob):
        socket = scene.enter(person, is_member=True)
        room, opening = scene.hub.begin_opening(socket, scene.place)
        scene.hub.finish_opening(socket, room, opening, version=1)
    room.admit(scene.hub.people[scene.bob], Member(history_from=5))
    wire = {"id": str(uuid4()), "number": 6, "sender": None, "reply_to": {"number": 4, "preview": "secret"}}
    kind = events.MessageEdited if edited else events.MessageCreated
    scene.hub.accept(kind(conversation=scene.place, access_version=5, version=7, message=wire))
    assert scene.heard[scene.alice] == ["message.edited" if edited else "message.created"]
    assert scene.heard[scene.bob] == ["conversation.changed"]


async def test_activity_tells_nothing_from_before_a_members_history() -> None:
    scene = Scene()
    scene.enter(scene.alice, is_member=True)
    scene.enter(scene.bob, is_member=True)
    scene.hub.rooms[scene.place].admit(scene.hub.people[scene.bob], Member(history_from=5))
    wire = {"id": str(uuid4()), "number": 4, "sender": None}
    scene.hub.accept(
        events.MessageEdited(conversation=scene.place, access_version=5, version=7, message=wire, preview="plans")
    )
    assert scene.heard == {scene.alice: ["conversation.activity"], scene.bob: []}


async def test_of_two_readings_of_blocks_the_later_counts() -> None:
    scene = Scene()
    scene.enter(scene.alice, is_member=True)
    scene.database.is_slow = True
    for hidden in (frozenset({scene.bob}), frozenset()):
        scene.database.hidden = hidden
        scene.hub.accept(events.RelationsChanged(user=scene.alice))
        await settled()
    for arrived in reversed(scene.database.reading):
        arrived.set()
        await settled()
    assert scene.hub.people[scene.alice].hidden == frozenset()
    assert not scene.hub.relating


async def test_blocks_whose_news_was_lost_are_found_when_the_bus_is_back() -> None:
    scene = Scene()
    scene.enter(scene.alice, is_member=True)
    scene.database.hidden = frozenset({scene.bob})
    await Upkeep(scene.hub).repair(everything=True)
    assert scene.hub.people[scene.alice].hidden == {scene.bob}
