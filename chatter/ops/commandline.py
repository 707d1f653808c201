"""What `manage.py` does around a command: the right database role, the embedded database for as long as it runs."""

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from chatter.ops.errors import InUse, OpsError
from chatter.ops.lock import Lock
from chatter.ops.paths import var_folder

if TYPE_CHECKING:
    from chatter.ops.postgres import Postgres

# Commands that change tables connect as the owner, all others as the application.
OWNER_COMMANDS = frozenset({"migrate", "makemigrations", "upgrade", "partitions", "flush", "sqlflush", "sqlmigrate"})
# Commands that never touch the database, so none is started for them.
OFFLINE_COMMANDS = frozenset(
    {
        *("", "help", "--help", "-h", "version", "--version", "run", "diffsettings", "collectstatic"),
        *("findstatic", "makemessages", "compilemessages", "startapp", "startproject", "sendtestemail"),
    }
)


def execute(arguments: Sequence[str]) -> int:
    """Run the command `arguments` name; returns the exit status."""
    command = arguments[1] if len(arguments) > 1 else ""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatter.settings")
    os.environ["CHATTER_COMMAND"] = command
    if command in OWNER_COMMANDS:
        os.environ["CHATTER_DATABASE_ROLE"] = "owner"
    try:
        die_with_launcher(signal.SIGTERM if command == "run" else signal.SIGKILL)
        if command == "run" and not {"-h", "--help"} & set(arguments):
            from chatter.ops.run import main  # noqa: PLC0415 -- without Django: the first page comes sooner

            return main(arguments[2:])
        with embedded_database(command):
            from django.core.management import execute_from_command_line  # noqa: PLC0415 -- after the database is up

            execute_from_command_line(list(arguments))
    except OpsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def die_with_launcher(number: signal.Signals) -> None:
    """End by signal `number` with the process that started us, where it asks for that (CHATTER_PARENT is its id)."""
    parent = os.environ.pop("CHATTER_PARENT", "")
    if parent:
        from chatter.ops.child import die_with_parent  # noqa: PLC0415 -- ctypes costs the other commands nothing

        die_with_parent(int(parent), number)


@contextmanager
def embedded_database(command: str) -> Iterator[None]:
    """Have the embedded PostgreSQL up: the one that runs already, else our own until the command ends."""
    if command in OFFLINE_COMMANDS or os.environ.get("DATABASE_URL"):
        yield
        return
    from chatter.ops.postgres import Postgres  # noqa: PLC0415 -- only where it is needed

    var = var_folder()
    server, guests = Postgres(var), Lock(var / "postgres.guests.lock")
    signal.signal(signal.SIGTERM, _leave)
    if not _started(server, guests, command):
        yield
        return
    try:
        yield
    finally:
        _close_pools()
        # Other commands may have come to use our server meanwhile.
        guests.acquire(wait=True)
        server.stop()


def _started(server: "Postgres", guests: Lock, command: str) -> bool:
    """True when the server is ours from now on, False when another process runs it and we are its guest."""
    from chatter.ops.postgres import answers  # noqa: PLC0415 -- only where it is needed

    deadline = time.monotonic() + 60
    while True:
        try:
            server.start(holder=f"manage.py {command}")
        except InUse:
            if time.monotonic() > deadline:
                raise
        else:
            return True
        guests.acquire(shared=True, wait=True)
        if answers(server.url("app")):
            return False
        guests.release()
        time.sleep(0.05)


def _close_pools() -> None:
    """Take leave of the database before it goes: the pool's threads would look for it and complain."""
    from django.db import connections  # noqa: PLC0415 -- loaded by now, unless the command failed before

    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's connection has it


def _leave(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
