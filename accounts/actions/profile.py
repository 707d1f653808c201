"""What people say of themselves: names, a few words, and the status they chose."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.pictures import tell_changed
from accounts.models import User
from accounts.names import likeness, tidy_name
from chatter.core.errors import Refused
from chatter.core.events import PresenceChanged
from chatter.core.realtime import publish


def update_profile(*, person: User, **said: str) -> None:
    """Write `display_name`, `first_name`, `last_name` or `bio`; what is not given stays. Names are tidied."""
    unknown = said.keys() - {"display_name", "first_name", "last_name", "bio"}
    if unknown:
        raise ValueError(f"not part of a profile: {sorted(unknown)}")
    called = person.name
    for field, text in said.items():
        setattr(person, field, text.strip() if field == "bio" else tidy_name(text))
    others = {field.name for field in User._meta.fields} - said.keys()  # noqa: SLF001 (Django's name for it)
    person.clean_fields(exclude=others)
    with transaction.atomic():
        person.save(update_fields=[*said, "updated_at"])
        if person.name != called:
            tell_changed(person)


def set_status(*, person: User, status: str, text: str | None = None, expires_at: datetime | None = None) -> None:
    """Choose a status, and with `text` some words to it (None leaves them). The people who may see it hear of it."""
    if status not in User.Status.values:
        raise Refused("invalid")
    fields: dict[str, object] = {"status": status}
    if text is not None:
        fields |= {"status_text": checked_status_text(text), "status_expires_at": expires_at}
    User.objects.filter(pk=person.pk).update(**fields)
    for field, value in fields.items():
        setattr(person, field, value)
    publish(PresenceChanged(user=person.pk, status=status, text=person.status_text))


def clear_expired_statuses() -> int:
    """Take away the words whose end has come, and tell those who see them. Returns how many there were."""
    cleared = 0
    for person in User.objects.filter(status_expires_at__lte=timezone.now()).iterator(chunk_size=500):
        changed = User.objects.filter(pk=person.pk, status_expires_at=person.status_expires_at).update(
            status_text="", status_expires_at=None
        )
        if changed and person.status_text:
            publish(PresenceChanged(user=person.pk, status=person.status, text=""))
        cleared += changed
    return cleared


def checked_status_text(text: str) -> str:
    """The words, tidied. Raises Refused where they are too long."""
    words = tidy_name(text)
    if len(words) > 120:
        raise Refused("too_long", _("A status has at most 120 characters."))
    return words if likeness(words) else ""
