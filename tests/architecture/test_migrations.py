"""Migrations have names, import no application, and lead forward, back and forward to the same tables."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from chatter.ops.cluster import binaries
from tests import session
from tests.databases import clone

OURS = ("accounts", "chat", "groups", "forums")
FILES = sorted(path for app in OURS for path in (session.PROJECT / app / "migrations").glob("0*.py"))
DATABASE = f"migrations_{session.WORKER}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_a_migration_has_a_name(path: Path) -> None:
    assert re.fullmatch(r"\d{4}_[a-z][a-z0-9_]+", path.stem)
    assert not re.search(r"_auto_|_alter_|_remove_.*_and_", path.stem)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parts[-3]}.{path.stem}")
def test_a_migration_imports_no_application(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not {module for module in modules if module.split(".")[0] in OURS}


@pytest.fixture
def copy(django_db_setup: None) -> Iterator[str]:
    """A migrated database that may be taken apart."""
    with psycopg.connect(session.server().url("superuser", database="postgres"), autocommit=True) as superuser:
        clone(superuser, "chatter", DATABASE)
        yield DATABASE
        superuser.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(DATABASE)))


def migrate(*arguments: str) -> None:
    url = session.server().url("owner", database=DATABASE)
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks", *arguments],
        cwd=session.PROJECT,
        env={**os.environ, "DATABASE_URL": session.server().url("app", database=DATABASE), "DATABASE_OWNER_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def schema() -> str:
    """The tables, functions, triggers and rights as SQL."""
    url = session.server().url("superuser", database=DATABASE)
    done = subprocess.run(
        [binaries() / "pg_dump", "--schema-only", "--schema=public", url], capture_output=True, text=True, check=True
    )
    # A key that differs from dump to dump.
    return re.sub(r"^\\(un)?restrict .*$", "", done.stdout, flags=re.MULTILINE)


def test_migrations_lead_forward_back_and_forward(copy: str) -> None:
    before = schema()
    assert "chat_message" in before
    migrate("chat", "zero")
    migrate("accounts", "zero")
    assert "chat_" not in schema()
    assert "accounts_" not in schema()
    migrate()
    assert schema() == before


def test_the_models_have_no_changes_without_a_migration() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=session.PROJECT,
        env={
            **os.environ,
            "DATABASE_URL": session.server().url("app"),
            "DATABASE_OWNER_URL": session.server().url("owner"),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
