"""Letting somebody in again who lost their second factor: the staff takes it away, and the person learns of it."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actions.notifications import notify
from accounts.actions.sessions import end_sessions
from accounts.models import User
from accounts.permissions import may_judge
from chatter.core.errors import Refused

REASON_MAX = 500


def remove_second_factor(*, actor: User, person: User, reason: str) -> int:
    """Take every second factor and recovery code away from `person`; their sessions end. Returns how many there were.

    Only superusers do this to members of the staff, nobody to themselves: confirming that it is them is the way there.
    """
    if actor.pk == person.pk:
        raise Refused("forbidden", _("You cannot do this to yourself."))
    if not may_judge(actor, person):
        raise Refused("forbidden", _("Only a superuser may do this."))
    reason = reason.strip()[:REASON_MAX]
    if not reason:
        raise Refused("invalid", _("Say why, and how you made sure that it is them."))
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
        removed: int = Authenticator.objects.filter(user=person).delete()[0]
        end_sessions(person=person, reason="factor removed")
        payload = {"event": "factor_removed", "reason": reason}
        notify(recipient=person, kind="system", group_key="factor_removed", payload=payload)
    person.refresh_from_db(fields=["session_epoch"])
    return removed
