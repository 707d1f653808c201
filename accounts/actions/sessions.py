"""Ending sessions, for whatever reason: rows, tokens and open sockets of the person go together.

A new password, other rights and a suspension end sessions by their hash already; this does it at once and for the eye.
"""

from typing import Any
from uuid import UUID

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import transaction
from django.db.models import F

from accounts.actions.devices import DEVICE, forget_devices
from accounts.actions.tokens import revoke_tokens
from accounts.models import Device, User
from chatter.core.events import SessionRenewed, SessionsEnded
from chatter.core.realtime import publish


def set_password(*, person: User, password: str | None) -> None:
    """Give the person a new password (None: one that nobody knows). Every session of theirs ends: its hash is made from the password."""
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password", "updated_at"])
        end_sessions(person=person, reason="password")


def end_sessions(*, person: User, reason: str) -> None:
    """Log the person out everywhere: every session, every token (revoked for `reason`), every socket."""
    with transaction.atomic():
        forget_sessions(person=person, reason=reason)
        publish(SessionsEnded(user=person.pk))


def forget_sessions(*, person: User, reason: str) -> None:
    """Every session and every token of the person. Whoever calls it tells the sockets."""
    forget_devices(list(Device.objects.filter(user=person).values_list("session_key", flat=True)))
    revoke_tokens(person=person, reason=reason)


def end_other_sessions(*, person: User, session: Any, reason: str) -> None:
    """Log the person out everywhere but in `session`, whose other tabs stay open."""
    with transaction.atomic():
        others = Device.objects.filter(user=person).exclude(session_key=session.session_key)
        forget_devices(list(others.values_list("session_key", flat=True)))
        revoke_tokens(person=person, reason=reason)
        told = session.get(HASH_SESSION_KEY, "")
        publish(SessionsEnded(user=person.pk, keep=session.session_key, auth_hash=told))


def log_out_others(*, person: User, session: Any) -> None:
    """End every session but this one for good, also those of which no row is left, and every token."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(session_epoch=F("session_epoch") + 1)
        person.refresh_from_db(fields=["session_epoch"])
        session.cycle_key()
        session[HASH_SESSION_KEY] = person.get_session_auth_hash()
        session.save()
        end_other_sessions(person=person, session=session, reason="logout")


def follow_session(*, session: Any, formerly: str) -> None:
    """The session got another key: the row of its device and its open sockets go on with it.

    One that was logged out from elsewhere at this moment does not live on under a new key. Raises SessionInterrupted.
    """
    with transaction.atomic():
        moved = Device.objects.filter(session_key=formerly).update(session_key=session.session_key)
        if moved or DEVICE not in session or Device.objects.filter(pk=session[DEVICE]).exists():
            person = UUID(session[SESSION_KEY])
            publish(SessionRenewed(user=person, session_key=session.session_key, formerly=formerly))
            return
    session.flush()
    raise SessionInterrupted("The session was ended while it changed its key.")
