"""What all events have in common; the events themselves stand in `events` and `events_topics`."""

from dataclasses import dataclass
from typing import Any, ClassVar, Literal
from uuid import UUID

Audience = Literal["open", "members", "person", "friends", "control", "all", "topic"]
Wire = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has: a name on the wire and an audience."""

    name: ClassVar[str]
    audience: ClassVar[Audience]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationEvent(Event):
    """An event of one conversation. `access_version` lets a hub notice that its list of members is older."""

    conversation: UUID
    access_version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionedEvent(ConversationEvent):
    """An event that is version `version` of its conversation: exactly one event for each version."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicEvent(Event):
    """An event of something that sockets watch by its id, in a `place` that decides who may. Only ids, numbers, counts and
    scores: what they stand for is asked over HTTP, by each with their own rights."""

    audience: ClassVar[Audience] = "topic"
    topic: UUID
    place: UUID
