"""Usernames that people gave up, so that old links still lead to them; status texts found by when they end."""

import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_token_hash")]

    operations = [
        migrations.CreateModel(
            name="FormerName",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("username", models.CharField(max_length=50)),
                ("given_up_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_names",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["user", "-given_up_at"], name="former_name_of_user")],
                "constraints": [
                    models.UniqueConstraint(django.db.models.functions.text.Upper("username"), name="former_name_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                condition=models.Q(("status_expires_at__isnull", False)),
                fields=["status_expires_at"],
                name="user_status_ends",
            ),
        ),
    ]
