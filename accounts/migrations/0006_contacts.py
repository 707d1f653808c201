"""Requests that were declined in silence and then taken back; people found by how their names begin."""

import django.db.models.functions.comparison
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_scheduled_job")]

    operations = [
        migrations.AddField(
            model_name="friendship",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                django.db.models.functions.comparison.Collate(django.db.models.functions.text.Upper("username"), "C"),
                name="user_username_letters",
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                django.db.models.functions.comparison.Collate(
                    django.db.models.functions.text.Upper("display_name"), "C"
                ),
                name="user_display_name_letters",
            ),
        ),
    ]
