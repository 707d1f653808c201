"""Appending looks the mentioned up one by one: going through all members of a large place for each took long."""

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
    dependencies = [("chat", "0007_append_calls")]

    operations = [
        # Backwards this comes last: the older function is back, and everybody may call it.
        migrations.RunPython(migrations.RunPython.noop, KEEP.code),
        migrations.RunSQL(append_messages(4), append_messages(3)),
        KEEP,
    ]
