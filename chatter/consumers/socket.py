"""One WebSocket from handshake to goodbye: frames become commands in order, replies and events go out through `Socket`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from typing import Any

from channels.consumer import AsyncConsumer
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from chat.actions.send import SendInput, Sent
from chat.sending import try_later
from chatter import frames
from chatter.consumers import entrance
from chatter.consumers.commands import COMMANDS, READING
from chatter.consumers.fleeting import mark_delivered, start_typing
from chatter.consumers.replies import failed_frame, invalid_frame, ok_frame, refusal_frame
from chatter.consumers.server import Server, server_of_this_loop
from chatter.core.errors import Refused
from chatter.core.limits import Bucket
from chatter.core.realtime import origin, run_db
from chatter.core.rooms import Socket, frame_of
from chatter.core.servers import Receive, Send, frames_waiting

log = logging.getLogger(__name__)

SUBPROTOCOL = "chatter.v1"
MALFORMED_PER_MINUTE = 10
MALFORMED = 4400
FLOODS = 4408
RESTARTING = 1012
COMMANDS_WAITING = 64
# Frames a server may have taken from a client faster than they are read (Daphne takes all it gets).
FRAMES_WAITING = 1000


class ChatConsumer(AsyncConsumer):
    """A consumer without a channel layer: the hub pushes, so `__call__` only reads."""

    __slots__ = ("bucket", "language", "malformed", "queue", "server", "socket", "unanswered", "worker")

    server: Server
    socket: Socket

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        await receive()
        if scope["path"] != "/ws/":
            await send({"type": "websocket.close", "code": 1000})
            return
        self.server = server_of_this_loop()
        if await self.let_in(scope, send):
            try:
                await self.listen(receive)
            finally:
                self.goodbye()

    async def let_in(self, scope: dict[str, Any], send: Send) -> bool:
        """Answer the handshake: 403, accepted and closed with a code, or accepted with `hello`."""
        visit = entrance.knock(scope)
        self.language = visit.language
        if visit.is_foreign:
            await send({"type": "websocket.close", "code": 1000})
            return False
        entrant = await self.identify(visit)
        chosen = SUBPROTOCOL if SUBPROTOCOL in scope.get("subprotocols", ()) else None
        await send({"type": "websocket.accept", "subprotocol": chosen})
        # An idle socket shall be small: the server keeps the scope as long as the connection lives.
        scope.clear()
        if self.server.stopping:
            entrant = RESTARTING
        if isinstance(entrant, int):
            await send({"type": "websocket.close", "code": entrant})
            return False
        self.begin(entrant, send)
        return True

    async def identify(self, visit: entrance.Knock) -> entrance.Entrant | int:
        """Who knocks, or the code that says why not; 1012 (come back in a moment) while that cannot be known."""
        started = time.monotonic()
        try:
            entrant = await run_db(entrance.enter, visit)
        except Exception as error:  # noqa: BLE001 -- the database or the sessions' cache is away
            log.warning("Nobody can come in just now (%s)", error)
            return RESTARTING
        if isinstance(entrant, int):
            return entrant
        return self.server.hub.ended_since(started, entrant.credential) or entrant

    def begin(self, entrant: entrance.Entrant, send: Send) -> None:
        hub = self.server.hub
        self.socket = Socket(send, hub.person(entrant.user.pk), entrant.credential)
        # A program that only reads makes nobody look busy.
        self.socket.idle = entrant.credential.scope == "read"
        self.bucket = Bucket(settings.CHATTER_SOCKET_COMMANDS, settings.CHATTER_SOCKET_COMMANDS)
        self.malformed: deque[float] | None = None
        self.queue: deque[frames.Command] | None = None
        self.worker: asyncio.Task[None] | None = None
        self.unanswered = 0
        self.socket.push(frame_of(entrant.hello))
        hub.arrive(self.socket, entrant.standings, entrant.relations)
        self.server.presence.arrived(entrant.user.pk, entrant.user.status, entrant.user.present_status_text)

    def goodbye(self) -> None:
        self.socket.closed = True
        person = self.socket.person.id
        if self.server.hub.leave(self.socket):
            self.server.presence.left(person)
        else:
            self.server.presence.update(person)

    async def listen(self, receive: Receive) -> None:
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            if self.socket.closed:
                continue
            self.socket.heard_at = time.monotonic()
            self.hear(message.get("text"))
            if frames_waiting(receive) > FRAMES_WAITING:
                self.socket.close(FLOODS)
            if self.worker is not None and self.queue is not None and len(self.queue) >= COMMANDS_WAITING:
                # Whoever says more than we can do is not read until it is done.
                await asyncio.wait([self.worker])

    def hear(self, text: str | None) -> None:
        """One frame: malformed, too many, at once, or in its turn."""
        try:
            command = frames.parse(text)
        except frames.InvalidFrame as invalid:
            self.socket.push(invalid_frame(invalid))
            self.count_malformed()
            return
        wait = self.bucket.take()
        if wait is not None:
            self.refuse(command.ref, Refused("rate_limited", retry_after=wait))
            return
        try:
            if self.socket.credential.scope == "read" and type(command) not in READING:
                raise Refused("forbidden", _("This token may read only."))  # noqa: TRY301 -- the same way out for all
            if not self.answer_at_once(command):
                self.enqueue(command)
        except Refused as refusal:
            self.refuse(command.ref, refusal)

    def refuse(self, ref: frames.Ref, refusal: Refused) -> None:
        with translation.override(self.language):
            self.socket.push(refusal_frame(ref, refusal))

    def count_malformed(self) -> None:
        now = time.monotonic()
        if self.malformed is None:
            self.malformed = deque(maxlen=MALFORMED_PER_MINUTE)
        self.malformed.append(now)
        if len(self.malformed) == MALFORMED_PER_MINUTE and self.malformed[0] > now - 60:
            self.socket.close(MALFORMED)

    def answer_at_once(self, command: frames.Command) -> bool:
        """Commands that need nothing from the database now. False: it needs its turn."""
        match command:
            case frames.SendMessage():
                self.send_message(command)
                return True
            case frames.Typing():
                start_typing(self.server, self.socket, command)
            case frames.MarkDelivered():
                mark_delivered(self.server, self.socket, command)
            case frames.Ping():
                pass
            case _:
                return False
        self.socket.push(ok_frame(command.ref, {}))
        return True

    def send_message(self, command: frames.SendMessage) -> None:
        """Hand it to the batcher; the reply comes by callback."""
        if command.attachments:
            raise Refused("unsupported")
        if self.unanswered >= settings.CHATTER_SOCKET_UNANSWERED:
            raise Refused("rate_limited", retry_after=1)
        person = self.socket.person.id
        limited = self.server.sends[person].take()
        self.unanswered += 1
        given = SendInput(
            sender=person,
            conversation=command.conversation,
            client_id=command.client_id,
            content=command.content,
            reply_to=command.reply_to,
            limited=limited,
        )
        self.server.batcher.submit(given, lambda outcome: self.answer_send(command.ref, outcome, limited is None))

    def answer_send(self, ref: frames.Ref, outcome: Sent | Refused, took: bool) -> None:
        self.unanswered -= 1
        if isinstance(outcome, Refused):
            self.refuse(ref, outcome)
            return
        if outcome.duplicate and took:
            self.server.sends[self.socket.person.id].give_back()
        self.socket.push(ok_frame(ref, outcome.as_wire()))

    def enqueue(self, command: frames.Command) -> None:
        """One command of a socket at a time: in order, and no socket takes the executor for itself."""
        if self.queue is None:
            self.queue = deque()
        self.queue.append(command)
        if self.worker is None:
            self.worker = self.server.hub.spawn(self.work())

    async def work(self) -> None:
        origin.set(self.socket)
        while self.queue and not self.socket.closed:
            await self.carry_out(self.queue.popleft())
        self.queue = self.worker = None

    async def carry_out(self, command: frames.Command) -> None:
        try:
            reply = await COMMANDS[type(command)](self.server, self.socket, command)
            if reply is not None:
                self.socket.push(ok_frame(command.ref, reply))
        except Refused as refusal:
            self.refuse(command.ref, refusal)
        except (OperationalError, InterfaceError) as error:
            log.warning("%s: the database is away or busy (%s)", type(command).__name__, error)
            self.refuse(command.ref, try_later())
        except Exception:
            log.exception("%s failed", type(command).__name__)
            self.socket.push(failed_frame(command.ref))
