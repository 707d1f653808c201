"""The monthly partitions of messages: made ahead, counted. What a partition is stands in chat/sql/."""

from django.db import connection

MONTHS_AHEAD = 12
# Fewer than this and `/readyz` warns: nobody has looked for ten months.
FEWEST_MONTHS_AHEAD = 2

COUNT_AHEAD = """
select count(*) from pg_inherits join pg_class on pg_class.oid = inhrelid
where inhparent = 'chat_message'::regclass and relname > 'chat_message_' || to_char(now() at time zone 'utc', 'YYYY_MM')
"""


def make_partitions(ahead: int = MONTHS_AHEAD) -> int:
    """Make what is missing up to `ahead` months after this one; returns how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("select chat_make_partitions(%s)", [ahead])
        return int(cursor.fetchone()[0])


def months_ahead() -> int:
    """For how many months after this one there are partitions."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT_AHEAD)
        return int(cursor.fetchone()[0])
