"""The one rule of who may reach whom, where sets of people can be judged with it: in the database."""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_people_complete")]

    operations = [
        migrations.RunSQL(
            (SQL / "reach_1.sql").read_text(encoding="utf-8"), "drop function accounts_reach(uuid, uuid, text)"
        ),
    ]
