"""Appending asks the one rule of reach, brings the sender's picture, and leaves what people are to be told of."""

from pathlib import Path

from django.db import migrations

from chatter.core.migration_operations import keep_from_others

SQL = Path(__file__).resolve().parent.parent / "sql"

SETTLE = """
do $$ begin execute format('alter function append_messages set search_path = %I, pg_temp', current_schema()); end $$;
-- Planning the append costs more than running it.
alter function append_messages set plan_cache_mode = force_generic_plan;
"""


def append_messages(version: int) -> str:
    source = (SQL / f"append_messages_{version}.sql").read_text(encoding="utf-8")
    return f"drop function append_messages;\n{source}\n{SETTLE}"


KEEP = keep_from_others("append_messages")


class Migration(migrations.Migration):
    dependencies = [("chat", "0003_first_partitions"), ("accounts", "0004_reach")]

    operations = [
        # Backwards this comes last: the older function is back, and everybody may call it.
        migrations.RunPython(migrations.RunPython.noop, KEEP.code),
        migrations.RunSQL(append_messages(2), append_messages(1)),
        KEEP,
    ]
