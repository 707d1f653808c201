"""What members may do in channels, derived where sets are the point: in the database."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("groups", "0001_groups")]

    operations = [
        migrations.RunSQL(
            (SQL / "derive_1.sql").read_text(encoding="utf-8"), "drop function groups_derive(uuid, uuid[], uuid[])"
        ),
    ]
