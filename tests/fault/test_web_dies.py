"""kill -9 of the web process while people send: whatever was acknowledged is there, whatever is sent again is there once."""

import asyncio
import os
from collections.abc import Callable

from chatter.ops.valkey import Valkey
from tests.fault.people import Line, Reader, Talker, until
from tests.fault.stage import Stage, check
from tests.servers import WebProcess

TALKERS, MESSAGES = 20, 80


async def test_killed_while_twenty_talk(
    stage: Callable[[int], Stage], web: Callable[..., WebProcess], valkey: Valkey
) -> None:
    room = stage(TALKERS + 1)
    server = web(redis_url=valkey.url)
    talkers = [
        Talker(Line(server, cookie), room.place, f"Person {number}", MESSAGES)
        for number, cookie in enumerate(room.cookies[1:])
    ]
    reader = Reader(Line(server, room.cookies[0]), room.place)

    def acknowledged() -> int:
        return sum(len(talker.acknowledged) for talker in talkers)

    async with asyncio.timeout(100):
        await reader.start()
        talking = asyncio.gather(*(talker.talk() for talker in talkers))
        for share in (0.2, 0.6):
            await until(lambda share=share: acknowledged() >= TALKERS * MESSAGES * share)  # type: ignore[misc]
            assert not talking.done(), "over before it was killed"
            server.kill()
            await asyncio.to_thread(server.restart)
        await talking
        assert any(talker.resent for talker in talkers), "the kill hit nothing in flight"
        await asyncio.gather(*(talker.insist() for talker in talkers))
        check(os.environ["DATABASE_URL"], room, talkers)
        await reader.until(lambda: len(reader.messages) == TALKERS * MESSAGES + 1)
        assert sorted(reader.texts()) == sorted(["", *(text for each in talkers for text in each.texts.values())])
        assert reader.doubled == []
        await asyncio.gather(reader.stop(), *(talker.line.close() for talker in talkers))


async def test_two_processes_and_the_same_client_ids(
    stage: Callable[[int], Stage], web: Callable[..., WebProcess], valkey: Valkey
) -> None:
    """Each person sends the same messages through two servers at once, one of which is killed: one message each."""
    room = stage(6)
    servers = [web(redis_url=valkey.url), web(redis_url=valkey.url)]
    first = [
        Talker(Line(servers[0], cookie), room.place, f"Person {number}", 60)
        for number, cookie in enumerate(room.cookies)
    ]
    second = [Talker(Line(servers[1], cookie), room.place, "", 0) for cookie in room.cookies]
    for one, other in zip(first, second, strict=True):
        other.texts = one.texts
    async with asyncio.timeout(100):
        talking = asyncio.gather(*(talker.talk() for pair in zip(first, second, strict=True) for talker in pair))
        await until(lambda: sum(len(talker.acknowledged) for talker in second) >= 60)
        assert not talking.done(), "over before it was killed"
        servers[1].kill()
        await asyncio.to_thread(servers[1].restart)
        await talking
    check(os.environ["DATABASE_URL"], room, first)
    for one, other in zip(first, second, strict=True):
        for client_id, ack in one.acknowledged.items():
            twin = other.acknowledged[client_id]
            assert (twin["id"], twin["number"], twin["version"]) == (ack["id"], ack["number"], ack["version"])
            assert {ack["duplicate"], twin["duplicate"]} != {False}, "the message was made twice"
    await asyncio.gather(*(talker.line.close() for talker in [*first, *second]))
