"""What this process knows of who is connected: sockets, their people, the conversations they have open.

A socket sends eagerly, keeps what its peer does not take in a bounded backlog, and nobody is ever waited for.
Who gets which frame is the business of `delivery`.
"""

from __future__ import annotations

import asyncio
import time
from asyncio import Task, TimerHandle
from collections import deque
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson

from chatter.core.events import ConversationEvent
from chatter.core.servers import Send, abort, waiting_send

BACKLOG_FRAMES = 256
BACKLOG_BYTES = 1024 * 1024
# A closing frame that the peer does not take within so many seconds is followed by a cut.
CLOSE_SECONDS = 5.0
DOES_NOT_READ = 4408
PARCELS_WHILE_OPENING = 256
# The `access_version` of a room whose members were not read yet: every event knows a newer one.
UNREAD = -1


class Credential(NamedTuple):
    """What lets one socket stay: the person, their session or family of tokens, the hash of their password at that time,
    and how far it goes ("read": commands that write are refused)."""

    person: UUID
    session_key: str | None
    auth_hash: str
    token: UUID | None = None
    scope: str = "write"


class Frame(NamedTuple):
    """One text, encoded once, as every server's `send` takes it: the same object goes to all sockets."""

    message: dict[str, Any]
    size: int


def frame_of(payload: dict[str, Any]) -> Frame:
    encoded = orjson.dumps(payload)
    return Frame({"type": "websocket.send", "text": encoded.decode()}, len(encoded))


class Socket:
    """One accepted connection. `rooms` are the conversations it has open; `heard_at` (monotonic) its last frame."""

    __slots__ = (
        "__weakref__",
        "backlog",
        "backlog_bytes",
        "closed",
        "credential",
        "heard_at",
        "idle",
        "loop",
        "person",
        "rooms",
        "send",
        "sending",
        "server_send",
    )

    def __init__(self, send: Send, person: Person, credential: Credential) -> None:
        self.server_send = send
        self.send = waiting_send(send)
        self.person = person
        self.credential = credential
        self.rooms: set[Room] = set()
        self.idle = False
        self.closed = False
        self.heard_at = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self.sending: Task[None] | None = None
        self.backlog: deque[Frame] | None = None
        self.backlog_bytes = 0

    def push(self, frame: Frame) -> None:
        """Send now if the server takes it at once; else keep it, up to the bound, and go on."""
        if self.sending is not None:
            self.keep(frame)
        elif not self.closed:
            self.start(frame.message)

    def start(self, message: dict[str, Any]) -> None:
        task: Task[None] = Task(self.send(message), loop=self.loop, eager_start=True)  # type: ignore[arg-type]
        if not task.done():
            self.sending = task
            task.add_done_callback(self.sent)
        elif task.exception() is not None:
            self.closed = True

    def keep(self, frame: Frame) -> None:
        if self.closed:
            return
        if self.backlog is None:
            self.backlog = deque()
        self.backlog.append(frame)
        self.backlog_bytes += frame.size
        if len(self.backlog) > BACKLOG_FRAMES or self.backlog_bytes > BACKLOG_BYTES:
            self.close(DOES_NOT_READ)

    def sent(self, task: Task[None]) -> None:
        """The peer took a frame it had been slow to take: send what waits behind it."""
        self.sending = None
        if task.cancelled() or task.exception() is not None:
            self.closed = True
        while self.backlog and self.sending is None and not self.closed:
            frame = self.backlog.popleft()
            self.backlog_bytes -= frame.size
            self.start(frame.message)
        if not self.backlog:
            self.backlog = None

    def close(self, code: int) -> None:
        """Close with `code`. No frame follows; who does not take even this one is cut off after CLOSE_SECONDS."""
        if self.closed:
            return
        self.closed = True
        self.backlog = None
        self.backlog_bytes = 0
        if self.sending is not None:
            self.sending.add_done_callback(lambda _task: self.say_goodbye(code))
            self.loop.call_later(CLOSE_SECONDS, abort, self.server_send)
        else:
            self.say_goodbye(code)

    def say_goodbye(self, code: int) -> None:
        goodbye = self.send({"type": "websocket.close", "code": code})
        task: Task[None] = Task(goodbye, loop=self.loop, eager_start=True)  # type: ignore[arg-type]
        if not task.done():
            self.sending = task
            task.add_done_callback(look_away)
            self.loop.call_later(CLOSE_SECONDS, abort, self.server_send)
        else:
            look_away(task)


def look_away(task: Task[None]) -> None:
    """Take note of a failed goodbye: the connection is gone either way."""
    if not task.cancelled():
        task.exception()


class Member(NamedTuple):
    """What one membership row lets its person see and say: messages from `history_from` on; words after `silent_until`
    (seconds since the epoch; infinite: may not speak here)."""

    history_from: int = 1
    silent_until: float = 0.0


COMMON_MEMBER = Member()


class Circles(NamedTuple):
    """Whom a person lets see that they are here, when they last were, and that they type: "everyone", "friends", "nobody"."""

    presence: str = "everyone"
    last_seen: str = "everyone"
    typing: str = "everyone"


class Person:
    """Somebody with at least one socket here. `hidden`: who must not be seen to type, read or be present (blocks);
    `circles`: who may see it of this person."""

    __slots__ = ("__weakref__", "circles", "friends", "hidden", "id", "rooms", "sockets", "typed_at")

    def __init__(self, key: UUID) -> None:
        self.id = key
        self.sockets: set[Socket] = set()
        self.rooms: set[Room] = set()
        self.hidden: frozenset[UUID] = frozenset()
        self.friends: frozenset[UUID] = frozenset()
        self.circles = Circles()
        self.typed_at = 0.0


def may_see(person: Person, actor: UUID, circle: str) -> bool:
    """May `person` see what `actor` lets `circle` see? Blocks hold in every circle."""
    if actor in person.hidden:
        return False
    return circle == "everyone" or person.id == actor or (circle == "friends" and actor in person.friends)


class Parcel(NamedTuple):
    """A frame and the rules of who may see it.

    `own` is the frame for the sockets of `sender`. Members whose history begins after message `number` get `instead`,
    so that no version is missing. Those who hide from `actor` get nothing, nor does anybody outside of `circle`.
    """

    frame: Frame
    version: int | None = None
    sender: UUID | None = None
    own: Frame | None = None
    number: int | None = None
    instead: Frame | None = None
    actor: UUID | None = None
    circle: str = "everyone"

    def frame_for(self, person: Person, room: Room) -> Frame | None:
        if self.actor is not None and not may_see(person, self.actor, self.circle):
            return None
        if self.number is not None and self.number < room.members[person].history_from:
            return self.instead
        return self.own if self.own is not None and person.id == self.sender else self.frame


class Opening:
    """A socket between asking for a conversation and having it open: what happens meanwhile waits here."""

    __slots__ = ("cancelled", "parcels")

    def __init__(self) -> None:
        self.cancelled = False
        self.parcels: list[Parcel] = []

    def keep(self, parcel: Parcel) -> None:
        # What does not fit shows as a gap in the versions, and the client asks again.
        if len(self.parcels) < PARCELS_WHILE_OPENING:
            self.parcels.append(parcel)


class Room:
    """One conversation: its connected members and the sockets that have it open.

    `members` is what the database said at `access_version`. `version` is the last one pushed to all that have it open.
    While `waiting` is a list, events queue there until the members are read again; `newcomers` and `wanted_version` (the
    newest `access_version` an event knew) are what came since that reading began. `parent`: the group it is a channel of.
    """

    __slots__ = (
        "__weakref__",
        "access_version",
        "activity",
        "activity_at",
        "activity_timer",
        "id",
        "longest_history_from",
        "member_count",
        "members",
        "newcomers",
        "openings",
        "parent",
        "sockets",
        "version",
        "waiting",
        "wanted_version",
    )

    def __init__(self, key: UUID) -> None:
        self.id = key
        self.version = 0
        self.access_version = UNREAD
        self.member_count = 0
        self.parent: UUID | None = None
        self.members: dict[Person, Member] = {}
        self.newcomers: set[Person] = set()
        self.longest_history_from = 1
        self.sockets: set[Socket] = set()
        self.openings: dict[Socket, Opening] = {}
        self.waiting: list[tuple[ConversationEvent, Socket | None]] | None = None
        self.wanted_version = UNREAD
        self.activity: Any = None
        self.activity_at = 0.0
        self.activity_timer: TimerHandle | None = None

    def admit(self, person: Person, member: Member) -> None:
        self.members[person] = member
        self.longest_history_from = max(self.longest_history_from, member.history_from)
        person.rooms.add(self)

    def begin_reading(self) -> set[Person]:
        """Everybody here whose membership matters: members, those who are opening it, those said to be new."""
        candidates = {*self.members, *self.newcomers, *(socket.person for socket in self.openings)}
        self.newcomers.clear()
        self.wanted_version = UNREAD
        return candidates

    def has_moved_past(self, roster: Roster) -> bool:
        """Did news come, while `roster` was read, of members whom it may not know yet?"""
        return roster.access_version < self.wanted_version or bool(self.newcomers)

    def close_for(self, person: Person) -> None:
        """Take the conversation away from all sockets of `person`; openings under way will fail."""
        for socket in person.sockets:
            socket.rooms.discard(self)
            self.sockets.discard(socket)
            if socket in self.openings:
                self.openings[socket].cancelled = True

    def may_speak(self, person: Person) -> bool:
        member = self.members.get(person)
        return member is not None and member.silent_until <= time.time()

    @property
    def is_unread(self) -> bool:
        """Nothing is known of its members yet, and nobody is asking."""
        return self.access_version == UNREAD and self.waiting is None

    @property
    def is_deserted(self) -> bool:
        return not (self.members or self.openings or self.newcomers)


class Standing(NamedTuple):
    """One conversation as one connected member has it, read in one snapshot."""

    conversation: UUID
    version: int
    access_version: int
    member_count: int
    member: Member
    parent: UUID | None = None


class Roster(NamedTuple):
    """One conversation and those of the asked-for people who are members, read in one snapshot."""

    version: int
    access_version: int
    member_count: int
    members: dict[UUID, Member]
    parent: UUID | None = None


class Relations(NamedTuple):
    """Whom a person hides from and is hidden from (blocks, both ways), who their friends are, and who may see them."""

    hidden: frozenset[UUID] = frozenset()
    friends: frozenset[UUID] = frozenset()
    circles: Circles = Circles()


class Truth(Protocol):
    """What hubs ask the database. Synchronous; the composition root provides it, because core imports no app."""

    def rosters(self, conversations: list[UUID], people: list[UUID]) -> dict[UUID, Roster]:
        """The named conversations that exist, with those of `people` who are members."""

    def versions(self, conversations: list[UUID]) -> dict[UUID, tuple[int, int]]:
        """(version, access_version) of the conversations that exist, in one query."""

    def relations(self, person: UUID) -> Relations: ...

    def ended(self, credentials: list[Credential]) -> dict[Credential, int]:
        """Those that let nobody in any more, with the code their sockets close with."""
