"""The history of a message goes with it, by the database itself: nobody, the application neither, may delete from it."""

from typing import ClassVar

from django.db import migrations

NAME = "chat_messagerevision_message_id_ef1e8008_fk_chat_message_id"
ANEW = (
    f"alter table chat_messagerevision drop constraint {NAME}, add constraint {NAME} foreign key (message_id) "
    "references chat_message (id){} deferrable initially deferred"
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("chat", "0005_places_of_groups")]

    operations: ClassVar = [migrations.RunSQL(ANEW.format(" on delete cascade"), ANEW.format(""))]
