"""The history of posts and comments: kept by the database, and gone only with what it is the history of."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

from chatter.core.migration_operations import keep_from_others, restrict_app

SQL = Path(__file__).resolve().parent.parent / "sql" / "history_1.sql"
AWAY = """
drop trigger forums_refuse_rewriting on forums_revision;
drop trigger forums_keep_comment on forums_comment;
drop trigger forums_keep_post on forums_post;
drop function forums_refuse_rewriting();
drop function forums_keep_comment();
drop function forums_keep_post();
"""
FIX_SEARCH_PATH = """
do $$ declare name text; begin
  foreach name in array array['forums_keep_post()', 'forums_keep_comment()'] loop
    execute format('alter function %s set search_path = %I, pg_temp', name, current_schema());
  end loop;
end $$;
"""


KEYS = (
    ("comment_id", "forums_comment", "forums_revision_comment_id_2e395e56_fk_forums_comment_id"),
    ("post_id", "forums_post", "forums_revision_post_id_a0301832_fk_forums_post_id"),
)


def anew(how: str) -> str:
    """The foreign keys of revisions, made again with `how` a deletion goes on."""
    return ";".join(
        f"alter table forums_revision drop constraint {name}, add constraint {name} foreign key ({column}) "
        f"references {table} (id){how} deferrable initially deferred"
        for column, table, name in KEYS
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("forums", "0001_places_posts_votes")]

    operations: ClassVar = [
        migrations.RunSQL(SQL.read_text(encoding="utf-8"), AWAY),
        migrations.RunSQL(FIX_SEARCH_PATH, migrations.RunSQL.noop),
        migrations.RunSQL(anew(" on delete cascade"), anew("")),
        # Votes change counts and ranks of what they are about, all the time.
        migrations.RunSQL(
            "alter table forums_post set (fillfactor = 80); alter table forums_comment set (fillfactor = 80)",
            "alter table forums_post reset (fillfactor); alter table forums_comment reset (fillfactor)",
        ),
        restrict_app("forums_revision", "insert, update, delete"),
        keep_from_others("forums_keep_post"),
        keep_from_others("forums_keep_comment"),
    ]
