"""Ending e-mails about notifications, from the letter itself."""

from django.db import transaction

from accounts.actions.preferences import set_setting
from accounts.letters import ALL
from accounts.models import User
from accounts.preferences import setting_of


def stop_mails(*, person: User, kind: str) -> None:
    """No more letters about `kind` (ALL: none at all) for `person`; they are told on the page as before. Twice changes nothing."""
    with transaction.atomic():
        stored = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        if kind == ALL:
            set_setting(person=stored, key="email_pace", value="off")
            return
        wishes = dict(setting_of(stored, "notifications"))
        wishes[kind] = {**wishes.get(kind, {}), "email": False}
        set_setting(person=stored, key="notifications", value=wishes)
