"""Confirming that it is the person, for accounts without a password: by a code that is mailed, or by entering anew."""

from typing import cast
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, resume_request
from allauth.core import ratelimit
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.forms.entrance import CodeForm
from accounts.models import User
from accounts.stepup import confirmed_address, has_code, send_code, take_code, ways_without_secret
from chatter.core.asking import is_own_address


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_code(request: HttpRequest) -> HttpResponse:
    """Sends a code when it is asked for, and takes it. Whoever has a password or a second factor uses that."""
    person = cast("User", request.user)
    if not _needs(person, "code"):
        return redirect("account_reauthenticate")
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and not form.is_bound:
        return _send(request, person)
    if form.is_valid():
        if take_code(request, person, form.cleaned_data["code"]):
            return resume_request(request) or redirect("settings_security")
        form.add_error("code", gettext("This code is wrong or too old. Have a new one sent to you."))
    context = {
        "form": form,
        "address": confirmed_address(person),
        "is_sent": has_code(request),
        "next": next_of(request),
    }
    return render(request, "mfa/confirm_code.html", context)


def _send(request: HttpRequest, person: User) -> HttpResponse:
    if not send_code(request, person):
        return ratelimit.respond_429(request)
    return redirect(f"{request.path}?{urlencode({REDIRECT_FIELD_NAME: next_of(request)})}")


@never_cache
@require_http_methods(["GET", "POST"])
def confirm_anew(request: HttpRequest) -> HttpResponse:
    """Nothing but the way they came in can confirm these people: they leave, and come in again."""
    if not _needs(cast("User", request.user), "enter_anew"):
        return redirect("account_reauthenticate")
    if request.method == "POST":
        wanted = next_of(request)
        logout(request)
        return redirect(f"{reverse('account_login')}?{urlencode({REDIRECT_FIELD_NAME: wanted})}")
    return render(request, "mfa/confirm_anew.html", {"next": next_of(request)})


def _needs(person: User, way: str) -> bool:
    """Is `way` all this person has? A weaker way is never open beside a password or a second factor."""
    return not get_reauthentication_flows(person) and ways_without_secret(person)[0]["id"] == way


def next_of(request: HttpRequest) -> str:
    """Where the person wanted to go; nowhere else than on this site."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    is_ours = is_own_address(request, wanted)
    return wanted if is_ours else reverse("settings_security")
