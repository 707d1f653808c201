"""Ending sessions, for whatever reason: the open sockets of the person close with them."""

from accounts.models import User
from chatter.core.events import SessionsEnded
from chatter.core.realtime import publish


def set_password(*, person: User, password: str | None) -> None:
    """Give the person a new password (None: one that nobody knows). Every session of theirs ends: its hash is made from the password."""
    person.set_password(password)
    person.save(update_fields=["password", "updated_at"])
    publish(SessionsEnded(user=person.pk))
