"""Events of things that are no conversations, told to those who watch them: posts of forums. They go through `topics`."""

from dataclasses import dataclass
from typing import ClassVar, Literal
from uuid import UUID

from chatter.core.events_base import Audience, Event, TopicEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentsChanged(TopicEvent):
    """`comment` under `parent` (None: under the post) was written, edited or deleted; the post has `count` of them now."""

    name: ClassVar[str] = "comments.changed"
    count: int
    comment: UUID
    parent: UUID | None
    change: Literal["created", "edited", "deleted"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoresChanged(TopicEvent):
    """`scores` by the id of the post or of its comments; only those that may be shown to everybody."""

    name: ClassVar[str] = "scores.changed"
    scores: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollChanged(TopicEvent):
    """`votes` by the id of the option, and how many people voted."""

    name: ClassVar[str] = "poll.changed"
    votes: dict[str, int]
    voters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PostChanged(TopicEvent):
    """Edited, locked, removed …; also what a hub says by itself: "you may have missed something, ask again"."""

    name: ClassVar[str] = "post.changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceAccessChanged(Event):
    """Some `people` (None: anybody) may see less or more of `place` than before: hubs ask again who may watch what is in it.
    For anybody means for visitors too: their pages are forgotten."""

    name: ClassVar[str] = "place.access.changed"
    audience: ClassVar[Audience] = "control"
    place: UUID
    people: tuple[UUID, ...] | None = None
