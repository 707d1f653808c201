"""The catalogue of everything that is pushed: every event one frozen dataclass, named in the past tense.

An action makes events and hands them to `chatter.core.realtime.publish`. What the wire says is in docs/protocol.md.
`audience` says who gets the frame: "open" (sockets with the conversation open), "members" (all members' sockets),
"person" (that person's sockets), "friends", "topic" (sockets that watch it), or "control" (no frame: the hubs obey it).
What every event has stands in `events_base`, what is told of things that are watched in `events_topics`.
"""

from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal
from uuid import UUID

from chatter.core.events_base import Audience, ConversationEvent, Event, TopicEvent, VersionedEvent, Wire
from chatter.core.events_topics import CommentsChanged, PlaceAccessChanged, PollChanged, PostChanged, ScoresChanged

__all__ = [
    "Audience",
    "CommentsChanged",
    "ConversationEvent",
    "Event",
    "PlaceAccessChanged",
    "PollChanged",
    "PostChanged",
    "ScoresChanged",
    "TopicEvent",
    "VersionedEvent",
    "Wire",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageCreated(VersionedEvent):
    """A message was appended. Members who do not have it open get `conversation.activity`, the mentioned `mention`.

    `client_id` goes to the sender's own sockets only. `body` is the sanitised html of the text; each process renders the
    article from it, and only where somebody has the conversation open.
    """

    name: ClassVar[str] = "message.created"
    audience: ClassVar[Audience] = "open"
    message: Wire
    body: str = ""
    sender: UUID | None = None
    client_id: UUID | None = None
    preview: str = ""
    mentioned: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEdited(VersionedEvent):
    """`preview` is the side bar's new text, or None where it stays. The `mentioned` were not called before the edit."""

    name: ClassVar[str] = "message.edited"
    audience: ClassVar[Audience] = "open"
    message: Wire
    body: str = ""
    preview: str | None = None
    mentioned: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDeleted(VersionedEvent):
    """`message` holds id, number and deleted_at; nothing of what it said. `preview` as in `MessageEdited`."""

    name: ClassVar[str] = "message.deleted"
    audience: ClassVar[Audience] = "open"
    message: Wire
    preview: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePinned(VersionedEvent):
    name: ClassVar[str] = "message.pinned"
    audience: ClassVar[Audience] = "open"
    message: Wire
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageUnpinned(VersionedEvent):
    name: ClassVar[str] = "message.unpinned"
    audience: ClassVar[Audience] = "open"
    message: Wire
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReactionsChanged(VersionedEvent):
    name: ClassVar[str] = "reactions.changed"
    audience: ClassVar[Audience] = "open"
    message: Wire
    user: UUID
    emoji: str
    added: bool
    reactions: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(VersionedEvent):
    """Title, topic or settings changed; also what a hub says by itself: "you missed something, this is my version"."""

    name: ClassVar[str] = "conversation.changed"
    audience: ClassVar[Audience] = "members"
    title: str | None = None
    topic: str | None = None
    settings: dict[str, Any] | None = None
    archived: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationActivity(ConversationEvent):
    """Made by the hub from `MessageCreated` for members' sockets that do not have the conversation open. `parent`: the group of
    a channel."""

    name: ClassVar[str] = "conversation.activity"
    audience: ClassVar[Audience] = "members"
    version: int
    message_count: int
    preview: str
    sender: Wire | None
    parent: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentioned(ConversationEvent):
    """Made by the hub from `MessageCreated`, `MessageEdited` and `PeopleCalled` for the mentioned."""

    name: ClassVar[str] = "mention"
    audience: ClassVar[Audience] = "person"
    number: int
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleCalled(ConversationEvent):
    """Message `number` of `sender` calls all these `people`. Hubs make `mention` of it for who is here."""

    name: ClassVar[str] = "people.called"
    audience: ClassVar[Audience] = "control"
    number: int
    sender: UUID
    people: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadChanged(ConversationEvent):
    """I read (or marked unread) on one of my devices; my other sockets hear of it."""

    name: ClassVar[str] = "read.changed"
    audience: ClassVar[Audience] = "person"
    user: UUID
    last_read_number: int
    mention_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptGiven(ConversationEvent):
    """`user` received or read everything up to `number`; `senders`, whose messages that newly covers, are told."""

    name: ClassVar[str] = "receipt"
    audience: ClassVar[Audience] = "open"
    user: UUID
    number: int
    kind: Literal["delivered", "read"]
    senders: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TypingStarted(ConversationEvent):
    """Seen by those of the open sockets that are in `circle`."""

    name: ClassVar[str] = "typing"
    audience: ClassVar[Audience] = "open"
    user: UUID
    circle: str = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceChanged(Event):
    """To friends and to open conversations of up to CHATTER_PRESENCE_MAX_MEMBERS members.

    Actions publish what a person chose; only the process that has their sockets knows how they are, and announces it:
    with `announced`, their small `conversations` for the processes that do not know them, and the `circle` of those who
    may see it. Clients get none of the three.
    """

    name: ClassVar[str] = "presence.changed"
    audience: ClassVar[Audience] = "friends"
    user: UUID
    status: str
    text: str = ""
    last_seen_at: str | None = None
    announced: bool = False
    conversations: tuple[UUID, ...] = ()
    circle: str = "everyone"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Event):
    """`user` is called otherwise or has another picture (`avatar`: its address, or "" for `initials`). To their own sockets,
    friends, and their small `conversations`; whoever sees them elsewhere reads it with the next page or message."""

    name: ClassVar[str] = "person.changed"
    audience: ClassVar[Audience] = "friends"
    user: UUID
    username: str
    display_name: str
    initials: str
    avatar: str = ""
    conversations: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipAdded(ConversationEvent):
    """`user` may read from now on; `person` is their wire form, `row` the conversation as `hello` lists it to them."""

    name: ClassVar[str] = "membership.added"
    audience: ClassVar[Audience] = "members"
    user: UUID
    person: Wire = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRemoved(ConversationEvent):
    """`user` may not read any more: after this frame not one more about the conversation reaches them."""

    name: ClassVar[str] = "membership.removed"
    audience: ClassVar[Audience] = "members"
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipChanged(ConversationEvent):
    """`role` and `permissions` are None where many changed at once: the page is asked."""

    name: ClassVar[str] = "membership.changed"
    audience: ClassVar[Audience] = "members"
    user: UUID
    role: str | None = None
    permissions: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChanged(ConversationEvent):
    """What some people may do there was derived anew: those who `lost` it may not read any more, those who `came` may now,
    of the others who `changed` permissions, name or colour did. Hubs make `membership.…` of it for who is here. `is_part`: of
    so many people that the news comes in parts."""

    name: ClassVar[str] = "access.changed"
    audience: ClassVar[Audience] = "control"
    lost: tuple[UUID, ...] = ()
    came: tuple[UUID, ...] = ()
    changed: tuple[UUID, ...] = ()
    is_part: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupChanged(Event):
    """How a group looks changed: its name, channels and their order, categories, roles. To sockets that have a channel of it
    open; or, with `user`, to all of that person, who came or went: pages read what is new."""

    name: ClassVar[str] = "group.changed"
    audience: ClassVar[Audience] = "open"
    group: UUID
    user: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationCreated(Event):
    """`user` is told something. `notification` holds ids: what it shows is read, with their rights, where it is shown."""

    name: ClassVar[str] = "notification.created"
    audience: ClassVar[Audience] = "person"
    user: UUID
    notification: Wire
    unread_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationRead(Event):
    """`notifications` of `user` are not unread any more: read here or where they happened, or taken back."""

    name: ClassVar[str] = "notification.read"
    audience: ClassVar[Audience] = "person"
    user: UUID
    notifications: tuple[str, ...]
    unread_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RelationsChanged(Event):
    """Friendships or blocks of `user` changed: hubs reload whom they hide and who are friends."""

    name: ClassVar[str] = "relations.changed"
    audience: ClassVar[Audience] = "control"
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """Sessions of `user` ended: the one called `session_key`, that of the `token` (its family), or else all but `keep`,
    whose sockets stay with `auth_hash`. Closes 4410.
    """

    name: ClassVar[str] = "sessions.ended"
    audience: ClassVar[Audience] = "control"
    user: UUID
    session_key: str | None = None
    token: UUID | None = None
    keep: str | None = None
    auth_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRenewed(Event):
    """A session of `user` goes on under another key than `formerly`; so do its sockets, the other tabs of the browser."""

    name: ClassVar[str] = "session.renewed"
    audience: ClassVar[Audience] = "control"
    user: UUID
    session_key: str
    formerly: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonSuspended(Event):
    """`user` was suspended or switched off. Closes 4403 at once."""

    name: ClassVar[str] = "person.suspended"
    audience: ClassVar[Audience] = "control"
    user: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectPlanned(Event):
    """Sent by a server that is about to restart."""

    name: ClassVar[str] = "reconnect"
    audience: ClassVar[Audience] = "all"
    after: float


EVENTS: dict[str, type[Event]] = {
    event.name: event
    for event in (
        MessageCreated,
        MessageEdited,
        MessageDeleted,
        MessagePinned,
        MessageUnpinned,
        ReactionsChanged,
        ConversationChanged,
        ConversationActivity,
        Mentioned,
        PeopleCalled,
        ReadChanged,
        ReceiptGiven,
        TypingStarted,
        PresenceChanged,
        PersonChanged,
        MembershipAdded,
        MembershipRemoved,
        MembershipChanged,
        AccessChanged,
        GroupChanged,
        NotificationCreated,
        NotificationRead,
        RelationsChanged,
        SessionsEnded,
        SessionRenewed,
        PersonSuspended,
        ReconnectPlanned,
        CommentsChanged,
        ScoresChanged,
        PollChanged,
        PostChanged,
        PlaceAccessChanged,
    )
}
