"""`manage.py`: each command as the role it needs, with the embedded database up while it runs and down afterwards."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatter.ops.lock import Lock
from chatter.ops.postgres import Postgres
from tests.session import FORGETFUL, PROJECT

WHO = "from django.db import connection as c; k = c.cursor(); k.execute('select current_user'); print(k.fetchone()[0])"


def environment(var: Path) -> dict[str, str]:
    cleared = {"DATABASE_URL": "", "DATABASE_OWNER_URL": "", "REDIS_URL": ""}
    return {**os.environ, **cleared, "CHATTER_VAR": str(var)}


def manage(var: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environment(var),
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


@pytest.fixture(scope="module")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("command")


def test_a_command_brings_its_own_database_and_ends_it(var: Path) -> None:
    done = manage(var, "shell", "--no-imports", "-c", WHO)
    assert (done.stdout, done.stderr) == ("chatter_app\n", "")
    lock = Lock(var / "postgres.lock")
    assert lock.acquire()
    lock.release()


def test_migrations_run_as_the_owner(var: Path) -> None:
    done = manage(var, "showmigrations", "--plan", "accounts")
    assert "[ ]  accounts.0001_initial" in done.stdout
    assert manage(var, "migrate", "accounts", "--verbosity=0").returncode == 0


def test_a_command_uses_a_server_that_runs_already(var: Path) -> None:
    server = Postgres(var, settings=FORGETFUL)
    server.start()
    try:
        assert manage(var, "shell", "--no-imports", "-c", WHO).stdout == "chatter_app\n"
        assert server.process is not None
        assert server.process.poll() is None
    finally:
        server.stop()


def test_the_first_command_waits_for_its_guests(var: Path) -> None:
    host = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", "print('up', flush=True); input()"],
        cwd=PROJECT,
        env=environment(var),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert host.stdout is not None
    assert host.stdin is not None
    assert host.stdout.readline() == "up\n"
    guest = f"print('in', flush=True); input(); {WHO}"
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", guest],
        cwd=PROJECT,
        env=environment(var),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as visitor:
        assert visitor.stdout is not None
        assert visitor.stdout.readline() == "in\n"
        host.stdin.write("\n")
        host.stdin.flush()
        assert visitor.communicate("\n", timeout=60)[0] == "chatter_app\n"
    assert host.wait(60) == 0
    host.stdout.close()
    host.stdin.close()


def test_commands_without_a_database_start_none(tmp_path: Path) -> None:
    assert manage(tmp_path, "version").returncode == 0
    assert not (tmp_path / "postgres").exists()


def test_run_is_known_to_help(tmp_path: Path) -> None:
    assert (
        "Start the database, Valkey, the background worker and the web server" in manage(tmp_path, "help", "run").stdout
    )
    assert "usage: manage.py run" in manage(tmp_path, "run", "--help").stdout
