"""What the pages about entering show of wallets and of sign-ins of other sites."""

from allauth.socialaccount.models import SocialAccount
from django import template
from django.conf import settings

from accounts.models import User, Wallet
from accounts.social import is_configured
from accounts.wallets import checksummed

register = template.Library()


@register.simple_tag
def wallets_allowed() -> bool:
    """Does this site take wallets at all?"""
    return bool(settings.CHATTER_WALLET_CHAINS)


@register.simple_tag
def wallets_of(person: User) -> list[Wallet]:
    return list(Wallet.objects.filter(user=person).order_by("created_at"))


@register.filter
def wallet_address(wallet: Wallet) -> str:
    """As wallets write it: with the checksum of EIP-55."""
    return checksummed(wallet.address)


@register.simple_tag
def linked_sign_in() -> str:
    """What the button of the other sign-in says; "" where none is configured."""
    return settings.OIDC_NAME if is_configured() else ""


@register.simple_tag
def linked_of(person: User) -> list[SocialAccount]:
    return list(SocialAccount.objects.filter(user=person).order_by("date_joined"))


@register.filter
def linked_label(account: SocialAccount) -> str:
    """Who they are there."""
    said = account.extra_data
    return str(said.get("preferred_username") or said.get("email") or account.uid)
