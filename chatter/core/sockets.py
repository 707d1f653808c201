"""The outgoing half of one socket: frames are sent eagerly, kept in a bounded backlog while the peer does not take
them, and nobody is ever waited for. Who gets which frame is the hub's business."""

from __future__ import annotations

import asyncio
import time
from asyncio import Task
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from chatter.core.servers import Send, abort, waiting_send

if TYPE_CHECKING:
    from chatter.core.rooms import Credential, Person, Room

BACKLOG_FRAMES = 256
BACKLOG_BYTES = 1024 * 1024
# A closing frame that the peer does not take within so many seconds is followed by a cut.
CLOSE_SECONDS = 5.0
DOES_NOT_READ = 4408


class Frame(NamedTuple):
    """One text, encoded once, as every server's `send` takes it: the same object goes to all sockets."""

    message: dict[str, Any]
    size: int


def frame_of(payload: dict[str, Any]) -> Frame:
    encoded = orjson.dumps(payload)
    return Frame({"type": "websocket.send", "text": encoded.decode()}, len(encoded))


class Socket:
    """One accepted connection. `rooms` are the conversations it has open; `heard_at` (monotonic) its last frame."""

    __slots__ = (
        "__weakref__",
        "backlog",
        "backlog_bytes",
        "closed",
        "credential",
        "heard_at",
        "idle",
        "loop",
        "person",
        "rooms",
        "send",
        "sending",
        "server_send",
    )

    def __init__(self, send: Send, person: Person, credential: Credential) -> None:
        self.server_send = send
        self.send = waiting_send(send)
        self.person = person
        self.credential = credential
        self.rooms: set[Room] = set()
        self.idle = False
        self.closed = False
        self.heard_at = time.monotonic()
        self.loop = asyncio.get_running_loop()
        self.sending: Task[None] | None = None
        self.backlog: deque[Frame] | None = None
        self.backlog_bytes = 0

    def push(self, frame: Frame) -> None:
        """Send now if the server takes it at once; else keep it, up to the bound, and go on."""
        if self.sending is not None:
            self.keep(frame)
        elif not self.closed:
            self.start(frame.message)

    def start(self, message: dict[str, Any]) -> None:
        task: Task[None] = Task(self.send(message), loop=self.loop, eager_start=True)  # type: ignore[arg-type]
        if not task.done():
            self.sending = task
            task.add_done_callback(self.sent)
        elif task.exception() is not None:
            self.closed = True

    def keep(self, frame: Frame) -> None:
        if self.closed:
            return
        if self.backlog is None:
            self.backlog = deque()
        self.backlog.append(frame)
        self.backlog_bytes += frame.size
        if len(self.backlog) > BACKLOG_FRAMES or self.backlog_bytes > BACKLOG_BYTES:
            self.close(DOES_NOT_READ)

    def sent(self, task: Task[None]) -> None:
        """The peer took a frame it had been slow to take: send what waits behind it."""
        self.sending = None
        if task.cancelled() or task.exception() is not None:
            self.closed = True
        while self.backlog and self.sending is None and not self.closed:
            frame = self.backlog.popleft()
            self.backlog_bytes -= frame.size
            self.start(frame.message)
        if not self.backlog:
            self.backlog = None

    def close(self, code: int) -> None:
        """Close with `code`. No frame follows; who does not take even this one is cut off after CLOSE_SECONDS."""
        if self.closed:
            return
        self.closed = True
        self.backlog = None
        self.backlog_bytes = 0
        if self.sending is not None:
            self.sending.add_done_callback(lambda _task: self.say_goodbye(code))
            self.loop.call_later(CLOSE_SECONDS, abort, self.server_send)
        else:
            self.say_goodbye(code)

    def say_goodbye(self, code: int) -> None:
        goodbye = self.send({"type": "websocket.close", "code": code})
        task: Task[None] = Task(goodbye, loop=self.loop, eager_start=True)  # type: ignore[arg-type]
        if not task.done():
            self.sending = task
            task.add_done_callback(look_away)
            self.loop.call_later(CLOSE_SECONDS, abort, self.server_send)
        else:
            look_away(task)


def look_away(task: Task[None]) -> None:
    """Take note of a failed goodbye: the connection is gone either way."""
    if not task.cancelled():
        task.exception()
