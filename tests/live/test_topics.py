"""Posts that sockets watch: who may is asked before and again, nobody gets a frame while that is in doubt, news is told in turn."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest

from chatter.core import bus, page_cache, topics
from chatter.core.errors import NotFound, Refused
from chatter.core.events import (
    CommentsChanged,
    PersonSuspended,
    PlaceAccessChanged,
    PollChanged,
    PostChanged,
    ScoresChanged,
)
from chatter.core.hub import Hub
from chatter.core.realtime import publish, run_db
from chatter.core.topics import SCORES_MAX, TOLD_MAX, WATCHED_MAX
from chatter.core.upkeep import Upkeep
from tests.cast import Cast
from tests.live.conftest import Join
from tests.live.test_hub import Database, Guest, database, hub
from tests.servers import Address

__all__ = ["database", "hub"]

FORUM, POST = uuid4(), uuid4()


@dataclass
class Forum:
    """Who may watch what. `asked` counts how often that was asked."""

    posts: dict[UUID, UUID] = field(default_factory=lambda: {POST: FORUM})
    shut_out: set[UUID] = field(default_factory=set)
    asked: int = 0

    def may_watch(self, person: UUID, topic: UUID) -> UUID | None:
        self.asked += 1
        return None if person in self.shut_out else self.posts.get(topic)


@pytest.fixture(autouse=True)
def forum() -> Iterator[Forum]:
    before = topics.registry.may_watch, topics.registry.may_watch_many
    forum = Forum()
    topics.register(forum.may_watch)
    yield forum
    topics.register(*before)


class Clock:
    """The loop's timers, which go off when `move` passes them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, hub: Hub) -> None:
        self.now = 1000.0
        self.due: list[tuple[float, Callable[..., Any], tuple[Any, ...]]] = []
        self.create_task = hub.loop.create_task
        monkeypatch.setattr("chatter.core.topics.time.monotonic", lambda: self.now)
        monkeypatch.setattr(hub, "loop", self)

    def call_later(self, wait: float, action: Callable[..., Any], *args: Any) -> Any:
        entry = (self.now + wait, action, args)
        self.due.append(entry)
        return Timer(lambda: self.due.remove(entry))

    def move(self, seconds: float) -> None:
        self.now += seconds
        for entry in [entry for entry in self.due if entry[0] <= self.now]:
            self.due.remove(entry)
            entry[1](*entry[2])


@dataclass
class Timer:
    cancel: Callable[[], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, hub: Hub) -> Clock:
    return Clock(monkeypatch, hub)


def changed(**fields: Any) -> PostChanged:
    return PostChanged(**{"topic": POST, "place": FORUM, **fields})


def comment(change: Any = "created", *, count: int = 1, key: UUID | None = None) -> CommentsChanged:
    return CommentsChanged(topic=POST, place=FORUM, count=count, comment=key or uuid4(), parent=None, change=change)


def scores(**told: int) -> ScoresChanged:
    return ScoresChanged(topic=POST, place=FORUM, scores=told)


async def settled() -> None:
    for _turn in range(20):
        await asyncio.sleep(0)


async def watching(hub: Hub, database: Database, count: int = 1, topic: UUID = POST) -> list[Guest]:
    guests = [Guest(hub, database, member=False) for _each in range(count)]
    for guest in guests:
        await hub.topics.watch(guest.socket, topic)
    return guests


# --- who hears of it ---------------------------------------------------------------------------------------------------


async def test_who_watches_hears_and_nobody_else(hub: Hub, database: Database, forum: Forum) -> None:
    watcher, other = *(await watching(hub, database)), Guest(hub, database, member=False)
    key = uuid4()
    hub.accept(comment(count=7, key=key))
    assert other.frames == []
    assert watcher.frames == [
        {
            "event": "comments.changed",
            "post": str(POST),
            "count": 7,
            "comment": str(key),
            "parent": None,
            "change": "created",
        }
    ]
    hub.accept(PollChanged(topic=POST, place=FORUM, votes={"a": 1}, voters=1))
    assert watcher.frames[-1] == {"event": "poll.changed", "post": str(POST), "votes": {"a": 1}, "voters": 1}
    hub.topics.unwatch(watcher.socket, POST)
    hub.accept(changed())
    assert len(watcher.frames) == 2
    assert not hub.topics.topics and not hub.topics.watched


async def test_what_one_may_not_watch_is_not_found(hub: Hub, database: Database, forum: Forum) -> None:
    guest = Guest(hub, database, member=False)
    forum.shut_out.add(guest.key)
    for topic in (POST, uuid4()):
        with pytest.raises(NotFound):
            await hub.topics.watch(guest.socket, topic)
    hub.accept(changed())
    assert guest.frames == [] and not hub.topics.topics and not hub.topics.watched


async def test_nothing_may_be_watched_where_nobody_knows_what(hub: Hub, database: Database) -> None:
    topics.register(lambda _person, _topic: None)
    with pytest.raises(NotFound):
        await watching(hub, database)


async def test_a_bounded_number_is_watched(hub: Hub, database: Database, forum: Forum) -> None:
    forum.posts |= {uuid4(): FORUM for _each in range(WATCHED_MAX)}
    guest = Guest(hub, database, member=False)
    keys = list(forum.posts)
    for key in keys[:WATCHED_MAX]:
        await hub.topics.watch(guest.socket, key)
    with pytest.raises(Refused) as refused:
        await hub.topics.watch(guest.socket, keys[-1])
    assert refused.value.code == "rate_limited"
    await hub.topics.watch(guest.socket, keys[0])
    assert forum.asked == WATCHED_MAX, "watching twice asks nothing"
    hub.topics.unwatch(guest.socket, keys[0])
    await hub.topics.watch(guest.socket, keys[-1])


async def test_the_database_is_away_when_somebody_begins(hub: Hub, database: Database, forum: Forum) -> None:
    database.failures = 1
    with pytest.raises(ConnectionError):
        await watching(hub, database)
    assert not hub.topics.topics and not hub.topics.watched


async def test_who_leaves_leaves_nothing_behind(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    (guest,) = await watching(hub, database)
    hub.accept(scores(a=1))
    hub.accept(scores(a=2))
    assert clock.due
    hub.leave(guest.socket)
    assert not hub.topics.topics and not hub.topics.watched and not clock.due


async def test_who_leaves_while_it_is_asked(hub: Hub, database: Database, forum: Forum) -> None:
    guest = Guest(hub, database, member=False)
    database.gate.clear()
    asking = asyncio.ensure_future(hub.topics.watch(guest.socket, POST))
    await settled()
    hub.leave(guest.socket)
    database.gate.set()
    with pytest.raises(NotFound):
        await asking
    assert not hub.topics.topics and not hub.topics.watched


# --- who may not any more ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("everybody", [True, False])
async def test_not_one_frame_after_access_ends(hub: Hub, database: Database, forum: Forum, everybody: bool) -> None:
    """Those whom it concerns are silent until the database has answered; who may stay gets what they missed."""
    goes, stays, unconcerned = await watching(hub, database, 3)
    forum.shut_out.add(goes.key)
    database.gate.clear()
    people = None if everybody else (goes.key, stays.key)
    hub.accept(PlaceAccessChanged(place=FORUM, people=people))
    hub.accept(comment())
    await settled()
    assert goes.frames == [] and stays.frames == []
    assert unconcerned.seen == ([] if everybody else ["comments.changed"])
    database.gate.set()
    await settled()
    assert goes.frames == []
    assert stays.seen == unconcerned.seen == ["comments.changed"]
    hub.accept(changed())
    assert goes.frames == [] and stays.seen[-1] == "post.changed"
    assert goes.socket not in hub.topics.watched


async def test_other_places_are_not_asked_about(hub: Hub, database: Database, forum: Forum) -> None:
    await watching(hub, database)
    before = forum.asked
    hub.accept(PlaceAccessChanged(place=uuid4(), people=None))
    hub.accept(PlaceAccessChanged(place=FORUM, people=(uuid4(),)))
    await settled()
    assert forum.asked == before


async def test_an_answer_from_before_the_news_counts_for_nothing(hub: Hub, database: Database, forum: Forum) -> None:
    """Asked, allowed; before the answer is here, access ends: it is asked again."""
    guest = Guest(hub, database, member=False)
    database.gate.clear()
    asking = asyncio.ensure_future(hub.topics.watch(guest.socket, POST))
    await settled()
    forum.shut_out.add(guest.key)
    hub.accept(PlaceAccessChanged(place=FORUM, people=(guest.key,)))
    hub.accept(comment())
    database.gate.set()
    with pytest.raises(NotFound):
        await asking
    assert guest.frames == []


async def test_who_begins_anew_is_not_let_in_by_an_old_answer(hub: Hub, database: Database, forum: Forum) -> None:
    keeper, guest = await watching(hub, database, 2)
    database.gate.clear()
    hub.accept(PlaceAccessChanged(place=FORUM, people=(guest.key,)))
    await settled()
    # What was just read says that they may. Then they lose it, and begin anew.
    forum.shut_out.add(guest.key)
    hub.topics.unwatch(guest.socket, POST)
    hub.accept(PlaceAccessChanged(place=FORUM, people=(guest.key,)))
    again = asyncio.ensure_future(hub.topics.watch(guest.socket, POST))
    await settled()
    database.gate.set()
    with pytest.raises(NotFound):
        await again
    await settled()
    hub.accept(changed())
    assert guest.frames == [] and keeper.seen == ["post.changed"]


async def test_two_losses_in_a_row(hub: Hub, database: Database, forum: Forum) -> None:
    (guest,) = await watching(hub, database)
    database.gate.clear()
    hub.accept(PlaceAccessChanged(place=FORUM, people=(guest.key,)))
    await settled()
    forum.shut_out.add(guest.key)
    hub.accept(PlaceAccessChanged(place=FORUM, people=(guest.key,)))
    database.gate.set()
    await settled()
    hub.accept(changed())
    assert guest.frames == []


async def test_nobody_hears_while_the_database_is_away(
    hub: Hub, database: Database, forum: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatter.core.hub.RETRY_SECONDS", (0.0,))
    (guest,) = await watching(hub, database)
    database.failures = 3
    hub.accept(PlaceAccessChanged(place=FORUM, people=(guest.key,)))
    hub.accept(changed())
    assert guest.frames == []
    while hub.tasks:
        await asyncio.wait(list(hub.tasks))
    assert guest.seen == ["post.changed"], "they may still"


async def test_what_was_not_heard_is_found_by_the_clock(hub: Hub, database: Database, forum: Forum) -> None:
    goes, stays = await watching(hub, database, 2)
    forum.shut_out.add(goes.key)
    await Upkeep(hub).repair()
    hub.accept(changed())
    assert goes.frames == [] and stays.seen == ["post.changed"]


async def test_after_a_gap_pages_are_told_to_ask(hub: Hub, database: Database, forum: Forum) -> None:
    (guest,) = await watching(hub, database)
    await Upkeep(hub).repair(everything=True)
    assert guest.frames == [{"event": "post.changed", "post": str(POST)}]


async def test_many_are_asked_about_at_once(hub: Hub, database: Database, forum: Forum) -> None:
    calls: list[int] = []

    def many(pairs: list[topics.Pair]) -> dict[topics.Pair, UUID]:
        calls.append(len(pairs))
        return {pair: FORUM for pair in pairs if pair[0] not in forum.shut_out}

    guests = await watching(hub, database, 6)
    topics.register(forum.may_watch, many)
    forum.shut_out.add(guests[0].key)
    await hub.topics.compare()
    hub.accept(PlaceAccessChanged(place=FORUM))
    await settled()
    assert calls == [6, 5]
    hub.accept(changed())
    assert [guest.seen for guest in guests] == [[], *[["post.changed"]] * 5]


async def test_visitors_pages_are_forgotten_where_anybody_may_be_concerned(hub: Hub, database: Database) -> None:
    page_cache.memory.keep(("page",), page_cache.page_of([], b"x", 10**12))
    hub.accept(PlaceAccessChanged(place=FORUM, people=(uuid4(),)))
    assert page_cache.memory.pages
    hub.accept(PlaceAccessChanged(place=FORUM))
    assert not page_cache.memory.pages


# --- how often, and what -----------------------------------------------------------------------------------------------


async def test_the_first_at_once_then_one_a_second(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    (guest,) = await watching(hub, database)
    for count in range(1, 6):
        hub.accept(comment(count=count))
    assert [frame["count"] for frame in guest.frames] == [1]
    clock.move(1.01)
    assert [frame["count"] for frame in guest.frames] == [1, 5]
    clock.move(5)
    assert len(guest.frames) == 2
    hub.accept(comment(count=6))
    assert [frame["count"] for frame in guest.frames] == [1, 5, 6]


async def test_kinds_do_not_wait_for_each_other(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    (guest,) = await watching(hub, database)
    hub.accept(comment())
    hub.accept(scores(a=1))
    hub.accept(PollChanged(topic=POST, place=FORUM, votes={"x": 1}, voters=1))
    hub.accept(changed())
    hub.accept(comment("deleted"))
    assert guest.seen == ["comments.changed", "scores.changed", "poll.changed", "post.changed", "comments.changed"]


async def test_scores_are_merged_the_newest_wins(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    (guest,) = await watching(hub, database)
    for told in ({"a": 1}, {"a": 2, "b": 1}, {"c": 5}, {"a": 3}):
        hub.accept(scores(**told))
    clock.move(1.01)
    assert [frame["scores"] for frame in guest.frames] == [{"a": 1}, {"a": 3, "b": 1, "c": 5}]


async def test_so_many_scores_and_no_more(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    (guest,) = await watching(hub, database)
    hub.accept(scores(first=1))
    for number in range(SCORES_MAX + 50):
        hub.accept(scores(**{f"c{number}": number}))
    clock.move(1.01)
    told = guest.frames[1]["scores"]
    assert len(told) == SCORES_MAX and f"c{SCORES_MAX + 49}" in told


async def test_edits_and_deletions_are_each_told(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    (guest,) = await watching(hub, database)
    one, other = uuid4(), uuid4()
    for key in (one, other, one):
        hub.accept(comment("edited", key=key))
    clock.move(1.01)
    assert [frame["comment"] for frame in guest.frames] == [str(one), str(other), str(one)]


async def test_more_than_pages_could_follow_is_one_question(
    hub: Hub, database: Database, forum: Forum, clock: Clock
) -> None:
    (guest,) = await watching(hub, database)
    for _each in range(TOLD_MAX + 5):
        hub.accept(comment("deleted"))
    clock.move(1.01)
    assert len(guest.frames) <= 6 and "post.changed" in guest.seen


async def test_topics_do_not_wait_for_each_other(hub: Hub, database: Database, forum: Forum, clock: Clock) -> None:
    other = uuid4()
    forum.posts[other] = FORUM
    (guest,) = await watching(hub, database)
    await hub.topics.watch(guest.socket, other)
    hub.accept(changed())
    hub.accept(changed(topic=other))
    assert [frame["post"] for frame in guest.frames] == [str(POST), str(other)]


async def test_what_is_told_while_in_doubt_is_told_once(
    hub: Hub, database: Database, forum: Forum, clock: Clock
) -> None:
    (guest,) = await watching(hub, database)
    database.gate.clear()
    hub.accept(PlaceAccessChanged(place=FORUM))
    for number in range(4):
        hub.accept(scores(a=number))
        clock.move(1.01)
    database.gate.set()
    while hub.tasks:
        await asyncio.wait(list(hub.tasks))
    assert [frame["scores"] for frame in guest.frames] == [{"a": 3}]


# --- over the wire -----------------------------------------------------------------------------------------------------


async def test_over_a_socket(site: Address, cast: Cast, join: Join, forum: Forum) -> None:
    alice, bob = await join(site, cast.alice), await join(site, cast.bob)
    forum.shut_out.add(cast.bob.pk)
    assert await alice.ok("post.watch", post=str(POST)) == {}
    assert await alice.ok("post.watch", post=str(POST)) == {}
    assert await bob.refused("post.watch", post=str(POST)) == "not_found"
    assert await bob.refused("post.watch", post=str(uuid4())) == "not_found"
    assert await bob.refused("post.watch", post="x") == "invalid"
    await run_db(publish, comment(count=3))
    assert (await alice.event("comments.changed"))["count"] == 3
    assert "comments.changed" not in await bob.quiet()
    assert await alice.ok("post.unwatch", post=str(POST)) == {}
    assert await alice.ok("post.unwatch", post=str(POST)) == {}
    await run_db(publish, changed())
    assert "post.changed" not in await alice.quiet()


async def test_another_process_publishes(site: Address, cast: Cast, join: Join, forum: Forum) -> None:
    """A worker's news, over NOTIFY: access ends before what follows it in the same breath."""
    alice, bob = await join(site, cast.alice), await join(site, cast.bob)
    for client in (alice, bob):
        await client.ok("post.watch", post=str(POST))
    await run_db(bus.send_from_outside, [scores(a=1)])
    for client in (alice, bob):
        assert (await client.event("scores.changed"))["scores"] == {"a": 1}
    forum.shut_out.add(cast.bob.pk)
    await run_db(bus.send_from_outside, [PlaceAccessChanged(place=FORUM, people=(cast.bob.pk,)), comment()])
    await alice.event("comments.changed")
    assert "comments.changed" not in await bob.quiet()


async def test_the_end_of_a_session_ends_watching(site: Address, cast: Cast, join: Join, forum: Forum) -> None:
    alice = await join(site, cast.alice)
    await alice.ok("post.watch", post=str(POST))
    await run_db(publish, PersonSuspended(user=cast.alice.pk), changed())
    assert await alice.closed() == 4403
    assert [event for event in alice.events if event["event"] == "post.changed"] == []
