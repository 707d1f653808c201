"""What members reported, in the administration: take up, resolve, dismiss. What was reported stays as it was then."""

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.contenttypes.prefetch import GenericPrefetch
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import action, display

from accounts.actions.reports import decide_report
from accounts.models import Report
from accounts.reporting import KINDS, Link
from chatter.core.administration import ReadOnlyAdmin
from chatter.core.errors import Refused


@admin.register(Report)
class ReportAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "state", "why", "reported", "about", "reporter", "moderator")
    list_filter = ("state", "reason", ("created_at", RangeDateTimeFilter))
    list_select_related = ("reporter", "moderator", "about")
    search_fields = ("reporter__username", "about__username", "details")
    fields: ClassVar = [
        *("state", "why", "details", "reported", "about", "seen", "reporter"),
        *("moderator", "note", "created_at", "decided_at"),
    ]
    readonly_fields = ("why", "reported", "seen")
    ordering = ("-created_at",)
    actions = ("take_up", "resolve", "dismiss")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Report]:
        things = GenericPrefetch("target", [kind.rows() for kind in KINDS.values()])
        return super().get_queryset(request).prefetch_related(things)

    @display(description=_("reason"), ordering="reason")
    def why(self, report: Report) -> str:
        return report.rule or report.get_reason_display()

    @display(description=_("what was reported"))
    def reported(self, report: Report) -> Any:
        link = _link(report)
        return format_html('<a href="{}">{}</a>', link.url, link.name) if link and link.url else link and link.name

    @display(description=_("as it was"))
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


def _link(report: Report) -> Link | None:
    """None for what is gone."""
    return next((kind.name(report.target) for kind in KINDS.values() if isinstance(report.target, kind.model)), None)
