"""Devices: the row of each browser session that its person sees, from signing in to logging out.

The session remembers its row (`session["device"]`), so the row follows when the session gets another key.
"""

import ipaddress
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Device, User
from accounts.names import tidy_name
from chatter.core.errors import NotFound, Refused
from chatter.core.events import SessionsEnded
from chatter.core.limits import Seldom
from chatter.core.realtime import publish

DEVICE = "device"
NAME_MAX = 60
AGENT_MAX = 400
# Rows of sessions that are gone are shown to nobody; the clock deletes them after so long.
KEPT_DEAD = timedelta(hours=1)
# What was written down lately is not written again: pages once a minute, sockets that stay connected every five.
touched = Seldom(seconds=60)
connected = Seldom(seconds=300)


def live_devices(person: User) -> QuerySet[Device]:
    """The devices where the person is signed in, the one used last first."""
    session = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    return Device.objects.filter(Exists(session), user=person).order_by("-last_active_at")


def open_device(*, person: User, session: Any, user_agent: str, address: str) -> Device:
    """The row of a session in which the person has just signed in; signing in again keeps the row."""
    if not session.session_key:
        session.create()
    row = Q(pk=session.get(DEVICE)) | Q(session_key=session.session_key)
    traces = {"session_key": session.session_key, **_traces(user_agent, address)}
    device = Device.objects.filter(row, user=person).first() or Device(pk=uuid4(), user=person, **traces)
    if not Device.objects.filter(pk=device.pk).update(**traces):
        # Two requests of a session without a row may come at once; the other one's is as good.
        Device.objects.bulk_create([device], ignore_conflicts=True)
    session[DEVICE] = str(device.pk)
    touched.is_due(session.session_key)
    return device


def touch_device(*, person: User, session: Any, user_agent: str, address: str) -> None:
    """The session was used. Writes once a minute at most; a session without a row gets one, unless it just ended."""
    if not session.session_key or not touched.is_due(session.session_key):
        return
    traces = {"session_key": session.session_key, **_traces(user_agent, address)}
    known = Device.objects.filter(pk=session.get(DEVICE), user=person)
    if DEVICE in session and known.update(**traces):
        return
    if Session.objects.filter(session_key=session.session_key).exists():
        open_device(person=person, session=session, user_agent=user_agent, address=address)


def touch_connected(*, session_keys: list[str]) -> None:
    """These sessions hold a socket open."""
    due = [key for key in session_keys if connected.is_due(key)]
    if due:
        Device.objects.filter(session_key__in=due).update(last_active_at=timezone.now())


def rename_device(*, person: User, device_id: UUID, name: str) -> None:
    """Call one of the person's own devices `name`; an empty one gives it back the name of its browser."""
    name = tidy_name(name)
    if len(name) > NAME_MAX:
        raise Refused("too_long")
    if not Device.objects.filter(pk=device_id, user=person).update(name=name):
        raise NotFound


def log_out_device(*, person: User, device_id: UUID) -> None:
    """End the session of one of the person's own devices; its sockets close at once."""
    with transaction.atomic():
        device = Device.objects.select_for_update().filter(pk=device_id, user=person).first()
        if device is None:
            raise NotFound
        forget_devices([device.session_key])
        publish(SessionsEnded(user=person.pk, session_key=device.session_key))


def forget_devices(session_keys: list[str]) -> None:
    """Sessions and what was known of their devices."""
    Session.objects.filter(session_key__in=session_keys).delete()
    Device.objects.filter(session_key__in=session_keys).delete()


def prune_devices() -> int:
    """Delete the rows of sessions that ran out or are gone; the number of them."""
    session = Session.objects.filter(session_key=OuterRef("session_key"), expire_date__gt=timezone.now())
    dead = Device.objects.filter(~Exists(session), last_active_at__lt=timezone.now() - KEPT_DEAD)
    return int(dead.delete()[0])


def ip_address(address: str) -> str | None:
    """`address` as it can be stored; None where the peer has none (a Unix socket)."""
    try:
        return str(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return None


def _traces(user_agent: str, address: str) -> dict[str, Any]:
    agent = "".join(char for char in user_agent[:AGENT_MAX] if char.isprintable())
    return {"user_agent": agent, "address": ip_address(address), "last_active_at": timezone.now()}
