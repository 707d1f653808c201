"""Second factors as this site wants them: secrets encrypted at rest, keys bound to its own origin, and what a session has shown."""

import struct
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from fido2.utils import websafe_decode
from fido2.webauthn import CollectedClientData

from accounts.models import User
from accounts.stepup import page_of
from chatter.core.sealing import Broken, seal, unseal

FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
LOGIN_KEY = "accounts.login"
# Fewer recovery codes than this are pointed out.
FEW_CODES = 3
# What a browser may hand over that is no credential.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError, AssertionError, OverflowError, struct.error)


class SecondFactorAdapter(DefaultMFAAdapter):
    """allauth's hooks. Names shown to authenticator apps and browsers hold no e-mail address."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right. Codes from an app change every 30 seconds."),
        "cannot_generate_recovery_codes": _("Recovery codes come with a second factor: set one up first."),
        "incorrect_passkey": _("This passkey could not be used. Try again, or use another way."),
    }

    def encrypt(self, text: str) -> str:
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises Broken where no key of this site made it: an empty secret would be one that everybody knows."""
        return unseal(encrypted_text)

    def get_totp_label(self, user: Any) -> str:
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002 -- allauth's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Passkeys are bound to the host name; a port does not count."""
        return {"id": host_name(context.request), "name": "Chatter"}

    def get_public_key_credential_user_entity(self, user: Any) -> dict[str, Any]:
        return {"id": user.pk.hex.encode(), "display_name": user.name, "name": user.username}


def host_name(request: HttpRequest) -> str:
    """Of the site as the browser calls it, without its port; "[::1]:8000" has colons of its own."""
    host = request.get_host()
    return host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host


def is_own_origin(request: HttpRequest, credential: Any) -> bool:
    """Was it made on a page of ours? The standard allows every subdomain; one of them may be somebody else's."""
    try:
        origin = CollectedClientData(websafe_decode(credential["response"]["clientDataJSON"])).origin
    except MALFORMED:
        return False
    return origin in {f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS}


def take_totp(authenticator: Authenticator, code: str) -> bool:
    """Is this the app's code of now (or of 30 seconds earlier or later)? Each counts once, in whichever process."""
    with transaction.atomic():
        held = Authenticator.objects.select_for_update().filter(pk=authenticator.pk).first()
        if held is None:
            return False
        try:
            secret = SecondFactorAdapter().decrypt(held.data["secret"])
        except Broken:
            return False
        last = held.data.get("counter", -1)
        for counter in yield_hotp_counters_from_time():
            shown = format_hotp_value(hotp_value(secret, counter))
            if compare_user_code(actual=code, expected=shown) and counter > last:
                Authenticator.objects.filter(pk=held.pk).update(data=held.data | {"counter": counter})
                return True
    return False


def take_recovery_code(authenticator: Authenticator, code: str) -> bool:
    try:
        return bool(authenticator.wrap().validate_code(code))
    except Broken:
        return False


def codes_left(authenticator: Authenticator | None) -> int:
    """How many recovery codes are unused; none where they cannot be read any more."""
    try:
        return len(authenticator.wrap().get_unused_codes()) if authenticator else 0
    except Broken:
        return 0


def has_second_factor(person: User) -> bool:
    return Authenticator.objects.filter(user_id=person.pk, type__in=FACTORS).exists()


def was_opened_with_factor(request: HttpRequest) -> bool:
    """Has this session shown a second factor, at the door or since?"""
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def raise_session(request: HttpRequest) -> None:
    """A session that may do more from now on gets a new key; its device and open tabs stay what they are."""
    request.session.cycle_key()


def begin_login(request: HttpRequest, person: AbstractBaseUser) -> None:
    """Remember what the account was like when its first step was taken, in case there is a second."""
    request.session[LOGIN_KEY] = person.get_session_auth_hash()


def end_login(request: HttpRequest) -> None:
    request.session.pop(LOGIN_KEY, None)


def may_go_on(request: HttpRequest, person: User) -> bool:
    """Between the steps the password may have changed, or the account been shut."""
    begun = request.session.get(LOGIN_KEY, "")
    is_open = person.is_active and person.deleted_at is None and not person.is_suspended
    return is_open and constant_time_compare(begun, person.get_session_auth_hash())


def admin_gate(request: HttpRequest) -> HttpResponse | None:
    """Where CHATTER_ADMIN_MFA is on, the staff sets up a second factor and shows it before any page of the administration."""
    person = request.user
    if not settings.CHATTER_ADMIN_MFA or not isinstance(person, User):
        return None
    kinds = set(Authenticator.objects.filter(user=person, type__in=FACTORS).values_list("type", flat=True))
    if not kinds:
        messages.warning(request, gettext("The administration asks for a second factor. Set one up first."))
        return redirect("settings_security")
    if was_opened_with_factor(request):
        return None
    name = "mfa_reauthenticate" if Authenticator.Type.TOTP in kinds else "mfa_reauthenticate_webauthn"
    return redirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: page_of(request)})}")
