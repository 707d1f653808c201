"""Wallets of people: whose they are, logging in by one, linking and unlinking on the pages."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actions.wallets import WALLETS_MAX, link_wallet, unlink_wallet
from accounts.models import User, Wallet
from chatter.core.errors import NotFound, Refused
from tests.factories import make_person
from tests.wallet_keys import WalletKey

WALLET = WalletKey("alice")


# --- Whose wallet it is ------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_wallet_belongs_to_one_account() -> None:
    alice, bob = make_person(), make_person()
    link_wallet(person=alice, address=WALLET.plain)
    for person in (alice, bob):
        with pytest.raises(Refused):
            link_wallet(person=person, address=WALLET.plain)
    assert list(Wallet.objects.values_list("user", flat=True)) == [alice.pk]


@pytest.mark.django_db
def test_nobody_links_wallets_without_end_and_guests_none() -> None:
    alice = make_person()
    for number in range(WALLETS_MAX):
        link_wallet(person=alice, address=WalletKey(str(number)).plain)
    with pytest.raises(Refused):
        link_wallet(person=alice, address=WALLET.plain)
    guest = make_person(is_guest=True)
    with pytest.raises(Refused):
        link_wallet(person=guest, address=WALLET.plain)


@pytest.mark.django_db
def test_only_the_owner_unlinks_and_never_the_last_way_in() -> None:
    alice, mallory = make_person(), make_person()
    wallet, other = (link_wallet(person=alice, address=WalletKey(name).plain) for name in ("one", "two"))
    with pytest.raises(NotFound):
        unlink_wallet(person=mallory, wallet_id=wallet.pk)
    alice.set_unusable_password()
    alice.save()
    unlink_wallet(person=alice, wallet_id=wallet.pk)
    with pytest.raises(Refused):
        unlink_wallet(person=alice, wallet_id=other.pk)
    assert Wallet.objects.filter(user=alice).count() == 1


# --- The pages ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice(db: None) -> User:
    person = make_person(username="alice")
    EmailAddress.objects.create(user=person, email=person.email, primary=True, verified=True)
    return person


def signed_form(client: Client, page: str, key: WalletKey = WALLET) -> dict[str, str]:
    """Ask at `page` for a message, and sign it."""
    answer = client.post(page, {"address": key.plain, "chain_id": 1}, headers={"Accept": "application/json"})
    assert answer.status_code == 200, answer.content
    text = answer.json()["message"]
    # A form sends line ends so.
    return {"message": text.replace("\n", "\r\n"), "signature": key.sign(text)}


def log_in(client: Client, key: WalletKey = WALLET, **more: str) -> Any:
    return client.post("/accounts/wallet/login/", signed_form(client, "/accounts/wallet/message/", key) | more)


def test_log_in_with_a_linked_wallet(client: Client, alice: User) -> None:
    link_wallet(person=alice, address=WALLET.plain)
    client.get("/accounts/login/")
    answer = log_in(client, next="/settings/security/")
    assert answer.status_code == 302
    assert answer.headers["Location"] == "/settings/security/"
    assert client.session["_auth_user_id"] == str(alice.pk)
    assert Wallet.objects.get().last_used_at is not None


def test_the_session_changes_its_key_when_the_wallet_logs_in(client: Client, alice: User) -> None:
    link_wallet(person=alice, address=WALLET.plain)
    form = signed_form(client, "/accounts/wallet/message/")
    before = client.session.session_key
    client.post("/accounts/wallet/login/", form)
    assert client.session.session_key != before


def test_next_leads_nowhere_else(client: Client, alice: User) -> None:
    link_wallet(person=alice, address=WALLET.plain)
    assert log_in(client, next="https://evil.example/").headers["Location"] == "/"


def test_an_unknown_wallet_logs_nobody_in(client: Client, alice: User) -> None:
    answer = log_in(client)
    assert answer.headers["Location"] == "/accounts/login/"
    page = client.get("/accounts/login/").content.decode()
    assert "linked to no account" in page
    assert "_auth_user_id" not in client.session


def test_a_stolen_signature_is_worth_nothing_in_another_browser(client: Client, alice: User) -> None:
    link_wallet(person=alice, address=WALLET.plain)
    form = signed_form(client, "/accounts/wallet/message/")
    thief = Client()
    signed_form(thief, "/accounts/wallet/message/")
    assert thief.post("/accounts/wallet/login/", form).headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in thief.session


def test_nonsense_is_answered_calmly(client: Client, alice: User) -> None:
    proofs: list[dict[str, str]] = [{}, {"message": "x", "signature": "0x"}]
    for form in (*proofs, {"message": "\n" * 40, "signature": "0x" + "00" * 65}):
        assert client.post("/accounts/wallet/login/", form).headers["Location"] == "/accounts/login/"
    huge = {"message": "a" * 100_000, "signature": "0x"}
    assert client.post("/accounts/wallet/login/", huge).status_code == 302
    for offer in ({}, {"address": "0x", "chain_id": "1"}, {"address": WALLET.plain, "chain_id": "-1"}):
        assert client.post("/accounts/wallet/message/", offer).status_code == 400
    assert client.get("/accounts/wallet/login/").status_code == 405


def test_suspended_people_read_why(client: Client, alice: User) -> None:
    link_wallet(person=alice, address=WALLET.plain)
    User.objects.filter(pk=alice.pk).update(suspended_at=timezone.now(), suspended_reason="Spam")
    answer = log_in(client)
    assert answer.status_code == 403
    assert "Spam" in answer.content.decode()
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("state", [{"is_active": False}, {"deleted_at": timezone.now()}])
def test_accounts_that_are_gone_stay_closed(client: Client, alice: User, state: dict[str, Any]) -> None:
    link_wallet(person=alice, address=WALLET.plain)
    User.objects.filter(pk=alice.pk).update(**state)
    log_in(client)
    assert "_auth_user_id" not in client.session


def test_the_second_factor_is_asked_for_too(client: Client, alice: User) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    TOTP.activate(alice, generate_totp_secret())
    link_wallet(person=alice, address=WALLET.plain)
    answer = log_in(client)
    assert answer.status_code == 302
    assert "2fa" in answer.headers["Location"]
    assert "_auth_user_id" not in client.session


def test_signing_in_has_a_pace(client: Client, alice: User) -> None:
    answers = [
        client.post("/accounts/wallet/message/", {"address": WALLET.plain, "chain_id": 1}).status_code
        for _time in range(25)
    ]
    assert answers[0] == 200
    assert 429 in answers
    forged = {"X-Forwarded-For": "198.51.100.7"}
    answer = client.post("/accounts/wallet/message/", {"address": WALLET.plain, "chain_id": 1}, headers=forged)
    assert answer.status_code == 429


def confirmed(client: Client, person: User) -> None:
    """Log in by password: that confirms that it is the person."""
    answer = client.post("/accounts/login/", {"login": person.username, "password": f"secret-of-{person.username}"})
    assert answer.status_code == 302


def test_link_and_unlink_on_the_page_about_security(client: Client, alice: User) -> None:
    confirmed(client, alice)
    form = signed_form(client, "/settings/security/wallets/message/")
    mail.outbox.clear()
    assert client.post("/settings/security/wallets/link/", form).status_code == 302
    wallet = Wallet.objects.get(user=alice)
    assert wallet.address == WALLET.plain
    assert WALLET.address in client.get("/settings/security/").content.decode()
    assert client.post(f"/settings/security/wallets/{wallet.pk}/remove/").status_code == 302
    assert not Wallet.objects.exists()
    assert [(letter.to, WALLET.address in str(letter.body)) for letter in mail.outbox] == [([alice.email], True)] * 2


def test_linking_and_unlinking_ask_to_confirm_first(client: Client, alice: User) -> None:
    client.force_login(alice)
    wallet = link_wallet(person=alice, address=WalletKey("old").plain)
    asks = client.post("/settings/security/wallets/message/", headers={"Accept": "application/json"})
    assert asks.status_code == 403
    assert "/accounts/" in asks.json()["url"]
    for page in ("/settings/security/wallets/link/", f"/settings/security/wallets/{wallet.pk}/remove/"):
        assert "reauthenticate" in client.post(page).headers["Location"]
    assert Wallet.objects.count() == 1


def test_a_signature_for_logging_in_links_nothing(client: Client, alice: User) -> None:
    confirmed(client, alice)
    form = signed_form(client, "/accounts/wallet/message/")
    client.post("/settings/security/wallets/link/", form)
    assert not Wallet.objects.exists()


def test_a_wallet_of_others_is_not_taken_from_them(client: Client, alice: User) -> None:
    bob = make_person()
    link_wallet(person=bob, address=WALLET.plain)
    confirmed(client, alice)
    form = signed_form(client, "/settings/security/wallets/message/")
    client.post("/settings/security/wallets/link/", form)
    assert Wallet.objects.get().user == bob


def test_nobody_removes_the_wallet_of_others(client: Client, alice: User) -> None:
    wallet = link_wallet(person=make_person(), address=WALLET.plain)
    confirmed(client, alice)
    assert client.post(f"/settings/security/wallets/{wallet.pk}/remove/").status_code == 404
    assert Wallet.objects.exists()


def test_where_no_network_is_accepted_no_page_speaks_of_wallets(client: Client, alice: User, settings: Any) -> None:
    assert "wallet-button" in client.get("/accounts/login/").content.decode()
    settings.CHATTER_WALLET_CHAINS = []
    assert "wallet-button" not in client.get("/accounts/login/").content.decode()
    client.force_login(alice)
    assert "wallet" not in client.get("/settings/security/").content.decode().split("settings__page")[1]


def test_nothing_of_it_is_done_without_the_token_of_the_form(alice: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    for page in ("/accounts/wallet/message/", "/accounts/wallet/login/"):
        assert strict.post(page, {}).status_code == 403
