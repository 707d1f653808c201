"""Entering with a name only, and keeping that account later."""

from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.actions.sessions import end_other_sessions
from accounts.actions.signup import claim_guest, enter_as_guest
from accounts.forms.entrance import ClaimForm, GuestForm
from accounts.models import User
from accounts.names import ascii_words
from accounts.onward import onward
from chatter.core.errors import Refused

BACKEND = "accounts.backends.AccountBackend"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
@rate_limit(action="guest")
def guest_enter(request: HttpRequest) -> HttpResponse:
    """Come into the lobby with a name. Where guests are not wanted, this page does not exist."""
    if not settings.CHATTER_GUESTS:
        raise Http404
    if request.user.is_authenticated:
        return redirect("home")
    form = GuestForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _guest_page(request, form)
    try:
        guest = enter_as_guest(name=form.cleaned_data["name"])
    except Refused as refusal:
        form.add_error("name", str(refusal))
        return _guest_page(request, form)
    login(request, guest, backend=BACKEND)
    return redirect(onward(request) or "home")


def _guest_page(request: HttpRequest, form: GuestForm) -> HttpResponse:
    return render(request, "accounts/guest.html", {"form": form})


@never_cache
@require_http_methods(["GET", "POST"])
@sensitive_post_parameters("password1", "password2")
@rate_limit(action="signup")
def guest_claim(request: HttpRequest) -> HttpResponse:
    """A guest keeps the account, its name and what was said; everybody else has nothing to claim."""
    guest = request.user
    if not isinstance(guest, User) or not guest.is_guest:
        return redirect("home")
    form = ClaimForm(request.POST or None, initial={"username": ascii_words(guest.display_name)})
    if not form.is_valid():
        return render(request, "accounts/claim.html", {"form": form})
    typed = form.cleaned_data
    try:
        person = claim_guest(guest=guest, username=typed["username"], email=typed["email"], password=typed["password1"])
    except Refused as refusal:
        form.add_error("username", str(refusal))
        return render(request, "accounts/claim.html", {"form": form})
    return _welcome(request, person)


def _welcome(request: HttpRequest, person: User) -> HttpResponse:
    """Keep this browser in, under a new session key, and ask for the address to be confirmed."""
    update_session_auth_hash(request, person)
    end_other_sessions(person=person, session=request.session, reason="claimed")
    address = EmailAddress.objects.get(user=person, primary=True)
    send_verification_email_to_address(request, address, signup=True)
    messages.success(request, gettext("This account is yours now. Next time, log in with your password."))
    return redirect(onward(request) or "home")
