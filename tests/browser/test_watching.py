"""What an element hears of a post it watches: every event, over lost connections, and nothing once it has stopped."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest
from playwright.sync_api import Page

from chatter.core import topics
from chatter.core.events import CommentsChanged, PostChanged, ScoresChanged
from chatter.core.realtime import publish
from tests.browser.conftest import Room, enter
from tests.browser.wire import Wire
from tests.cast import Cast

pytestmark = pytest.mark.browser

FORUM, POST, OTHER = uuid4(), uuid4(), uuid4()


@pytest.fixture(autouse=True)
def forum() -> Iterator[None]:
    before = topics.registry.may_watch, topics.registry.may_watch_many
    topics.register(lambda _person, topic: FORUM if topic in {POST, OTHER} else None)
    yield
    topics.register(*before)


def watch(page: Page, name: str, post: UUID) -> None:
    """Watch as an element does; what it hears goes to window.heard[name], how it stops to window.stop[name]."""
    page.evaluate(
        """async ([name, post]) => {
            const { watch } = await import(document.querySelector("script[src*='js/main']").src.replace(/main[^/]*$/, "watching.js"));
            (window.heard ??= {})[name] = [];
            (window.stop ??= {})[name] = watch(post, (frame) => window.heard[name].push(frame));
        }""",
        [name, str(post)],
    )


def heard(page: Page, name: str, count: int) -> list[str]:
    page.wait_for_function("([name, count]) => window.heard[name].length >= count", arg=[name, count])
    told: list[str] = page.evaluate("(name) => window.heard[name].map((frame) => frame.event)", name)
    return told


def commands(wire: Wire, *names: str) -> list[str]:
    return [frame["cmd"] for frame in wire.sent if frame["cmd"] in names]


def until_sent(page: Page, wire: Wire, count: int) -> None:
    for _turn in range(200):
        if len(commands(wire, "post.watch")) >= count:
            return
        page.evaluate("() => new Promise(requestAnimationFrame)")
    pytest.fail(f"sent: {wire.sent}")


def asked(page: Page, wire: Wire, count: int) -> None:
    """The server has answered so many questions to watch: the ping behind them is answered later."""
    until_sent(page, wire, count)
    page.evaluate(
        """async () => {
            const { socket } = await import(document.querySelector("script[src*='js/main']").src.replace(/main[^/]*$/, "socket.js"));
            await socket.request("history", { conversation: "00000000-0000-0000-0000-000000000000", before: 1 }).catch(() => {});
        }"""
    )


def test_elements_watch_posts(sit: Room, cast: Cast) -> None:
    alice = sit(cast.alice)
    wire = Wire(alice)
    enter(alice, cast.direct)
    for name, post in (("one", POST), ("same", POST), ("other", OTHER), ("none", uuid4())):
        watch(alice, name, post)
    asked(alice, wire, 3)
    publish(CommentsChanged(topic=POST, place=FORUM, count=1, comment=uuid4(), parent=None, change="created"))
    publish(ScoresChanged(topic=POST, place=FORUM, scores={str(POST): 5}))
    publish(PostChanged(topic=OTHER, place=FORUM))
    for name in ("one", "same"):
        assert heard(alice, name, 2) == ["comments.changed", "scores.changed"]
    assert heard(alice, "other", 1) == ["post.changed"]
    assert heard(alice, "none", 0) == []

    alice.evaluate("() => window.stop.one()")
    assert commands(wire, "post.unwatch") == [], "the other one still watches"
    wire.cut()
    wire.mend()
    asked(alice, wire, 6)
    assert heard(alice, "same", 3)[-1] == heard(alice, "other", 2)[-1] == "post.changed", "something may be missing"
    publish(ScoresChanged(topic=POST, place=FORUM, scores={str(POST): 6}))
    assert heard(alice, "same", 4)[-1] == "scores.changed"
    assert heard(alice, "one", 0) == ["comments.changed", "scores.changed"]
    alice.evaluate("() => { window.stop.same(); window.stop.same(); }")
    publish(PostChanged(topic=POST, place=FORUM), PostChanged(topic=OTHER, place=FORUM))
    assert heard(alice, "other", 3)[-1] == "post.changed"
    assert commands(wire, "post.unwatch") == ["post.unwatch"]
    assert len(heard(alice, "same", 0)) == 4
