"""The bus on Valkey (or Redis) pub/sub: whole events, one pipelined publish for each batch."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from chatter.core.bus import SHARDS, Bus, channel, packets_by_shard
from chatter.core.events import Event

TICK_SECONDS = 10.0
# Not even our own ticks come back: the connection is dead, whatever TCP thinks.
DEAF_SECONDS = 25.0


class ValkeyBus(Bus):
    def __init__(self, receive: Callable[[Sequence[Event]], None], repair: Callable[[], None], url: str) -> None:
        super().__init__(receive, repair)
        # Trying again by itself could publish twice.
        self.publisher = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0))
        # A read timeout would end an idle subscription; our own ticks tell a dead one.
        self.subscriber = Redis.from_url(
            url, socket_timeout=None, socket_connect_timeout=2, retry=Retry(NoBackoff(), 0)
        )
        self.heard_at = time.monotonic()

    def start(self) -> None:
        super().start()
        self.tasks.append(asyncio.create_task(self.tick_forever()))

    async def publish(self, batch: Sequence[Event], *, repair: bool) -> None:
        async with self.publisher.pipeline(transaction=False) as pipeline:
            for shard, packet in packets_by_shard(self.me, batch, repair=repair).items():
                pipeline.publish(channel(shard), packet)
            await pipeline.execute()

    async def listen(self) -> None:
        pubsub = self.subscriber.pubsub(ignore_subscribe_messages=True)
        try:
            await pubsub.subscribe(*(channel(shard) for shard in range(SHARDS)))
            self.heard_at = time.monotonic()
            self.connected()
            listening = asyncio.create_task(self.hear(pubsub.listen()))
            try:
                while not listening.done():
                    await asyncio.wait([listening], timeout=TICK_SECONDS)
                    if time.monotonic() - self.heard_at > DEAF_SECONDS:
                        raise ConnectionError("nothing is heard any more")
                await listening
            finally:
                listening.cancel()
        finally:
            await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def hear(self, messages: object) -> None:
        mine = b'["' + self.me.encode()
        async for message in messages:  # type: ignore[attr-defined]
            self.heard_at = time.monotonic()
            packet: bytes = message["data"]
            if not packet.startswith(mine):
                self.receive(self.events_in(packet))

    async def tick_forever(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.wake.set()

    async def disconnect(self) -> None:
        await self.publisher.aclose()
        await self.subscriber.aclose()
