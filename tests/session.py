"""The servers of a test session: one throw-away PostgreSQL, up before Django's settings are read.

Loaded by `addopts = -p`. The process that starts the session (xdist's controller, or the only one) starts the server
and begins to migrate the template database while tests are collected; each worker clones it (tests/conftest.py).
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from chatter.ops.lock import Lock
from chatter.ops.postgres import Postgres

PROJECT = Path(__file__).resolve().parent.parent
FOLDER = "CHATTER_TEST_FOLDER"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATABASE = f"test_{WORKER}"
SWEEP_AFTER = 3600
# Nothing here outlives the machine, so nothing waits for a disk (a killed server still finds its commits).
FORGETFUL = {"fsync": "off", "full_page_writes": "off", "max_connections": "300"}
ENVIRONMENT = {
    "DEBUG": "0",
    "CHATTER_GUESTS": "1",
    "ALLOWED_HOSTS": "localhost,127.0.0.1,[::1],testserver",
    "REDIS_URL": "",
    "EMAIL_URL": "",
    "CHATTER_DATABASE_ROLE": "app",
    # Playwright's synchronous API runs an event loop in the main thread, where tests use the ORM.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}


def folder() -> Path:
    """The session's folder; it is CHATTER_VAR of everything that runs in it."""
    return Path(os.environ[FOLDER])


def server() -> Postgres:
    """The session's PostgreSQL, to ask for addresses (the process that started it stops it)."""
    return Postgres(folder())


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None]:
    if FOLDER not in os.environ:
        _begin()
    os.environ.update(ENVIRONMENT)
    os.environ["CHATTER_VAR"] = str(folder())
    os.environ["DATABASE_URL"] = server().url("app", database=DATABASE)
    os.environ["DATABASE_OWNER_URL"] = server().url("owner", database=DATABASE)
    return (yield)


def _begin() -> None:
    _sweep()
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="chatter-test-")
    folder().chmod(0o755)
    (folder() / "static").mkdir()
    postgres = Postgres(folder(), settings=FORGETFUL)
    postgres.start(holder="pytest")
    atexit.register(_end, postgres)
    # Ended when its turn comes: exit functions run in the opposite order.
    atexit.register(migrate(postgres, folder() / "migrate").wait)


def migrate(postgres: Postgres, note: Path) -> subprocess.Popen[bytes]:
    """Begin to migrate the database `chatter` of `postgres`; `migrated(note)` waits for the end.

    The process inherits a lock, so whoever waits for that lock waits for the process, in any worker.
    """
    owner = postgres.url("owner")
    environment = {**os.environ, **ENVIRONMENT, "DATABASE_URL": postgres.url("app"), "DATABASE_OWNER_URL": owner}
    lock = Lock(note.with_suffix(".lock"))
    lock.acquire()
    with note.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(
            ["sh", "-c", '"$0" manage.py migrate --verbosity=0 --skip-checks && touch "$1"', sys.executable, note],
            cwd=PROJECT,
            env=environment | {"CHATTER_VAR": str(postgres.var)},
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[lock.file],
        )
    lock.release()
    return process


def migrated(note: Path) -> None:
    """Wait until the migration behind `note` has ended; the session ends when it failed."""
    lock = Lock(note.with_suffix(".lock"))
    lock.acquire(shared=True, wait=True)
    lock.release()
    if not note.exists():
        said = note.with_suffix(".log").read_text(encoding="utf-8")
        pytest.exit(f"The test database could not be migrated:\n{said}", returncode=3)


def _sweep() -> None:
    """Remove what sessions left behind that were killed."""
    for old in Path(tempfile.gettempdir()).glob("chatter-test-*"):
        lock = Lock(old / "postgres.lock")
        if time.time() - old.stat().st_mtime > SWEEP_AFTER and lock.acquire():
            shutil.rmtree(old, ignore_errors=True)
            lock.release()


def _end(postgres: Postgres) -> None:
    postgres.stop()
    shutil.rmtree(postgres.var, ignore_errors=True)
