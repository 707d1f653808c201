"""A kind of news of its own for what people follow in forums."""

from django.db import migrations, models

KINDS = [
    ("message", "Direct and group messages"),
    ("mention", "Mentions"),
    ("reply", "Replies to me"),
    ("reaction", "Reactions to my messages"),
    ("friend_request", "Contact requests"),
    ("invitation", "Invitations to groups and forums"),
    ("forum_reply", "Replies in forums"),
    ("forum_follow", "What I follow in forums"),
    ("moderation", "Decisions of moderators"),
    ("system", "Security and account"),
]
# What earlier versions have no word for.
GONE = "delete from accounts_notification where kind = 'forum_follow'"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_reports_of_things"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notification",
            name="notification_kind_known",
        ),
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=16),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [value for value, _label in KINDS])), name="notification_kind_known"
            ),
        ),
        migrations.RunSQL(migrations.RunSQL.noop, GONE),
    ]
