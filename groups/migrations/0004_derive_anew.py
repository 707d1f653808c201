"""The derivation without a look at every role for every member."""

from pathlib import Path
from typing import ClassVar

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"
AS_BEFORE = "drop function groups_derive(uuid, uuid[], uuid[]);\n" + (SQL / "derive_1.sql").read_text(encoding="utf-8")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("groups", "0003_role_positions")]

    operations: ClassVar = [migrations.RunSQL((SQL / "derive_2.sql").read_text(encoding="utf-8"), AS_BEFORE)]
