"""What pages ask about the person who reads them."""

from typing import Any

from allauth.account.models import EmailAddress
from django import template
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User

register = template.Library()
# Set in the session once the address is known to be verified: nobody's page then asks the database again.
VERIFIED_KEY = "address_verified"


@register.inclusion_tag("accounts/_notice.html", takes_context=True)
def account_notice(context: dict[str, Any]) -> dict[str, Any]:
    """A calm line for guests (keep your account) and for people whose address is not verified; else nothing."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return {}
    if user.is_guest:
        return {"guest": user}
    if request.path == reverse("account_email") or is_verified(request, user):
        return {}
    return {"address": EmailAddress.objects.filter(user=user).order_by("-primary").first(), "request": request}


def is_verified(request: HttpRequest, user: User) -> bool:
    """Has the person verified their address? Asked of the session first: it is on every page."""
    if request.session.get(VERIFIED_KEY):
        return True
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    if verified:
        request.session[VERIFIED_KEY] = True
    return verified
