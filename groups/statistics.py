"""The numbers of a group, as a member may read them: days that were counted, and of today what was said until now."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum

from accounts.days import Figure, bounds_of, figure_of, filled
from chat.models import Membership
from chatter.core.database import prepared_cursor
from groups.actions.counting import SAID
from groups.models import Channel, ChannelDay, Group, GroupDay

_TODAY = f"""
with said as materialized ({SAID} and c.group_id = %(group)s group by 1, 2, 3)
select channel_id, sum(messages)::bigint, count(distinct sender_id) from said group by grouping sets ((channel_id), ())
"""  # noqa: S608 -- a query of ours


class Day(NamedTuple):
    """What happened on one day (UTC)."""

    day: date
    messages: int = 0
    active: int = 0
    joined: int = 0
    left: int = 0


class Statistics(NamedTuple):
    """Every day of the span, the last is today. `channels`: those that the reader sees, by what was said there; `others`: what
    was said where they do not look."""

    days: Sequence[Day]
    messages: Figure
    active: Figure
    joined: Figure
    left: Figure
    channels: Sequence[tuple[str, int]]
    others: int

    @property
    def has_trends(self) -> bool:
        return any(figure.trend is not None for figure in (self.messages, self.active, self.joined, self.left))

    @property
    def is_empty(self) -> bool:
        """Nobody wrote, and nobody came or went but who founded the group."""
        return not self.messages.value and not self.left.value and self.joined.value <= 1


def statistics_of(group: Group, reader: UUID, span: int, *, today: date | None = None) -> Statistics:
    """The last `span` days (four queries, however many members and channels)."""
    today = today or datetime.now(UTC).date()
    first = today - timedelta(days=span - 1)
    live = _said_today(group, today)
    known = _days(group, first - timedelta(days=span), today)
    said, active = live.get(None, (0, 0))
    known[today] = known.get(today, Day(today))._replace(messages=said, active=active)
    days = filled(known, first, span, Day)
    born = min([group.created_at.astimezone(UTC).date(), *(day.day for day in known.values() if day.messages)])
    before = filled(known, first - timedelta(days=span), span, Day) if born <= first - timedelta(days=span) else []
    lived = min(span, max(1, (today - born).days + 1))
    figures = {name: figure_of(name, days, before, lived if name == "active" else 1) for name in Day._fields[1:]}
    channels, others = _by_channel(group, reader, days, live)
    return Statistics(days=days, channels=channels, others=others, **figures)


def _said_today(group: Group, today: date) -> dict[UUID | None, tuple[int, int]]:
    """Channel → how much was said there today, and by how many; None: in all of the group."""
    with prepared_cursor() as cursor:
        cursor.execute(_TODAY, {"group": group.pk, **bounds_of(today)})
        return {channel: (messages or 0, active) for channel, messages, active in cursor.fetchall()}


def _days(group: Group, first: date, last: date) -> dict[date, Day]:
    rows = GroupDay.objects.filter(group=group, day__range=(first, last))
    return {row[0]: Day(*row) for row in rows.values_list(*Day._fields)}


def _by_channel(
    group: Group, reader: UUID, days: Sequence[Day], live: dict[UUID | None, tuple[int, int]]
) -> tuple[list[tuple[str, int]], int]:
    """Channels in which something was said, the busiest first; those that the reader does not see are summed."""
    span = (days[0].day, days[-1].day - timedelta(days=1))
    rows = (
        ChannelDay.objects.filter(channel__group=group, day__range=span)
        .values("channel")
        .annotate(said=Sum("messages"))
    )
    said: dict[Any, int] = dict(rows.values_list("channel", "said"))
    for channel, (messages, _active) in live.items():
        if channel is not None:
            said[channel] = said.get(channel, 0) + messages
    seen = Membership.objects.active().filter(user=reader).values("conversation")
    names = Channel.objects.alive().filter(group=group, conversation__in=seen).values_list("pk", "conversation__title")
    found = sorted(((name, said[key]) for key, name in names if said.get(key)), key=lambda pair: (-pair[1], pair[0]))
    return found, max(0, sum(day.messages for day in days) - sum(count for _name, count in found))
