"""The gate: members are read again before anything newer is delivered; openings and removals race, and access wins."""

import asyncio
import json
from collections.abc import Callable, MutableMapping
from typing import Any
from uuid import UUID, uuid4

import pytest

from chatter.core import events
from chatter.core.events import (
    ConversationChanged,
    MembershipAdded,
    MembershipRemoved,
    MessageCreated,
    MessageEdited,
    PersonSuspended,
    PresenceChanged,
    RelationsChanged,
    SessionRenewed,
    SessionsEnded,
    TypingStarted,
)
from chatter.core.hub import WAITING_EVENTS, Hub
from chatter.core.rooms import COMMON_MEMBER, Credential, Member, Relations, Room, Roster, Socket, Standing
from chatter.core.upkeep import Upkeep

PLACE = uuid4()


class Database:
    """The truth of a small world. `gate` holds readings back, `failures` lets them fail."""

    def __init__(self) -> None:
        self.version, self.access_version = 10, 1
        self.members: dict[UUID, Member] = {}
        self.relation: dict[UUID, Relations] = {}
        self.endings: dict[Credential, int] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.failures = 0
        self.readings = 0

    async def run(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        self.readings += 1
        found = function(*args, **kwargs)
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise ConnectionError
        return found

    def rosters(self, conversations: list[UUID], people: list[UUID]) -> dict[UUID, Roster]:
        inside = {key: member for key, member in self.members.items() if key in people}
        roster = Roster(self.version, self.access_version, len(self.members), inside)
        return {key: roster for key in conversations if key == PLACE}

    def versions(self, conversations: list[UUID]) -> dict[UUID, tuple[int, int]]:
        return {key: (self.version, self.access_version) for key in conversations if key == PLACE}

    def relations(self, person: UUID) -> Relations:
        return self.relation.get(person, Relations())

    def ended(self, credentials: list[Credential]) -> dict[Credential, int]:
        return {key: code for key, code in self.endings.items() if key in credentials}

    def standing(self, person: UUID) -> Standing:
        return Standing(PLACE, self.version, self.access_version, len(self.members), self.members[person])


class Guest:
    """A person with one socket; `seen` are the frames it got."""

    def __init__(self, hub: Hub, database: Database, key: UUID | None = None, *, member: bool = True) -> None:
        self.key = key or uuid4()
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None
        credential = Credential(self.key, uuid4().hex, "hash")
        self.socket = Socket(self.send, hub.person(self.key), credential)
        if member:
            database.members.setdefault(self.key, COMMON_MEMBER)
        standings = [database.standing(self.key)] if self.key in database.members else []
        hub.arrive(self.socket, standings, database.relations(self.key))

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "websocket.close":
            self.code = message["code"]
        else:
            self.frames.append(json.loads(message["text"]))

    @property
    def seen(self) -> list[str]:
        return [frame["event"] for frame in self.frames]


@pytest.fixture
async def database() -> Database:
    return Database()


@pytest.fixture
async def hub(database: Database) -> Any:
    hub = Hub(database, database.run, lambda wire, body: f"<article>{body}</article>")  # type: ignore[arg-type]
    yield hub
    for task in hub.tasks:
        task.cancel()


def open_for(hub: Hub, guest: Guest, version: int = 10) -> Room:
    room, opening = hub.begin_opening(guest.socket, PLACE)
    hub.finish_opening(guest.socket, room, opening, version)
    return room


def created(version: int, access_version: int = 1, **fields: Any) -> MessageCreated:
    wire = {"id": str(uuid4()), "number": version, "content": "Hello", "sender": None}
    return MessageCreated(
        conversation=PLACE, version=version, access_version=access_version, message=wire, body="<p>Hello</p>", **fields
    )


async def read_again(hub: Hub) -> None:
    while hub.rereading is not None and not hub.rereading.done():
        await asyncio.wait([hub.rereading])


async def test_known_access_is_delivered_at_once_without_reading(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    open_for(hub, guest)
    hub.accept(created(11))
    assert guest.seen == ["message.created"]
    assert guest.frames[0]["html"] == "<article><p>Hello</p></article>"
    assert database.readings == 0


async def test_a_newer_access_version_reads_the_members_before_it_delivers(hub: Hub, database: Database) -> None:
    """The removal itself was lost; the next event knows of it."""
    stays, goes = Guest(hub, database), Guest(hub, database)
    for guest in (stays, goes):
        open_for(hub, guest)
    del database.members[goes.key]
    database.access_version = 2
    database.gate.clear()
    hub.accept(created(11, access_version=2))
    hub.accept(created(12, access_version=2))
    await asyncio.sleep(0)
    assert stays.seen == goes.seen == []
    database.gate.set()
    await read_again(hub)
    assert stays.seen == ["message.created", "message.created"]
    assert [frame["version"] for frame in stays.frames] == [11, 12]
    assert goes.seen == ["membership.removed"]
    hub.accept(created(13, access_version=2))
    assert goes.seen == ["membership.removed"]
    assert database.readings == 1


async def test_nothing_is_delivered_while_the_database_is_away(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatter.core.hub.RETRY_SECONDS", (0.001,))
    goes = Guest(hub, database)
    open_for(hub, goes)
    del database.members[goes.key]
    database.access_version, database.failures = 2, 3
    hub.accept(created(11, access_version=2))
    await read_again(hub)
    assert goes.seen == ["membership.removed"]
    assert database.readings == 4


async def test_membership_removed_silences_before_anything_is_read(hub: Hub, database: Database) -> None:
    goes, stays = Guest(hub, database), Guest(hub, database)
    open_for(hub, goes)
    open_for(hub, stays)
    hub.accept(MembershipRemoved(conversation=PLACE, access_version=2, user=goes.key))
    assert goes.seen == stays.seen == ["membership.removed"]
    hub.accept(created(11, access_version=2))
    assert stays.seen == ["membership.removed", "message.created"]
    assert goes.seen == ["membership.removed"]
    assert database.readings == 0


async def test_a_late_removal_does_not_undo_a_return(hub: Hub, database: Database) -> None:
    """Removed (access 2) and added again; another process's events arrive the wrong way round."""
    guest, witness = Guest(hub, database), Guest(hub, database)
    open_for(hub, guest)
    database.access_version = 2
    hub.accept(MembershipAdded(conversation=PLACE, access_version=2, user=guest.key))
    await read_again(hub)
    hub.accept(MembershipRemoved(conversation=PLACE, access_version=2, user=guest.key))
    hub.accept(created(11, access_version=2))
    assert "message.created" in guest.seen or "conversation.activity" in guest.seen
    assert guest.socket.person in hub.rooms[PLACE].members
    assert witness.socket.person in hub.rooms[PLACE].members


async def test_added_people_hear_from_the_next_event_on(hub: Hub, database: Database) -> None:
    Guest(hub, database)
    newcomer = Guest(hub, database, member=False)
    database.members[newcomer.key] = COMMON_MEMBER
    hub.accept(MembershipAdded(conversation=PLACE, access_version=1, user=newcomer.key))
    hub.accept(created(11))
    await read_again(hub)
    assert newcomer.seen == ["membership.added", "conversation.activity"]


async def test_a_false_membership_added_gives_nothing(hub: Hub, database: Database) -> None:
    """The database says no (already removed again): the event is only a hint."""
    outsider = Guest(hub, database, member=False)
    hub.accept(MembershipAdded(conversation=PLACE, access_version=1, user=outsider.key))
    hub.accept(created(11))
    await read_again(hub)
    assert outsider.seen == []
    assert PLACE not in hub.rooms


async def test_a_removal_while_opening_cancels_it(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    room, opening = hub.begin_opening(guest.socket, PLACE)
    hub.accept(MembershipRemoved(conversation=PLACE, access_version=2, user=guest.key))
    assert opening.cancelled
    hub.abandon_opening(guest.socket, room)
    assert guest.seen == ["membership.removed"]
    assert PLACE not in hub.rooms


async def test_events_while_opening_wait_and_old_ones_are_dropped(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    room, opening = hub.begin_opening(guest.socket, PLACE)
    for version in (11, 12, 13):
        hub.accept(created(version))
    assert guest.seen == ["conversation.activity"]
    hub.finish_opening(guest.socket, room, opening, 12)
    assert [frame["version"] for frame in guest.frames if frame["event"] == "message.created"] == [13]
    hub.accept(created(14))
    assert guest.frames[-1]["version"] == 14


async def test_an_unknown_conversation_leaves_nothing_behind(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    room, _opening = hub.begin_opening(guest.socket, uuid4())
    await hub.refresh(room)
    assert guest.socket.person not in room.members
    hub.abandon_opening(guest.socket, room)
    assert set(hub.rooms) == {PLACE}


async def test_leaving_leaves_nothing_behind(hub: Hub, database: Database) -> None:
    friend = uuid4()
    database.relation = {}
    guest = Guest(hub, database)
    hub.relate(guest.socket.person, Relations(friends=frozenset([friend])))
    open_for(hub, guest)
    hub.accept(created(11))
    assert hub.leave(guest.socket)
    assert not hub.people
    assert not hub.rooms
    assert not hub.sockets
    assert not hub.watchers


async def test_two_sockets_of_one_person(hub: Hub, database: Database) -> None:
    one = Guest(hub, database)
    two = Guest(hub, database, one.key)
    open_for(hub, one)
    hub.accept(created(11))
    assert one.seen == ["message.created"]
    assert two.seen == ["conversation.activity"]
    assert not hub.leave(one.socket)
    assert two.socket.person in hub.rooms[PLACE].members
    assert hub.leave(two.socket)


async def test_who_arrives_with_older_or_newer_news_is_read_again(hub: Hub, database: Database) -> None:
    """The list of conversations was read before a removal that the room already knows: it does not count."""
    stays = Guest(hub, database)
    open_for(hub, stays)
    late = uuid4()
    database.members[late] = COMMON_MEMBER
    old = database.standing(late)
    del database.members[late]
    database.access_version = 2
    hub.accept(MembershipRemoved(conversation=PLACE, access_version=2, user=late))
    guest = Guest(hub, database, late, member=False)
    hub.admit(guest.socket.person, old)
    hub.accept(created(11, access_version=2))
    await read_again(hub)
    assert guest.seen == []
    assert "message.created" in stays.seen


async def test_what_happened_while_somebody_arrived_is_told(hub: Hub, database: Database) -> None:
    Guest(hub, database)
    key = uuid4()
    database.members[key] = COMMON_MEMBER
    hub.accept(created(11))
    late = Guest(hub, database, key)
    assert late.frames == [{"event": "conversation.changed", "conversation": str(PLACE), "version": 11}]


async def test_the_queue_of_waiting_events_is_bounded(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    open_for(hub, guest)
    database.access_version = 2
    database.gate.clear()
    for version in range(11, 11 + WAITING_EVENTS + 50):
        hub.accept(created(version, access_version=2))
    room = hub.rooms[PLACE]
    assert room.waiting is not None
    assert len(room.waiting) == WAITING_EVENTS
    database.gate.set()
    await read_again(hub)
    assert guest.frames[-1]["version"] == 10 + WAITING_EVENTS + 50


async def test_a_history_that_begins_later(hub: Hub, database: Database) -> None:
    new, old = Guest(hub, database), Guest(hub, database)
    database.members[new.key] = Member(history_from=20)
    database.access_version = 2
    open_for(hub, new)
    open_for(hub, old)
    wire = {"id": str(uuid4()), "number": 5, "content": "Secret", "sender": None}
    hub.accept(MessageEdited(conversation=PLACE, version=11, access_version=2, message=wire, body="Secret"))
    await read_again(hub)
    assert new.frames == [{"event": "conversation.changed", "conversation": str(PLACE), "version": 11}]
    assert old.seen == ["message.edited"]


async def test_hidden_actors(hub: Hub, database: Database) -> None:
    one, other = Guest(hub, database), Guest(hub, database)
    open_for(hub, one)
    open_for(hub, other)
    database.relation[one.key] = Relations(hidden=frozenset([other.key]))
    hub.accept(RelationsChanged(user=one.key))
    await asyncio.gather(*hub.tasks)
    for guest in (one, other):
        hub.accept(TypingStarted(conversation=PLACE, access_version=1, user=guest.key))
        hub.accept(PresenceChanged(user=guest.key, status="idle", announced=True, conversations=(PLACE,)))
    assert one.seen == other.seen == ["typing", "presence.changed"]
    assert {frame["user"] for frame in one.frames} == {str(one.key)}
    database.relation.clear()
    hub.accept(RelationsChanged(user=one.key))
    await asyncio.gather(*hub.tasks)
    hub.accept(TypingStarted(conversation=PLACE, access_version=1, user=one.key))
    assert other.seen[-1] == "typing"


async def test_presence_reaches_friends_and_small_rooms_once(hub: Hub, database: Database, settings: Any) -> None:
    settings.CHATTER_PRESENCE_MAX_MEMBERS = 3
    friend = Guest(hub, database)
    stranger = Guest(hub, database, member=False)
    neighbour = Guest(hub, database)
    person = uuid4()
    database.relation[friend.key] = Relations(friends=frozenset([person]))
    hub.relate(friend.socket.person, database.relation[friend.key])
    for guest in (friend, neighbour):
        open_for(hub, guest)
    here = PresenceChanged(user=person, status="online", announced=True, conversations=(PLACE,))
    hub.accept(here)
    assert (friend.seen, neighbour.seen, stranger.seen) == (["presence.changed"], ["presence.changed"], [])
    hub.rooms[PLACE].member_count = 4
    hub.accept(here)
    assert (len(friend.seen), len(neighbour.seen)) == (2, 1)


async def test_sessions_end(hub: Hub, database: Database) -> None:
    one, other, third = Guest(hub, database), Guest(hub, database), Guest(hub, database)
    again = Guest(hub, database, one.key)
    key = one.socket.credential.session_key
    hub.accept(SessionsEnded(user=one.key, session_key=key))
    assert (one.code, again.code, other.code) == (4410, None, None)
    hub.accept(SessionsEnded(user=one.key, keep=again.socket.credential.session_key))
    assert not again.code
    hub.accept(SessionsEnded(user=one.key, token=uuid4()))
    assert not again.code
    hub.accept(SessionsEnded(user=one.key))
    assert (one.code, again.code) == (4410, 4410)
    hub.accept(PersonSuspended(user=other.key))
    assert (other.code, third.code) == (4403, None)


async def test_a_session_that_ends_while_its_socket_comes_in(hub: Hub) -> None:
    person, started, never = uuid4(), 0.0, float("inf")
    key, other = Credential(person, "key", "hash"), Credential(person, "other", "hash")
    assert hub.ended_since(started, key) is None
    hub.accept(SessionsEnded(user=person, session_key="key"))
    assert hub.ended_since(started, key) == 4410
    assert hub.ended_since(never, key) == 4410
    assert hub.ended_since(started, other) is None
    hub.accept(SessionsEnded(user=person))
    assert hub.ended_since(started, other) == 4410
    assert hub.ended_since(never, other) is None
    hub.accept(PersonSuspended(user=person))
    assert hub.ended_since(started, Credential(uuid4(), "key", "hash")) is None


async def test_the_tokens_of_a_family_end_alone(hub: Hub, database: Database) -> None:
    browser, reader, writer = (Guest(hub, database, key) for key in [uuid4()] * 3)
    for program in (reader, writer):
        program.socket.credential = Credential(browser.key, None, "hash", token=uuid4())
    hub.accept(SessionsEnded(user=browser.key, token=reader.socket.credential.token))
    assert (browser.code, reader.code, writer.code) == (None, 4410, None)
    assert hub.ended_since(float("inf"), reader.socket.credential) == 4410
    hub.accept(SessionsEnded(user=browser.key, keep=browser.socket.credential.session_key))
    assert (browser.code, writer.code) == (None, 4410), "tokens go with the other sessions"


async def test_a_session_that_is_kept_goes_on_under_its_new_key(hub: Hub, database: Database) -> None:
    """The other tabs of the browser in which the password was changed."""
    tab, elsewhere = Guest(hub, database, key := uuid4()), Guest(hub, database, key)
    before = tab.socket.credential
    assert before.session_key
    hub.accept(SessionRenewed(user=key, session_key="new", formerly=before.session_key))
    hub.accept(SessionsEnded(user=key, keep="new", auth_hash="new hash"))
    assert (tab.code, elsewhere.code) == (None, 4410)
    assert tab.socket.credential == Credential(key, "new", "new hash")
    assert hub.ended_since(0.0, before) == 1012, "who was on the way in with the old key comes back with the new"
    assert hub.ended_since(0.0, tab.socket.credential) is None


async def test_what_was_read_of_the_old_key_does_not_close_the_new(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = Guest(hub, database)
    old = tab.socket.credential

    def renewed_meanwhile(credentials: list[Credential]) -> dict[Credential, int]:
        tab.socket.credential = old._replace(session_key="new")
        return dict.fromkeys(credentials, 4410)

    monkeypatch.setattr(database, "ended", renewed_meanwhile)
    await Upkeep(hub).repair_sessions()
    assert tab.code is None


async def test_an_event_that_breaks_stops_nobody(hub: Hub, database: Database) -> None:
    guest = Guest(hub, database)
    open_for(hub, guest)
    hub.accept(MessageCreated(conversation=PLACE, version=11, access_version=1, message={}))
    hub.accept(created(12))
    assert guest.frames[-1]["version"] == 12


async def test_repair_tells_versions_that_no_push_brought(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatter.core.upkeep.GRACE_SECONDS", 0)
    guest, closed = Guest(hub, database), Guest(hub, database)
    open_for(hub, guest)
    upkeep = Upkeep(hub)
    await upkeep.repair()
    assert guest.seen == []
    database.version = 12
    await upkeep.repair()
    changed = {"event": "conversation.changed", "conversation": str(PLACE), "version": 12}
    assert guest.frames == closed.frames == [changed]
    await upkeep.repair()
    assert len(guest.frames) == 1


async def test_repair_waits_for_pushes_on_their_way(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatter.core.upkeep.GRACE_SECONDS", 0.02)
    guest = Guest(hub, database)
    open_for(hub, guest)
    database.version = 11
    repairing = asyncio.create_task(Upkeep(hub).repair())
    await asyncio.sleep(0)
    hub.accept(created(11))
    await repairing
    assert guest.seen == ["message.created"]


async def test_repair_after_another_socket_caught_up(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One socket read version 11 while opening; the other, open before, still misses it."""
    monkeypatch.setattr("chatter.core.upkeep.GRACE_SECONDS", 0)
    behind, ahead = Guest(hub, database), Guest(hub, database)
    open_for(hub, behind)
    database.version = 11
    open_for(hub, ahead, 11)
    await Upkeep(hub).repair()
    assert behind.frames == [{"event": "conversation.changed", "conversation": str(PLACE), "version": 11}]


async def test_repair_reads_lost_removals_and_deleted_places(hub: Hub, database: Database) -> None:
    goes, stays = Guest(hub, database), Guest(hub, database)
    open_for(hub, goes)
    open_for(hub, stays)
    del database.members[goes.key]
    database.access_version = 2
    await Upkeep(hub).repair()
    await read_again(hub)
    assert goes.seen == ["membership.removed"]
    assert stays.seen == []


async def test_repair_of_everything_after_the_bus_was_away(
    hub: Hub, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatter.core.upkeep.GRACE_SECONDS", 0)
    closed = Guest(hub, database)
    database.version = 11
    upkeep = Upkeep(hub)
    await upkeep.repair()
    assert closed.seen == []
    await upkeep.repair(everything=True)
    assert closed.seen == ["conversation.changed"]


async def test_repair_closes_ended_sessions(hub: Hub, database: Database) -> None:
    one, other, third = Guest(hub, database), Guest(hub, database), Guest(hub, database)
    database.endings = {one.socket.credential: 4410, other.socket.credential: 4403}
    await Upkeep(hub).repair()
    assert (one.code, other.code, third.code) == (4410, 4403, None)


async def test_silent_sockets_are_closed(hub: Hub, database: Database, settings: Any) -> None:
    settings.CHATTER_SOCKET_SILENCE = 75
    silent, lively = Guest(hub, database), Guest(hub, database)
    silent.socket.heard_at -= 76
    lively.socket.heard_at -= 74
    Upkeep(hub).sweep()
    assert (silent.code, lively.code) == (4408, None)


async def test_every_event_of_the_catalogue_is_delivered_or_made_here() -> None:
    from chatter.core import delivery

    made_here = {events.ConversationActivity, events.Mentioned}
    assert set(events.EVENTS.values()) == {*delivery.IN_ROOMS, *delivery.ELSEWHERE, *made_here}
    assert ConversationChanged in delivery.IN_ROOMS
