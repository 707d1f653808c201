"""Events between processes: what every kind of bus shares, and publishing from processes without an event loop.

A push is a hint: losing some is repaired from the database, so a bus never blocks and never fails an action.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from itertools import batched
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.db import connection

from chatter.core.events import (
    AccessChanged,
    ConversationEvent,
    Event,
    MessageCreated,
    MessageEdited,
    PeopleCalled,
    PersonChanged,
    PlaceAccessChanged,
    PresenceChanged,
    ScoresChanged,
    TopicEvent,
)
from chatter.core.wire import pack, unpack

log = logging.getLogger(__name__)

SHARDS = 8
OUTBOX_EVENTS = 10_000
RETRY_SECONDS = (0.1, 0.3, 1.0, 2.0)
# NOTIFY takes less than 8000 bytes.
NOTIFY_BYTES = 7900
CONVERSATIONS_PER_NOTIFY = 150
SCORES_PER_NOTIFY = 120


class Bus:
    """The part of a bus that does not depend on what carries it: outbox, batches, retries, own echoes.

    `receive(events)` gets what other processes published, `repair()` is called when something may have been lost.
    """

    def __init__(self, receive: Callable[[Sequence[Event]], None], repair: Callable[[], None]) -> None:
        self.receive = receive
        self.repair = repair
        self.me = secrets.token_hex(8)
        self.outbox: list[Event] = []
        self.lost = False
        self.publishing = False
        self.wake = asyncio.Event()
        self.subscribed = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        self.tasks = [asyncio.create_task(self.publish_forever()), asyncio.create_task(self.listen_forever())]

    async def stop(self) -> None:
        """Publish what is left, then leave."""
        for _attempt in range(20):
            if not self.outbox and not self.publishing:
                break
            await asyncio.sleep(0.05)
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.disconnect()

    def send(self, events: Iterable[Event]) -> None:
        """Queue for the other processes; goes out with whatever else is queued then."""
        self.outbox.extend(events)
        if len(self.outbox) > OUTBOX_EVENTS:
            del self.outbox[:-OUTBOX_EVENTS]
            self.lost = True
        self.wake.set()

    async def publish_forever(self) -> None:
        attempt = 0
        while True:
            await self.wake.wait()
            self.wake.clear()
            batch, self.outbox = self.outbox, []
            self.publishing = True
            try:
                await self.publish(batch, repair=self.lost)
                self.lost, attempt = False, 0
            except Exception as error:  # noqa: BLE001 -- no failed push may end the bus
                self.lost = True
                log.warning("Events did not reach other processes (%s); they will compare with the database", error)
                await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
                attempt += 1
                self.wake.set()
            finally:
                self.publishing = False

    async def listen_forever(self) -> None:
        attempt = 0
        while True:
            try:
                await self.listen()
            except Exception as error:  # noqa: BLE001
                log.warning("The bus is away (%s); trying again", error)
            if self.subscribed.is_set():
                self.subscribed.clear()
                attempt = 0
            await asyncio.sleep(RETRY_SECONDS[min(attempt, len(RETRY_SECONDS) - 1)])
            attempt += 1

    def connected(self) -> None:
        """Subscribed (again): what was published in between is lost."""
        self.subscribed.set()
        self.repair()

    async def publish(self, batch: Sequence[Event], *, repair: bool) -> None:
        raise NotImplementedError

    async def listen(self) -> None:
        """Subscribe, call `connected()`, and receive until the connection ends."""
        raise NotImplementedError

    async def disconnect(self) -> None:
        raise NotImplementedError

    def events_in(self, text: bytes | str) -> list[Event]:
        """What another process said; nothing for our own echo, or for what no process of ours can have said."""
        try:
            origin, packets, repair = orjson.loads(text)
        except (ValueError, TypeError):
            log.warning("The bus carried something that is no packet")
            return []
        if origin == self.me:
            return []
        if repair:
            self.repair()
        return unpacked(packets) if isinstance(packets, list) else []


def shard_of(event: Event) -> int:
    """All events of one conversation take one road, in order; so do those of one place, with who may see it."""
    key: UUID | None
    if isinstance(event, ConversationEvent):
        key = event.conversation
    elif isinstance(event, TopicEvent | PlaceAccessChanged):
        key = event.place
    else:
        key = getattr(event, "user", None)
    return key.int % SHARDS if key is not None else 0


def packets_by_shard(sender: str, batch: Sequence[Event], *, repair: bool = False) -> dict[int, bytes]:
    """One packet for each shard that the batch concerns; a call for repair goes with the first."""
    shards: dict[int, list[Any]] = {0: []} if repair or not batch else {}
    for event in batch:
        shards.setdefault(shard_of(event), []).append(pack(event))
    return {
        shard: orjson.dumps([sender, packets, repair and place == 0])
        for place, (shard, packets) in enumerate(shards.items())
    }


def notes_by_shard(sender: str, batch: Sequence[Event], *, repair: bool = False) -> list[tuple[int, str]]:
    """As `packets_by_shard`, in notes small enough for NOTIFY: of messages only ids and versions; readers read the rest."""
    notes: list[tuple[int, str]] = [(0, orjson.dumps([sender, [], True]).decode())] if repair else []
    for event in batch:
        for packet in slim_packets(event):
            note = orjson.dumps([sender, [packet], False])
            if len(note) < NOTIFY_BYTES:
                notes.append((shard_of(event), note.decode()))
            else:
                log.error("An event is too large for NOTIFY: %s", event.name)
    return notes


def slim_packets(event: Event) -> list[list[Any]]:
    name, values = pack(event)
    if isinstance(event, MessageCreated | MessageEdited):
        ids = {"id": event.message["id"], "number": event.message["number"]}
        return [[name, values | {"message": ids, "body": ""}]]
    if isinstance(event, PresenceChanged | PersonChanged):
        places = event.conversations
        starts = range(0, max(1, len(places)), CONVERSATIONS_PER_NOTIFY)
        return [[name, values | {"conversations": places[at : at + CONVERSATIONS_PER_NOTIFY]}] for at in starts]
    if isinstance(event, PeopleCalled | PlaceAccessChanged) and event.people:
        return [[name, values | {"people": some}] for some in batched(event.people, CONVERSATIONS_PER_NOTIFY)]
    if isinstance(event, ScoresChanged):
        return [[name, values | {"scores": dict(some)}] for some in batched(event.scores.items(), SCORES_PER_NOTIFY)]
    if isinstance(event, AccessChanged):
        return [[name, values | part] for part in access_in_parts(event)]
    return [[name, values]]


def access_in_parts(event: AccessChanged) -> list[dict[str, Any]]:
    """What became of whom, losses first, so few people at a time that they fit into a note."""
    told = [(field, key) for field in ("lost", "came", "changed") for key in getattr(event, field)]
    is_part = {"is_part": len(told) > CONVERSATIONS_PER_NOTIFY}
    return [
        {field: tuple(key for kind, key in some if kind == field) for field in ("lost", "came", "changed")} | is_part
        for some in batched(told, CONVERSATIONS_PER_NOTIFY)
    ]


def unpacked(packets: Iterable[list[Any]]) -> list[Event]:
    """The events of packets, without those this version of the code does not know, or knows with other fields: what they
    told is found by the next comparison with the database."""
    events = []
    for packet in packets:
        try:
            event = unpack(packet)
        except (LookupError, TypeError, ValueError, AttributeError):
            log.warning("An event of another process could not be read: %.80r", packet)
            continue
        if event is not None:
            events.append(event)
    return events


def channel(shard: int) -> str:
    return f"{settings.DATABASE_SCHEMA}_chatter_events_{shard}"


NOTIFY = "select pg_notify(c, p) from unnest(%s::text[], %s::text[]) x(c, p)"


def notify_parameters(notes: Sequence[tuple[int, str]]) -> list[list[str]]:
    return [[channel(shard) for shard, _note in notes], [note for _shard, note in notes]]


def send_from_outside(events: Sequence[Event]) -> None:
    """Publish from a process without an event loop (a command, a worker). Never raises."""
    try:
        if settings.REDIS_URL:
            with outside_client().pipeline(transaction=False) as pipeline:
                for shard, packet in packets_by_shard("", events).items():
                    pipeline.publish(channel(shard), packet)
                pipeline.execute()
        elif notes := notes_by_shard("", events):
            with connection.cursor() as cursor:
                cursor.execute(NOTIFY, notify_parameters(notes))
    except Exception:
        log.warning("Events did not reach the web processes; they will compare with the database", exc_info=True)


@cache
def outside_client() -> Any:
    # Only where REDIS_URL is given.
    import redis  # noqa: PLC0415
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    # By default it would try again for seconds: an action waits for this.
    once = Retry(NoBackoff(), 0)
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2, retry=once)
