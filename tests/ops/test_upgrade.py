"""`manage.py upgrade`: what it finds, and the one line for a database that does not do."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from types import SimpleNamespace

import psycopg
import pytest
from django.core.management import call_command
from django.db import NotSupportedError, OperationalError

from chatter.ops import upgrade
from chatter.ops.errors import OpsError
from tests import session
from tests.databases import clone
from tests.factories import UserFactory


def report() -> dict[str, bool]:
    out = StringIO()
    call_command("upgrade", report=True, stdout=out)
    found: dict[str, bool] = json.loads(out.getvalue())
    return found


@pytest.mark.django_db
def test_it_tells_an_empty_database_from_the_demo_and_from_others() -> None:
    assert report() == {"empty": True, "demo": False, "may_seed": False}
    UserFactory(username="somebody", email="somebody@example.org")
    assert report() == {"empty": False, "demo": False, "may_seed": False}
    UserFactory(username="alice", email="Alice@example.org")
    assert report() == {"empty": False, "demo": True, "may_seed": False}


@pytest.mark.django_db
def test_nothing_is_migrated_where_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrade, "call_command", lambda *_, **__: pytest.fail("it migrated"))
    upgrade.upgrade()


@pytest.fixture
def bare() -> Iterator[str]:
    """A database that holds nothing at all."""
    name = f"bare_{session.WORKER}"
    with psycopg.connect(session.server().url("superuser", database="postgres"), autocommit=True) as superuser:
        clone(superuser, "template1", name)
        yield name
        superuser.execute(f"drop database {name} with (force)")


def test_all_tables_may_lie_in_a_schema_of_their_own(bare: str) -> None:
    server = session.server()
    urls = {"DATABASE_URL": server.url("app", database=bare), "DATABASE_OWNER_URL": server.url("owner", database=bare)}
    done = subprocess.run(
        [sys.executable, "manage.py", "upgrade", "--verbosity=0", "--report"],
        cwd=session.PROJECT,
        env={**os.environ, **urls, "DATABASE_SCHEMA": "chat_app"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["empty"] is True
    with psycopg.connect(urls["DATABASE_URL"]) as connection:
        counted = connection.execute("select count(*) from pg_tables where schemaname = 'chat_app'").fetchone()
        assert counted
        assert counted[0] > 30
        assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
        assert connection.execute("select count(*) from chat_app.chat_message").fetchone() == (0,)


def pretend(monkeypatch: pytest.MonkeyPatch, *, version: int = 0, error: Exception | None = None) -> None:
    def connect() -> None:
        if error:
            raise error

    monkeypatch.setattr(upgrade, "connection", SimpleNamespace(ensure_connection=connect, pg_version=version))


def test_an_old_server_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, version=170_004)
    with pytest.raises(
        OpsError, match=r"^The database is too old: Chatter needs PostgreSQL 18 or newer, this is 17\.4\.$"
    ):
        upgrade.check_server()


def test_a_server_too_old_for_django_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, error=NotSupportedError("PostgreSQL 15 or later is required (found 12.1)."))
    with pytest.raises(OpsError, match=r"^The database is too old: .*found 12\.1"):
        upgrade.check_server()


def test_a_server_out_of_reach_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, error=OperationalError("connection failed\nis it there?\n"))
    with pytest.raises(OpsError, match=r"^Cannot reach the database: is it there\?$"):
        upgrade.check_server()
