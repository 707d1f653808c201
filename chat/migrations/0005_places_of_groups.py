"""What channels need of the core of talk: whom a conversation belongs to, how people appear there, what they want told."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0004_append_tells"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="conversation",
            name="parent",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="hue",
            field=models.SmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="nickname",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="membership",
            name="notify",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "As usual"),
                    ("all", "Every message"),
                    ("mentions", "Only mentions and replies"),
                    ("nothing", "Nothing"),
                ],
                db_default="",
                default="",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("left_at", None), ("notify", "all")),
                fields=["conversation"],
                name="membership_wants_all",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("notify__in", ["", "all", "mentions", "nothing"])), name="membership_notify_known"
            ),
        ),
    ]
