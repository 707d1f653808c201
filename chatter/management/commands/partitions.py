"""Makes the partitions of the coming months; the worker does the same every day."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from chatter.ops.partitions import MONTHS_AHEAD, make_partitions, months_ahead


class Command(BaseCommand):
    help = "Make the monthly partitions of messages ahead of time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ahead", type=int, default=MONTHS_AHEAD, help=f"months, default {MONTHS_AHEAD}")

    def handle(self, *args: Any, **options: Any) -> None:
        made = make_partitions(options["ahead"])
        self.stdout.write(f"{made} partitions made; {months_ahead()} months ahead are ready.")
