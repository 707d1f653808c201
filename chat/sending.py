"""The batcher: sends of all sockets of this process become batches of one SQL call each.

No timer: it flushes when idle and collects while a batch is in flight. What a batch does is `chat.actions.send`'s.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from django.db import InterfaceError, OperationalError, connection
from django.utils.translation import gettext_lazy as _

from chat.actions.send import BUSY, SendInput, Sent, append_batch
from chatter.core.errors import Refused
from chatter.core.events import Event

log = logging.getLogger(__name__)

BATCH_MAX = 100
# How often a batch is run again on a deadlock or the like, before it is halved.
ATTEMPTS = 4
# How long a send waits for a database that is away, or for a conversation that somebody holds.
PATIENCE_SECONDS = 30.0
NEVER = float("inf")
HOLD_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05)
AWAY_SECONDS = (0.05, 0.1, 0.2, 0.5)

type Outcome = Sent | Refused
type Append = Callable[[Sequence[SendInput]], list[Outcome]]


def append_surely(
    inputs: Sequence[SendInput], append: Append = append_batch, stopping: threading.Event | None = None
) -> list[Outcome]:
    """Append a batch; run it again on a deadlock, a lost connection or an unknown commit (it is idempotent), and halve
    it on anything else, so that one bad message refuses only itself."""
    stopping = stopping or threading.Event()
    until = time.monotonic() + PATIENCE_SECONDS
    attempt = 0
    while True:
        try:
            return append(inputs)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if is_away(error):
                if time.monotonic() > until or stopping.wait(AWAY_SECONDS[min(attempt, len(AWAY_SECONDS) - 1)]):
                    return [try_later() for _given in inputs]
            elif attempt >= ATTEMPTS:
                return halved(inputs, append, stopping, error)
            attempt += 1
        except Exception as error:  # noqa: BLE001 -- whatever one message does, the others shall be stored
            connection.close()
            return halved(inputs, append, stopping, error)


def halved(inputs: Sequence[SendInput], append: Append, stopping: threading.Event, error: Exception) -> list[Outcome]:
    if len(inputs) == 1:
        log.error("A message could not be stored", exc_info=error)
        if is_passing(error):
            return [try_later()]
        return [Refused("invalid", _("This message could not be stored."))]
    middle = len(inputs) // 2
    return [*append_surely(inputs[:middle], append, stopping), *append_surely(inputs[middle:], append, stopping)]


def is_away(error: Exception) -> bool:
    """Is the server gone, rather than unwilling? Without an SQLSTATE, or one that ends the connection."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state is None or state.startswith(("08", "57P"))


def is_passing(error: Exception) -> bool:
    """Does it say more of the server than of the message (deadlock, too many connections, a lock or a time-out)?"""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state is not None and state.startswith(("40", "53", "55", "57"))


def is_busy(outcome: Outcome) -> bool:
    return isinstance(outcome, Refused) and outcome.code == BUSY


def try_later() -> Refused:
    return Refused("rate_limited", _("The message could not be stored just now. Try again."), retry_after=2)


def published(outcome: Outcome) -> tuple[Event, ...]:
    return outcome.events if isinstance(outcome, Sent) else ()


def close_connection() -> None:
    """Give the calling thread's connection back."""
    connection.close()


@dataclass(slots=True, eq=False)
class Submission:
    """One send that waits for its outcome; `answer` is called once, on the loop."""

    given: SendInput
    answer: Callable[[Outcome], None]
    until: float = field(default_factory=lambda: time.monotonic() + PATIENCE_SECONDS)


class Batcher:
    """Owns its task, its thread and that thread's connection: a consumer that goes away cancels nothing.

    `deliver(events)` gets what each batch committed, after its answers.
    """

    def __init__(self, deliver: Callable[[Sequence[Event]], None], append: Append = append_batch) -> None:
        self.deliver = deliver
        self.append = append
        self.fresh: deque[Submission] = deque()
        # Sends to conversations that somebody held when they were tried, in order, with their successors.
        self.held: dict[UUID, deque[Submission]] = {}
        self.held_at = 0.0
        self.held_attempt = 0
        self.in_flight = 0
        self.wake = asyncio.Event()
        self.idle = asyncio.Event()
        self.idle.set()
        self.stopping = threading.Event()
        self.closing = False
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="batcher")
        self.task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self.task = asyncio.create_task(self.run())

    def submit(self, given: SendInput, answer: Callable[[Outcome], None]) -> None:
        """Take a send. `answer` comes later, on the loop, whatever becomes of the consumer that asked."""
        if self.closing:
            answer(try_later())
            return
        self.fresh.append(Submission(given, answer))
        self.idle.clear()
        self.wake.set()

    async def drain(self, seconds: float) -> None:
        """Take nothing more; wait until everything taken is answered, at most `seconds`."""
        self.closing = True
        try:
            await asyncio.wait_for(self.idle.wait(), seconds)
        except TimeoutError:
            log.warning("Stopping with %d sends unanswered; their clients will send them again", self.waiting)
        self.stopping.set()
        if self.task is not None:
            self.task.cancel()
        closed = asyncio.get_running_loop().run_in_executor(self.thread, close_connection)
        await asyncio.wait([closed], timeout=seconds)
        self.thread.shutdown(wait=False)

    @property
    def waiting(self) -> int:
        return len(self.fresh) + self.in_flight + sum(map(len, self.held.values()))

    async def run(self) -> None:
        while True:
            batch = self.next_batch()
            if batch:
                await self.carry_out(batch)
            else:
                await self.rest()

    async def rest(self) -> None:
        """Wait for sends, or until held ones are due."""
        if not self.held:
            self.idle.set()
        self.wake.clear()
        timeout = max(0.0, self.held_at - time.monotonic()) if self.held else None
        with suppress(TimeoutError):
            await asyncio.wait_for(self.wake.wait(), timeout)

    def next_batch(self) -> list[Submission]:
        """Held sends when they are due, in a batch of their own; else what arrived, keeping each place's order."""
        if self.held and time.monotonic() >= self.held_at:
            held = [submission for queue in self.held.values() for submission in queue]
            self.held = {}
            self.held_at = NEVER
            for submission in held[BATCH_MAX:]:
                self.held.setdefault(submission.given.conversation, deque()).append(submission)
            return held[:BATCH_MAX]
        batch: list[Submission] = []
        while self.fresh and len(batch) < BATCH_MAX:
            submission = self.fresh.popleft()
            queue = self.held.get(submission.given.conversation)
            if queue is None:
                batch.append(submission)
            else:
                queue.append(submission)
        return batch

    async def carry_out(self, batch: list[Submission]) -> None:
        inputs = [submission.given for submission in batch]
        self.in_flight = len(batch)
        try:
            loop = asyncio.get_running_loop()
            outcomes = await loop.run_in_executor(self.thread, append_surely, inputs, self.append, self.stopping)
        except Exception:
            log.exception("A batch of messages failed")
            outcomes = [try_later() for _given in inputs]
        self.in_flight = 0
        self.answer(batch, outcomes)

    def answer(self, batch: list[Submission], outcomes: list[Outcome]) -> None:
        events: list[Event] = []
        busy: list[Submission] = []
        for submission, outcome in zip(batch, outcomes, strict=True):
            if is_busy(outcome) and time.monotonic() < submission.until:
                busy.append(submission)
                continue
            events += published(outcome)
            try:
                submission.answer(try_later() if is_busy(outcome) else outcome)
            except Exception:
                log.exception("An answer could not be given")
        self.hold(busy, progress=len(busy) < len(batch))
        if events:
            self.deliver(events)

    def hold(self, busy: list[Submission], *, progress: bool) -> None:
        """Keep sends to held conversations for their own next batch, before whatever was queued behind them."""
        for submission in reversed(busy):
            self.held.setdefault(submission.given.conversation, deque()).appendleft(submission)
        if busy:
            self.held_attempt = 0 if progress else self.held_attempt + 1
            self.held_at = time.monotonic() + HOLD_SECONDS[min(self.held_attempt, len(HOLD_SECONDS) - 1)]
        elif self.held_at == NEVER:
            self.held_at = 0.0
