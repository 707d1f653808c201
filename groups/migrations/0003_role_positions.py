"""Ranks are plain: in a group every role has a position of its own."""

from typing import ClassVar

from django.db import migrations, models

NUMBER_THEM = """
update groups_role r set position = x.position
  from (select id, row_number() over (partition by group_id order by is_everyone desc, position, id) - 1 as position
          from groups_role) x
 where x.id = r.id and x.position <> r.position
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("groups", "0002_derive")]

    operations: ClassVar = [
        migrations.RunSQL(NUMBER_THEM, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="role",
            constraint=models.UniqueConstraint(
                fields=("group", "position"), deferrable=models.Deferrable.IMMEDIATE, name="role_one_at_a_position"
            ),
        ),
        migrations.RemoveIndex(model_name="role", name="role_in_group"),
    ]
