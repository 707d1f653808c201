"""The numbers of a forum: totals and trends, plots, and the same as tables."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_safe

from accounts.days import RANGES, plot_of
from accounts.forms.span import SpanForm
from chat.views.access import checked
from chatter.core.errors import Refused
from forums.permissions import Standing
from forums.statistics import Statistics, statistics_of
from forums.views.entry import in_forum
from forums.views.settings_shell import settings_page


@require_safe
@in_forum
def forum_statistics(request: HttpRequest, standing: Standing) -> HttpResponse:
    """For its moderators; days are those of UTC."""
    if not standing.is_moderator:
        raise Refused("forbidden")
    span = checked(SpanForm(request.GET))["days"]
    numbers = statistics_of(standing.forum, span)
    context: dict[str, Any] = {
        "numbers": numbers,
        "span": span,
        "ranges": RANGES,
        "figures": _figures(numbers),
        "plots": _plots(numbers, by_week=span == 365),
    }
    return settings_page(request, standing, "forums/statistics.html", "statistics", **context)


def _figures(numbers: Statistics) -> list[tuple[Any, Any]]:
    return [
        (pgettext_lazy("forum", "Posts"), numbers.posts),
        (_("Comments"), numbers.comments),
        (_("Votes"), numbers.votes),
        (_("Active people a day"), numbers.active),
        (pgettext_lazy("statistics", "Joined"), numbers.joined),
        (pgettext_lazy("statistics", "Left"), numbers.left),
    ]


def _plots(numbers: Statistics, *, by_week: bool) -> list[tuple[Any, Any]]:
    """Titles and plots; a year is drawn by week (static/js/elements/chart-plot.js)."""
    written = {"posts": pgettext_lazy("forum", "Posts"), "comments": _("Comments")}
    moves = {"joined": pgettext_lazy("statistics", "Joined"), "left": pgettext_lazy("statistics", "Left")}
    return [
        (
            _("Posts and comments by week") if by_week else _("Posts and comments by day"),
            plot_of(numbers.days, "bar", written),
        ),
        (_("Votes by week") if by_week else _("Votes by day"), plot_of(numbers.days, "bar", {"votes": _("Votes")})),
        (_("Active people a day"), plot_of(numbers.days, "line", {"active": _("Active people")})),
        (
            _("Joined and left by week") if by_week else _("Joined and left by day"),
            plot_of(numbers.days, "bar", moves),
        ),
    ]
