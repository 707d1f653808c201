"""`manage.py dbcheck`: prove that numbers, versions, counters and permissions are what they must be."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from chatter.ops.dbcheck import find_violations


class Command(BaseCommand):
    help = "Check the invariants of the data; exit status 1 where one is broken."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = 0
        for finding in find_violations():
            broken += bool(finding.broken)
            sign = (
                self.style.ERROR(f"{finding.broken:>6} broken")
                if finding.broken
                else self.style.SUCCESS("    ok      ")
            )
            self.stdout.write(f"{sign}  {finding.name}")
            for sample in finding.samples:
                self.stdout.write(f"               {sample}")
        if broken:
            raise CommandError(f"{broken} invariants are broken.")
        self.stdout.write("Everything is as it must be.")
