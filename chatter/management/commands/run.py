"""Starts everything. `manage.py run` itself gets here without Django; this file makes the command known to `help`."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatter.ops.run import main


class Command(BaseCommand):
    help = "Start the database, Valkey, the background worker and the web server (what `make run` does)."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own annotation

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host")
        parser.add_argument("--port")

    def handle(self, *args: Any, **options: Any) -> None:
        given = [f"--{name}={options[name]}" for name in ("host", "port") if options[name]]
        raise SystemExit(main(given))
