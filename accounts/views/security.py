"""What lets a person into their account: password, second factor, passkeys, recovery codes, and what others add."""

from typing import Any, cast

from allauth.mfa.models import Authenticator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.second_factor import FEW_CODES, codes_left


@never_cache
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Everything at a glance; every change is a page of its own that asks to confirm first."""
    person = cast("User", request.user)
    if person.is_guest:
        return redirect("guest_claim")
    return render(request, "accounts/security.html", factors_of(person))


def factors_of(person: User) -> dict[str, Any]:
    """What protects the account besides a password, as the page shows it (one query)."""
    held = list(Authenticator.objects.filter(user=person).order_by("created_at"))
    by_kind = {authenticator.type: authenticator for authenticator in held}
    codes = by_kind.get(Authenticator.Type.RECOVERY_CODES)
    passkeys = [authenticator.wrap() for authenticator in held if authenticator.type == Authenticator.Type.WEBAUTHN]
    totp = by_kind.get(Authenticator.Type.TOTP)
    left = codes_left(codes)
    return {
        "totp": totp,
        "passkeys": passkeys,
        "is_protected": bool(totp or passkeys),
        "codes": codes,
        "codes_left": left,
        "few": bool(totp or passkeys) and left < FEW_CODES,
    }
