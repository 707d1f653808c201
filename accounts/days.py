"""Numbers by day (UTC), as statistics of places show them: which days are to be counted, totals with trends, plots with their tables."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.functional import Promise

from accounts.models import ScheduledJob

RANGES = (7, 30, 90, 365)
# So far back is counted when nothing was counted yet, or the clock stood still.
DAYS_BACK = 366


class Figure(NamedTuple):
    """A number of the whole span, and by how many per cent it differs from the span before; None where that was nothing."""

    value: float
    trend: int | None

    @property
    def words(self) -> str:
        """The number as the reader writes numbers; a decimal only where it says something."""
        places = 1 if self.value % 1 and self.value < 100 else 0
        return number_format(self.value, places, force_grouping=True)

    @property
    def fall(self) -> int:
        return -(self.trend or 0)


class Plot(NamedTuple):
    """A plot and its table: `kind` as chart-plot draws it, a label for each column, rows of a day and its values, newest first."""

    kind: str
    columns: Sequence[str | Promise]
    rows: list[tuple[date, list[int]]]


def plot_of(days: Sequence[Any], kind: str, columns: Mapping[str, str | Promise]) -> Plot:
    """`columns`: fields of the days, and what they are called."""
    rows = [(day.day, [getattr(day, name) for name in columns]) for day in reversed(days)]
    return Plot(kind, list(columns.values()), rows)


def figure_of(name: str, days: Sequence[Any], before: Sequence[Any], divided_by: int = 1) -> Figure:
    """What the days amount to; what is younger than the span before has nothing to compare with."""
    value, was = (sum(getattr(day, name) for day in part) for part in (days, before))
    return Figure(round(value / divided_by, 1), round(100 * (value - was) / was) if was else None)


def filled[D](known: Mapping[date, D], first: date, span: int, blank: Any) -> list[D]:
    """Every day from `first` on; those without a row are `blank(day)`."""
    days = (first + timedelta(days=number) for number in range(span))
    return [known[day] if day in known else blank(day) for day in days]


def days_to_count(job: str, today: date) -> list[date]:
    """Today and yesterday again, and the days before on which the clock's `job` did not come to it."""
    first = max(_counted_until(job) - timedelta(days=1), today - timedelta(days=DAYS_BACK))
    return [first + timedelta(days=number) for number in range((today - first).days + 1)] or [today]


def bounds_of(day: date) -> dict[str, date]:
    return {"day": day, "next": day + timedelta(days=1)}


def _counted_until(job: str) -> date:
    """The last day on which the clock counted; long ago where it never did."""
    ran = ScheduledJob.objects.filter(name=job, finished_at__isnull=False)
    done = ran.values_list("finished_at", flat=True).first()
    return done.astimezone(UTC).date() if done else date.min + timedelta(days=DAYS_BACK)


def today() -> date:
    return datetime.now(UTC).date()
