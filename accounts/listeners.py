"""What follows when the second factors of a person change, or a session shows one. Sessions themselves: `accounts.visits`."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.signals import authentication_step_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset, authenticator_used
from django.dispatch import receiver

from accounts.actions.sessions import log_out_others
from accounts.second_factor import FACTORS, codes_left, raise_session


@receiver([authenticator_added, authenticator_removed, authenticator_reset], dispatch_uid="accounts.factor_changed")
def follow_factor(sender: Any, request: Any, user: Any, authenticator: Any, signal: Any, **_kwargs: Any) -> None:
    """What lets somebody in is different now: every other session is over, and this one has a new key."""
    if authenticator.type in FACTORS or signal is authenticator_reset:
        log_out_others(person=user, session=request.session)


@receiver(authentication_step_completed, dispatch_uid="accounts.session_raised")
def renew_raised_session(sender: Any, request: Any, user: Any, method: str, **shown: Any) -> None:
    """A session that shows its first second factor may do more than before."""
    shows_factor = method == "mfa" and shown.get("reauthenticated")
    if shows_factor and sum(record["method"] == "mfa" for record in get_authentication_records(request, user)) == 1:
        raise_session(request)


@receiver(authenticator_used, dispatch_uid="accounts.recovery_code_used")
def tell_of_recovery_code(sender: Any, request: Any, user: Any, authenticator: Any, **_kwargs: Any) -> None:
    """Whoever found the paper with the codes does not go unnoticed."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        left = {"left": codes_left(authenticator)}
        get_adapter(request).send_notification_mail("mfa/email/recovery_code_used", user, left)
