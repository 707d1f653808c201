"""Copies and empties test databases: DDL and wholesale deletion are beyond the application's role."""

from contextlib import suppress

import psycopg
from psycopg import sql

from tests import session

KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Triggers and foreign keys rest meanwhile: history that refuses deletion is emptied too, in any order of tables.
EMPTY = """
do $$ declare name text; begin
  perform set_config('session_replication_role', 'replica', true);
  for name in select oid::regclass::text from pg_class
               where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
                 and relname <> all (array[{kept}]) loop
    execute 'delete from ' || name;
  end loop;
end $$
"""


def clone(superuser: psycopg.Connection, template: str, name: str) -> None:
    """Make database `name` a copy of `template`, with the rights the embedded server gives its own."""
    target = sql.Identifier(name)
    for statement in (
        sql.SQL("create database {} owner chatter_owner template {} strategy file_copy").format(
            target, sql.Identifier(template)
        ),
        sql.SQL("revoke all on database {} from public").format(target),
        sql.SQL("grant connect on database {} to chatter_app").format(target),
    ):
        superuser.execute(statement)


def empty(database: str, *, server: str | None = None) -> None:
    """Delete every row but the ones migrations and Django's own set-up made."""
    url = server or session.server().url("superuser", database=database)
    statement = sql.SQL(EMPTY).format(kept=sql.SQL(", ").join(map(sql.Literal, KEPT)))
    with psycopg.connect(url, autocommit=True) as superuser:
        superuser.execute("set lock_timeout = '20s'")
        for _attempt in range(3):
            # What a server of the test still writes may stand in the way.
            with suppress(psycopg.errors.DeadlockDetected):
                superuser.execute(statement)
                return
        superuser.execute(statement)
