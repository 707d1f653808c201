"""The state of an account: suspended, and back. What members report and moderators decide comes to join it."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.sessions import end_sessions, forget_sessions
from accounts.actions.tokens import revoke_tokens
from accounts.models import User
from accounts.permissions import may_judge
from chatter.core.errors import Refused
from chatter.core.events import PersonSuspended
from chatter.core.realtime import publish


def suspend_person(*, actor: User, person: User, reason: str = "", until: datetime | None = None) -> None:
    """Shut the person out until `until` (for good where None): sessions end for good, sockets at once."""
    _check_may_judge(actor, person)
    if until is not None and until <= timezone.now():
        raise Refused("invalid", _("The end of a suspension lies in the future."))
    with transaction.atomic():
        # Suspended anew, the sessions are those that the first suspension ended: their holder still reads why.
        present = User.objects.select_for_update(no_key=True).get(pk=person.pk)
        User.objects.filter(pk=person.pk).update(
            suspended_at=timezone.now(),
            suspended_until=until,
            suspended_reason=reason[:500],
            session_epoch=F("session_epoch") + (0 if present.is_suspended else 1),
        )
        revoke_tokens(person=person, reason="suspended")
        publish(PersonSuspended(user=person.pk))
    person.refresh_from_db()


def lift_suspension(*, actor: User, person: User) -> None:
    """Let the person in again."""
    _check_may_judge(actor, person)
    User.objects.filter(pk=person.pk).update(suspended_at=None, suspended_until=None, suspended_reason="")
    person.refresh_from_db()


def switch_account(*, actor: User, person: User, is_active: bool) -> None:
    """Switch an account off (nobody can enter it, nobody is shown it), which ends its sessions for good, or on again: what is on waits for no erasure."""
    _check_may_judge(actor, person)
    with transaction.atomic():
        ends: dict[str, Any] = {"deletion_due_at": None} if is_active else {"session_epoch": F("session_epoch") + 1}
        User.objects.filter(pk=person.pk).update(is_active=is_active, **ends)
        if not is_active:
            forget_sessions(person=person, reason="off")
            publish(PersonSuspended(user=person.pk))
    person.refresh_from_db()


def change_rights(*, actor: User, person: User, is_staff: bool, is_superuser: bool) -> None:
    """Let the person into the administration, or out of it. Their sessions end, so that none is older than the rights."""
    _check_may_judge(actor, person)
    if not actor.is_superuser:
        raise Refused("forbidden", _("Only a superuser may do this."))
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(is_staff=is_staff, is_superuser=is_superuser)
        end_sessions(person=person, reason="rights")
    person.refresh_from_db()


def _check_may_judge(actor: User, person: User) -> None:
    if actor.pk == person.pk:
        raise Refused("forbidden", _("You cannot do this to yourself."))
    if not may_judge(actor, person):
        raise Refused("forbidden", _("Only a superuser may do this."))
