"""The numbers of a group: totals and trends, plots, and the same as tables."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.days import RANGES, Plot, plot_of
from accounts.forms.span import SpanForm
from chat.views.access import checked, viewer_of
from groups.permissions import Right, check_right, visible_group
from groups.statistics import Statistics, statistics_of
from groups.views.shell import settings_shell


@require_safe
def group_statistics(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """For who manages the group or reads its log; days are those of UTC."""
    viewer = viewer_of(request)
    standing = visible_group(viewer, group_id)
    check_right(standing, Right.MANAGE_GROUP | Right.VIEW_AUDIT)
    span = checked(SpanForm(request.GET))["days"]
    numbers = statistics_of(standing.group, viewer.pk, span)
    context = {"numbers": numbers, "span": span, "ranges": RANGES, "plots": _plots(numbers)}
    return render(request, "groups/statistics.html", settings_shell(request, standing, at="statistics", **context))


def _plots(numbers: Statistics) -> dict[str, Plot]:
    moves = {"joined": pgettext_lazy("statistics", "Joined"), "left": pgettext_lazy("statistics", "Left")}
    return {
        "messages": plot_of(numbers.days, "bar", {"messages": _("Messages")}),
        "active": plot_of(numbers.days, "line", {"active": _("Active members")}),
        "moves": plot_of(numbers.days, "bar", moves),
    }
