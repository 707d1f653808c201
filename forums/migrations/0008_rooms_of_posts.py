"""Finds the rooms of a forum's posts without going through all of these."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forums", "0007_lists_of_what_is_disputed")]

    operations = [
        migrations.AddIndex(
            model_name="post",
            index=models.Index(
                condition=models.Q(("discussion", None), _negated=True),
                fields=["forum"],
                name="post_discussed_in_forum",
            ),
        ),
    ]
