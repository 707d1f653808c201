"""This process's sockets: who is here, what each has open, and the gate every event passes before it is delivered.

Lives on the event loop's thread only. Reads the database through `Truth`; writes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

from chatter.core import delivery, events
from chatter.core.events import ConversationEvent, Event
from chatter.core.rooms import Credential, Opening, Person, Relations, Room, Roster, Socket, Standing, Truth, frame_of
from chatter.core.topics import Topics
from chatter.core.wire import payload

log = logging.getLogger(__name__)

WAITING_EVENTS = 1000
RECENT_SECONDS = 60.0
RETRY_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0)

type Ending = events.SessionsEnded | events.SessionRenewed | events.PersonSuspended


class RunDb(Protocol):
    def __call__[**P, T](self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Awaitable[T]: ...


class Hub:
    """All that is connected to this process. `render(wire, body)` makes the article of a message."""

    def __init__(self, truth: Truth, run_db: RunDb, render: Callable[[dict[str, Any], str], str]) -> None:
        self.truth = truth
        self.run_db = run_db
        self.render = render
        self.loop = asyncio.get_running_loop()
        self.people: dict[UUID, Person] = {}
        self.rooms: dict[UUID, Room] = {}
        self.sockets: set[Socket] = set()
        self.watchers: dict[UUID, set[Person]] = {}
        self.endings: deque[tuple[float, Ending]] = deque()
        self.recent: dict[UUID, tuple[float, int]] = {}
        self.stale: set[Room] = set()
        self.tasks: set[asyncio.Task[None]] = set()
        self.relating: dict[UUID, asyncio.Task[None]] = {}
        self.rereading: asyncio.Task[None] | None = None
        self.topics = Topics(self)
        # Told when a person who is here lets another circle see them than before.
        self.circles_changed: Callable[[Person], None] = lambda _person: None

    # --- who is here ------------------------------------------------------------------------------------------------

    def person(self, key: UUID) -> Person:
        return self.people.setdefault(key, Person(key))

    def arrive(self, socket: Socket, standings: list[Standing], relations: Relations) -> None:
        """Register a socket whose `hello` was just pushed, with its person's conversations as `hello` read them."""
        person = socket.person
        self.sockets.add(socket)
        person.sockets.add(socket)
        self.relate(person, relations)
        for standing in standings:
            room = self.admit(person, standing)
            _at, version = self.recent.get(room.id, (0.0, 0))
            if version > standing.version:
                self.tell_version(room, version, [socket])

    def tell_version(self, room: Room, version: int, sockets: Iterable[Socket]) -> None:
        """ "You missed something, this is the version"."""
        missed = events.ConversationChanged(conversation=room.id, access_version=room.access_version, version=version)
        delivery.push_all(sockets, frame_of(payload(missed)))

    def admit(self, person: Person, standing: Standing) -> Room:
        """One conversation of a person, as just read; read again where it and what the room knows disagree."""
        room = self.rooms.get(standing.conversation)
        if room is None:
            room = self.rooms[standing.conversation] = Room(standing.conversation)
        if room.is_unread:
            room.version, room.access_version = (standing.version, standing.access_version)
            room.member_count, room.parent = standing.member_count, standing.parent
        if room.waiting is not None or room.access_version != standing.access_version:
            room.newcomers.add(person)
            self.reread(room)
        else:
            room.admit(person, standing.member)
        return room

    def leave(self, socket: Socket) -> bool:
        """The connection is gone. True when it was its person's last one here."""
        self.sockets.discard(socket)
        self.topics.leave(socket)
        person = socket.person
        person.sockets.discard(socket)
        for room in list(socket.rooms):
            room.sockets.discard(socket)
        socket.rooms.clear()
        if person.sockets:
            return False
        for room in list(person.rooms):
            room.members.pop(person, None)
            self.forget_if_deserted(room)
        person.rooms.clear()
        self.relate(person, Relations())
        if self.people.get(person.id) is person:
            del self.people[person.id]
        return True

    def forget_if_deserted(self, room: Room) -> None:
        if room.is_deserted and room.waiting is None and self.rooms.get(room.id) is room:
            if room.activity_timer is not None:
                room.activity_timer.cancel()
            del self.rooms[room.id]

    def relate(self, person: Person, relations: Relations) -> None:
        for friend in person.friends - relations.friends:
            self.watchers[friend].discard(person)
            if not self.watchers[friend]:
                del self.watchers[friend]
        for friend in relations.friends - person.friends:
            self.watchers.setdefault(friend, set()).add(person)
        person.hidden, person.friends, person.circles = relations

    def remember_ending(self, event: Ending) -> None:
        """Keep what ended sessions for a while: a socket may just be on its way in with one of them."""
        self.endings.append((time.monotonic(), event))

    def forget_old(self) -> None:
        """Drop what was only kept for sockets that were on their way in."""
        before = time.monotonic() - RECENT_SECONDS
        while self.endings and self.endings[0][0] < before:
            self.endings.popleft()
        self.recent = {key: (at, version) for key, (at, version) in self.recent.items() if at >= before}

    def ended_since(self, moment: float, credential: Credential) -> int | None:
        """The close code, if the session ended, got another key or the person was suspended after `moment` (monotonic).

        A session that ended by its name stays ended, however late its row goes.
        """
        for at, event in self.endings:
            if event.user == credential.person and (code := self.ending(event, credential, is_past=at < moment)):
                return code
        return None

    def ending(self, event: Ending, credential: Credential, *, is_past: bool) -> int | None:
        if isinstance(event, events.PersonSuspended):
            return None if is_past else delivery.SUSPENDED
        if isinstance(event, events.SessionRenewed):
            return delivery.RENEWED if credential.session_key == event.formerly else None
        if delivery.is_named(event, credential) or (not is_past and delivery.is_ended(event, credential)):
            return delivery.SESSION_ENDED
        return None

    # --- opening ----------------------------------------------------------------------------------------------------

    def begin_opening(self, socket: Socket, conversation: UUID) -> tuple[Room, Opening]:
        """Pending: what happens from now on waits for `finish_opening`, and losing access cancels it."""
        room = self.rooms.setdefault(conversation, Room(conversation))
        opening = room.openings[socket] = Opening()
        return room, opening

    def abandon_opening(self, socket: Socket, room: Room) -> None:
        room.openings.pop(socket, None)
        self.forget_if_deserted(room)

    def finish_opening(self, socket: Socket, room: Room, opening: Opening, version: int) -> None:
        """Active: from here every event is pushed; those newer than `version` that waited come first.

        Call it right after pushing the reply that holds everything up to `version`.
        """
        room.openings.pop(socket, None)
        if not room.sockets:
            room.version = version
        room.sockets.add(socket)
        socket.rooms.add(room)
        newer = [parcel for parcel in opening.parcels if parcel.version is None or parcel.version > version]
        for parcel in newer:
            delivery.to_each(room, parcel, [socket])

    def close(self, socket: Socket, conversation: UUID) -> None:
        room = self.rooms.get(conversation)
        if room is not None:
            room.sockets.discard(socket)
            socket.rooms.discard(room)

    # --- the gate ---------------------------------------------------------------------------------------------------

    def accept(self, event: Event, origin: Socket | None = None) -> None:
        """Deliver an event, after reading the members again where it knows of a newer `access_version` than we do."""
        try:
            if isinstance(event, ConversationEvent):
                self.pass_gate(event, origin)
            elif type(event) in delivery.ELSEWHERE:
                delivery.ELSEWHERE[type(event)](self, event, origin)
        except Exception:
            log.exception("An event could not be delivered: %s", event.name)

    def pass_gate(self, event: ConversationEvent, origin: Socket | None) -> None:
        if isinstance(event, events.VersionedEvent):
            self.recent[event.conversation] = (time.monotonic(), event.version)
        room = self.room_of(event)
        if room is None:
            return
        if isinstance(event, events.MembershipRemoved | events.AccessChanged):
            self.remove_members(room, event)
        if room.waiting is None and self.is_known(room, event):
            self.deliver(room, event, origin)
            return
        if room.waiting is None:
            self.reread(room)
        self.hold(room, event, origin)

    def room_of(self, event: ConversationEvent) -> Room | None:
        room = self.rooms.get(event.conversation)
        moved = [self.people[key] for key in delivery.moved_by(event) if key in self.people]
        if moved:
            if room is None:
                room = self.rooms[event.conversation] = Room(event.conversation)
            room.newcomers.update(moved)
        return room

    def is_known(self, room: Room, event: ConversationEvent) -> bool:
        return event.access_version <= room.access_version and not room.newcomers

    def remove_members(self, room: Room, event: events.MembershipRemoved | events.AccessChanged) -> None:
        """Silence who was removed before anything is read: that they are out is certain if the news is new. Who moved is
        among the newcomers; of the others the room knows all there is to know, as long as it missed nothing."""
        if event.access_version <= room.access_version:
            return
        for key in delivery.lost_by(event):
            if key in self.people:
                self.silence(room, self.people[key])
        # Parts of one piece of news all know the same version: only who is read again knows them all.
        is_whole = isinstance(event, events.MembershipRemoved) or not event.is_part
        if is_whole and room.waiting is None and event.access_version == room.access_version + 1:
            room.access_version = event.access_version

    def hold(self, room: Room, event: ConversationEvent, origin: Socket | None) -> None:
        assert room.waiting is not None
        room.wanted_version = max(room.wanted_version, event.access_version)
        if len(room.waiting) >= WAITING_EVENTS:
            room.waiting.pop(0)
        room.waiting.append((event, origin))

    def deliver(self, room: Room, event: ConversationEvent, origin: Socket | None) -> None:
        if isinstance(event, events.VersionedEvent):
            room.version = max(room.version, event.version)
        delivery.IN_ROOMS[type(event)](self, room, event, origin)

    def silence(self, room: Room, person: Person) -> None:
        """Not one more frame about the conversation after the one that says why."""
        room.close_for(person)
        person.rooms.discard(room)
        if room.members.pop(person, None) is not None:
            gone = events.MembershipRemoved(conversation=room.id, access_version=room.access_version, user=person.id)
            delivery.push_all(list(person.sockets), frame_of(payload(gone)))

    def payload_with_article(self, event: events.MessageCreated | events.MessageEdited) -> dict[str, Any]:
        """The frame with its article, rendered once for all and only where somebody has the conversation open."""
        return {**payload(event), "html": self.render(event.message, event.body)}

    # --- reading members again --------------------------------------------------------------------------------------

    def reread(self, room: Room) -> None:
        """Read the members of the room again; until then its events wait."""
        if room.waiting is None:
            room.waiting = []
        self.stale.add(room)
        if self.rereading is None or self.rereading.done():
            self.rereading = self.spawn(self.reread_stale())

    async def refresh(self, room: Room) -> None:
        """Read the members of the room again, and wait for it."""
        self.reread(room)
        while room.waiting is not None and self.rereading is not None:
            await asyncio.wait([self.rereading])

    async def reread_stale(self) -> None:
        while self.stale:
            rooms, self.stale = self.stale, set()
            people = {room: room.begin_reading() for room in rooms}
            keys = list({person.id for present in people.values() for person in present})
            rosters = await self.persist(self.truth.rosters, [room.id for room in rooms], keys)
            for room in rooms - self.stale:
                roster = rosters.get(room.id)
                if roster is not None and room.has_moved_past(roster):
                    self.stale.add(room)
                else:
                    self.apply(room, roster, people[room])

    async def persist[**P, T](self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Read until the database answers: nothing may be delivered on an old list of members."""
        attempt = 0
        while True:
            try:
                return await self.run_db(read, *args, **kwargs)
            except Exception:
                log.warning("The members of conversations could not be read; trying again", exc_info=True)
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                attempt += 1

    def apply(self, room: Room, roster: Roster | None, candidates: set[Person]) -> None:
        """Make the room equal what was read, then deliver what waited."""
        members = roster.members if roster else {}
        if roster is not None:
            room.access_version, room.member_count = (roster.access_version, roster.member_count)
            room.parent = roster.parent
        if not room.members:
            room.version = max(room.version, roster.version if roster else 0)
        for person in candidates:
            if person.id not in members:
                self.silence(room, person)
            elif person.sockets:
                room.admit(person, members[person.id])
        held, room.waiting = room.waiting or [], None
        for event, origin in held:
            self.release(room, event, origin)
        self.forget_if_deserted(room)

    def release(self, room: Room, event: ConversationEvent, origin: Socket | None) -> None:
        """Deliver an event that waited; the members are at least as new as what it knows."""
        if room.waiting is not None:
            room.waiting.append((event, origin))
            return
        try:
            self.deliver(room, event, origin)
        except Exception:
            log.exception("An event could not be delivered: %s", event.name)

    def reread_relations(self, key: UUID) -> asyncio.Task[None]:
        """Read blocks and friends of `key` again. Of several readings the one that began last counts."""
        task = self.relating[key] = self.spawn(self.apply_relations(key))
        return task

    async def apply_relations(self, key: UUID) -> None:
        """Blocks and friendships are mutual: set them for `key` and for everybody here whom they concern."""
        fresh = await self.persist(self.truth.relations, key)
        if self.relating.get(key) is not asyncio.current_task():
            return
        del self.relating[key]
        for person in list(self.people.values()):
            if person.id == key:
                moved = person.circles != fresh.circles
                self.relate(person, fresh)
                if moved:
                    self.circles_changed(person)
                continue
            hidden = person.hidden | {key} if person.id in fresh.hidden else person.hidden - {key}
            friends = person.friends | {key} if person.id in fresh.friends else person.friends - {key}
            if (hidden, friends) != (person.hidden, person.friends):
                self.relate(person, Relations(hidden, friends, person.circles))

    def spawn(self, work: Any) -> asyncio.Task[None]:
        task: asyncio.Task[None] = self.loop.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task
