"""What sockets watch beside conversations: open posts of forums, by their ids.

Frames hold ids and numbers, never words: pages ask for those. Who may watch what is asked of whoever registered; nobody gets a
frame while that is in doubt. Lives on the event loop's thread only.
"""

from __future__ import annotations

import logging
import time
from asyncio import TimerHandle
from collections.abc import Awaitable, Callable, Hashable
from itertools import batched
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from chatter.core import page_cache
from chatter.core.errors import NotFound, Refused
from chatter.core.events import CommentsChanged, PlaceAccessChanged, PostChanged, ScoresChanged, TopicEvent
from chatter.core.rooms import Socket, frame_of
from chatter.core.wire import payload

if TYPE_CHECKING:
    from chatter.core.hub import Hub

log = logging.getLogger(__name__)

WATCHED_MAX = 20
# Of one kind of news about one topic the first goes at once, then so often.
SECONDS = 1.0
# So many different things that happened meanwhile are told one by one, and so many scores together.
TOLD_MAX = 20
SCORES_MAX = 500
ASKED_AT_ONCE = 500

type Pair = tuple[UUID, UUID]
type MayWatch = Callable[[UUID, UUID], UUID | None]
type MayWatchMany = Callable[[list[Pair]], dict[Pair, UUID]]
type Read = Callable[[MayWatchMany, list[Pair]], Awaitable[dict[Pair, UUID]]]


class Registry:
    """Who knows what may be watched; nothing may, as long as nobody does."""

    may_watch: MayWatch = staticmethod(lambda _person, _topic: None)
    may_watch_many: MayWatchMany | None = None


registry = Registry()


def register(may_watch: MayWatch, may_watch_many: MayWatchMany | None = None) -> None:
    """`may_watch(person, topic)`: the place of the topic, None where the person may not watch it or there is none.
    `may_watch_many(pairs)`: the same for many at once, with those left out who may not."""
    registry.may_watch = staticmethod(may_watch)
    registry.may_watch_many = None if may_watch_many is None else staticmethod(may_watch_many)


def places_of(pairs: list[Pair]) -> dict[Pair, UUID]:
    """The places of those topics that these people may watch. Synchronous: reads the database."""
    if registry.may_watch_many is not None and len(pairs) > 1:
        return registry.may_watch_many(pairs)
    found = {pair: registry.may_watch(*pair) for pair in pairs}
    return {pair: place for pair, place in found.items() if place is not None}


class News:
    """What is to be told of one topic: newer values take the place of older ones."""

    __slots__ = ("events",)

    def __init__(self) -> None:
        self.events: dict[Hashable, TopicEvent] = {}

    def add(self, event: TopicEvent) -> None:
        key = key_of(event)
        before = self.events.pop(key, None)
        if isinstance(event, ScoresChanged) and isinstance(before, ScoresChanged):
            scores = {**before.scores, **event.scores}
            newest = dict(list(scores.items())[-SCORES_MAX:])
            event = ScoresChanged(topic=event.topic, place=event.place, scores=newest)
        self.events[key] = event
        if len(self.events) > TOLD_MAX:
            # More than pages could follow one by one: they ask for all of it.
            self.events = {"post": PostChanged(topic=event.topic, place=event.place)}

    def take(self) -> list[TopicEvent]:
        taken, self.events = list(self.events.values()), {}
        return taken


def key_of(event: TopicEvent) -> Hashable:
    """What replaces what: of new comments the last tells of all, edits and deletions are each of one."""
    if isinstance(event, CommentsChanged) and event.change != "created":
        return event.change, event.comment
    return kind_of(event)


def kind_of(event: TopicEvent) -> str:
    """What is told at most once in SECONDS."""
    return f"{event.name} {event.change}" if isinstance(event, CommentsChanged) else event.name


class Stream:
    """One kind of news about one topic."""

    __slots__ = ("news", "timer", "told_at")

    def __init__(self) -> None:
        self.news = News()
        self.told_at = -SECONDS
        self.timer: TimerHandle | None = None


class Doubt:
    """A socket of which it is being asked whether it may watch. `again`: what is asked just now is out of date already."""

    __slots__ = ("again", "news")

    def __init__(self) -> None:
        self.again = False
        self.news = News()


class Topic:
    """One thing that is watched: by `sockets` that may, and by those `in_doubt`, for whom news is kept."""

    __slots__ = ("id", "in_doubt", "place", "sockets", "streams")

    def __init__(self, key: UUID) -> None:
        self.id = key
        self.place: UUID | None = None
        self.sockets: set[Socket] = set()
        self.in_doubt: dict[Socket, Doubt] = {}
        self.streams: dict[str, Stream] = {}

    def begin_doubt(self, socket: Socket) -> Question:
        """Nothing reaches the socket until it is asked whether it may watch."""
        self.sockets.discard(socket)
        doubt = self.in_doubt[socket] = Doubt()
        return Question(self, socket, doubt)

    def doubt(self, people: frozenset[UUID] | None) -> list[Question]:
        """As `begin_doubt`, for those of these people (None: of all) who watch; who is being asked about is asked about again."""
        for socket, doubt in self.in_doubt.items():
            doubt.again |= people is None or socket.person.id in people
        doubted = [socket for socket in self.sockets if people is None or socket.person.id in people]
        return [self.begin_doubt(socket) for socket in doubted]


class Question(NamedTuple):
    """May this socket watch this topic?"""

    topic: Topic
    socket: Socket
    doubt: Doubt

    @property
    def pair(self) -> Pair:
        return self.socket.person.id, self.topic.id


class Topics:
    """All that sockets of this process watch."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.topics: dict[UUID, Topic] = {}
        self.watched: dict[Socket, set[Topic]] = {}

    # --- who watches ------------------------------------------------------------------------------------------------

    async def watch(self, socket: Socket, key: UUID) -> None:
        """From now on the socket gets the topic's news. Raises NotFound where its person may not, Refused for too many."""
        watched = self.watched.get(socket, set())
        if any(topic.id == key for topic in watched):
            return
        if len(watched) >= WATCHED_MAX:
            raise Refused("rate_limited", _("Too many posts are watched here. Close one first."))
        topic = self.topics.setdefault(key, Topic(key))
        self.watched.setdefault(socket, set()).add(topic)
        try:
            await self.ask([topic.begin_doubt(socket)], self.hub.run_db)
        except BaseException:
            self.drop(topic, socket)
            raise
        if socket not in topic.sockets and socket not in topic.in_doubt:
            raise NotFound

    def unwatch(self, socket: Socket, key: UUID) -> None:
        topic = self.topics.get(key)
        if topic is not None:
            self.drop(topic, socket)

    def leave(self, socket: Socket) -> None:
        """The connection is gone."""
        for topic in list(self.watched.get(socket, ())):
            self.drop(topic, socket)

    def drop(self, topic: Topic, socket: Socket) -> None:
        """Not one more frame about the topic."""
        topic.sockets.discard(socket)
        topic.in_doubt.pop(socket, None)
        watched = self.watched.get(socket, set())
        watched.discard(topic)
        if not watched:
            self.watched.pop(socket, None)
        if not topic.sockets and not topic.in_doubt and self.topics.get(topic.id) is topic:
            del self.topics[topic.id]
            for stream in topic.streams.values():
                if stream.timer is not None:
                    stream.timer.cancel()

    # --- who may ----------------------------------------------------------------------------------------------------

    def access_changed(self, event: PlaceAccessChanged) -> None:
        """Whoever it concerns gets nothing more before it is asked whether they still may."""
        if event.people is None:
            page_cache.memory.clear()
        people = None if event.people is None else frozenset(event.people)
        doubted: list[Question] = []
        for topic in self.topics.values():
            if topic.place is None or topic.place == event.place:
                doubted += topic.doubt(people)
        if doubted:
            self.hub.spawn(self.ask(doubted, self.hub.persist))

    async def ask(self, questions: list[Question], read: Read) -> None:
        """Ask until no answer is out of date when it comes."""
        while questions:
            for question in questions:
                question.doubt.again = False
            places: dict[Pair, UUID] = {}
            for some in batched(dict.fromkeys(question.pair for question in questions), ASKED_AT_ONCE):
                places |= await read(places_of, list(some))
            questions = [question for question in questions if not self.settle(question, places)]

    def settle(self, question: Question, places: dict[Pair, UUID]) -> bool:
        """Let the socket watch, or take the topic from it. False: what was asked is out of date."""
        topic, socket, doubt = question
        if topic.in_doubt.get(socket) is not doubt:
            # It does not watch any more, or began anew meanwhile.
            return True
        if doubt.again:
            return False
        place = places.get(question.pair)
        if place is None or socket.closed:
            self.drop(topic, socket)
            return True
        topic.place = place
        del topic.in_doubt[socket]
        topic.sockets.add(socket)
        for event in doubt.news.take():
            socket.push(frame_of(payload(event)))
        return True

    async def compare(self, *, everything: bool = False) -> None:
        """Ask again for all that watch: what took the right from somebody may not have been heard. With `everything` news may
        have been lost as well, and pages are told to ask."""
        watching = [(topic, socket) for topic in self.topics.values() for socket in topic.sockets]
        for some in batched(watching, ASKED_AT_ONCE):
            pairs = list(dict.fromkeys((socket.person.id, topic.id) for topic, socket in some))
            places = await self.hub.run_db(places_of, pairs)
            for topic, socket in some:
                if (socket.person.id, topic.id) not in places and socket in topic.sockets:
                    self.drop(topic, socket)
        if everything:
            for topic in list(self.topics.values()):
                if topic.place is not None:
                    self.note(PostChanged(topic=topic.id, place=topic.place))

    # --- what is told -----------------------------------------------------------------------------------------------

    def note(self, event: TopicEvent) -> None:
        """Tell those who watch: at once, then at most once in SECONDS, the newest values each time."""
        topic = self.topics.get(event.topic)
        if topic is None:
            return
        stream = topic.streams.setdefault(kind_of(event), Stream())
        stream.news.add(event)
        if stream.timer is None:
            wait = stream.told_at + SECONDS - time.monotonic()
            if wait <= 0:
                self.tell(topic, stream)
            else:
                stream.timer = self.hub.loop.call_later(wait, self.tell, topic, stream)

    def tell(self, topic: Topic, stream: Stream) -> None:
        stream.timer = None
        stream.told_at = time.monotonic()
        for event in stream.news.take():
            frame = frame_of(payload(event))
            for socket in topic.sockets:
                socket.push(frame)
            for doubt in topic.in_doubt.values():
                doubt.news.add(event)
