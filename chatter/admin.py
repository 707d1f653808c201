"""Tables of the machinery in the administration. Arguments of tasks (letters lie in them) and keys of browsers are never shown."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.tasks import TaskResultStatus
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult, get_date_max
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from accounts.background import retry_task
from accounts.models import Delivery, PushSubscription, ScheduledJob, Worker
from chatter.core.administration import PickFilter, ReadOnlyAdmin

admin.site.unregister(DBTaskResult)


@admin.register(DBTaskResult)
class BackgroundTaskAdmin(ReadOnlyAdmin):
    """What the workers have to do, did, and failed at; what failed for good may be tried again."""

    list_display = ("task", "state", "attempts", "enqueued_at", "due_at", "finished_at", "exception_class_path")
    list_filter = ("status", "queue_name", ("enqueued_at", RangeDateTimeFilter))
    search_fields = ("task_path", "exception_class_path")
    ordering = ("-enqueued_at",)
    fields = (
        *("id", "task_path", "queue_name", "status", "attempts", "worker_ids"),
        *("enqueued_at", "due_at", "started_at", "finished_at", "exception_class_path", "traceback"),
    )
    actions = ("retry",)
    STATES: dict[str, Any] = {"READY": "info", "RUNNING": "warning", "FAILED": "danger", "SUCCESSFUL": "success"}  # noqa: RUF012

    @display(description=_("Task"), ordering="task_path")
    def task(self, row: DBTaskResult) -> str:
        return str(row.task_path).rpartition(".")[2]

    @display(description=_("State"), ordering="status", label=STATES)
    def state(self, row: DBTaskResult) -> tuple[str, Any]:
        return row.status, TaskResultStatus(row.status).label

    @display(description=_("Tries"))
    def attempts(self, row: DBTaskResult) -> int:
        return len(row.worker_ids)

    @display(description=_("Due"))
    def due_at(self, row: DBTaskResult) -> Any:
        return None if row.run_after == get_date_max() else row.run_after

    @admin.action(description=_("Try again"), permissions=["retry"])
    def retry(self, request: HttpRequest, queryset: QuerySet[DBTaskResult]) -> None:
        again = [row for row in queryset if retry_task(row=row)]
        for row in again:
            self.log_change(request, row, gettext("Tried again"))
        done = ngettext("%(count)d task runs again.", "%(count)d tasks run again.", len(again))
        messages.success(request, done % {"count": len(again)})

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("django_tasks_database.change_dbtaskresult"))


@admin.register(ScheduledJob)
class ScheduledJobAdmin(ReadOnlyAdmin):
    list_display = ("name", "due_at", "started_at", "finished_at", "error")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ("id", "host", "started_at", "seen_at")
    search_fields = ("id", "host")
    ordering = ("-seen_at",)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """What waits to leave by e-mail or push."""

    list_display = ("recipient", "channel", "due_at", "attempts", "created_at")
    list_filter = ("channel", ("recipient", PickFilter), ("due_at", RangeDateTimeFilter))
    list_select_related = ("recipient",)
    search_fields = ("recipient__username",)
    fields = ("recipient", "channel", "due_at", "attempts", "created_at")
    ordering = ("due_at",)


@admin.register(PushSubscription)
class PushSubscriptionAdmin(ReadOnlyAdmin):
    """Browsers that take pushes; of their address only whose service it is."""

    list_display = ("user", "service", "failures", "created_at", "last_used_at")
    list_filter = (("user", PickFilter), ("created_at", RangeDateTimeFilter))
    list_select_related = ("user",)
    search_fields = ("user__username",)
    fields = ("user", "service", "failures", "created_at", "last_used_at")
    ordering = ("-created_at",)

    @display(description=_("Push service"))
    def service(self, subscription: PushSubscription) -> str:
        return subscription.endpoint.split("/")[2]
