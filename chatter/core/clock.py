"""The reader's clock: 12 or 24 hours a day, for times that the server writes. Their zone is Django's current one."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.utils import timezone
from django.utils.formats import date_format

TWELVE, TWENTY_FOUR = "g:i A", "H:i"
_format: ContextVar[str] = ContextVar("time_format", default=TWENTY_FOUR)


def use_clock(clock: str) -> None:
    """From here on times are written as `clock` ("12", "24" or "auto") says."""
    _format.set(TWELVE if clock == "12" else TWENTY_FOUR)


@contextmanager
def clock_in_use(clock: str) -> Iterator[None]:
    token = _format.set(TWELVE if clock == "12" else TWENTY_FOUR)
    try:
        yield
    finally:
        _format.reset(token)


def clock_time(moment: datetime) -> str:
    """The time of day where the reader is: "14:05" or "2:05 PM"."""
    return date_format(timezone.localtime(moment), _format.get())


def date_and_time(moment: datetime) -> str:
    """The day and the time of day where the reader is."""
    return date_format(timezone.localtime(moment), f"j F Y, {_format.get()}")


def is_plain() -> bool:
    """Are times of the reader simply UTC, in 24 hours?"""
    return _format.get() == TWENTY_FOUR and str(timezone.get_current_timezone()) == "UTC"


def moment_in(text: str) -> datetime:
    """The moment that an address names, in UTC. Raises ValueError for anything else, also for what no zone makes a moment."""
    moment = datetime.fromisoformat(text)
    if timezone.is_naive(moment):
        raise ValueError("no time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("before or after all time") from error
