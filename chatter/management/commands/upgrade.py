"""Brings the database to this version of Chatter: checks the server, migrates where something is missing."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatter.ops.upgrade import upgrade


class Command(BaseCommand):
    help = "Migrate the database if anything is missing; quick when nothing is."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own annotation

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--report", action="store_true", help="print what was found as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        found = upgrade(verbosity=options["verbosity"])
        if options["report"]:
            self.stdout.write(json.dumps(asdict(found)))
