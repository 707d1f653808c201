"""Votes are counted by day: an index that is small finds those of one."""

import django.contrib.postgres.indexes
from django.conf import settings
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("forums", "0008_rooms_of_posts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddIndex(
            model_name="commentvote",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="comment_vote_by_time"),
        ),
        migrations.AddIndex(
            model_name="postvote",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["created_at"], name="post_vote_by_time"),
        ),
    ]
