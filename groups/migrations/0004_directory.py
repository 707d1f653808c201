"""Public groups are found by words of their names and descriptions; who comes may be welcomed."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    dependencies: ClassVar = [("groups", "0003_role_positions")]

    operations: ClassVar = [
        migrations.AddField(
            model_name="group",
            name="greets",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddIndex(
            model_name="group",
            index=GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("description"), name="gin_trgm_ops"),
                condition=Q(is_public=True, deletion_due_at=None),
                name="group_words",
            ),
        ),
    ]
