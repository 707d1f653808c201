"""What is disputed most, over all forums, without sorting them."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("forums", "0006_sweeps")]

    operations: ClassVar = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("deleted_at", None), ("held_at", None), ("removed_at", None)),
                fields=["-controversy", "-id"],
                name="post_disputed",
            ),
        ),
    ]
