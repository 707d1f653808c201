"""What follows when somebody signs out or gets a new password: the sockets of the sessions that ended close at once."""

from typing import Any

from allauth.account.signals import password_changed, password_reset, password_set
from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver

from chatter.core.events import SessionsEnded
from chatter.core.realtime import publish


@receiver(user_logged_out, dispatch_uid="accounts.close_sockets")
def close_sockets(sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
    if user is not None and request.session.session_key:
        publish(SessionsEnded(user=user.pk, session_key=request.session.session_key))


@receiver([password_changed, password_set], dispatch_uid="accounts.close_other_sockets")
def close_other_sockets(sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
    """A new password ends every session but the one it was typed in."""
    publish(SessionsEnded(user=user.pk, keep=request.session.session_key))


@receiver(password_reset, dispatch_uid="accounts.close_all_sockets")
def close_all_sockets(sender: Any, request: Any, user: Any, **_kwargs: Any) -> None:
    publish(SessionsEnded(user=user.pk))
