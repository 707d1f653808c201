"""Confirming once more that it is the person: asked for before anything that decides who can enter the account.

A password, second factor or passkey counts for ACCOUNT_REAUTHENTICATION_TIMEOUT seconds, typed at the door or here.
Accounts that have none of them get a code by e-mail; those without an address enter anew.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import REAUTHENTICATION_TIMEOUT
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.account.models import EmailAddress
from allauth.core import ratelimit
from allauth.core.internal.cryptokit import normalize_user_code
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext

from accounts.models import User
from chatter.core.asking import is_own_address

View = Callable[..., HttpResponseBase]
# What the person did themselves. A provider of identities may have let them in without asking anything.
BY_HAND = frozenset({"password", "mfa", "code", "wallet"})
CODE_KEY = "accounts.confirmation"
CODE_SECONDS = 600


def recently_confirmed(view: View) -> View:
    """Lets a request through when the person confirmed lately that it is them; else sends them to do so, and back."""

    @wraps(view)
    def confirmed(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if not request.user.is_authenticated or is_confirmed(request):
            return view(request, *given, **named)
        return ask_to_confirm(request)

    return confirmed


def is_confirmed(request: HttpRequest) -> bool:
    """Guests have nothing but their session, so nothing to confirm with."""
    person = request.user
    if not person.is_authenticated:
        return False
    return bool(person.is_guest) or any(
        time.time() - record["at"] < REAUTHENTICATION_TIMEOUT
        for record in get_authentication_records(request, person)
        if record["method"] in BY_HAND or not has_way(person)
    )


def has_way(person: User) -> bool:
    """Is there anything to confirm with, besides entering anew?"""
    return any(way["id"] != "enter_anew" for way in get_adapter().get_reauthentication_methods(person))


def ways_without_secret(person: User) -> list[dict[str, Any]]:
    """For accounts that have neither a password nor a second factor (a wallet or a provider lets them in)."""
    if confirmed_address(person) is None:
        return [{"id": "enter_anew", "description": gettext("Log in again"), "url": reverse("confirm_anew")}]
    return [{"id": "code", "description": gettext("Get a code by e-mail"), "url": reverse("confirm_code")}]


def confirmed_address(person: User) -> str | None:
    row = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary").first()
    return row.email if row else None


def ask_to_confirm(request: HttpRequest) -> HttpResponse:
    """To the page that asks. What was posted is not kept (it may be a secret): it is sent again from its page."""
    way = get_adapter().get_reauthentication_methods(request.user)[0]["url"]
    address = f"{way}?{urlencode({REDIRECT_FIELD_NAME: page_of(request)})}"
    if not request.accepts("text/html"):
        return JsonResponse({"error": "confirm", "url": address}, status=403)
    if request.method not in ("GET", "HEAD"):
        messages.info(request, gettext("Nothing is changed yet: confirm that it is you, then do it again."))
    if request.headers.get("hx-request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def page_of(request: HttpRequest) -> str:
    """Where to come back to: the page that was asked for, or the one whose form was sent."""
    if request.method in ("GET", "HEAD") and not request.headers.get("hx-request"):
        return request.get_full_path()
    came_from = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    if not is_own_address(request, came_from):
        return reverse("settings_security")
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def send_code(request: HttpRequest, person: User) -> bool:
    """Mail a code to the person's address; False where they asked too often."""
    address = confirmed_address(person)
    if address is None or not ratelimit.consume(request, action="confirm_code_sent", user=person):
        return False
    adapter = get_adapter()
    code = adapter.generate_login_code()
    request.session[CODE_KEY] = {"digest": _digest(code, person), "until": time.time() + CODE_SECONDS}
    adapter.send_mail("account/email/confirmation_code", address, {"user": person, "code": code, "request": request})
    return True


def has_code(request: HttpRequest) -> bool:
    return bool(request.session.get(CODE_KEY, {}).get("until", 0) > time.time())


def take_code(request: HttpRequest, person: User, code: str) -> bool:
    """Is this the code that was mailed? It counts once; attempts are limited by account, whatever the session says."""
    if not has_code(request) or not ratelimit.consume(request, action="confirm_code", user=person):
        return False
    if not constant_time_compare(request.session[CODE_KEY]["digest"], _digest(code, person)):
        return False
    del request.session[CODE_KEY]
    record_authentication(request, person, "code", reauthenticated=True)
    return True


def _digest(code: str, person: User) -> str:
    """What is kept of a code: sessions lie in the database, where others may read them."""
    return salted_hmac(CODE_KEY, f"{person.pk}|{normalize_user_code(code)}", algorithm="sha256").hexdigest()
