"""What the pages about entering show of wallets and of sign-ins of other sites."""

from django import template
from django.conf import settings

from accounts.models import User, Wallet
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
