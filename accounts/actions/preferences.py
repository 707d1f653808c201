"""What people set for themselves: settings, and whom they let reach them."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import Setting, User
from accounts.preferences import checked_setting, stored_settings
from accounts.privacy import checked_privacy
from chatter.core.events import RelationsChanged
from chatter.core.realtime import publish


def set_setting(*, person: User, key: str, value: Any) -> None:
    """Set one setting, however often. Raises Refused("invalid") for unknown keys and wrong shapes."""
    set_settings(person=person, values={key: value})


def set_settings(*, person: User, values: Mapping[str, Any]) -> None:
    """Set several settings: all of them, or none where one is refused. Two at once do not collide, the later wins."""
    checked = {key: checked_setting(key, value) for key, value in values.items()}
    if not checked:
        return
    now = timezone.now()
    Setting.objects.bulk_create(
        [Setting(user=person, key=key, value=checked[key], updated_at=now) for key in sorted(checked)],
        update_conflicts=True,
        unique_fields=["user", "key"],
        update_fields=["value", "updated_at"],
    )
    person.preferences = stored_settings(person) | checked


def set_privacy(*, person: User, wishes: Any) -> None:
    """Say whom the person lets, for some ways or all; the others stay. Open sockets obey from now on."""
    checked = checked_privacy(wishes)
    with transaction.atomic():
        stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        person.privacy = stored.privacy | checked
        User.objects.filter(pk=person.pk).update(privacy=person.privacy)
        publish(RelationsChanged(user=person.pk))
