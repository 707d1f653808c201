"""The derivation begins with what a member holds, whatever the planner guesses."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("groups", "0006_nickname_search")]

    operations: ClassVar = [
        migrations.RunSQL(
            (SQL / "derive_3.sql").read_text(encoding="utf-8"), (SQL / "derive_2.sql").read_text(encoding="utf-8")
        ),
    ]
