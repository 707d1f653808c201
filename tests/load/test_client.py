"""The load client reads and writes frames as the `websockets` library does, however they are cut."""

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.frames import Frame, Opcode

from bench.client import Connection, NotUpgraded, Refusal, connect

CREATED = b'{"event":"message.created","conversation":"x","message":{"number":1}}'
UPGRADED = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written = b""
        self.closed = False

    def write(self, data: bytes) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True


def opened() -> tuple[Connection, Wire]:
    wire = Wire()
    connection = Connection(b"GET /ws/ HTTP/1.1\r\n\r\n")
    connection.connection_made(wire)  # type: ignore[arg-type]
    return connection, wire


def frame(payload: bytes, opcode: Opcode = Opcode.TEXT) -> bytes:
    return Frame(opcode, payload).serialize(mask=False)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 100_000])
async def test_frames_are_whole_however_the_bytes_arrive(step: int) -> None:
    connection, _wire = opened()
    heard: list[Any] = []
    long = {"event": "typing", "padding": "x" * 300}
    huge = {"event": "typing", "padding": "y" * 70_000}
    stream = UPGRADED + frame(b'{"event":"hello","more":false}') + frame(CREATED) + frame(b'{"event":"typing"}')
    stream += frame(orjson.dumps(long)) + frame(orjson.dumps(huge)) + frame(CREATED)
    for start in range(0, len(stream), step):
        connection.data_received(stream[start : start + step])
    assert (await connection.hello)["more"] is False
    assert (connection.created, connection.other) == (2, 3)

    connection.on_event = heard.append
    connection.data_received(frame(CREATED) + frame(orjson.dumps(huge)))
    assert [event["event"] for event in heard] == ["message.created", "typing"]
    assert heard[1] == huge
    assert connection.created == 3


async def test_created_frames_are_handed_over_unparsed_where_asked() -> None:
    connection, _wire = opened()
    raw: list[bytes] = []
    connection.on_created = raw.append
    connection.data_received(UPGRADED + frame(CREATED))
    assert raw == [CREATED]


async def test_a_created_frame_written_another_way_counts_too() -> None:
    connection, _wire = opened()
    connection.data_received(UPGRADED + frame(b'{"conversation": "x", "event": "message.created"}'))
    assert connection.created == 1


async def test_a_ping_is_answered_and_a_close_is_echoed() -> None:
    connection, wire = opened()
    connection.data_received(UPGRADED + frame(b"are you there", Opcode.PING))
    assert wire.written.endswith(b"are you there")
    connection.data_received(frame((4408).to_bytes(2, "big") + b"slow", Opcode.CLOSE))
    assert wire.closed
    connection.connection_lost(None)
    assert await connection.closed == 4408


async def test_commands_that_lose_their_socket_are_told() -> None:
    connection, _wire = opened()
    connection.data_received(UPGRADED + frame(b'{"event":"hello"}'))
    answers: list[dict[str, Any]] = []
    connection.command(answers.append, "ping")
    connection.connection_lost(None)
    connection.command(answers.append, "ping")
    assert [answer["error"]["code"] for answer in answers] == ["lost", "lost"]


async def test_anything_but_an_upgrade_fails_the_opening() -> None:
    connection, wire = opened()
    connection.data_received(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
    with pytest.raises(NotUpgraded, match="403"):
        await connection.hello
    assert wire.closed


async def _answer(socket: ServerConnection) -> None:
    assert socket.request is not None
    hello: Any = {"event": "hello", "cookie": socket.request.headers["Cookie"]}
    await socket.send(orjson.dumps(hello).decode())
    async for text in socket:
        command = orjson.loads(text)
        if command["cmd"] == "message.send":
            outcome: Any = {"ok": {"length": len(command["content"])}}
        else:
            outcome = {"error": {"code": "unsupported", "message": "no"}}
        await socket.send(orjson.dumps({"ref": command["ref"], **outcome}).decode())


@pytest.mark.parametrize("length", [1, 60, 2_000, 90_000])
async def test_a_real_server_understands_what_it_sends(length: int) -> None:
    async with serve(_answer, "127.0.0.1", 0, max_size=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        connection = await connect(f"ws://127.0.0.1:{port}/ws/", "sessionid=abc")
        assert (await connection.hello)["cookie"] == "sessionid=abc"
        assert await connection.ask("message.send", content="x" * length) == {"length": length}
        with pytest.raises(Refusal, match="unsupported"):
            await connection.ask("typing")
        assert await connection.close() == 1000


async def test_a_reader_that_stops_gets_nothing_until_it_resumes() -> None:
    push: Callable[[str], Any] | None = None

    async def serve_one(socket: ServerConnection) -> None:
        nonlocal push
        push = socket.send
        await socket.send('{"event":"hello"}')
        await socket.wait_closed()

    async with serve(serve_one, "127.0.0.1", 0) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        connection = await connect(f"ws://127.0.0.1:{port}/ws/", "")
        heard = asyncio.Event()
        connection.on_event = lambda _event: heard.set()
        connection.pause()
        assert push is not None
        await push('{"event":"typing"}')
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(heard.wait(), 0.1)
        connection.resume()
        await asyncio.wait_for(heard.wait(), 5)
        await connection.close()
