"""What the database does by itself: partitions, the history of messages, and the append of a batch."""

from pathlib import Path

from django.db import migrations

from chatter.core.migration_operations import keep_from_others, restrict_app

SQL = Path(__file__).resolve().parent.parent / "sql"

FIX_SEARCH_PATH = """
do $$ declare name text; begin
  foreach name in array array['chat_make_partitions(integer)', 'chat_keep_revision()', 'append_messages'] loop
    execute format('alter function %s set search_path = %I, pg_temp', name, current_schema());
  end loop;
end $$;
-- Planning the append costs more than running it.
alter function append_messages set plan_cache_mode = force_generic_plan;
"""


def from_file(name: str, reverse: str) -> migrations.RunSQL:
    return migrations.RunSQL((SQL / name).read_text(encoding="utf-8"), reverse)


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]

    operations = [
        from_file("month_bound_1.sql", "drop function chat_month_bound(date)"),
        from_file("partitions_1.sql", "drop function chat_make_partitions(integer)"),
        from_file(
            "history_1.sql",
            "drop trigger chat_refuse_rewriting on chat_messagerevision; drop function chat_refuse_rewriting(); "
            "drop trigger chat_keep_revision on chat_message; drop function chat_keep_revision()",
        ),
        from_file("append_messages_1.sql", "drop function append_messages"),
        migrations.RunSQL(FIX_SEARCH_PATH, migrations.RunSQL.noop),
        migrations.RunSQL(
            "alter table chat_conversation set (fillfactor = 70); alter table chat_membership set (fillfactor = 70)",
            "alter table chat_conversation reset (fillfactor); alter table chat_membership reset (fillfactor)",
        ),
        restrict_app("chat_messagerevision", "insert, update, delete"),
        keep_from_others("append_messages"),
        keep_from_others("chat_make_partitions"),
        keep_from_others("chat_keep_revision"),
    ]
