"""Signing in with an Ethereum wallet, and linking one: the wallet asks for a message, signs it, and sends it back."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.actions.wallets import Purpose, find_owner, link_wallet, offer_message, prove_wallet, unlink_wallet
from accounts.adapter import client_address
from accounts.forms.wallets import OfferForm, ProofForm
from accounts.models import User
from accounts.permissions import check_member
from accounts.stepup import recently_confirmed
from accounts.wallets import checksummed
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit

# Messages asked for, and signatures tried, by one address in a minute.
TRIES, TRIES_SECONDS = 20, 60


@login_not_required
@never_cache
@require_POST
def wallet_message(request: HttpRequest) -> HttpResponse:
    """The message by which a wallet logs somebody in."""
    return _offered(request, "login")


@login_not_required
@never_cache
@require_POST
def wallet_login(request: HttpRequest) -> HttpResponse:
    """Log in the person to whom the wallet is linked, through the same stages as a password would."""
    if request.user.is_authenticated:
        return redirect("guest_claim" if request.user.is_guest else "home")
    try:
        address = _proven(request, "login")
    except Refused as refusal:
        return _to_login(request, str(refusal))
    person = find_owner(address=address)
    if person is None:
        return _to_login(
            request, gettext("This wallet is linked to no account. Log in another way and link it under “Security”.")
        )
    record_authentication(request, person, "wallet", address=address)
    return perform_login(request, Login(user=person, redirect_url=get_next_redirect_url(request)))


@never_cache
@require_POST
@recently_confirmed
def wallet_link_message(request: HttpRequest) -> HttpResponse:
    """The message by which a wallet becomes one of the person's."""
    check_member(cast("User", request.user))
    return _offered(request, "link")


@never_cache
@require_POST
@recently_confirmed
def wallet_link(request: HttpRequest) -> HttpResponse:
    person = cast("User", request.user)
    try:
        wallet = link_wallet(person=person, address=_proven(request, "link"))
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("The wallet is linked. It can log you in from now on."))
        _tell(request, person, "wallet_linked", wallet.address)
    return redirect("settings_security")


@never_cache
@require_POST
@recently_confirmed
def wallet_unlink(request: HttpRequest, wallet_id: UUID) -> HttpResponse:
    person = cast("User", request.user)
    try:
        wallet = unlink_wallet(person=person, wallet_id=wallet_id)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("The wallet is removed."))
        _tell(request, person, "wallet_unlinked", wallet.address)
    return redirect("settings_security")


def _offered(request: HttpRequest, purpose: Purpose) -> HttpResponse:
    _check_pace(request)
    form = OfferForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    message = offer_message(
        session_key=_session_key(request), purpose=purpose, **form.cleaned_data, **_place_of(request)
    )
    return JsonResponse({"message": message.text()})


def _proven(request: HttpRequest, purpose: Purpose) -> str:
    """The address that signed. Raises Refused."""
    _check_pace(request)
    form = ProofForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", gettext("This signature does not count here. Please try again."))
    return prove_wallet(
        session_key=request.session.session_key or "",
        purpose=purpose,
        text=form.cleaned_data["message"],
        signature=form.cleaned_data["signature"],
        **_place_of(request),
    )


def _check_pace(request: HttpRequest) -> None:
    check_limit("wallet", client_address(request), limit=TRIES, seconds=TRIES_SECONDS)


def _place_of(request: HttpRequest) -> dict[str, Any]:
    return {"scheme": request.scheme, "host": request.get_host()}


def _session_key(request: HttpRequest) -> str:
    """The key of this browser's session, which begins here for strangers."""
    request.session["wallet"] = True
    if request.session.session_key is None:
        request.session.create()
    return str(request.session.session_key)


def _to_login(request: HttpRequest, words: str) -> HttpResponse:
    messages.error(request, words)
    wanted = get_next_redirect_url(request)
    query = f"?{urlencode({'next': wanted})}" if wanted else ""
    return redirect(f"{reverse('account_login')}{query}")


def _tell(request: HttpRequest, person: User, mail: str, address: str) -> None:
    """A mail to the person's address: nobody changes what lets them in behind their back."""
    get_adapter(request).send_notification_mail(
        f"account/email/{mail}", person, {"user": person, "address": checksummed(address)}
    )
