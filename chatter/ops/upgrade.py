"""Brings the database up to this version, and says in one line what is wrong with it."""

from dataclasses import dataclass

from django.conf import settings
from django.core.management import call_command
from django.db import NotSupportedError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from chatter.ops.errors import OpsError
from chatter.ops.postgres import MAJOR

DEMO_ADDRESS = "alice@example.org"
PEOPLE = """
select not exists (select from accounts_user), exists (select from accounts_user where upper(email) = upper(%s))
"""


@dataclass(frozen=True)
class Found:
    """What `upgrade` met: is nobody there, are the demo's people, may they be made (CHATTER_DEMO)?"""

    empty: bool
    demo: bool
    may_seed: bool


def upgrade(*, verbosity: int = 1) -> Found:
    """Check the server, apply the migrations that are missing."""
    check_server()
    make_schema(settings.DATABASE_SCHEMA)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=verbosity)
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, [DEMO_ADDRESS])
        empty, demo = cursor.fetchone()
    return Found(empty=empty, demo=demo, may_seed=settings.CHATTER_DEMO)


def make_schema(name: str) -> None:
    """Make the schema of all tables, where it is not there."""
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_namespace where nspname = %s)", [name])
        if not cursor.fetchone()[0]:
            cursor.execute(f"create schema {connection.ops.quote_name(name)}")


def check_server() -> None:
    """OpsError when the database cannot be reached or is older than Chatter needs."""
    try:
        connection.ensure_connection()
        version: int = connection.pg_version  # type: ignore[attr-defined]  # PostgreSQL's connection has it
    except NotSupportedError as error:
        raise OpsError(f"The database is too old: Chatter needs PostgreSQL {MAJOR} or newer ({error}).") from error
    except OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise OpsError(f"Cannot reach the database: {reason}") from error
    if version < MAJOR * 10000:
        raise OpsError(
            f"The database is too old: Chatter needs PostgreSQL {MAJOR} or newer, "
            f"this is {version // 10000}.{version % 10000}."
        )
