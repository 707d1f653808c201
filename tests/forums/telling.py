"""What tests of forums say about what people are told."""

from accounts.models import Notification, User
from accounts.notices import Notice, shown
from accounts.occasions import spread_due


def spread() -> None:
    """As the worker: everything that is noted is told."""
    while spread_due():
        pass


def forget_told() -> None:
    """What the cast was told while it was made."""
    spread()
    Notification.objects.all().delete()


def told(person: User, *kinds: str) -> list[Notice]:
    """What is unread of a person, as they may see it now, the newest first."""
    spread()
    rows = Notification.objects.filter(recipient=person, read_at=None).order_by("-updated_at", "-pk")
    return shown(person, [row for row in rows if not kinds or row.kind in kinds])


def titles(person: User, *kinds: str) -> list[str]:
    return [notice.title for notice in told(person, *kinds)]
