"""A closed loop of sends: so many in flight, each acknowledgement starts the next one, in turn over all senders."""

import asyncio
import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.client import Connection, Wire, connect

MESSAGE_BYTES = 200
WORDS = "the quick brown fox jumps over the lazy dog and comes back to tell everybody what it saw on the way "
SETTLE_SECONDS = 20
POLL_SECONDS = 0.002


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who sends: their socket and the place they write to."""

    connection: Connection
    place: str


@dataclass(slots=True)
class Outcome:
    """What one round did. `seconds` runs from the first send to the last delivery."""

    sent: int = 0
    acknowledged: int = 0
    seconds: float = 0.0
    delivered: int = 0
    expected: int = 0
    latencies: list[float] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Acknowledged messages per second."""
        return self.acknowledged / self.seconds if self.seconds else 0.0

    @property
    def problem(self) -> str:
        """What went wrong, or nothing."""
        if self.refusals:
            return f"{len(self.refusals)} sends refused: {self.refusals[0]}"
        if self.acknowledged != self.sent:
            return f"{self.sent - self.acknowledged} sends were never acknowledged"
        if self.delivered != self.expected:
            return f"{self.delivered} deliveries instead of {self.expected}"
        return ""


def text_of(number: int) -> str:
    """A message of 200 bytes that no other message equals."""
    return f"{number:08d} {WORDS * 3}"[:MESSAGE_BYTES]


class ClosedLoop:
    """`listeners` says how many sockets get each message of a place (0: nobody has it open)."""

    def __init__(
        self, seats: Sequence[Seat], listeners: Sequence[Connection], per_message: int, in_flight: int
    ) -> None:
        self.seats = seats
        self.listeners = listeners
        self.per_message = per_message
        self.in_flight = in_flight
        self._turn = 0

    async def run(self, seconds: float, *, most: int | None = None) -> Outcome:
        """Send for so long (or so many), then wait until everything has arrived."""
        outcome, before = Outcome(), self._delivered()
        with quiet_collector():
            start = time.perf_counter()
            await self._send_and_wait(outcome, start + seconds, most)
            outcome.expected = outcome.acknowledged * self.per_message
            await arrive(lambda: self._delivered() - before, outcome.expected)
            outcome.seconds = time.perf_counter() - start
        outcome.delivered = self._delivered() - before
        return outcome

    async def _send_and_wait(self, outcome: Outcome, stop: float, most: int | None) -> None:
        finished = asyncio.Event()
        flying = 0

        def send() -> None:
            nonlocal flying
            seat = self.seats[self._turn % len(self.seats)]
            flying += 1
            outcome.sent += 1
            self._turn += 1
            sent_at = time.perf_counter()
            seat.connection.send_message(lambda reply: answered(reply, sent_at), seat.place, text_of(self._turn))

        def answered(reply: Wire, sent_at: float) -> None:
            nonlocal flying
            flying -= 1
            now = time.perf_counter()
            if "ok" in reply:
                outcome.acknowledged += 1
                outcome.latencies.append(now - sent_at)
            else:
                outcome.refusals.append(str(reply["error"]))
            if now < stop and (not most or outcome.sent < most) and len(outcome.refusals) < 50:
                send()
            elif flying == 0:
                finished.set()

        for _ in range(self.in_flight):
            send()
        try:
            await asyncio.wait_for(finished.wait(), stop - time.perf_counter() + SETTLE_SECONDS)
        except TimeoutError:
            outcome.refusals.append("no answer in time")

    def _delivered(self) -> int:
        return sum(listener.created for listener in self.listeners)


async def arrive(delivered: Callable[[], int], expected: int) -> None:
    """Return when everything is there, or when nothing has moved for a second."""
    last, moved = -1, time.monotonic()
    while (now := delivered()) < expected and time.monotonic() - moved < 1:
        if now != last:
            last, moved = now, time.monotonic()
        await asyncio.sleep(POLL_SECONDS)


class quiet_collector:  # noqa: N801 -- reads as the statement it is
    """Keeps this process's garbage collector from stopping it in the middle."""

    def __enter__(self) -> None:
        gc.collect()
        gc.freeze()
        gc.disable()

    def __exit__(self, *_error: object) -> None:
        gc.enable()
        gc.unfreeze()


async def connect_all(url: str, cookies: Sequence[str], *, at_once: int = 50) -> list[Connection]:
    """A socket for each cookie, in order."""
    connections: list[Connection] = []
    for start in range(0, len(cookies), at_once):
        connections += await asyncio.gather(*(connect(url, cookie) for cookie in cookies[start : start + at_once]))
    return connections


async def open_place(connection: Connection, place: str) -> None:
    """Have the place open: from now on its full events arrive."""
    await connection.ask("conversation.open", conversation=place, version=None)


async def close_all(connections: Sequence[Connection]) -> None:
    await asyncio.gather(*(connection.close() for connection in connections))
