"""The profile of a person."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import is_blocked_between, visible_people
from chatter.core.presence import statuses

PRESENCE = {"online": _("Online"), "idle": _("Idle"), "dnd": _("Do not disturb"), "offline": _("Offline")}


@require_safe
def person(request: HttpRequest, username: str) -> HttpResponse:
    """Who this is. Nobody outside, no guest, and nobody whom they blocked learns more than that the page is not there."""
    viewer = cast("User", request.user)
    shown = get_object_or_404(visible_people(viewer), username__iexact=username)
    if shown.username != username:
        return redirect(shown, permanent=False)
    is_self = shown.pk == viewer.pk
    is_blocked = not is_self and is_blocked_between(viewer.pk, shown.pk)
    context = {
        "person": shown,
        "is_self": is_self,
        "is_blocked": is_blocked,
        "can_write": not is_self and not viewer.is_guest and not shown.is_guest,
    }
    if not is_blocked:
        context |= presence_of(shown)
    return render(request, "accounts/person.html", context)


def presence_of(person: User) -> dict[str, Any]:
    """How they are, in their own words, and when they were last here; nothing of that for who chose to be invisible."""
    if person.status == User.Status.OFFLINE:
        return {"presence": "offline", "presence_words": PRESENCE["offline"]}
    presence = statuses([person.pk]).get(person.pk, "offline")
    return {
        "presence": presence,
        "presence_words": PRESENCE[presence],
        "status_text": person.present_status_text,
        "last_seen": person.last_seen_at if presence == "offline" else None,
    }
