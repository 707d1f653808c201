"""Copies and empties test databases: DDL and wholesale deletion are beyond the application's role."""

import os
import subprocess
from contextlib import suppress

import psycopg
from psycopg import sql

from chatter.ops.cluster import binaries
from chatter.ops.postgres import Postgres
from tests import session

KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Triggers and foreign keys rest meanwhile: history that refuses deletion is emptied too, in any order of tables. Most tables
# have no page, and so no row.
EMPTY = """
do $$ declare name text; begin
  perform set_config('session_replication_role', 'replica', true);
  for name in select oid::regclass::text from pg_class
               where relkind in ('r', 'p') and not relispartition and relnamespace = 'public'::regnamespace
                 and relname <> all (array[{kept}])
                 and case relkind when 'r' then pg_relation_size(oid) > 0 else exists (
                   select from pg_partition_tree(oid) part where part.isleaf and pg_relation_size(part.relid) > 0) end loop
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


def transplant(source: Postgres, name: str, target: Postgres) -> None:
    """Fill the new database `name` of another server with what `source` has under that name: far quicker than to migrate.

    Read from a copy: nobody may be connected to what others copy.
    """
    copied = f"{name}_{os.getpid()}"
    with psycopg.connect(source.url("superuser", database="postgres"), autocommit=True) as superuser:
        clone(superuser, name, copied)
        dump = [str(binaries() / "pg_dump"), "--format=custom", source.url("superuser", database=copied)]
        dumped = subprocess.run(dump, capture_output=True, check=True).stdout
        superuser.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(copied)))
    restore = [str(binaries() / "pg_restore"), "--dbname", target.url("superuser", database=name), "--exit-on-error"]
    subprocess.run([*restore, "--single-transaction"], input=dumped, check=True)


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
