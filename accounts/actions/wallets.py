"""Ethereum wallets of people: asking for a signature, signing in by it, linking and unlinking.

A message is worth something once: its nonce is a row that the first use deletes, whatever comes of it. It holds for the
browser session that asked for it, for this host, for what it says it is for, and for five minutes.
"""

import secrets
from datetime import timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User, Wallet, WalletNonce
from accounts.permissions import check_member
from accounts.wallets import Malformed, Message, checksummed, parse, signer
from accounts.ways_in import check_way_left, lock_ways
from chatter.core.errors import NotFound, Refused

NONCE_LIFE = timedelta(minutes=5)
WALLETS_MAX = 10
# Clocks differ a little between processes of this site.
SKEW = timedelta(seconds=30)

type Purpose = Literal["login", "link"]
# What the wallet shows; a signature given for one is no good for the other. The grammar knows ASCII only.
STATEMENTS: dict[Purpose, str] = {
    "login": "Log in to Chatter with this wallet.",
    "link": "Link this wallet to your Chatter account. It can then log you in.",
}


def offer_message(
    *, session_key: str, purpose: Purpose, address: str, chain_id: int, scheme: str, host: str
) -> Message:
    """The message that the wallet at `address` may sign within five minutes, for this browser session only."""
    if chain_id not in settings.CHATTER_WALLET_CHAINS:
        raise Refused(
            "invalid", _("Your wallet is connected to a network that is not accepted here. Choose another one.")
        )
    try:
        written = checksummed(address)
    except Malformed as error:
        raise Refused("invalid") from error
    now = timezone.now()
    WalletNonce.objects.filter(expires_at__lt=now).delete()
    nonce = WalletNonce.objects.create(
        nonce=secrets.token_hex(16), session_key=session_key, expires_at=now + NONCE_LIFE
    )
    return Message(
        domain=host,
        address=written,
        statement=STATEMENTS[purpose],
        uri=f"{scheme}://{host}/",
        chain_id=chain_id,
        nonce=nonce.nonce,
        issued_at=now,
        expires_at=nonce.expires_at,
    )


def prove_wallet(*, session_key: str, purpose: Purpose, text: str, signature: str, scheme: str, host: str) -> str:
    """The address (in lower case) whose key signed a message of ours just now. Raises Refused: one answer for all that is wrong."""
    refusal = Refused("invalid", _("This signature does not count here. Please try again."))
    try:
        message = parse(text)
        is_fresh = _take_nonce(message.nonce, session_key)
        if not is_fresh or not _is_ours(message, purpose, scheme, host) or not _is_timely(message):
            raise refusal
        if signer(text, signature) != message.address.lower():
            raise refusal
    except Malformed as error:
        raise refusal from error
    return message.address.lower()


def find_owner(*, address: str) -> User | None:
    """Whom the wallet signs in, if it is anybody's; remembers that it was used."""
    wallet = Wallet.objects.select_related("user").filter(address=address, user__deleted_at=None).first()
    if wallet is None:
        return None
    Wallet.objects.filter(pk=wallet.pk).update(last_used_at=timezone.now())
    return wallet.user


def link_wallet(*, person: User, address: str) -> Wallet:
    """Let the wallet sign `person` in. A wallet belongs to one account."""
    check_member(person)
    try:
        with transaction.atomic():
            lock_ways(person)
            if Wallet.objects.filter(user=person).count() >= WALLETS_MAX:
                raise Refused("invalid", _("You cannot link more wallets. Remove one first."))
            return Wallet.objects.create(user=person, address=address)
    except IntegrityError as error:
        raise Refused("invalid", _("This wallet is linked to an account already.")) from error


def unlink_wallet(*, person: User, wallet_id: UUID) -> Wallet:
    """Take the wallet from the person, unless it is their last way in."""
    with transaction.atomic():
        present = lock_ways(person)
        wallet = Wallet.objects.filter(user=person, pk=wallet_id).first()
        if wallet is None:
            raise NotFound
        Wallet.objects.filter(pk=wallet.pk).delete()
        check_way_left(present)
    return wallet


def _take_nonce(nonce: str, session_key: str) -> bool:
    """Delete it, and say whether it was good for this session. Of two at the same time one finds it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from accounts_walletnonce where nonce = %s returning session_key = %s and expires_at > now()",
            [nonce, session_key],
        )
        found = cursor.fetchone()
    return bool(found and found[0])


def _is_ours(message: Message, purpose: Purpose, scheme: str, host: str) -> bool:
    """Was it asked for by this site, for this purpose?"""
    return (
        message.domain.lower() == host.lower()
        and message.scheme.lower() in ("", scheme)
        and message.origin == (scheme, host.lower())
        and message.statement == STATEMENTS[purpose]
        and message.chain_id in settings.CHATTER_WALLET_CHAINS
    )


def _is_timely(message: Message) -> bool:
    now = timezone.now()
    return (
        now - NONCE_LIFE <= message.issued_at <= now + SKEW
        and message.expires_at is not None
        and now < message.expires_at <= message.issued_at + NONCE_LIFE + SKEW
        and (message.not_before is None or message.not_before <= now)
    )
