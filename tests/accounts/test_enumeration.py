"""Who has an account is not told by the door: same status, page, cookies, hashes and mails for known and unknown."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.tokens import default_token_generator
from django.core import mail
from django.test import Client

from accounts.actions.signup import enter_as_guest, register_person
from accounts.models import User, Wallet
from tests.factories import make_person
from tests.factors import Key, give_app, text
from tests.stepup import confirm
from tests.wallet_keys import WalletKey

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"
CHANGING = re.compile(r'(csrfmiddlewaretoken" value|data-request-id|nonce)="[^"]*"')


@dataclass(frozen=True)
class Seen:
    """What somebody outside can see of an answer."""

    status: int
    location: str
    page: str
    cookies: tuple[str, ...]
    hashes: int
    letters: int


@pytest.fixture
def see(hashes: list[str]) -> Callable[..., Seen]:
    """`see(path, form, echo, client)`: what comes of it; `echo` is what they typed, which the page may repeat."""

    def look(path: str, form: dict[str, str] | None, echo: str = "", client: Client | None = None) -> Seen:
        client = client or Client(REMOTE_ADDR=f"2001:db8:{len(mail.outbox)}::{abs(hash(echo)) % 9999}")
        hashes.clear()
        mail.outbox.clear()
        answer = client.get(path) if form is None else client.post(path, form)
        page = CHANGING.sub("", answer.content.decode())
        page = page.replace(f'value="{echo}"', "")
        cookies = tuple(sorted(answer.cookies))
        return Seen(
            answer.status_code, answer.headers.get("Location", ""), page, cookies, len(hashes), len(mail.outbox)
        )

    return look


@pytest.fixture
def folk() -> dict[str, User]:
    """An account of every kind, by the address it has or wrote down."""
    made = {}
    for name in ("plain", "waiting", "locked", "gone", "shut", "keyless", "doubled"):
        person = register_person(username=name, email=f"{name}@example.org", password=PASSWORD)
        EmailAddress.objects.filter(user=person).update(verified=name != "waiting")
        made[name] = person
    give_app(made["locked"])
    register_person(username="second", email="doubled@example.org", password=PASSWORD)
    User.objects.filter(username="gone").update(deleted_at="2026-01-01T00:00Z")
    User.objects.filter(username="shut").update(suspended_at="2026-01-01T00:00Z", suspended_reason="Spam")
    made["keyless"].set_unusable_password()
    made["keyless"].save()
    return made


KINDS = ("plain", "waiting", "locked", "gone", "shut", "keyless", "doubled")


@pytest.mark.parametrize("kind", KINDS)
def test_logging_in(folk: dict[str, User], see: Callable[..., Seen], kind: str) -> None:
    for known, unknown in ((kind, "nobody"), (f"{kind}@example.org", "nobody@example.org")):
        first = see("/accounts/login/", {"login": known, "password": "wrong"}, known)
        second = see("/accounts/login/", {"login": unknown, "password": "wrong"}, unknown)
        assert first == second
        assert first.hashes > 0


@pytest.mark.parametrize("kind", KINDS)
def test_registering_with_an_address(folk: dict[str, User], see: Callable[..., Seen], kind: str) -> None:
    def form(email: str) -> dict[str, str]:
        return {"username": f"u{len(email)}{email[:2]}", "email": email, "password1": PASSWORD, "password2": PASSWORD}

    taken = see("/accounts/signup/", form(f"{kind}@example.org"))
    free = see("/accounts/signup/", form("free@example.org"))
    assert taken == free
    assert (free.status, free.letters) == (302, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_asking_for_a_new_password(folk: dict[str, User], see: Callable[..., Seen], kind: str) -> None:
    known = see("/accounts/password/reset/", {"email": f"{kind}@example.org"})
    unknown = see("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert known == unknown
    assert (known.status, known.letters, known.hashes) == (302, 1, 0)


def test_following_a_link_that_is_wrong(folk: dict[str, User], see: Callable[..., Seen]) -> None:
    from allauth.account.utils import user_pk_to_url_str

    wrong = default_token_generator.make_token(folk["waiting"])
    known = see(f"/accounts/password/reset/key/{user_pk_to_url_str(folk['plain'])}-{wrong}/", None)
    unknown = see(f"/accounts/password/reset/key/{user_pk_to_url_str(User())}-{wrong}/", None)
    assert known == unknown
    assert "does not work any more" in known.page


@pytest.mark.parametrize("kind", KINDS)
def test_changing_to_an_address(folk: dict[str, User], see: Callable[..., Seen], kind: str) -> None:
    seen: list[Any] = []
    for email in (f"{kind}@example.org", "free@example.org"):
        eve = register_person(username=f"eve{len(seen)}", email=f"eve{len(seen)}@example.org", password=PASSWORD)
        client = Client()
        client.force_login(eve)
        confirm(client)
        seen.append(see("/accounts/email/", {"email": email, "action_add": ""}, email, client))
        page = client.get("/accounts/email/").content.decode()
        assert "Waits to be confirmed" in page
    assert seen[0] == seen[1]
    assert seen[0].letters == 1


@pytest.mark.parametrize("kind", KINDS)
def test_keeping_a_guests_account_with_an_address(folk: dict[str, User], see: Callable[..., Seen], kind: str) -> None:
    seen: list[Any] = []
    for email in (f"{kind}@example.org", "free@example.org"):
        client = Client()
        client.force_login(enter_as_guest(name=f"Zoe {len(seen)}"))
        form = {"username": f"zoe{len(seen)}", "email": email, "password1": PASSWORD, "password2": PASSWORD}
        seen.append(see("/claim/", form, email, client))
    assert seen[0] == seen[1]
    assert seen[0].letters == 1


def test_entering_with_a_passkey(folk: dict[str, User], see: Callable[..., Seen]) -> None:
    seen: list[Any] = []
    for person in (folk["plain"], folk["locked"], folk["gone"], User()):
        client = Client(HTTP_HOST="localhost")
        options = client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"}).json()
        credential = Key().assertion(options["request_options"], person)
        seen.append(see("/accounts/2fa/webauthn/login/", {"credential": credential}, "", client))
    assert len(set(seen)) == 1
    assert seen[0].hashes == 0


def test_entering_with_a_wallet(folk: dict[str, User]) -> None:
    """What is offered to sign, and what comes of a wrong signature, is the same for a wallet that is linked and one that is not."""
    linked, other = WalletKey("linked"), WalletKey("other")
    Wallet.objects.create(user=folk["plain"], address=linked.plain)
    seen: list[Any] = []
    for number, key in enumerate((linked, other)):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        offer = client.post("/accounts/wallet/message/", {"address": key.plain, "chain_id": "1"})
        message = offer.json()["message"]
        forged = {"message": message, "signature": WalletKey("forger").sign(message)}
        answer = client.post("/accounts/wallet/login/", forged, follow=True)
        words = [str(word) for word in answer.context["messages"]]
        seen.append((offer.status_code, len(message), answer.redirect_chain, tuple(words), sorted(client.cookies)))
        assert "_auth_user_id" not in client.session
    assert seen[0] == seen[1]


def test_options_of_passkeys_are_the_same_for_everybody() -> None:
    pages: list[Any] = []
    for name in ("plain", "nobody"):
        client = Client(HTTP_HOST="localhost")
        answer = client.get(f"/accounts/2fa/webauthn/login/?login={name}", headers={"accept": "application/json"})
        options = answer.json()["request_options"]["publicKey"]
        options["challenge"] = text(b"")
        pages.append(options)
    assert pages[0] == pages[1]


def test_a_right_password_costs_as_many_hashes_as_a_wrong_one(folk: dict[str, User], see: Callable[..., Seen]) -> None:
    right = see("/accounts/login/", {"login": "plain", "password": PASSWORD})
    wrong = see("/accounts/login/", {"login": "plain", "password": "wrong"}, "plain")
    assert right.hashes == wrong.hashes


@pytest.mark.parametrize("kind", ["shut", "gone"])
def test_what_became_of_an_account_is_told_after_the_password_only(
    folk: dict[str, User], see: Callable[..., Seen], kind: str
) -> None:
    wrong = see("/accounts/login/", {"login": kind, "password": "wrong"}, kind)
    assert "Your account is suspended" not in wrong.page
    assert "Spam" not in wrong.page
    assert wrong == see("/accounts/login/", {"login": "nobody", "password": "wrong"}, "nobody")


def test_limits_are_the_same_for_known_and_unknown(folk: dict[str, User], see: Callable[..., Seen]) -> None:
    pages = {}
    for login in ("plain", "nobody"):
        clients: list[Any] = [Client(REMOTE_ADDR=f"192.0.2.{n}") for n in range(7)]
        pages[login] = [see("/accounts/login/", {"login": login, "password": "wrong"}, login, c) for c in clients]
    assert pages["plain"] == pages["nobody"]
    assert "Too many attempts" in pages["plain"][-1].page


@pytest.mark.parametrize("path", ["/people/NAME/", "/settings/account/", "/settings/security/", "/accounts/email/"])
def test_pages_of_a_new_account_do_not_tell_whether_its_address_was_taken(folk: dict[str, User], path: str) -> None:
    pages: list[Any] = []
    for name, email in (("newone", "plain@example.org"), ("newtwo", "empty@example.org")):
        client = Client(REMOTE_ADDR=f"192.0.2.{len(pages)}")
        form = {"username": name, "email": email, "password1": PASSWORD, "password2": PASSWORD}
        assert client.post("/accounts/signup/", form).status_code == 302
        page = client.get(path.replace("NAME", name)).content.decode()
        page = page.replace(str(User.objects.get(username=name).pk), "ID").replace(email, "ADDRESS")
        pages.append(re.sub(r"hue-\d+", "", CHANGING.sub("", page)).replace(name, "NAME"))
    assert pages[0] == pages[1]


def test_strangers_cannot_ask_who_somebody_is() -> None:
    make_person(username="alice")
    first, second = (Client().get(f"/people/{name}/") for name in ("alice", "nobody"))
    assert (first.status_code, second.status_code) == (302, 302)
