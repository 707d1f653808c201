"""The page of a person, and the card that stands for it where somebody points at their name."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.former_names import person_called
from accounts.models import User
from accounts.profiles import profile_of
from chatter.core.errors import NotFound


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Who this is. Nobody outside, no guest, and nobody whom they blocked learns more than that the page is not there."""
    viewer, shown = cast("User", request.user), person_named(request, username)
    if shown.username != username:
        return redirect(shown, permanent=False)
    return render(request, "accounts/person.html", {"person": shown, "profile": profile_of(viewer, shown)})


@require_safe
def card(request: HttpRequest, username: str) -> HttpResponse:
    """The same in small, for scripts. `next` of its forms is the page it stands on, not this address."""
    viewer, shown = cast("User", request.user), person_named(request, username)
    return render(request, "accounts/_card.html", {"person": shown, "profile": profile_of(viewer, shown)})


def person_named(request: HttpRequest, username: str) -> User:
    """Who is called so, or was, if the one who asks may see that they are there. Raises NotFound."""
    shown = person_called(cast("User", request.user), username)
    if shown is None:
        raise NotFound
    return shown
