"""The outgoing half: the same text to all, a bounded backlog for who does not read, nobody waited for."""

import asyncio
import json
import socket as sockets
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psutil
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from chatter.core import rooms as outgoing
from chatter.core.realtime import run_db
from chatter.core.rooms import BACKLOG_BYTES, BACKLOG_FRAMES, Credential, Person, Socket, frame_of
from tests.cast import Cast
from tests.live.conftest import Join, daphne_process
from tests.servers import Address, SignedIn


class Transport:
    def __init__(self) -> None:
        self.aborted = asyncio.Event()

    def abort(self) -> None:
        self.aborted.set()


class Peer:
    """A server's protocol object, whose `send` waits while the peer does not read."""

    def __init__(self) -> None:
        self.transport = Transport()
        self.reading = asyncio.Event()
        self.reading.set()
        self.got: list[MutableMapping[str, Any]] = []
        self.gone = False

    async def send(self, message: MutableMapping[str, Any]) -> None:
        await self.reading.wait()
        if self.gone:
            raise ConnectionResetError
        self.got.append(message)

    def texts(self) -> list[Any]:
        return [json.loads(message["text"])["n"] for message in self.got if message["type"] == "websocket.send"]

    def codes(self) -> list[int]:
        return [message["code"] for message in self.got if message["type"] == "websocket.close"]


@pytest.fixture
async def peer() -> Peer:
    return Peer()


@pytest.fixture
async def socket(peer: Peer) -> Socket:
    person = Person(uuid4())
    return Socket(peer.send, person, Credential(person.id, "key", "hash"))


def frame(number: int, padding: int = 0) -> Any:
    return frame_of({"n": number, "x": "x" * padding})


async def test_frames_go_out_at_once_and_as_the_same_object(peer: Peer, socket: Socket) -> None:
    one = frame(1)
    socket.push(one)
    assert peer.got == [one.message]
    assert peer.got[0] is one.message


async def test_a_slow_reader_gets_everything_in_order(peer: Peer, socket: Socket) -> None:
    peer.reading.clear()
    for number in range(100):
        socket.push(frame(number))
    assert peer.got == []
    peer.reading.set()
    await asyncio.sleep(0.05)
    assert peer.texts() == list(range(100))
    socket.push(frame(100))
    assert peer.texts()[-1] == 100


@pytest.mark.parametrize(
    ("padding", "fits"), [(0, BACKLOG_FRAMES + 1), (100_000, BACKLOG_BYTES // 100_000 + 1)], ids=["frames", "bytes"]
)
async def test_a_reader_that_stops_is_dropped_with_4408(
    peer: Peer, socket: Socket, padding: int, fits: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "CLOSE_SECONDS", 0.05)
    peer.reading.clear()
    for number in range(fits):
        socket.push(frame(number, padding))
    assert socket.backlog is not None
    assert len(socket.backlog) == fits - 1
    socket.push(frame(fits, padding))
    assert socket.closed
    assert not socket.backlog
    assert not socket.backlog_bytes
    await asyncio.wait_for(peer.transport.aborted.wait(), 5)
    peer.reading.set()
    await asyncio.sleep(0.01)
    assert peer.codes() == [4408]
    assert len(peer.texts()) == 1


async def test_nothing_follows_a_close(peer: Peer, socket: Socket) -> None:
    socket.push(frame(1))
    socket.close(4410)
    socket.push(frame(2))
    socket.close(1012)
    assert peer.texts() == [1]
    assert peer.codes() == [4410]


async def test_a_connection_that_is_gone_takes_nothing_more(peer: Peer, socket: Socket) -> None:
    peer.gone = True
    socket.push(frame(1))
    assert socket.closed
    socket.push(frame(2))
    assert peer.got == []


async def test_a_connection_that_ends_while_we_wait(peer: Peer, socket: Socket) -> None:
    peer.reading.clear()
    for number in range(5):
        socket.push(frame(number))
    peer.gone = True
    peer.reading.set()
    await asyncio.sleep(0.01)
    assert socket.closed
    assert peer.got == []


@pytest.fixture(params=["uvicorn", "daphne"])
def unlimited(request: pytest.FixtureRequest, web_process: Any) -> Iterator[Address]:
    """A process of its own, without limits on people."""
    environment = {"CHATTER_RATE_LIMITS": "off"}
    if request.param == "uvicorn":
        yield web_process(env=environment)
    else:
        with daphne_process(environment) as address:
            yield address


async def test_who_does_not_read_is_dropped_while_others_talk(
    unlimited: Any, cast: Cast, join: Join, signed_in: SignedIn
) -> None:
    """A client stops reading its busy room: the others miss nothing, it is dropped, and nothing piles up for it."""
    place, messages = str(cast.group.pk), 500
    alice, mod = await join(unlimited, cast.alice), await join(unlimited, cast.mod)
    await mod.open(place)
    raw = sockets.socket()
    raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
    raw.connect((unlimited.host, unlimited.port))
    raw.setblocking(False)
    cookie = {"Cookie": await run_db(signed_in.header, cast.bob)}
    async with connect(unlimited.ws_url, sock=raw, origin=unlimited.url, additional_headers=cookie) as lazy:
        await lazy.send(json.dumps({"cmd": "conversation.open", "ref": 1, "conversation": place, "version": None}))
        while json.loads(await lazy.recv()).get("ref") != 1:
            pass
        lazy.transport.pause_reading()
        before = psutil.Process(unlimited.pid).memory_info().rss
        for _round in range(messages // 25):
            await asyncio.gather(*(alice.send(place, "<&>" * 1333) for _ in range(25)))
        await mod.until(lambda: [event["event"] for event in mod.events].count("message.created") == messages)
        grown = psutil.Process(unlimited.pid).memory_info().rss - before
        lazy.transport.resume_reading()
        received = 0
        with suppress(ConnectionClosed):
            while True:
                received += '"message.created"' in str(await lazy.recv())
        # What it had not read may hide the closing frame from it.
        assert lazy.close_code in (1006, 4408)
    assert received < messages
    assert grown < 60 * 1024 * 1024
    again = await join(unlimited, cast.bob)
    assert (await again.open(place, None))["reset"] is True
