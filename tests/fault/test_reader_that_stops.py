"""Clients that stop reading while their room is busy: the others notice nothing, the server drops them, memory stays."""

import asyncio
import os
import time
from collections.abc import Callable, Sequence

import psycopg

from bench.client import Connection, Wire, connect
from bench.machine import resident_bytes
from bench.stats import percentile
from chatter.ops.valkey import Valkey
from tests.fault.stage import Stage
from tests.servers import WebProcess

MEMBERS, DEAF, MESSAGES, IN_FLIGHT = 20, 8, 1_000, 24
# A frame of some 8 KB: far more is said than kernel buffers and backlogs hold.
TEXT = "All work and no play makes a dull room. " * 90
# What eight backlogs may hold (1 MiB each), and what a garbage collector leaves lying about.
SPARE_BYTES = 16 * 2**20
# 4408, or a cut where not even that could be said.
DROPPED = {4408, 1006}


async def test_readers_that_stop_harm_nobody(
    stage: Callable[[int], Stage], web: Callable[..., WebProcess], valkey: Valkey
) -> None:
    room = stage(MEMBERS)
    server = web(redis_url=valkey.url)
    async with asyncio.timeout(100):
        members = await open_all(server, room, room.cookies)
        await exchange(room, members[DEAF:], 300)
        before = resident_bytes(server.pid)
        calm = await exchange(room, members[DEAF:], MESSAGES)
        grown_calm = resident_bytes(server.pid) - before
        for deaf in members[:DEAF]:
            await deaf.close()

        deafs = await open_all(server, room, room.cookies[:DEAF], receive_buffer=4096)
        for deaf in deafs:
            deaf.pause()
        before = resident_bytes(server.pid)
        disturbed = await exchange(room, members[DEAF:], MESSAGES)
        grown = resident_bytes(server.pid) - before

        for deaf in deafs:
            deaf.resume()
        codes = await asyncio.gather(*(asyncio.wait_for(deaf.closed, 20) for deaf in deafs))
        assert set(codes) <= DROPPED, codes
        assert all(deaf.created < MESSAGES for deaf in deafs), "they were given everything, however long it took"
        assert percentile(disturbed, 99) < 3 * percentile(calm, 99) + 0.05
        assert grown < max(grown_calm, 0) + SPARE_BYTES, f"{grown / 2**20:.0f} MiB, {grown_calm / 2**20:.0f} without"

        # Who comes back has lost nothing.
        back = await connect(server.ws_url, room.cookies[0])
        found = await back.ask("history", conversation=room.place, before=10**9, limit=1)
        assert found["messages"][0]["number"] == stored(room)
        await asyncio.gather(*(connection.close() for connection in [back, *members[DEAF:]]))


async def open_all(
    server: WebProcess, room: Stage, cookies: Sequence[str], receive_buffer: int | None = None
) -> list[Connection]:
    members = [await connect(server.ws_url, cookie, receive_buffer=receive_buffer) for cookie in cookies]
    for member in members:
        await member.ask("conversation.open", conversation=room.place, version=None)
    return members


async def exchange(room: Stage, members: Sequence[Connection], count: int) -> list[float]:
    """Say so much, so many messages in flight; every member gets all of it. Returns how long each delivery took."""
    before = [member.created for member in members]
    taken: list[float] = []
    sent_at: dict[int, float] = {}
    answered = asyncio.Semaphore(IN_FLIGHT)

    def acknowledge(reply: Wire) -> None:
        assert "ok" in reply, reply
        answered.release()

    def heard(raw: bytes) -> None:
        number = raw.find(b"<<")
        taken.append(time.perf_counter() - sent_at[int(raw[number + 2 : raw.find(b">>", number)])])

    for member in members:
        member.on_created = heard
    for number in range(count):
        await answered.acquire()
        sent_at[number] = time.perf_counter()
        members[number % len(members)].send_message(acknowledge, room.place, f"<<{number}>> {TEXT}")
    async with asyncio.timeout(30):
        while any(member.created - was < count for member, was in zip(members, before, strict=True)):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert len(taken) == count * len(members), "somebody got something twice"
    return taken


def stored(room: Stage) -> int:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute("select message_count from chat_conversation where id = %s", [room.place]).fetchone()
    return row[0] if row else 0
