"""What pages ask about the person who reads them."""

from typing import Any

from allauth.account.models import EmailAddress
from django import template
from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import reverse

from accounts.models import User
from accounts.settings_list import links
from chatter.templatetags.page import icon_html

register = template.Library()
# Set in the session once the address is known to be verified: nobody's page then asks the database again.
VERIFIED_KEY = "address_verified"


@register.simple_tag(takes_context=True)
def account_notice(context: dict[str, Any]) -> str:
    """A calm line for guests (keep your account) and for people whose address is not verified; else nothing."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return ""
    shown: dict[str, Any] = {"guest": user}
    if not user.is_guest:
        if request.session.get(VERIFIED_KEY) or request.path == reverse("account_email"):
            return ""
        address = EmailAddress.objects.filter(user=user).order_by("-verified", "-primary").first()
        if address is not None and address.verified:
            request.session[VERIFIED_KEY] = True
            return ""
        shown = {"address": address}
    return get_template("accounts/_notice.html").render(shown, request)


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
