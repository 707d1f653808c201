"""The database connection beyond the ORM: cursors whose statements the server plans once."""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper


def prepared_cursor() -> CursorWrapper:
    """A cursor of the default connection that binds parameters on the server and prepares each statement once.

    Planning a query over monthly partitions costs more than running it; a prepared one is planned once per connection.
    Statements are counted and logged like any other.
    """
    from django.db.backends.postgresql.base import ServerBindingCursor  # noqa: PLC0415 -- needs the driver

    connection.ensure_connection()
    cursor: Any = ServerBindingCursor(connection.connection)  # type: ignore[call-arg]  # psycopg's own argument
    wrap = connection.make_debug_cursor if connection.queries_logged else connection.make_cursor
    wrapped: CursorWrapper = wrap(cursor)
    return wrapped
