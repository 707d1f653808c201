"""Find what is unread of a place, whoever is told: it is taken back from everybody."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_forums_are_followed"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(
                condition=models.Q(("place__isnull", False), ("read_at", None)),
                fields=["place", "source_id"],
                name="notification_unread_of_place",
            ),
        ),
    ]
