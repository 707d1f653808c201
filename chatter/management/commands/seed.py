"""Fills an empty database: the demo's people and talk, or a large community to measure with."""

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from chatter.ops.errors import OpsError
from chatter.ops.progress import Progress
from chatter.ops.seed import PASSWORD, PEOPLE, seed_demo
from chatter.ops.seed_large import Size, seed_large
from chatter.ops.seed_large_forums import ForumsSize, make_large_forums


class Command(BaseCommand):
    help = "Make the demo (people, friends, talk) in an empty database; --size large makes a big community as well."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="make it although DEBUG is off")
        parser.add_argument("--size", choices=["demo", "large"], default="demo")
        parser.add_argument("--people", type=int, default=1_000, help="how many in a large one (default: %(default)s)")
        parser.add_argument("--conversations", type=int, default=500, help="how many (default: %(default)s)")
        parser.add_argument("--groups", type=int, default=12, help="how many (default: %(default)s)")
        parser.add_argument("--messages", type=int, default=1_000_000, help="how many (default: %(default)s)")
        parser.add_argument("--forums", type=int, default=100, help="how many (default: %(default)s)")
        parser.add_argument("--posts", type=int, default=100_000, help="how many (default: %(default)s)")
        parser.add_argument("--comments", type=int, default=1_000_000, help="how many (default: %(default)s)")
        parser.add_argument("--votes", type=int, default=5_000_000, help="how many (default: %(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CHATTER_DEMO and not options["demo"]:
            raise CommandError(
                "DEBUG is off: say --demo if this really is a demo, its passwords are known to everybody."
            )
        try:
            if options["size"] == "large":
                self._make_large(options)
            else:
                self._make_demo()
        except OpsError as error:
            raise CommandError(str(error)) from error

    def _make_demo(self) -> None:
        if not seed_demo():
            self.stdout.write("The demo is there already; nothing was changed.")
            return
        self.stdout.write(f"Made the demo: log in as {', '.join(PEOPLE)} with the password {PASSWORD}.")

    def _make_large(self, options: dict[str, Any]) -> None:
        size = Size(**{name: options[name] for name in ("people", "conversations", "groups", "messages")})
        forums = ForumsSize(**{name: options[name] for name in ("forums", "posts", "comments", "votes")})
        with Progress(sys.stderr, "messages") as progress, Progress(sys.stderr, "posts, comments and votes") as rows:
            seed_large(size, progress.show, lambda people: make_large_forums(people, forums, rows.show))
        self.stdout.write(
            f"Made {size.people:,} people, {size.conversations:,} conversations, {size.groups:,} groups, "
            f"{size.messages:,} messages, {forums.forums:,} forums, {forums.posts:,} posts, {forums.comments:,} comments "
            f"and {forums.votes:,} votes in {progress.seconds:.0f} s, and the demo in front; "
            f"everybody's password is {PASSWORD}."
        )
