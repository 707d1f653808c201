"""`manage.py verify_audit`: prove that nothing in the audit log was changed, removed or put in."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.audit import matches, verify_chain


class Command(BaseCommand):
    help = "Check the chain of the audit log; exit status 1 where an entry is not what was written."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--anchor",
            metavar="NUMBER:DIGEST",
            default="",
            help="what an earlier run said of its last entry: also finds a log that was rewritten as a whole",
        )

    def handle(self, *args: Any, anchor: str, **options: Any) -> None:
        verdict = verify_chain()
        self.stdout.write(f"{verdict.count} entries, {verdict.erased} of them erased of personal details.")
        for number, problem in verdict.samples:
            self.stdout.write(self.style.ERROR(f"tampered: {number} {problem}"))
        tampered = verdict.tampered
        if anchor and not self._holds(anchor):
            self.stdout.write(self.style.ERROR(f"tampered: {anchor.partition(':')[0]} is not the entry of the anchor"))
            tampered += 1
        if tampered:
            raise CommandError(f"{tampered} places were tampered with.")
        if verdict.count:
            self.stdout.write(f"Whole. The last: {verdict.last[0]}:{verdict.last[1]}")

    def _holds(self, anchor: str) -> bool:
        number, _colon, digest = anchor.partition(":")
        if not (number.isdecimal() and digest):
            raise CommandError("An anchor reads NUMBER:DIGEST, as an earlier run printed it.")
        return matches(int(number), digest)
