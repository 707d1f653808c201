"""How allauth is told our rules: names, addresses, mails, who is let in, and from where a request comes."""

import ipaddress
import logging
import re
from collections.abc import Iterator
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from accounts.actions.addresses import release_address
from accounts.middleware import suspended
from accounts.models import User
from accounts.names import is_reserved
from accounts.onward import onward
from accounts.second_factor import begin_login, end_login
from accounts.stepup import is_confirmed, ways_without_secret
from accounts.waiting import waiting_page

logger = logging.getLogger(__name__)
WRONG = _("This name and password do not belong together. Check both, or reset your password.")
WAYS = {
    "reauthenticate": _("Use your password"),
    "mfa_reauthenticate": _("Use a code"),
    "mfa_reauthenticate:webauthn": _("Use a passkey"),
}


class AccountAdapter(DefaultAccountAdapter):
    """allauth's hooks, each handing over to an action or a rule of ours."""

    error_messages: ClassVar = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "email_password_mismatch": WRONG,
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, or reset your password."),
        "username_taken": _("This username is taken."),
        "username_blacklisted": _("This username is reserved. Please choose another one."),
        "duplicate_email": _("This is your address already."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your password."),
        "rate_limited": _("You are going too fast. Wait a moment."),
    }

    def clean_username(self, username: str, shallow: bool = False) -> str:
        if is_reserved(username):
            raise self.validation_error("username_blacklisted")
        return super().clean_username(username, shallow)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        """Only an address that waits to be verified can be taken back; the current one is changed, not removed."""
        return bool(email_address.pk) and not email_address.primary

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Who reads the mailbox takes the address, also from an account that had only written it down."""
        with transaction.atomic():
            if email_address.can_set_verified():
                release_address(keeper=email_address.user, email=email_address.email)
            is_first = not EmailAddress.objects.filter(user=email_address.user, verified=True).exists()
            confirmed = bool(super().confirm_email(request, email_address))
        if confirmed and is_first:
            self.send_mail("account/email/welcome", email_address.email, {"user": email_address.user})
        return confirmed

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """A link to confirm; or, where another account has proved to own the address, a word to its owner."""
        address = emailconfirmation.email_address
        if address.can_set_verified():
            super().send_confirmation_mail(request, emailconfirmation, signup)
        else:
            self.send_account_already_exists_mail(address.email)

    def render_mail(
        self,
        template_prefix: str,
        email: str | list[str],
        context: dict[str, Any],
        headers: dict[str, str] | None = None,
    ) -> EmailMessage:
        """The text is written once; the HTML part is the same text, its links made clickable."""
        mail = super().render_mail(template_prefix, email, context, headers)
        if isinstance(mail, EmailMultiAlternatives):
            letter = {"subject": mail.subject, "paragraphs": list(paragraphs_of(str(mail.body)))}
            mail.attach_alternative(render_to_string("email/letter.html", letter), "text/html")
        return mail

    def pre_login(self, request: HttpRequest, user: AbstractBaseUser, **hook: Any) -> HttpResponse | None:
        """Suspended people learn until when and why, once they have shown the password."""
        if isinstance(user, User) and user.is_suspended:
            return suspended(request, user, signed_in=False)
        if isinstance(user, User) and user.deletion_due_at is not None and user.deleted_at is None:
            return waiting_page(request, user)
        begin_login(request, user)
        return super().pre_login(request, user, **hook)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return onward(request) or super().get_login_redirect_url(request)

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        return onward(request) or str(super().get_signup_redirect_url(request))

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        end_login(request)
        super().login(request, user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Password, second factor, passkey; for accounts that have none of them, what is left."""
        ways: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        for way in ways:
            way["description"] = WAYS[way["id"]]
        return ways or (ways_without_secret(user) if user.is_authenticated else [])

    def is_reauthentication_required(self, *, app: str, **asked: Any) -> bool:
        """One answer for allauth's own views and ours."""
        return super().is_reauthentication_required(app=app, **asked) and not is_confirmed(self.request)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)


def paragraphs_of(text: str) -> Iterator[dict[str, Any]]:
    """The paragraphs of a mail; one that is nothing but an address on the web becomes a link."""
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        yield {"text": paragraph, "is_link": re.fullmatch(r"https?://\S+", paragraph) is not None}


def client_address(request: HttpRequest) -> str:
    """Where the request comes from: what our own outermost proxy saw, never what the client says of itself.

    Each of the CHATTER_TRUSTED_PROXIES appends the address it saw to X-Forwarded-For, so ours are counted from the
    right. A peer without an address (a Unix socket) is "local".
    """
    return address_of(request.META.get("REMOTE_ADDR"), request.headers.get("x-forwarded-for", ""))


def address_of(peer: str | None, forwarded: str) -> str:
    """The same, from the peer's address and what X-Forwarded-For says."""
    peer = peer or "local"
    hops = settings.CHATTER_TRUSTED_PROXIES
    seen = forwarded.split(",")
    if not hops or len(seen) < hops:
        return peer
    try:
        return str(ipaddress.ip_address(seen[-hops].strip()))
    except ValueError:
        return peer
