"""What visits leave behind: the row of a device, from login to log-out, and the cookie by which a browser is known again."""

from hashlib import sha256
from typing import Any, cast
from uuid import UUID

from allauth.account.signals import password_changed, password_reset, password_set
from django.conf import settings
from django.contrib.auth.models import update_last_login
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac
from django.utils.deprecation import MiddlewareMixin

from accounts.actions.devices import forget_devices, open_device, touch_device
from accounts.actions.notifications import notify
from accounts.actions.sessions import end_other_sessions, end_sessions, follow_session
from accounts.adapter import client_address
from accounts.models import User
from chatter.core.events import SessionsEnded
from chatter.core.realtime import publish
from chatter.core.sessions import key_cycled

# Names, for a year, the last few people who signed in with this browser; signed, and of use to nobody else.
COOKIE = "known"
COOKIE_AGE = 60 * 60 * 24 * 365
PEOPLE = 5
# Ours writes it: whether somebody was ever here before must be known first.
user_logged_in.disconnect(dispatch_uid="update_last_login")


class DeviceMiddleware(MiddlewareMixin):
    """Writes down, once a minute, that a session was used. Requests that did not look at the session cost nothing."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.session.accessed or not isinstance(request.user, User):
            return response
        touch_device(
            person=request.user,
            session=request.session,
            user_agent=request.headers.get("user-agent", ""),
            address=client_address(request),
        )
        if getattr(request, "is_new_login", False):
            remember_browser(request, response, request.user)
        return response


@receiver(user_logged_in, dispatch_uid="accounts.open_device")
def open_session(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """Somebody signed in, whichever way: the session gets its row, and its person hears of a browser they never used."""
    is_first = user.last_login is None
    update_last_login(sender, user)
    agent, address = request.headers.get("user-agent", ""), client_address(request)
    device = open_device(person=user, session=request.session, user_agent=agent, address=address)
    cast("Any", request).is_new_login = True
    if is_first or user.is_guest or tag_of(user) in known_people(request):
        return
    payload = {"event": "sign_in", "user_agent": device.user_agent, "address": device.address or ""}
    # The same browser at the same address again is one row of the bell, not one for each time.
    alike = sha256(f"{device.user_agent}|{device.address}".encode()).hexdigest()[:32]
    notify(recipient=user, kind="system", group_key=f"sign_in:{alike}", payload=payload)


@receiver(user_logged_out, dispatch_uid="accounts.end_session")
def end_session(sender: Any, request: HttpRequest, user: User | None, **_kwargs: Any) -> None:
    key = request.session.session_key
    if user is not None and key:
        forget_devices([key])
        publish(SessionsEnded(user=user.pk, session_key=key))


@receiver([password_changed, password_set], dispatch_uid="accounts.end_other_sessions")
def keep_only_this(sender: Any, request: HttpRequest, user: User, **_kwargs: Any) -> None:
    """A new password ends every session but the one it was typed in, and every token."""
    end_other_sessions(person=user, session=request.session, reason="password")


@receiver(password_reset, dispatch_uid="accounts.end_all_sessions")
def keep_none(sender: Any, user: User, **_kwargs: Any) -> None:
    end_sessions(person=user, reason="password")


@receiver(key_cycled, dispatch_uid="accounts.follow_session")
def follow(sender: Any, session: Any, formerly: str, **_kwargs: Any) -> None:
    follow_session(session=session, formerly=formerly)


def remember_browser(request: HttpRequest, response: HttpResponseBase, person: User) -> None:
    people = [tag_of(person), *(tag for tag in known_people(request) if tag != tag_of(person))]
    response.set_cookie(
        COOKIE,
        signing.Signer(salt="accounts.known").sign_object(people[:PEOPLE]),
        max_age=COOKIE_AGE,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def known_people(request: HttpRequest) -> list[str]:
    """Who signed in with this browser before."""
    try:
        people = signing.Signer(salt="accounts.known").unsign_object(request.COOKIES.get(COOKIE, ""))
    except (signing.BadSignature, ValueError):
        return []
    return people if isinstance(people, list) else []


def tag_of(person: User) -> str:
    """Stands for the person in the cookie; tells nobody who it is."""
    key: UUID = person.pk
    return salted_hmac("accounts.known", str(key), algorithm="sha256").hexdigest()[:20]
