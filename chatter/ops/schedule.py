"""What the worker does by the clock: a short list of jobs, each safe to run again and on several workers at once."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.core.management import call_command
from django.db import close_old_connections

from chat.actions.upkeep import prune_changes
from chatter.ops.partitions import make_partitions

logger = logging.getLogger(__name__)

DAY = 24 * 60 * 60.0
LOOK_SECONDS = 60.0


@dataclass
class Job:
    """`work`, at the start and then every `every` seconds; tried again a minute after it failed."""

    name: str
    every: float
    work: Callable[[], object]
    due: float = field(default=0.0)

    def run_if_due(self, now: float) -> None:
        if now < self.due:
            return
        try:
            self.work()
        except Exception:
            logger.exception("scheduled job failed", extra={"job": self.name})
        else:
            self.due = now + self.every


def clear_sessions() -> None:
    """Delete sessions that have run out."""
    call_command("clearsessions")


def jobs() -> list[Job]:
    return [
        Job("partitions", DAY, make_partitions),
        Job("sessions", DAY, clear_sessions),
        Job("changes", DAY, prune_changes),
    ]


def keep_schedule(stop: threading.Event, schedule: list[Job]) -> None:
    """Run the jobs of `schedule` when they are due, until `stop`."""
    while not stop.is_set():
        for job in schedule:
            job.run_if_due(time.monotonic())
        close_old_connections()
        stop.wait(LOOK_SECONDS)
