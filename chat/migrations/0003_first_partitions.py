"""The first partitions of messages: this month and twelve ahead."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_database_functions")]

    operations = [migrations.RunSQL("select chat_make_partitions(12)", migrations.RunSQL.noop)]
