"""What members reported, in the administration: take up, resolve, dismiss. What was reported stays as it was then."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from accounts.actions.reports import decide_report
from accounts.models import Report, User
from chatter.core.administration import ReadOnlyAdmin
from chatter.core.errors import Refused


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "state", "reason", "reported", "reporter", "moderator")
    list_filter = ("state", "reason", ("created_at", RangeDateTimeFilter))
    list_select_related = ("reporter", "moderator")
    search_fields = ("reporter__username", "snapshot__username", "details")
    fields: ClassVar = [
        *("state", "reason", "details", "reported", "seen", "reporter", "moderator", "created_at", "decided_at")
    ]
    readonly_fields = ("reported", "seen")
    ordering = ("-created_at",)
    actions = ("take_up", "resolve", "dismiss")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        people = GenericPrefetch("target", [User.objects.all()])
        return super().get_queryset(request).prefetch_related(people)

    @display(description=_("reported person"))
    def reported(self, report: Report) -> Any:
        person = report.target
        if not isinstance(person, User):
            return "–"
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_user_change", args=[person.pk]), person)

    @display(description=_("as they were"))
    def seen(self, report: Report) -> str:
        return "\n".join(f"{name}: {value}" for name, value in report.snapshot.items() if value and name != "avatar")

    @action(description=_("Take up"), permissions=["view"])
    def take_up(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._decide(request, reports, Report.State.REVIEWING)

    @action(description=_("Resolve: something was done"), permissions=["view"])
    def resolve(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._decide(request, reports, Report.State.RESOLVED)

    @action(description=_("Dismiss: nothing to do"), permissions=["view"])
    def dismiss(self, request: HttpRequest, reports: QuerySet[Report]) -> None:
        self._decide(request, reports, Report.State.DISMISSED)

    def _decide(self, request: HttpRequest, reports: QuerySet[Report], state: Report.State) -> None:
        for report in reports:
            try:
                decide_report(moderator=request.user, report=report, state=state)  # type: ignore[arg-type]
            except Refused as refusal:
                messages.error(request, f"{report}: {refusal}")
            else:
                self.log_change(request, report, gettext("Decided: %(state)s") % {"state": state.label})
                messages.success(request, f"{report.get_reason_display()}: {state.label}")
