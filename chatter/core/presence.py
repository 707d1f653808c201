"""Who is here: online, idle, do not disturb, offline; over several sockets, devices and processes.

Pages ask `statuses`. With Valkey each process keeps expiring marks for its people, so that a crash leaves nobody online.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.conf import settings

from chatter.core.events import PresenceChanged
from chatter.core.presence_stores import Mark, MemoryStore, Store, ValkeyStore, combine, shared_store
from chatter.core.rooms import Circles

if TYPE_CHECKING:
    from chatter.core.hub import Hub
    from chatter.core.rooms import Person, Socket

log = logging.getLogger(__name__)

REFRESH_SECONDS = 30.0
SWEEP_SECONDS = 15.0
# How often `last_seen_at` of somebody who stays is written.
SEEN_SECONDS = 600.0


class SaveSeen(Protocol):
    def __call__(self, people: Sequence[UUID], at: datetime) -> Awaitable[None]: ...


class Present:
    """One connected person: what they chose, and the clock that runs once their last socket is gone."""

    __slots__ = ("chosen", "circles", "leaving", "text")

    def __init__(self, chosen: str, text: str) -> None:
        self.chosen = chosen
        self.text = text
        self.circles = Circles()
        self.leaving: asyncio.TimerHandle | None = None


class Presence:
    """The presence of this process's people. `announce(event)` tells hub and bus, `save_seen` writes `last_seen_at`."""

    def __init__(self, hub: Hub, announce: Callable[[PresenceChanged], None], save_seen: SaveSeen) -> None:
        self.hub = hub
        self.announce = announce
        self.save_seen = save_seen
        self.people: dict[UUID, Present] = {}
        self.store: Store = ValkeyStore(settings.REDIS_URL) if settings.REDIS_URL else MemoryStore()
        self.updating: dict[UUID, asyncio.Task[None]] = {}
        hub.circles_changed = self.circles_changed

    def start(self) -> None:
        for seconds, work in (
            (REFRESH_SECONDS, self.refresh),
            (SWEEP_SECONDS, self.sweep),
            (SEEN_SECONDS, self.note_seen),
        ):
            self.hub.spawn(repeat(seconds, work))

    async def stop(self) -> None:
        await self.store.close()

    def arrived(self, person: UUID, chosen: str, text: str) -> None:
        """A socket of theirs is open. `chosen` is the status on their account."""
        present = self.people.setdefault(person, Present(chosen, text))
        present.chosen, present.text = chosen, text
        if here := self.hub.people.get(person):
            present.circles = here.circles
        if present.leaving is not None:
            present.leaving.cancel()
            present.leaving = None
        self.update(person)

    def left(self, person: UUID) -> None:
        """Their last socket here is gone; they may be back in a moment."""
        present = self.people.get(person)
        if present is not None and present.leaving is None:
            present.leaving = self.hub.loop.call_later(settings.CHATTER_PRESENCE_GRACE, self.gone, person)

    def gone(self, person: UUID) -> None:
        if person in self.people:
            self.update(person, forget=True)

    def set_idle(self, socket: Socket, *, idle: bool) -> None:
        """The client noticed that nobody touches this device, or that somebody does again."""
        if socket.idle != idle:
            socket.idle = idle
            self.update(socket.person.id)

    def chosen(self, event: PresenceChanged) -> None:
        """Somebody chose a status, here or in another process. Matters only where they are connected."""
        present = self.people.get(event.user)
        if present is not None:
            told_before = present.text
            present.chosen, present.text = event.status, event.text
            self.update(event.user, always=told_before != event.text)

    def circles_changed(self, person: Person) -> None:
        """They let others see them than before: who may not any more sees them leave."""
        present = self.people.get(person.id)
        if present is None:
            return
        before, present.circles = present.circles, person.circles
        if before.presence != present.circles.presence:
            gone = PresenceChanged(user=person.id, status="offline", announced=True, conversations=small_rooms(person))
            self.announce(replace(gone, circle=before.presence))
            self.update(person.id, always=True)

    def update(self, person: UUID, *, forget: bool = False, always: bool = False) -> None:
        """Work out how they are, and announce it if it is new; one at a time for each person."""
        before = self.updating.get(person)
        self.updating[person] = self.hub.spawn(self.in_turn(person, before, forget=forget, always=always))

    async def in_turn(self, person: UUID, before: asyncio.Task[None] | None, *, forget: bool, always: bool) -> None:
        try:
            if before is not None:
                await asyncio.wait([before])
            await self.work_out(person, forget=forget, always=always)
        finally:
            if self.updating.get(person) is asyncio.current_task():
                del self.updating[person]

    async def work_out(self, person: UUID, *, forget: bool, always: bool) -> None:
        present = self.people.get(person)
        if present is None or (forget and present.leaving is None):
            return
        mark = Mark.NONE if forget else self.mark_of(person)
        try:
            status, was = await self.store.update(person, mark, present.chosen)
        except Exception as error:  # noqa: BLE001 -- the store may be away; this process goes on by itself
            log.warning("Presence could not be shared (%s)", error)
            status, was = combine([mark], present.chosen), ""
        if forget and present.leaving is None:
            # Back while the store was asked: what waits behind this says how they are.
            return
        if forget:
            del self.people[person]
        if status != was or always:
            await self.tell(person, status, present, seen=status == "offline" and present.chosen != "offline")

    def mark_of(self, person: UUID) -> Mark:
        """How they are on their sockets here; who has just lost the last one counts as here for the grace."""
        here = self.hub.people.get(person)
        is_idle = here is not None and here.sockets and all(socket.idle for socket in here.sockets)
        return Mark.IDLE if is_idle else Mark.ONLINE

    async def tell(self, person: UUID, status: str, present: Present | None, *, seen: bool) -> None:
        now = datetime.now(UTC)
        circles = present.circles if present else Circles()
        if circles.presence != "nobody":
            # One frame for all who see it: it says when only if all of them may know.
            says_when = seen and circles.last_seen in ("everyone", circles.presence)
            self.announce(
                PresenceChanged(
                    user=person,
                    status=status,
                    text=present.text if present else "",
                    last_seen_at=now.isoformat().replace("+00:00", "Z") if says_when else None,
                    announced=True,
                    conversations=small_rooms(self.hub.people.get(person)),
                    circle=circles.presence,
                )
            )
        if seen:
            await self.save_seen([person], now)

    async def refresh(self) -> None:
        people = self.people.items()
        marks = [(key, self.mark_of(key), present.chosen) for key, present in people]
        for person, status in await self.store.refresh(marks):
            await self.tell(person, status, self.people.get(person), seen=False)

    async def sweep(self) -> None:
        """Say of those whose process died that they are offline."""
        for person in await self.store.expired():
            if person not in self.people:
                await self.tell(person, "offline", None, seen=False)

    async def note_seen(self) -> None:
        seen = [key for key, present in self.people.items() if present.chosen != "offline"]
        if seen:
            await self.save_seen(seen, datetime.now(UTC))


def small_rooms(person: Person | None) -> tuple[UUID, ...]:
    """The conversations where the presence of `person` is shown."""
    most = settings.CHATTER_PRESENCE_MAX_MEMBERS
    return () if person is None else tuple(room.id for room in person.rooms if room.member_count <= most)


async def repeat(seconds: float, work: Callable[[], Awaitable[Any]]) -> None:
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception as error:  # noqa: BLE001 -- the next round tries again
            log.warning("Presence: %s failed (%s)", work.__name__, error)


def statuses(people: Iterable[UUID]) -> dict[UUID, str]:
    """How those of `people` are who are not offline. Synchronous; for pages. Without Valkey only this process knows."""
    try:
        return shared_store().statuses(list(people))
    except Exception as error:  # noqa: BLE001 -- a page is not lost for want of a green dot
        log.warning("Presence could not be read (%s)", error)
        return {}


def present_people(most: int) -> list[UUID]:
    """Some of those who are connected, `most` at most. Synchronous; for pages that cannot ask about everybody."""
    try:
        return shared_store().present(most)
    except Exception as error:  # noqa: BLE001 -- a page is not lost for want of a green dot
        log.warning("Presence could not be read (%s)", error)
        return []
