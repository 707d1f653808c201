"""The notifications of a person as their page lists them: unread first, newest first, a page at a time, by day."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import Notification
from accounts.notices import Notice, shown
from chatter.core.clock import moment_in
from chatter.core.errors import Refused

PAGE = 30
MENU = 8


@dataclass(frozen=True, slots=True)
class Day:
    """The notices of a day, unread or read."""

    is_read: bool
    label: str
    notices: list[Notice]


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """What is shown, where the next page begins ("" at the end), and what is unread but may not be seen any more."""

    notices: list[Notice]
    next: str
    stale: list[UUID]

    @property
    def days(self) -> list[Day]:
        groups = groupby(self.notices, key=lambda notice: (notice.is_read, timezone.localtime(notice.at).date()))
        return [Day(is_read, day_label(day), list(notices)) for (is_read, day), notices in groups]


def page_of(reader: UUID, *, kind: str = "", after: str = "", limit: int = PAGE) -> NotificationPage:
    """One page (at most two queries, and what showing takes). `after` is the `next` of the page before. Raises Refused."""
    is_read, cursor = _position(after)
    rows: list[Notification] = []
    if not is_read:
        rows = list(_rows(reader, kind, cursor, is_read=False)[: limit + 1])
        cursor = Q()
    if len(rows) <= limit:
        rows += _rows(reader, kind, cursor, is_read=True)[: limit + 1 - len(rows)]
    page = rows[:limit]
    notices = shown(reader, page)
    seen = {notice.id for notice in notices}
    stale = [row.pk for row in page if row.read_at is None and row.pk not in seen]
    return NotificationPage(notices, _key(page[-1]) if len(rows) > limit else "", stale)


def day_label(day: date) -> str:
    """The day as a heading."""
    today = timezone.localdate()
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today.year else "DATE_FORMAT")


def _rows(reader: UUID, kind: str, cursor: Q, *, is_read: bool) -> QuerySet[Notification]:
    rows = Notification.objects.filter(
        cursor, recipient=reader, in_app=True, read_at__isnull=not is_read, expires_at__gt=timezone.now()
    )
    return (rows.filter(kind=kind) if kind else rows).order_by("-updated_at", "-id")


def _key(row: Notification) -> str:
    return f"{'u' if row.read_at is None else 'r'}.{row.updated_at.isoformat()}.{row.pk}"


def _position(after: str) -> tuple[bool, Q]:
    """Whether the page begins among the read ones, and after which row. Raises Refused("invalid")."""
    if not after:
        return False, Q()
    try:
        part, rest = after.split(".", 1)
        moment, key = rest.rsplit(".", 1)
        at, pk = moment_in(moment), UUID(key)
    except ValueError as error:
        raise Refused("invalid") from error
    if part not in ("u", "r"):
        raise Refused("invalid")
    return part == "r", Q(updated_at__lt=at) | Q(updated_at=at, id__lt=pk)
