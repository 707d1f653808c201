"""The worker process: threads that carry out tasks, tell what happened, send what is due and keep the clock's jobs."""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import FrameType

from django.db import close_old_connections
from django_tasks_db.models import DBTaskResult

from accounts.background import WorkerDied, claim, note_failure, perform
from accounts.deliveries import deliver_due
from accounts.occasions import spread_due
from chatter.ops.reaper import note_alive, reap, say_goodbye
from chatter.ops.schedule import jobs, run_due

logger = logging.getLogger(__name__)

ALIVE_SECONDS = 10.0
REAP_SECONDS = 20.0
CLOCK_SECONDS = 15.0
TASK_SECONDS = 0.5
# Threads of each queue: one task that takes long holds up no other kind.
THREADS = {"default": 2, "mail": 2, "push": 4, "access": 2}
# What is not finished so long after SIGTERM is left to other workers; `make run` waits 15 s.
GRACE_SECONDS = 12.0
LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Loop:
    """`work`, again and again: at once while it says that there was some, else after `every` seconds."""

    name: str
    every: float
    work: Callable[[], object]


class Worker:
    """One process's share of the background work."""

    def __init__(self) -> None:
        self.id = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.stop = threading.Event()
        # Tasks of which it could not be noted how they ended: the database was away. Nobody takes them from who is alive.
        self.unnoted: deque[DBTaskResult] = deque()

    def run(self) -> None:
        """Work until SIGTERM or SIGINT, then finish what is in hand."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        note_alive(self.id)
        close_old_connections()
        threads = [
            threading.Thread(target=keep, args=(loop, self.stop), name=loop.name, daemon=True) for loop in self.loops()
        ]
        for thread in threads:
            thread.start()
        logger.info("worker started", extra={"worker": self.id})
        self.stop.wait()
        deadline = time.monotonic() + GRACE_SECONDS
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        say_goodbye(self.id)
        logger.info("worker ended", extra={"worker": self.id})

    def run_once(self) -> None:
        """Do everything that is due now, and what follows from it."""
        note_alive(self.id)
        run_due(jobs())
        while any([work() for work in (self._tasks, *_deeds().values())]):  # noqa: C419 -- each has its turn
            pass
        say_goodbye(self.id)

    def loops(self) -> list[Loop]:
        tasks = [
            Loop(f"{queue}-{number}", TASK_SECONDS, partial(self._task, queue))
            for queue, count in THREADS.items()
            for number in range(count)
        ]
        return [
            Loop("alive", ALIVE_SECONDS, lambda: note_alive(self.id)),
            Loop("reaper", REAP_SECONDS, self._reap),
            Loop("clock", CLOCK_SECONDS, lambda: run_due(jobs())),
            *(Loop(name, TASK_SECONDS, work) for name, work in _deeds().items()),
            *tasks,
        ]

    def _task(self, queue: str) -> bool:
        row = claim(queue, self.id)
        if row is None:
            return False
        try:
            perform(row)
        except Exception:
            self.unnoted.append(row)
            raise
        return True

    def _reap(self) -> None:
        """What this worker lost runs again, and so does what the dead held."""
        while self.unnoted:
            note_failure(self.unnoted[0], WorkerDied("the database was away when it ended"))
            self.unnoted.popleft()
        reap()

    def _tasks(self) -> bool:
        return any([self._task(queue) for queue in THREADS])  # noqa: C419 -- each has its turn

    def _end(self, number: int, _frame: FrameType | None) -> None:
        # A second signal ends it at once.
        signal.signal(number, signal.SIG_DFL)
        self.stop.set()


def keep(loop: Loop, stop: threading.Event) -> None:
    """Run `loop` until `stop`; after errors it pauses longer each time, up to half a minute."""
    failures = 0
    while not stop.is_set():
        try:
            more = loop.work()
            failures = 0
        except Exception:
            logger.exception("worker loop failed", extra={"loop": loop.name})
            more, failures = False, failures + 1
        finally:
            close_old_connections()
        if not more:
            stop.wait(min(LONGEST_WAIT, loop.every * 2**failures) if failures else loop.every)


def _deeds() -> dict[str, Callable[[], object]]:
    """The loops of the applications. Each returns whether there was something to do."""
    ways = {channel: partial(deliver_due, channel) for channel in ("email", "push")}
    return {"occasions": spread_due, **ways}
