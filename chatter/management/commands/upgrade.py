"""Brings the database to this version of Chatter: checks the server, migrates where something is missing."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatter.ops.upgrade import upgrade


class Command(BaseCommand):
    help = "Migrate the database if anything is missing; quick when nothing is. Exit status 3: it holds no people yet."
    requires_system_checks: list[str] = []  # noqa: RUF012 -- Django's own annotation

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tell-empty", action="store_true", help="exit with status 3 when nobody has signed up yet")

    def handle(self, *args: Any, **options: Any) -> None:
        empty = upgrade(verbosity=options["verbosity"])
        if empty and options["tell_empty"]:
            raise SystemExit(3)
