"""`manage.py upgrade`: what it finds, and the one line for a database that does not do."""

import json
from io import StringIO
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import NotSupportedError, OperationalError

from chatter.ops import upgrade
from chatter.ops.errors import OpsError
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
