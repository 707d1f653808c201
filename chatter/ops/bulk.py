"""Very many rows at once, as the tables' owner: COPY into tables whose indexes and foreign keys are made anew afterwards.

Everything is one transaction: whoever is interrupted leaves nothing behind, no index is ever missing.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, LiteralString, cast
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

CHUNK = 1 << 20
# Building indexes sorts; more memory than a server gives its connections makes that quick.
_MEMORY = "set local maintenance_work_mem = '384MB'; set local work_mem = '64MB'; set local statement_timeout = 0"
_KEYS = """
select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) from pg_constraint
 where conrelid = any(%s::text[]::regclass[]) and contype in ('f', 'u') order by contype desc, oid
"""
_INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index i
 where indrelid = any(%s::text[]::regclass[]) and not indisprimary
   and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
"""
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
Database = psycopg.Connection[tuple[object, ...]]


@contextmanager
def as_owner() -> Iterator[Database]:
    """A connection of the tables' owner to the database that Django uses; committed at the end."""
    name = str(connection.settings_dict["NAME"])
    with psycopg.connect(settings.DATABASE_OWNER_URL, dbname=name) as owner:
        owner.execute(_MEMORY)
        yield owner


@contextmanager
def bare(owner: Database, tables: Sequence[str]) -> Iterator[None]:
    """The tables without foreign keys, unique constraints and indexes but their primary keys; they have all of them again when
    the block ends, checked."""
    keys = owner.execute(_KEYS, [list(tables)]).fetchall()
    indexes = owner.execute(_INDEXES, [list(tables)]).fetchall()
    for table, key, _definition in keys:
        _run(owner, f"alter table {table} drop constraint {key}")
    for name, _definition in indexes:
        _run(owner, f"drop index {name}")
    yield
    for _name, definition in indexes:
        _run(owner, definition)
    for table, key, definition in keys:
        _run(owner, f"alter table {table} add constraint {key} {definition}")


def _run(owner: Database, statement: object) -> None:
    # Names and definitions are the catalogue's own.
    owner.execute(cast("LiteralString", statement))


class Spool:
    """Rows on their way into a table, kept in a file until its turn comes."""

    def __init__(self, table: str, columns: Sequence[str]) -> None:
        self.table = table
        self.columns = columns
        self.rows = 0
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the spool

    def add(self, lines: str, rows: int = 1) -> None:
        """`lines` as COPY reads them: fields between tabs, each line ended."""
        self._file.write(lines.encode())
        self.rows += rows

    def copy(self, owner: Database) -> Iterator[float]:
        """Into the table; yields which share is there."""
        columns = sql.SQL(", ").join(map(sql.Identifier, self.columns))
        statement = sql.SQL("copy {} ({}) from stdin").format(sql.Identifier(self.table), columns)
        size = self._file.tell() or 1
        self._file.seek(0)
        with owner.cursor() as cursor, cursor.copy(statement) as copy:
            while chunk := self._file.read(CHUNK):
                copy.write(chunk)
                yield self._file.tell() / size
        self._file.close()


def escaped(text: str) -> str:
    """A text as a field of a line."""
    return text.translate(_ESCAPES)


def timed_id(milliseconds: int, chance: int) -> UUID:
    """A UUIDv7 of that time (since 1970); `chance` is 74 bits of it."""
    low = (0b10 << 62) | (chance & (1 << 62) - 1)
    return UUID(int=(milliseconds & (1 << 48) - 1) << 80 | 0x7 << 76 | (chance >> 62 & 0xFFF) << 64 | low)
