"""The settings of a person: their account, profile, privacy and appearance. The forms check, the actions write."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.account import change_username, set_phone
from accounts.actions.preferences import set_privacy, set_setting, set_settings
from accounts.actions.profile import set_status, update_profile
from accounts.forms.settings import (
    AccountForm,
    AppearanceForm,
    PrivacyForm,
    ProfileForm,
    UsernameForm,
    offered_zones,
)
from accounts.models import User
from accounts.preferences import setting_of, settings_of, theme_of
from chatter.core.asking import wants_json
from chatter.core.errors import Refused

both = require_http_methods(["GET", "POST"])


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """The list of the settings; where there is room, the account beside it. Guests have one page of them."""
    if reader(request).is_guest:
        return redirect("settings_appearance")
    return account_page(request, list_only=True)


@both
def account(request: HttpRequest) -> HttpResponse:
    """Names and phone; the ways to the address, the password and the end."""
    person = reader(request)
    if person.is_guest:
        return redirect("guest_claim")
    form = AccountForm(request.POST or None, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return account_page(request, form=form)
    said = form.cleaned_data
    set_phone(person=person, number=said.pop("phone"))
    update_profile(person=person, **said)
    return saved(request, "settings_account")


@both
def username(request: HttpRequest) -> HttpResponse:
    """Another username; why not, beside the field."""
    person = reader(request)
    if person.is_guest:
        return redirect("guest_claim")
    form = UsernameForm(request.POST or None, initial={"username": person.username})
    if form.is_valid():
        try:
            change_username(person=User.objects.get(pk=person.pk), username=form.cleaned_data["username"])
        except Refused as refusal:
            form.add_error("username", str(refusal))
        else:
            return saved(request, "settings_account")
    return account_page(request, username_form=form)


def account_page(request: HttpRequest, **given: Any) -> HttpResponse:
    """The page with its two forms, bound or not."""
    person = reader(request)
    addresses = EmailAddress.objects.filter(user=person).order_by("-verified", "-primary")
    context = {
        "form": AccountForm(instance=person),
        "username_form": UsernameForm(initial={"username": person.username}),
        "address": addresses.first(),
    }
    return render(request, "accounts/settings_account.html", context | given)


@both
def profile(request: HttpRequest) -> HttpResponse:
    """What others read, and the status. Guests have only the name they came with."""
    person = reader(request)
    if person.is_guest:
        return redirect("guest_claim")
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=person.pk))
    if not form.is_valid():
        return render(request, "accounts/profile_edit.html", {"form": form})
    status = form.chosen_status()
    update_profile(person=person, display_name=form.cleaned_data["display_name"], bio=form.cleaned_data["bio"])
    if status:
        set_status(person=person, **status)
    return saved(request, "profile_edit")


@both
def privacy(request: HttpRequest) -> HttpResponse:
    """Who may reach the person, and who sees what of them."""
    person = reader(request)
    if person.is_guest:
        return redirect("guest_claim")
    form = PrivacyForm(request.POST or None, person=person)
    if form.is_valid():
        set_privacy(person=person, wishes=form.cleaned_data)
        return saved(request, "settings_privacy")
    return form_page(request, "accounts/settings_privacy.html", form)


@both
def appearance(request: HttpRequest) -> HttpResponse:
    """How the site looks to this person, and by whose clock; guests, too."""
    person = reader(request)
    looks = settings_of(person) | {"theme": theme_of(person, request.COOKIES.get("theme", ""))}
    form = AppearanceForm(request.POST or None, initial=looks)
    if not form.is_valid():
        return form_page(request, "accounts/settings_appearance.html", form, zones=offered_zones(), now=timezone.now())
    set_settings(person=person, values=form.cleaned_data)
    if language := form.cleaned_data["language"]:
        translation.activate(language)
    answer = saved(request, "settings_appearance")
    if not language:
        answer.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return answer


@require_POST
def browser_zone(request: HttpRequest) -> HttpResponse:
    """The browser tells where it is, for a person who goes by it. Raises Refused("invalid") for what is no zone."""
    person, zone = reader(request), request.POST.get("zone", "")
    if zone != setting_of(person, "browser_zone"):
        set_setting(person=person, key="browser_zone", value=zone)
    return HttpResponse(status=204)


def reader(request: HttpRequest) -> User:
    return cast("User", request.user)


def saved(request: HttpRequest, page: str) -> HttpResponse:
    """Back to the page with a word; scripts that save on the way say it themselves."""
    if wants_json(request):
        return HttpResponse(status=204)
    messages.success(request, gettext("Saved."))
    return redirect(page)


def form_page(request: HttpRequest, template: str, form: BaseForm, **more: Any) -> HttpResponse:
    """The page of a form; for scripts what is wrong with it."""
    if wants_json(request) and form.errors:
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"error": {"code": "invalid", "message": words}}, status=400)
    return render(request, template, {"form": form, **more})
