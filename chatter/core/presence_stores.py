"""Where presence is kept: in this process, or in Valkey for all processes, in marks that expire."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

MARK_SECONDS = 90
EXPIRED_AT_ONCE = 100


class Mark(StrEnum):
    """How a person is on the sockets of one process."""

    NONE = ""
    IDLE = "idle"
    ONLINE = "online"


def combine(marks: Sequence[Mark], chosen: str) -> str:
    """One status from all devices and what the person chose. Who chose offline is invisible."""
    here = [mark for mark in marks if mark]
    if not here or chosen == "offline":
        return "offline"
    if chosen in ("dnd", "idle"):
        return chosen
    return "online" if Mark.ONLINE in here else "idle"


class Store(Protocol):
    async def update(self, person: UUID, mark: Mark, chosen: str) -> tuple[str, str]:
        """Note how the person is here. Returns (their status now, the one that was last announced)."""

    async def refresh(self, people: Sequence[tuple[UUID, Mark, str]]) -> list[tuple[UUID, str]]:
        """Keep the marks (person, mark, chosen) of those who stay from expiring. Returns whose status changed by it:
        those whose other devices were on a process that died."""

    async def expired(self) -> list[UUID]:
        """People whose marks ran out, each given to one process only."""

    def statuses(self, people: Sequence[UUID]) -> dict[UUID, str]:
        """Those who are not offline. Any thread."""

    def present(self, most: int) -> list[UUID]:
        """Some who are connected, `most` at most: those of whom there was a sign last. Any thread."""

    async def close(self) -> None: ...


class MemoryStore:
    """One process is all there is."""

    said: dict[UUID, str] = {}  # noqa: RUF012 (shared on purpose: pages of this process ask)

    async def update(self, person: UUID, mark: Mark, chosen: str) -> tuple[str, str]:
        status, was = combine([mark], chosen), self.said.get(person, "offline")
        if status == "offline":
            self.said.pop(person, None)
        else:
            self.said[person] = status
        return status, was

    async def refresh(self, people: Sequence[tuple[UUID, Mark, str]]) -> list[tuple[UUID, str]]:
        return []

    async def expired(self) -> list[UUID]:
        return []

    def statuses(self, people: Sequence[UUID]) -> dict[UUID, str]:
        return {person: self.said[person] for person in people if person in self.said}

    def present(self, most: int) -> list[UUID]:
        return list(self.said)[-most:]

    async def close(self) -> None:
        self.said.clear()


# Marks of one person: a sorted set of "process:mark" by expiry. `said` is what was announced last.
# KEYS marks, said, alive; ARGV process, mark, chosen, now, seconds, person. Returns {status, was}.
UPDATE = """
redis.call('ZREM', KEYS[1], ARGV[1] .. ':online', ARGV[1] .. ':idle')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[4])
if ARGV[2] ~= '' then redis.call('ZADD', KEYS[1], ARGV[4] + ARGV[5], ARGV[1] .. ':' .. ARGV[2]) end
redis.call('EXPIRE', KEYS[1], ARGV[5])
local online, present = false, false
for _, mark in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  present = true
  if string.match(mark, ':online$') then online = true end
end
local status = 'idle'
if not present or ARGV[3] == 'offline' then status = 'offline'
elseif ARGV[3] == 'dnd' or ARGV[3] == 'idle' then status = ARGV[3]
elseif online then status = 'online' end
local was = redis.call('GET', KEYS[2]) or 'offline'
if present then
  redis.call('SET', KEYS[2], status, 'EX', ARGV[5])
  redis.call('ZADD', KEYS[3], ARGV[4] + ARGV[5], ARGV[6])
else
  redis.call('DEL', KEYS[2])
  redis.call('ZREM', KEYS[3], ARGV[6])
end
return {status, was}
"""


class ValkeyStore:
    """Every process marks its people; a mark that is not refreshed expires."""

    def __init__(self, url: str) -> None:
        # Only where REDIS_URL is given.
        from redis import Redis as SyncRedis  # noqa: PLC0415
        from redis.asyncio import Redis  # noqa: PLC0415
        from redis.asyncio.retry import Retry  # noqa: PLC0415
        from redis.backoff import ExponentialBackoff, NoBackoff  # noqa: PLC0415
        from redis.retry import Retry as SyncRetry  # noqa: PLC0415

        self.process = secrets.token_hex(8)
        # A connection that lay idle while Valkey was restarted fails once.
        again = Retry(ExponentialBackoff(0.5, 0.05), 2)
        self.client = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2, retry=again)
        # Pages wait for this one.
        once = SyncRetry(NoBackoff(), 0)
        self.sync_client = SyncRedis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=once)
        self.alive = key_of("alive")

    async def update(self, person: UUID, mark: Mark, chosen: str) -> tuple[str, str]:
        status, was = await self.client.eval(*self.call(person, mark, chosen))
        return status.decode(), was.decode()

    async def refresh(self, people: Sequence[tuple[UUID, Mark, str]]) -> list[tuple[UUID, str]]:
        if not people:
            return []
        async with self.client.pipeline(transaction=False) as pipeline:
            for person, mark, chosen in people:
                pipeline.eval(*self.call(person, mark, chosen))
            found = await pipeline.execute()
        return [
            (person, status.decode())
            for (person, _mark, _chosen), (status, was) in zip(people, found, strict=True)
            if status != was
        ]

    def call(self, person: UUID, mark: Mark, chosen: str) -> list[Any]:
        """The script, its keys and its arguments."""
        keys = [key_of("marks", person), key_of("said", person), self.alive]
        return [UPDATE, len(keys), *keys, self.process, mark.value, chosen, int(time.time()), MARK_SECONDS, str(person)]

    async def expired(self) -> list[UUID]:
        ran_out: Any = await self.client.zrangebyscore(
            self.alive, "-inf", int(time.time()), start=0, num=EXPIRED_AT_ONCE
        )
        return [UUID(key.decode()) for key in ran_out if await self.client.zrem(self.alive, key)]

    def statuses(self, people: Sequence[UUID]) -> dict[UUID, str]:
        if not people:
            return {}
        found: Any = self.sync_client.mget([key_of("said", person) for person in people])
        return {
            person: status.decode()
            for person, status in zip(people, found, strict=True)
            if status and status != b"offline"
        }

    def present(self, most: int) -> list[UUID]:
        found: Any = self.sync_client.zrange(self.alive, 0, most - 1, desc=True)
        return [UUID(key.decode()) for key in found]

    async def close(self) -> None:
        await self.client.aclose()


def key_of(kind: str, person: UUID | None = None) -> str:
    return f"{settings.DATABASE_SCHEMA}:presence:{kind}" + (f":{person}" if person else "")


@cache
def shared_store() -> Store:
    """The store that pages of this process ask."""
    return ValkeyStore(settings.REDIS_URL) if settings.REDIS_URL else MemoryStore()
