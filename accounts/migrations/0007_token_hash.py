"""Tokens end with the password of their person, as sessions do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_contacts"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="auth_hash",
            field=models.CharField(default="", editable=False, max_length=64),
            preserve_default=False,
        ),
    ]
