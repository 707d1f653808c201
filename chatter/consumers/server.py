"""The live side of one process: hub, bus, batcher, presence and upkeep, started and stopped together on its loop."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from django.conf import settings

from accounts.actions.presence import touch_last_seen
from chat.sending import Batcher
from chatter.consumers.truth import DatabaseTruth
from chatter.core.bus import Bus
from chatter.core.bus_postgres import PostgresBus
from chatter.core.bus_valkey import ValkeyBus
from chatter.core.events import Event, MessageCreated, MessageEdited, PresenceChanged, ReconnectPlanned
from chatter.core.hub import Hub
from chatter.core.limits import Buckets
from chatter.core.presence import Presence
from chatter.core.realtime import registry, run_db
from chatter.core.rooms import Socket
from chatter.core.upkeep import Upkeep

log = logging.getLogger(__name__)

RESTARTING = 1012
DRAIN_SECONDS = 8.0
# Clients come back spread over so many seconds.
RECONNECT_SPREAD = 4.0


class Server:
    """Made on the loop that serves the sockets."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.hub = Hub(DatabaseTruth(), run_db, registry.render)
        self.upkeep = Upkeep(self.hub)
        self.bus = self.chosen_bus()
        self.presence = Presence(self.hub, self.announce, self.save_seen)
        self.batcher = Batcher(self.accept)
        self.sends = Buckets(settings.CHATTER_SEND_BURST, settings.CHATTER_SEND_RATE)
        # Delivered receipts of the running second: the highest number of each person in each conversation.
        self.delivered: dict[tuple[UUID, UUID], int] = {}
        self.stopping = False

    def chosen_bus(self) -> Bus:
        """Valkey where REDIS_URL names one, else PostgreSQL, whose notes leave out what `complete` reads."""
        if settings.REDIS_URL:
            return ValkeyBus(self.receive, self.upkeep.repair_soon, settings.REDIS_URL)
        return PostgresBus(self.receive, self.upkeep.repair_soon, self.complete)

    def start(self) -> None:
        for part in (self.bus, self.upkeep, self.presence, self.batcher):
            part.start()
        registry.live = self

    @property
    def connected(self) -> bool:
        return self.bus.subscribed.is_set()

    @property
    def socket_count(self) -> int:
        return len(self.hub.sockets)

    def accept(self, events: Sequence[Event], origin: Socket | None = None) -> None:
        """Events of this process: to the sockets here, then to the other processes."""
        for event in events:
            self.take(event, origin)
        self.bus.send(events)

    def receive(self, events: Sequence[Event]) -> None:
        """Events of other processes."""
        for event in events:
            self.take(event, None)

    def take(self, event: Event, origin: Socket | None) -> None:
        if isinstance(event, PresenceChanged) and not event.announced:
            self.presence.chosen(event)
        else:
            self.hub.accept(event, origin)

    def announce(self, event: PresenceChanged) -> None:
        self.accept([event])

    async def save_seen(self, people: Sequence[UUID], at: datetime) -> None:
        await run_db(touch_last_seen, people=people, at=at)

    async def complete(self, events: list[Event]) -> list[Event]:
        """Read the messages that notes left out. What is gone by now needs no telling: its version shows as a gap."""
        keys = [UUID(event.message["id"]) for event in events if isinstance(event, MessageCreated | MessageEdited)]
        found = await run_db(registry.messages, keys) if keys else {}
        return [whole for event in events if (whole := self.completed(event, found)) is not None]

    def completed(self, event: Event, found: dict[UUID, tuple[dict[str, object], str]]) -> Event | None:
        if not isinstance(event, MessageCreated | MessageEdited):
            return event
        key = UUID(event.message["id"])
        if key not in found:
            return None
        message, body = found[key]
        return replace(event, message=message, body=body)

    async def stop(self) -> None:
        """Tell everybody to come back, answer what was taken, close, publish what is left."""
        if self.stopping:
            return
        self.stopping = True
        after = round(1 + random.random() * RECONNECT_SPREAD, 1)  # noqa: S311 -- spreads the load, guards nothing
        self.hub.accept(ReconnectPlanned(after=after))
        await self.batcher.drain(DRAIN_SECONDS)
        for socket in list(self.hub.sockets):
            socket.close(RESTARTING)
        await self.bus.stop()
        await self.presence.stop()
        for task in list(self.hub.tasks):
            task.cancel()
        if registry.live is self:
            registry.live = None


def server_of_this_loop() -> Server:
    """The running server; started now where nothing started it before (Daphne has no lifespan)."""
    live = registry.live
    if not isinstance(live, Server) or live.loop is not asyncio.get_running_loop():
        live = Server()
        live.start()
    return live
