"""Runs background tasks, tells people what happened, sends e-mails and pushes, and keeps the clock's jobs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatter.ops.worker import Worker


class Command(BaseCommand):
    help = "Run background tasks, deliveries and scheduled upkeep. Several may run at once."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own annotation

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Do what is due now, then end.")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        worker = Worker()
        if once:
            worker.run_once()
        else:
            worker.run()
