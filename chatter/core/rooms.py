"""What this process knows of conversations and people: only those that concern a connected person."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol
from uuid import UUID

if TYPE_CHECKING:
    from asyncio import TimerHandle

    from chatter.core.delivery import Parcel
    from chatter.core.events import ConversationEvent
    from chatter.core.sockets import Socket

PARCELS_WHILE_OPENING = 256
# The `access_version` of a room whose members were not read yet: every event knows a newer one.
UNREAD = -1


class Member(NamedTuple):
    """What one membership row lets its person see and say: messages from `history_from` on; words after `silent_until`
    (seconds since the epoch; infinite: may not speak here)."""

    history_from: int = 1
    silent_until: float = 0.0


COMMON_MEMBER = Member()


class Person:
    """Somebody with at least one socket here. `hidden`: who must not be seen to type, read or be present (blocks)."""

    __slots__ = ("__weakref__", "friends", "hidden", "id", "rooms", "sockets", "typed_at")

    def __init__(self, key: UUID) -> None:
        self.id = key
        self.sockets: set[Socket] = set()
        self.rooms: set[Room] = set()
        self.hidden: frozenset[UUID] = frozenset()
        self.friends: frozenset[UUID] = frozenset()
        self.typed_at = 0.0


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
    newest `access_version` an event knew) are what came since that reading began.
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


class Roster(NamedTuple):
    """One conversation and those of the asked-for people who are members, read in one snapshot."""

    version: int
    access_version: int
    member_count: int
    members: dict[UUID, Member]


class Relations(NamedTuple):
    """Whom a person hides from and is hidden from (blocks, both ways), and who their friends are."""

    hidden: frozenset[UUID] = frozenset()
    friends: frozenset[UUID] = frozenset()


class Credential(NamedTuple):
    """What lets one socket stay: the person, their session and the hash of their password at that time."""

    person: UUID
    session_key: str | None
    auth_hash: str


class Truth(Protocol):
    """What hubs ask the database. Synchronous; the composition root provides it, because core imports no app."""

    def rosters(self, conversations: list[UUID], people: list[UUID]) -> dict[UUID, Roster]:
        """The named conversations that exist, with those of `people` who are members."""

    def versions(self, conversations: list[UUID]) -> dict[UUID, tuple[int, int]]:
        """(version, access_version) of the conversations that exist, in one query."""

    def relations(self, person: UUID) -> Relations: ...

    def ended(self, credentials: list[Credential]) -> dict[Credential, int]:
        """Those that let nobody in any more, with the code their sockets close with."""
