"""Runs background tasks, and the jobs of the clock beside them."""

import threading
from typing import Any

from django_tasks_db.management.commands import db_worker

from chatter.ops.schedule import jobs, keep_schedule


class Command(db_worker.Command):
    help = "Run background tasks and scheduled upkeep."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own annotation

    def configure_logging(self, verbosity: int) -> None:
        """The settings say what is logged."""

    def handle(self, **options: Any) -> None:
        stop = threading.Event()
        threading.Thread(target=keep_schedule, args=(stop, jobs()), name="schedule", daemon=True).start()
        try:
            super().handle(**options)
        finally:
            stop.set()
