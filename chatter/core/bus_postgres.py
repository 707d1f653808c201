"""The bus on PostgreSQL LISTEN/NOTIFY, for installations without Valkey: ids and versions, the receiver reads the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

from django.db import connection
from psycopg import AsyncConnection, sql

from chatter.core.bus import NOTIFY, SHARDS, Bus, channel, notes_by_shard, notify_parameters
from chatter.core.events import Event

# An idle connection is asked for a sign of life so often.
QUIET_SECONDS = 20.0


async def connect() -> AsyncConnection[Any]:
    """A connection of our own, outside the pool: a subscription never gives it back."""
    parameters = connection.get_connection_params()
    for name in ("cursor_factory", "context", "prepare_threshold", "pool"):
        parameters.pop(name, None)
    return await AsyncConnection.connect(**parameters, autocommit=True, connect_timeout=5)


class PostgresBus(Bus):
    def __init__(
        self,
        receive: Callable[[Sequence[Event]], None],
        repair: Callable[[], None],
        complete: Callable[[list[Event]], Awaitable[list[Event]]],
    ) -> None:
        super().__init__(receive, repair)
        self.complete = complete
        self.publisher: AsyncConnection[Any] | None = None
        self.inbox: list[Event] = []
        self.arrived = asyncio.Event()

    def start(self) -> None:
        super().start()
        self.tasks.append(asyncio.create_task(self.complete_forever()))

    async def publish(self, batch: Sequence[Event], *, repair: bool) -> None:
        notes = notes_by_shard(self.me, batch, repair=repair)
        if not notes:
            return
        try:
            if self.publisher is None or self.publisher.closed:
                self.publisher = await connect()
            await self.publisher.execute(NOTIFY, notify_parameters(notes))
        except Exception:
            await self.disconnect()
            raise

    async def listen(self) -> None:
        async with await connect() as listener:
            for shard in range(SHARDS):
                await listener.execute(sql.SQL("listen {}").format(sql.Identifier(channel(shard))))
            self.connected()
            while True:
                async for note in listener.notifies(timeout=QUIET_SECONDS):
                    self.inbox += self.events_in(note.payload)
                    self.arrived.set()
                await listener.execute("select")

    async def complete_forever(self) -> None:
        """Read what the notes leave out, for all that arrived meanwhile at once, and pass it on in order."""
        while True:
            await self.arrived.wait()
            self.arrived.clear()
            events, self.inbox = self.inbox, []
            try:
                self.receive(await self.complete(events))
            except Exception:  # noqa: BLE001 -- what could not be read is repaired
                self.repair()

    async def disconnect(self) -> None:
        if self.publisher is not None:
            with suppress(Exception):
                await self.publisher.close()
        self.publisher = None
