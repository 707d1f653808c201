"""What pages ask about the person who reads them."""

from typing import Any

from allauth.account.models import EmailAddress
from django import template
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from accounts.settings_list import links
from chatter.templatetags.page import icon_html

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


@register.inclusion_tag("accounts/_settings_list.html", takes_context=True)
def settings_list(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the settings that the reader may open, with the one they are on marked."""
    request: HttpRequest = context["request"]
    match = request.resolver_match
    found = links(match.view_name if match else "", guest=bool(getattr(request.user, "is_guest", False)))
    return {
        "links": [link._replace(icon=icon_html(link.icon)) for link in found],
        "onward": icon_html("chevron-right", "icon--flip settings__onward"),
    }


def is_verified(request: HttpRequest, user: User) -> bool:
    """Has the person verified their address? Asked of the session first: it is on every page."""
    if request.session.get(VERIFIED_KEY):
        return True
    verified = EmailAddress.objects.filter(user=user, verified=True).exists()
    if verified:
        request.session[VERIFIED_KEY] = True
    return verified
