"""Sign-In with Ethereum: the text of the message, the signature, and what of them counts here and now."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone

from accounts.actions.wallets import STATEMENTS, offer_message, prove_wallet
from accounts.models import WalletNonce
from accounts.wallets import HALF_ORDER, MESSAGE_MAX, Malformed, Message, checksummed, parse, signer
from chatter.core.errors import Refused
from tests.wallet_keys import WalletKey

HOST = "testserver"
ORDER = HALF_ORDER * 2 + 1
WALLET = WalletKey("alice")
# The example of EIP-4361.
EXAMPLE = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""


def asked(purpose: Any = "login", *, session: str = "s" * 32, chain: int = 1, key: WalletKey = WALLET) -> Message:
    return offer_message(
        session_key=session, purpose=purpose, address=key.plain, chain_id=chain, scheme="http", host=HOST
    )


def proven(text: str, signature: str, purpose: Any = "login", *, session: str = "s" * 32) -> str:
    return prove_wallet(session_key=session, purpose=purpose, text=text, signature=signature, scheme="http", host=HOST)


# --- The message -------------------------------------------------------------------------------------------------------


def test_reads_the_example_of_the_standard() -> None:
    message = parse(EXAMPLE)
    assert message.domain == "example.com"
    assert message.nonce == "32891756"
    assert message.resources is not None and len(message.resources) == 2
    assert message.text().replace(".000Z", "Z") == EXAMPLE


@pytest.mark.parametrize(
    "address",
    [
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_writes_addresses_as_the_standard_does(address: str) -> None:
    assert checksummed(address.lower()) == address


def test_what_it_writes_it_reads() -> None:
    now = timezone.now().replace(microsecond=0)
    message = Message(
        domain="[::1]:8000",
        address=WALLET.address,
        uri="http://[::1]:8000/",
        chain_id=1,
        nonce="0123456789abcdef",
        issued_at=now,
        expires_at=now + timedelta(minutes=5),
        not_before=now,
        request_id="a%20b",
        resources=(),
    )
    assert parse(message.text()) == message
    assert parse(replace(message, statement="Hello there.", resources=("ipfs://x",), scheme="http").text())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("0xC02aaA39", "0xc02aaA39"),  # checksum
        ("0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"),
        ("0xC02aaA39", "C02aaA39"),
        ("Version: 1", "Version: 2"),
        ("Chain ID: 1", "Chain ID: one"),
        ("Chain ID: 1", "Chain ID: ١"),
        ("Nonce: 32891756", "Nonce: 3289175"),
        ("Nonce: 32891756", "Nonce: 3289 1756"),
        ("2021-09-30T16:25:24Z", "2021-13-30T16:25:24Z"),
        ("2021-09-30T16:25:24Z", "yesterday"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:24"),
        ("\n", "\r\n"),
        ("URI: https://example.com/login\n", ""),
        ("Version: 1\nChain ID: 1", "Chain ID: 1\nVersion: 1"),
        ("I accept", "I\naccept"),
        ("I accept", "I “accept”"),
        ("example.com wants", "example.com/path wants"),
        ("example.com wants", "user@example.com wants"),
        ("https://example.com/login", "https://example.com/a b"),
        ("claim.json", "claim.json\n"),
        ("claim.json", "claim.json\nExpiration Time: 2021-09-30T16:25:24Z"),
    ],
)
def test_refuses_everything_else(old: str, new: str) -> None:
    assert old in EXAMPLE
    with pytest.raises(Malformed):
        parse(EXAMPLE.replace(old, new))


def test_a_huge_message_is_not_even_read() -> None:
    with pytest.raises(Malformed):
        parse(EXAMPLE + "\n- https://example.com/" + "a" * MESSAGE_MAX)


# --- The signature -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("v", [0, 27])
def test_finds_whose_key_signed(v: int) -> None:
    for text in ("", "Hello", "Zoë 🎉", EXAMPLE):
        assert signer(text, WALLET.sign(text, v)) == WALLET.plain


def test_the_other_signature_that_anybody_can_make_of_one_is_refused() -> None:
    raw = bytes.fromhex(WALLET.sign("Hello")[2:])
    mirrored = (ORDER - int.from_bytes(raw[32:64])).to_bytes(32)
    with pytest.raises(Malformed):
        signer("Hello", "0x" + (raw[:32] + mirrored + bytes([55 - raw[64]])).hex())


def test_refuses_what_is_no_signature() -> None:
    good = WALLET.sign("Hello")
    zero, full = "00" * 32, "ff" * 32
    wrong = ["", "0x", good[:-2], good + "00", good[2:], good[:-2] + "1d", good[:-2] + "ff", "0x" + "zz" * 65]
    wrong += [f"0x{zero}{zero}1b", f"0x{good[2:66]}{zero}1b", f"0x{full}{good[66:130]}1b", f"0x{good[2:66]}{full}1b"]
    for signature in wrong:
        with pytest.raises(Malformed):
            signer("Hello", signature)


# --- What counts here and now ------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_message_of_ours_proves_the_wallet_once() -> None:
    text = asked().text()
    assert proven(text, WALLET.sign(text)) == WALLET.plain
    with pytest.raises(Refused):
        proven(text, WALLET.sign(text))
    assert not WalletNonce.objects.exists()


@pytest.mark.django_db
def test_a_wrong_signature_spends_the_nonce() -> None:
    text = asked().text()
    with pytest.raises(Refused):
        proven(text, WalletKey("mallory").sign(text))
    with pytest.raises(Refused):
        proven(text, WALLET.sign(text))


TAMPERED: dict[str, Callable[[Message], Message]] = {
    "foreign domain": lambda message: replace(message, domain="evil.example"),
    "another port": lambda message: replace(message, domain=f"{HOST}:81"),
    "foreign address of the page": lambda message: replace(message, uri="http://evil.example/"),
    "another scheme of the page": lambda message: replace(message, uri=f"https://{HOST}/"),
    "another scheme": lambda message: replace(message, scheme="https"),
    "wrong chain": lambda message: replace(message, chain_id=5),
    "another purpose": lambda message: replace(message, statement=STATEMENTS["link"]),
    "no purpose": lambda message: replace(message, statement=""),
    "no end": lambda message: replace(message, expires_at=None),
    "a far end": lambda message: replace(message, expires_at=message.issued_at + timedelta(days=1)),
    "past its end": lambda message: replace(message, expires_at=message.issued_at - timedelta(seconds=1)),
    "not yet": lambda message: replace(message, not_before=message.issued_at + timedelta(minutes=2)),
    "issued long ago": lambda message: replace(message, issued_at=message.issued_at - timedelta(hours=1)),
    "issued in the future": lambda message: replace(message, issued_at=message.issued_at + timedelta(minutes=2)),
    "a nonce we never gave": lambda message: replace(message, nonce="0" * 32),
    "somebody else's address": lambda message: replace(message, address=WalletKey("mallory").address),
}


@pytest.mark.django_db
@pytest.mark.parametrize("tampered", TAMPERED)
def test_a_message_that_is_not_ours_proves_nothing(tampered: str) -> None:
    text = TAMPERED[tampered](asked()).text()
    with pytest.raises(Refused):
        proven(text, WALLET.sign(text))


@pytest.mark.django_db
def test_a_nonce_holds_for_its_session_its_purpose_and_five_minutes() -> None:
    text = asked().text()
    with pytest.raises(Refused):
        proven(text, WALLET.sign(text), session="t" * 32)
    text = asked().text()
    with pytest.raises(Refused):
        proven(text, WALLET.sign(text), "link")
    text = asked().text()
    WalletNonce.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        proven(text, WALLET.sign(text))


@pytest.mark.django_db
def test_a_message_is_offered_for_accepted_networks_only() -> None:
    with pytest.raises(Refused):
        asked(chain=137)
    assert not WalletNonce.objects.exists()


@pytest.mark.django_db
def test_old_nonces_do_not_pile_up() -> None:
    for _time in range(3):
        asked()
        WalletNonce.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    asked()
    assert WalletNonce.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_of_one_nonce_one_wins() -> None:
    text = asked().text()
    signature = WALLET.sign(text)
    start = threading.Barrier(6)
    won: list[str] = []

    def use() -> None:
        start.wait()
        try:
            won.append(proven(text, signature))
        except Refused:
            pass
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [WALLET.plain]
