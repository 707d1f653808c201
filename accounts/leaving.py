"""What of a person's notifications may leave the site at this moment: still unread, still wanted there, still theirs to see."""

from collections.abc import Iterable
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.channels import channels_of
from accounts.models import Notification, User
from accounts.notices import Notice, shown
from accounts.preferences import setting_of, stored_settings


def leaving(person: User, keys: Iterable[UUID | str], channel: str) -> list[Notice]:
    """Those of the notifications that may go out by `channel` ("email" or "push") now, the newest first."""
    if not is_reachable(person) or (channel == "email" and setting_of(person, "email_pace") == "off"):
        return []
    rows = Notification.objects.filter(
        pk__in=list(keys), recipient=person, read_at=None, expires_at__gt=timezone.now()
    ).order_by("-updated_at", "-pk")
    wishes = stored_settings(person)
    return shown(person, [row for row in rows if getattr(channels_of(row.kind, wishes), channel)])


def is_reachable(person: User) -> bool:
    """Nothing goes out to accounts that are switched off, suspended or deleted."""
    return person.is_active and person.deleted_at is None and not person.is_suspended


def absolute(path: str) -> str:
    """The whole address of a page of ours, for whoever is not on the site."""
    return urljoin(f"{settings.CHATTER_URL}/", path)
