"""Which ways a notification takes, and when: the matrix of kinds and channels, the pace of e-mail, quiet hours.

Arithmetic only: what a person wishes comes in as they stored it (`accounts.preferences`), nothing is read here.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from accounts.models import Notification
from accounts.preferences import CATALOGUE

Kind = Notification.Kind

SOON = timedelta(minutes=10)
DAILY_AT = time(8)


class Channels(NamedTuple):
    """Where a notification goes: the page, e-mail, push."""

    in_app: bool
    email: bool
    push: bool


# What holds until the person says otherwise. Talk has its own unread counts, so the page does not repeat it.
DEFAULTS: dict[str, Channels] = {
    Kind.MESSAGE: Channels(in_app=False, email=True, push=True),
    Kind.MENTION: Channels(in_app=True, email=True, push=True),
    Kind.REPLY: Channels(in_app=True, email=True, push=True),
    Kind.REACTION: Channels(in_app=True, email=False, push=False),
    Kind.FRIEND_REQUEST: Channels(in_app=True, email=True, push=True),
    Kind.INVITATION: Channels(in_app=True, email=True, push=True),
    Kind.FORUM_REPLY: Channels(in_app=True, email=True, push=True),
    Kind.FORUM_FOLLOW: Channels(in_app=True, email=True, push=False),
    Kind.MODERATION: Channels(in_app=True, email=True, push=False),
    Kind.SYSTEM: Channels(in_app=True, email=True, push=False),
}
# These concern the account itself: the page always has them.
ALWAYS_IN_APP = frozenset({Kind.MODERATION, Kind.SYSTEM})


def channels_of(kind: str, wishes: Mapping[str, Any]) -> Channels:
    """Where a notification of this kind goes for somebody with these stored settings."""
    chosen = wishes.get("notifications", {}).get(kind, {})
    channels = Channels(**(DEFAULTS[kind]._asdict() | chosen))
    return channels._replace(in_app=True) if kind in ALWAYS_IN_APP else channels


def email_due(wishes: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> datetime | None:
    """When an e-mail leaves if it is still unread then; None where the person wants none."""
    pace = wishes.get("email_pace", CATALOGUE["email_pace"].default)
    if pace == "off":
        return None
    if pace == "hourly":
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if pace == "daily":
        return _next_at(DAILY_AT, now.astimezone(zone))
    return now + SOON


def quiet_until(wishes: Mapping[str, Any], zone: ZoneInfo, now: datetime) -> datetime | None:
    """The end of the quiet hours `now` lies in; None outside. `days` (0 is Monday) are those on which they begin."""
    quiet = wishes.get("quiet_hours", CATALOGUE["quiet_hours"].default)
    if not quiet["on"] or not quiet["days"]:
        return None
    here = now.astimezone(zone)
    begin, end = time.fromisoformat(quiet["from"]), time.fromisoformat(quiet["to"])
    for day in (here.date() - timedelta(days=1), here.date()):
        if day.weekday() not in quiet["days"]:
            continue
        first = datetime.combine(day, begin, zone)
        last = datetime.combine(day if begin < end else day + timedelta(days=1), end, zone)
        if first <= here < last:
            # An hour that comes twice is quiet twice.
            return max(last, last.replace(fold=1), key=datetime.timestamp)
    return None


def _next_at(moment: time, here: datetime) -> datetime:
    today = datetime.combine(here.date(), moment, here.tzinfo)
    return today if today > here else datetime.combine(here.date() + timedelta(days=1), moment, here.tzinfo)
