"""Tables of the machinery in the administration."""

from django.contrib import admin
from django_tasks_db.admin import DBTaskResultAdmin
from django_tasks_db.models import DBTaskResult

from chatter.core.administration import ReadOnlyAdmin

admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class BackgroundTaskAdmin(ReadOnlyAdmin, DBTaskResultAdmin):
    """What the workers have to do, did, and failed at."""

    search_fields = ("task_path",)
