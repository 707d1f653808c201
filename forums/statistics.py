"""The numbers of a forum, for its moderators: days as the clock counted them, the last an hour ago at most."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from accounts.days import Figure, figure_of, filled
from forums.models import Forum, ForumDay


class Day(NamedTuple):
    """What happened on one day (UTC)."""

    day: date
    posts: int = 0
    comments: int = 0
    votes: int = 0
    active: int = 0
    joined: int = 0
    left: int = 0


class Statistics(NamedTuple):
    """Every day of the span, the last is today."""

    days: Sequence[Day]
    posts: Figure
    comments: Figure
    votes: Figure
    active: Figure
    joined: Figure
    left: Figure

    @property
    def figures(self) -> tuple[Figure, ...]:
        return self[1:]

    @property
    def has_trends(self) -> bool:
        return any(figure.trend is not None for figure in self.figures)

    @property
    def is_empty(self) -> bool:
        """Nobody wrote or voted, and nobody came or went but who founded the forum."""
        return not any(figure.value for figure in (self.posts, self.comments, self.votes, self.left)) and (
            self.joined.value <= 1
        )


def statistics_of(forum: Forum, span: int, *, today: date | None = None) -> Statistics:
    """The last `span` days (one query)."""
    today = today or datetime.now(UTC).date()
    first = today - timedelta(days=span - 1)
    rows = ForumDay.objects.filter(forum=forum, day__range=(first - timedelta(days=span), today))
    known = {row[0]: Day(*row) for row in rows.values_list(*Day._fields)}
    days = filled(known, first, span, Day)
    born = min([forum.created_at.astimezone(UTC).date(), *(day.day for day in known.values() if day.active)])
    earlier = first - timedelta(days=span)
    before = filled(known, earlier, span, Day) if born <= earlier else []
    lived = min(span, max(1, (today - born).days + 1))
    return Statistics(
        days, *(figure_of(name, days, before, lived if name == "active" else 1) for name in Day._fields[1:])
    )
