"""Malformed frames, and how much is too much: refused, told when to come back, not thrown out."""

import asyncio
import json
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from chat.actions.conversation import create_group
from chatter.core import limits
from chatter.core.cache import ForgivingRedisCache
from chatter.core.errors import Refused
from chatter.core.limits import Bucket, Buckets, check_limit
from chatter.core.realtime import registry, run_db
from tests.cast import Cast
from tests.live.conftest import Join
from tests.servers import Address, free_port

DEEP = "[" * 8 + "]" * 8
MALFORMED: list[tuple[str | bytes, Any]] = [
    (b"\x00\x01", None),
    ("{", None),
    ("[]", None),
    ('"ping"', None),
    (f'{{"cmd": "ping", "ref": 7, "x": {DEEP}}}', 7),
    (json.dumps({"cmd": "ping", "ref": 8, "pad": "x" * 65_536}), 8),
    (json.dumps({"cmd": "ping", "ref": 9, "pad": "x" * 300_000}), 9),
    ('{"cmd": "message.fly", "ref": "a"}', "a"),
    ('{"ref": 10}', 10),
    ('{"cmd": "read", "ref": 11}', 11),
    ('{"cmd": "read", "ref": 12, "conversation": "x", "number": 1}', 12),
]


@pytest.mark.parametrize(("frame", "ref"), MALFORMED, ids=range(len(MALFORMED)))
async def test_a_malformed_frame_gets_an_error(
    server: Address, cast: Cast, join: Join, frame: str | bytes, ref: Any
) -> None:
    alice = await join(server, cast.alice)
    await alice.connection.send(frame)
    reply = await alice.reply(ref)
    assert reply["error"]["code"] == "invalid"
    assert reply["error"]["message"]
    await alice.ok("ping")


async def test_ten_malformed_frames_in_a_minute_close_4400(server: Address, cast: Cast, join: Join) -> None:
    alice = await join(server, cast.alice)
    for _ in range(9):
        await alice.connection.send("{")
    await alice.ok("ping")
    await alice.connection.send("{")
    assert await alice.closed() == 4400


async def test_refusals_never_count_as_malformed(server: Address, cast: Cast, join: Join) -> None:
    alice = await join(server, cast.alice)
    for _ in range(12):
        assert await alice.refused("conversation.open", conversation=str(uuid4()), version=None) == "not_found"
        assert await alice.refused("message.edit", message=str(uuid4()), content="\0") in ("invalid", "not_found")
    await alice.ok("ping")


async def test_invalid_utf8_closes_at_most(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    await alice.connection.send(b"\xff\xfe", text=True)
    # Daphne cuts the connection without a word.
    assert await alice.closed() in (1006, 1007)
    await bob.ok("ping")


async def test_far_too_large_frames_end_in_an_error_or_1009(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    with suppress(ConnectionClosed):
        await alice.connection.send(json.dumps({"cmd": "ping", "ref": 1, "pad": "x" * 4_000_000}))
    await alice.until_over(lambda: None in alice.replies)
    assert alice.code in (1006, 1009) if alice.code else alice.replies[None]["error"]["code"] == "invalid"
    await bob.ok("ping")


@pytest.mark.parametrize("pace", ["at once", "within a second"])
async def test_200_commands_in_a_second_are_limited_not_disconnected(
    server: Address, cast: Cast, join: Join, pace: str
) -> None:
    alice = await join(server, cast.alice)
    refs = []
    for _ in range(200):
        refs.append(await alice.say("ping"))
        if pace != "at once":
            await asyncio.sleep(0.002)
    replies = [await alice.reply(ref) for ref in refs]
    passed = [reply for reply in replies if "ok" in reply]
    limited = [reply["error"] for reply in replies if "error" in reply]
    assert len(passed) >= 60
    assert limited, "nothing was limited"
    assert {error["code"] for error in limited} == {"rate_limited"}
    assert all(0 < error["retry_after"] <= 1 for error in limited)
    await asyncio.sleep(limited[-1]["retry_after"] + 0.05)
    await alice.ok("ping")


async def test_sends_have_a_burst_of_30_and_a_duplicate_is_still_answered(
    server: Address, cast: Cast, join: Join
) -> None:
    desk, phone = await join(server, cast.alice), await join(server, cast.alice)
    place = str(cast.group.pk)
    keys = [str(uuid4()) for _ in range(30)]
    sent = [await desk.send(place, client_id=key) for key in keys]
    refusals: list[Any] = []
    while not refusals:
        reply = await phone.ask("message.send", conversation=place, client_id=str(uuid4()), content="Too fast")
        refusals += [reply["error"]] if "error" in reply else []
    assert refusals[0]["code"] == "rate_limited"
    assert 0 < refusals[0]["retry_after"] <= 1
    assert await phone.send(place, client_id=keys[0]) == {**sent[0], "duplicate": True}
    bob = await join(server, cast.bob)
    await bob.send(place)


async def test_limits_may_be_lifted(site: Address, cast: Cast, join: Join, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = False
    alice = await join(site, cast.alice)
    for _ in range(100):
        await alice.send(cast.group.pk)
    for _ in range(100):
        await alice.ok("ping")


async def test_32_unanswered_sends(
    site: Address, cast: Cast, join: Join, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Answers are held back: the 33rd send is refused at once, and after an answer there is room again."""
    settings.CHATTER_RATE_LIMITS = False
    alice = await join(site, cast.alice)
    batcher = registry.live.batcher  # type: ignore[union-attr]
    held: list[Any] = []
    monkeypatch.setattr(batcher, "submit", lambda given, answer: held.append((given, answer)))
    place = str(cast.group.pk)
    fields = {"conversation": place, "content": "Hello"}
    refs = [await alice.say("message.send", client_id=str(uuid4()), **fields) for _ in range(33)]
    assert (await alice.reply(refs[32]))["error"]["code"] == "rate_limited"
    assert len(held) == 32
    monkeypatch.undo()
    for given, answer in held:
        registry.live.loop.call_soon_threadsafe(batcher.submit, given, answer)  # type: ignore[union-attr]
    for ref in refs[:32]:
        assert "ok" in await alice.reply(ref)
    await alice.send(place)


async def test_50_open_conversations(server: Address, cast: Cast, join: Join) -> None:
    places = [
        (await run_db(create_group, owner=cast.alice, title=f"Group {n}", members=[cast.bob])).pk for n in range(51)
    ]
    alice = await join(server, cast.alice)
    for place in places[:50]:
        await alice.open(place)
    assert await alice.refused("conversation.open", conversation=str(places[50]), version=None) == "rate_limited"
    await alice.open(places[0])
    await asyncio.sleep(1)
    await alice.ok("conversation.close", conversation=str(places[0]))
    await alice.open(places[50])


def test_bucket_refills(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = True
    now = 1000.0
    monkeypatch.setattr("chatter.core.limits.time.monotonic", lambda: now)
    bucket = Bucket(30, 5)
    assert [bucket.take() for _ in range(30)] == [None] * 30
    assert bucket.take() == pytest.approx(0.2)
    now += 0.3
    assert bucket.take() is None
    assert bucket.take() == pytest.approx(0.1)
    bucket.give_back()
    assert bucket.take() is None
    now += 1000
    assert [bucket.take() for _ in range(31)][29:] == [None, pytest.approx(0.2)]
    settings.CHATTER_RATE_LIMITS = False
    assert bucket.take() is None


def test_buckets_outlive_connections_and_full_ones_are_forgotten(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHATTER_RATE_LIMITS = True
    monkeypatch.setattr(limits, "FULL_BUCKETS_KEPT", 3)
    buckets = Buckets(1, 0.001)
    assert buckets["alice"].take() is None
    for name in ("a", "b", "c", "d"):
        assert not buckets[name].tokens < 1
    assert buckets["alice"].take() is not None
    assert len(buckets.buckets) < 5


def test_shared_limit(settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = True
    for _ in range(3):
        check_limit("guest", "10.0.0.1", limit=3, seconds=3600)
    check_limit("guest", "10.0.0.2", limit=3, seconds=3600)
    with pytest.raises(Refused) as refusal:
        check_limit("guest", "10.0.0.1", limit=3, seconds=3600)
    assert refusal.value.code == "rate_limited"
    assert refusal.value.retry_after is not None
    assert 0 < refusal.value.retry_after <= 3600
    settings.CHATTER_RATE_LIMITS = False
    check_limit("guest", "10.0.0.1", limit=3, seconds=3600)


def test_shared_limit_without_its_cache(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = True
    monkeypatch.setattr(limits, "cache", ForgivingRedisCache(f"redis://127.0.0.1:{free_port()}", {}))
    name = str(uuid4())
    check_limit("guest", name, limit=1, seconds=3600)
    with pytest.raises(Refused):
        check_limit("guest", name, limit=1, seconds=3600)
