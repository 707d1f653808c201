"""The settings of a person: their account, profile, privacy and appearance. The forms check, the actions write."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.profile import set_status, update_profile
from accounts.forms import ProfileForm
from accounts.models import User


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The list of the settings; where there is room, the account beside it. Guests have one page of them."""
    if cast("User", request.user).is_guest:
        return redirect("settings_appearance")
    return render(request, "accounts/settings_account.html", {"list_only": True})


@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Username, names, phone; the ways to the address, the password and the end."""
    if cast("User", request.user).is_guest:
        return redirect("guest_claim")
    return render(request, "accounts/settings_account.html")


@require_safe
def appearance(request: HttpRequest) -> HttpResponse:
    """How the site looks to this person."""
    return render(request, "accounts/settings_appearance.html")


@require_http_methods(["GET", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """Display name, status and a few words. Guests have only the name they came with."""
    person = cast("User", request.user)
    if person.is_guest:
        return redirect("guest_claim")
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=person.pk))
    if form.is_valid():
        said = form.cleaned_data
        words = said.pop("status_text")
        update_profile(person=person, **said)
        if "status_text" in form.changed_data:
            set_status(person=person, status=person.status, text=words)
        messages.success(request, gettext("Saved."))
        return redirect(person)
    return render(request, "accounts/profile_edit.html", {"form": form})
