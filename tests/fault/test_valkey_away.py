"""Valkey stopped for five seconds while people talk through two servers: talk goes on, and both sides end up equal."""

import asyncio
import os
from collections.abc import Callable, Sequence

from chatter.ops.valkey import Valkey
from tests.fault.people import Line, Reader, Talker, until
from tests.fault.stage import Stage, check
from tests.servers import WebProcess

AWAY_SECONDS = 5.0
TALKERS, MESSAGES, PAUSE = 6, 160, 0.04


async def test_talk_goes_on_without_valkey(
    stage: Callable[[int], Stage], web: Callable[..., WebProcess], valkey: Valkey
) -> None:
    room = stage(TALKERS + 2)
    servers = [web(redis_url=valkey.url), web(redis_url=valkey.url)]
    talkers = [
        Talker(Line(servers[number % 2], cookie), room.place, f"Person {number}", MESSAGES, at_once=1, pause=PAUSE)
        for number, cookie in enumerate(room.cookies[2:])
    ]
    readers = [Reader(Line(server, cookie), room.place) for server, cookie in zip(servers, room.cookies, strict=False)]

    def acknowledged() -> int:
        return sum(len(talker.acknowledged) for talker in talkers)

    async with asyncio.timeout(100):
        await asyncio.gather(*(reader.start() for reader in readers))
        talking = asyncio.gather(*(talker.talk() for talker in talkers))
        await until(lambda: acknowledged() >= 50)
        assert not talking.done(), "over before Valkey went away"
        await asyncio.to_thread(valkey.stop)
        before = acknowledged()
        await asyncio.sleep(AWAY_SECONDS)
        assert acknowledged() > before, "talk stood still without Valkey"
        # In this thread: a server lives no longer than the thread that started it.
        valkey.start()
        assert not talking.done(), "over before Valkey came back"
        await talking
        check(os.environ["DATABASE_URL"], room, talkers)
        await become_equal(readers, TALKERS * MESSAGES + 1)
        # The next word travels from one server to the other by itself again.
        await Talker(talkers[0].line, room.place, "Afterwards", 1).talk()
        await become_equal(readers, TALKERS * MESSAGES + 2)
        await asyncio.gather(*(reader.stop() for reader in readers), *(talker.line.close() for talker in talkers))


async def become_equal(readers: Sequence[Reader], messages: int) -> None:
    """What a silence hid shows within the protocol's 30 seconds, without anybody saying more."""
    for reader in readers:
        await reader.until(lambda reader=reader: len(reader.messages) == messages)  # type: ignore[misc]
        assert reader.doubled == []
    assert readers[0].texts() == readers[1].texts()
    assert readers[0].version == readers[1].version
