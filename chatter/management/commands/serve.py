"""Serves pages and sockets with uvicorn: what `make run` starts, and what production runs."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatter.ops.serve import serve


class Command(BaseCommand):
    help = "Serve Chatter with uvicorn (HOST and PORT of the environment are the defaults)."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own annotation

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "127.0.0.1"))
        parser.add_argument("--port", type=int, default=int(os.environ.get("PORT", "8000")))
        parser.add_argument("--listener", type=int, help="serve on this inherited socket instead (a file descriptor)")
        parser.add_argument("--gate", type=int, help="import first, serve when this pipe says so (a file descriptor)")

    def handle(self, *args: Any, **options: Any) -> None:
        serve(host=options["host"], port=options["port"], listener=options["listener"], gate=options["gate"])
