"""Brings the database up to this version, and says in one line what is wrong with it."""

from django.core.management import call_command
from django.db import NotSupportedError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from chatter.ops.errors import OpsError
from chatter.ops.postgres import MAJOR


def upgrade(*, verbosity: int = 1) -> bool:
    """Apply what is missing; True when the database holds no person yet."""
    check_server()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=verbosity)
    with connection.cursor() as cursor:
        cursor.execute("SELECT NOT EXISTS (SELECT FROM accounts_user)")
        return bool(cursor.fetchone()[0])


def check_server() -> None:
    """OpsError when the database cannot be reached or is older than Chatter needs."""
    try:
        connection.ensure_connection()
        version = connection.pg_version
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
