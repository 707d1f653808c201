"""Accounts elsewhere (OpenID Connect) that let people in: becoming somebody through one, and unlinking it."""

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from accounts.actions.addresses import hold_address, release_address
from accounts.former_names import is_name_kept
from accounts.models import User
from accounts.names import USERNAME_MAX, ascii_words, is_reserved, likeness, tidy_name
from accounts.ways_in import check_way_left, lock_ways
from chatter.core.errors import NotFound

ATTEMPTS = 5
SUFFIX = 5
EMAIL_MAX = 254


def register_linked(*, provider: str, uid: str, claims: dict[str, Any]) -> User:
    """Make an account for who signed in elsewhere as `uid`: a username like the one they have there, and no password.
    Of two tabs that do it at once the second finds the account that the first one made.

    An address that the provider has not verified waits to be confirmed, as any that somebody types.
    """
    wanted = username_like(claims)
    for attempt in range(1, ATTEMPTS + 1):
        person = User(username=_variant(wanted, attempt), display_name=_display_name(claims))
        person.set_unusable_password()
        try:
            with transaction.atomic():
                person.save()
                SocialAccount.objects.create(user=person, provider=provider, uid=uid, extra_data=claims)
                _write_down(person, claims)
        except IntegrityError:
            known = SocialAccount.objects.filter(provider=provider, uid=uid).select_related("user").first()
            if known is not None:
                return known.user
            if attempt == ATTEMPTS:
                raise
        else:
            break
    return person


def unlink_account(*, person: User, account_id: int) -> SocialAccount:
    """Let the account elsewhere not sign the person in any more, unless it is their last way in."""
    with transaction.atomic():
        present = lock_ways(person)
        account: SocialAccount | None = SocialAccount.objects.filter(user=person, pk=account_id).first()
        if account is None:
            raise NotFound
        SocialAccount.objects.filter(pk=account.pk).delete()
        check_way_left(present)
    return account


def is_address_proven(*, email: str) -> bool:
    """Has an account proved to own the address, or been given it by the staff?"""
    if not email:
        return False
    if EmailAddress.objects.filter(email__iexact=email, verified=True).exists():
        return True
    holder = User.objects.filter(email__iexact=email).first()
    return holder is not None and not EmailAddress.objects.filter(user=holder, email__iexact=email).exists()


def username_like(claims: dict[str, Any]) -> str:
    """A username that tells of the person; "member" where nothing they are called can be written in one."""
    for claim in ("preferred_username", "name"):
        words = ascii_words(str(claims.get(claim) or "").split("@")[0][:200])[:USERNAME_MAX].strip("-")
        if words:
            return words
    return "member"


def _variant(wanted: str, attempt: int) -> str:
    """The name itself, if it may be chosen; then with random digits at its end."""
    is_taken = is_reserved(wanted) or is_name_kept(wanted) or User.objects.filter(username__iexact=wanted).exists()
    if attempt == 1 and not is_taken:
        return wanted
    stem = "member" if is_reserved(wanted) else wanted
    return f"{stem[: USERNAME_MAX - SUFFIX].rstrip('-')}-{secrets.randbelow(10_000):04}"


def _display_name(claims: dict[str, Any]) -> str:
    name = tidy_name(str(claims.get("name") or "")[:400])[:80]
    return name if likeness(name) else ""


def _write_down(person: User, claims: dict[str, Any]) -> None:
    email, verified = str(claims.get("email") or "").lower(), claims.get("email_verified") is True
    try:
        validate_email(email)
    except ValidationError:
        return
    if len(email) > EMAIL_MAX:
        return
    if verified:
        release_address(keeper=person, email=email)
    hold_address(person=person, email=email)
    EmailAddress.objects.create(user=person, email=email, primary=True, verified=verified)
