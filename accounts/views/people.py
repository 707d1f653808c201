"""The profile of a person, and editing one's own."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.profile import update_profile
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.permissions import is_blocked_between, visible_people


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Who this is. Nobody outside, no guest, and nobody whom they blocked learns more than that the page is not there."""
    viewer = cast(User, request.user)
    shown = get_object_or_404(visible_people(viewer), username__iexact=username)
    if shown.username != username:
        return redirect(shown, permanent=False)
    is_self = shown.pk == viewer.pk
    context = {
        "person": shown,
        "is_self": is_self,
        "is_blocked": not is_self and is_blocked_between(viewer.pk, shown.pk),
        "can_write": not is_self and not viewer.is_guest and not shown.is_guest,
    }
    return render(request, "accounts/person.html", context)


@require_http_methods(["GET", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponse:
    """Display name and a few words. Guests have only the name they came with."""
    person = cast(User, request.user)
    if person.is_guest:
        return redirect("guest_claim")
    form = ProfileForm(request.POST or None, instance=User.objects.get(pk=person.pk))
    if form.is_valid():
        update_profile(person=person, **form.cleaned_data)
        messages.success(request, gettext("Saved."))
        return redirect(person)
    return render(request, "accounts/profile_edit.html", {"form": form})
