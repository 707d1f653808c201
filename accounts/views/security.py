"""What lets a person into their account: password, second factor, passkeys, recovery codes, and what others add."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything at a glance; every change is a page of its own that asks to confirm first."""
    person = cast("User", request.user)
    if person.is_guest:
        return redirect("guest_claim")
    return render(request, "accounts/security.html", {})
