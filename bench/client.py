"""A WebSocket client of the live protocol that costs almost nothing: one asyncio.Protocol, frames read in place.

`message.created` frames are counted without being parsed unless somebody asks for them (`on_created`, `on_event`):
the load generator has one core and must not be what is measured. The fault tests use the same client, in full.
"""

import asyncio
import base64
import os
import socket
import struct
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit
from uuid import uuid4

import orjson

CREATED = b'{"event":"message.created"'
FINISHED, MASKED, LONG, HUGE = 0x80, 0x80, 126, 127
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
ABNORMAL = 1006

Wire = dict[str, Any]
Acknowledge = Callable[[Wire], None]


class Refusal(Exception):
    """The server answered a command with an error."""

    def __init__(self, error: Wire) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = str(error.get("code"))


class NotUpgraded(Exception):
    """The server answered the opening with something else than 101."""


class Connection(asyncio.Protocol):
    """One signed-in socket. `created` counts the message.created frames it got, `other` the rest of the events."""

    def __init__(self, request: bytes) -> None:
        loop = asyncio.get_running_loop()
        self.request = request
        self.hello: asyncio.Future[Wire] = loop.create_future()
        self.closed: asyncio.Future[int] = loop.create_future()
        self.created = 0
        self.other = 0
        self.on_created: Callable[[bytes], None] | None = None
        self.on_event: Callable[[Wire], None] | None = None
        self.transport: asyncio.Transport | None = None
        self._close_code = ABNORMAL
        self._rest = b""
        self._upgraded = False
        self._last_ref = 0
        self._waiting: dict[int, Acknowledge] = {}

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by behaviour, not by class
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
            self._rest = b""
        if not self._upgraded:
            data = self._upgrade(data)
        if data:
            self._read_frames(data)

    def connection_lost(self, exc: Exception | None) -> None:
        lost = ConnectionError(f"closed with {self._close_code}")
        if not self.hello.done():
            self.hello.set_exception(lost)
            self.hello.exception()
        if not self.closed.done():
            self.closed.set_result(self._close_code)
        waiting, self._waiting = self._waiting, {}
        for answer in waiting.values():
            answer({"error": {"code": "lost", "message": str(lost)}})

    # Frames.

    def _upgrade(self, data: bytes) -> bytes:
        head, end, rest = data.partition(b"\r\n\r\n")
        if not end:
            self._rest = data
            return b""
        status = head.split(b"\r\n", 1)[0]
        if b" 101 " not in status + b" ":
            self.hello.set_exception(NotUpgraded(status.decode("latin-1")))
            assert self.transport is not None
            self.transport.close()
            return b""
        self._upgraded = True
        return rest

    def _read_frames(self, data: bytes) -> None:
        position, end = 0, len(data)
        while end - position >= 2:
            start, length = position + 2, data[position + 1]
            if length == LONG:
                start += 2
                if start > end:
                    break
                length = (data[position + 2] << 8) | data[position + 3]
            elif length == HUGE:
                start += 8
                if start > end:
                    break
                length = int.from_bytes(data[position + 2 : start], "big")
            stop = start + length
            if stop > end:
                break
            self._read_frame(data[position], data, start, stop)
            position = stop
        if position < end:
            self._rest = data[position:]

    def _read_frame(self, head: int, data: bytes, start: int, stop: int) -> None:
        if head != FINISHED | TEXT:
            self._control(head, data[start:stop])
        elif self.on_event is None and data.startswith(CREATED, start):
            self.created += 1
            if self.on_created is not None:
                self.on_created(data[start:stop])
        else:
            self._read_text(orjson.loads(data[start:stop]))

    def _read_text(self, frame: Wire) -> None:
        event = frame.get("event")
        if event is None:
            answer = self._waiting.pop(frame.get("ref", 0), None)
            if answer is not None:
                answer(frame)
            return
        if event == "message.created":
            self.created += 1
        elif event == "hello":
            self.hello.set_result(frame)
        else:
            self.other += 1
        if self.on_event is not None:
            self.on_event(frame)

    def _control(self, head: int, payload: bytes) -> None:
        if head == FINISHED | PING:
            self._write(PONG, payload)
        elif head == FINISHED | CLOSE:
            if len(payload) >= 2:
                self._close_code = struct.unpack_from(">H", payload)[0]
            self._write(CLOSE, payload[:2])
            assert self.transport is not None
            self.transport.close()
        elif head != FINISHED | PONG:
            raise ValueError(f"unexpected frame {head:#x}: this client reads unfragmented text only")

    def _write(self, opcode: int, payload: bytes) -> None:
        """One frame, masked with the zero key: the same bytes, and no work for this side."""
        assert self.transport is not None
        length = len(payload)
        if length < LONG:
            head = struct.pack(">BBI", FINISHED | opcode, MASKED | length, 0)
        elif length < 1 << 16:
            head = struct.pack(">BBHI", FINISHED | opcode, MASKED | LONG, length, 0)
        else:
            head = struct.pack(">BBQI", FINISHED | opcode, MASKED | HUGE, length, 0)
        self.transport.write(head + payload)

    # What a person does.

    def command(self, answer: Acknowledge, cmd: str, **fields: Any) -> None:
        """Send a command; `answer` is called with the whole reply, or with an error "lost" when the socket dies."""
        if self.closed.done():
            answer({"error": {"code": "lost", "message": "already closed"}})
            return
        self._last_ref += 1
        self._waiting[self._last_ref] = answer
        self._write(TEXT, orjson.dumps({"cmd": cmd, "ref": self._last_ref, **fields}))

    async def ask(self, cmd: str, **fields: Any) -> Wire:
        """Send a command and wait for its `ok`. Raises `Refusal`."""
        reply: asyncio.Future[Wire] = asyncio.get_running_loop().create_future()
        self.command(lambda frame: None if reply.done() else reply.set_result(frame), cmd, **fields)
        frame = await reply
        if "error" in frame:
            raise Refusal(frame["error"])
        return dict(frame["ok"])

    def send_message(self, answer: Acknowledge, conversation: str, content: str, client_id: str | None = None) -> None:
        self.command(
            answer,
            "message.send",
            conversation=conversation,
            client_id=client_id or str(uuid4()),
            content=content,
        )

    def pause(self) -> None:
        """Stop reading: what the server sends stays in the kernel's buffers until they are full."""
        assert self.transport is not None
        self.transport.pause_reading()

    def resume(self) -> None:
        assert self.transport is not None
        self.transport.resume_reading()

    async def close(self) -> int:
        """Say good-bye and wait until the connection is gone; returns the close code."""
        if not self.closed.done():
            self._write(CLOSE, struct.pack(">H", 1000))
            try:
                await asyncio.wait_for(asyncio.shield(self.closed), 5)
            except TimeoutError:
                assert self.transport is not None
                self.transport.abort()
        return await self.closed


async def connect(url: str, cookie: str, *, receive_buffer: int | None = None) -> Connection:
    """Open a socket and wait for `hello`. `url` is ws://host:port/ws/, `cookie` the value of the Cookie header."""
    connection = await dial(url, cookie, receive_buffer=receive_buffer)
    await connection.hello
    return connection


async def dial(url: str, cookie: str, *, receive_buffer: int | None = None) -> Connection:
    """Open a socket without waiting for `hello`. A small `receive_buffer` (bytes) makes a reader that stops felt soon."""
    parts = urlsplit(url)
    assert parts.hostname
    port = parts.port or 80
    request = upgrade_request(parts.hostname, port, parts.path, cookie)
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(request), sock=await _plug(parts.hostname, port, receive_buffer)
    )
    return connection


async def _plug(host: str, port: int, receive_buffer: int | None) -> socket.socket:
    plug = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    plug.setblocking(False)
    plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if receive_buffer is not None:
        plug.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        await asyncio.get_running_loop().sock_connect(plug, (host, port))
    except BaseException:
        plug.close()
        raise
    return plug


def upgrade_request(host: str, port: int, path: str, cookie: str) -> bytes:
    """The opening of a browser of the same origin."""
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}:{port}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: chatter.v1",
        f"Origin: http://{host}:{port}",
    ]
    if cookie:
        lines.append(f"Cookie: {cookie}")
    return "\r\n".join([*lines, "", ""]).encode()
