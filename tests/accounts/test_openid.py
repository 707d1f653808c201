"""Logging in by OpenID Connect, against a provider made for the tests that can lie in every way."""

import html
import re
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialToken
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actions.linked import register_linked, unlink_account, username_like
from accounts.models import FormerName, User
from chatter.core.errors import NotFound, Refused
from tests.factories import make_person
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET, FOREIGN_KEY, Provider, serve

START = "/accounts/oidc/login/"


@pytest.fixture
def provider(settings: Any, db: None) -> Iterator[Provider]:
    with serve() as provider:
        settings.OIDC_ISSUER, settings.OIDC_NAME = provider.url, "House key"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT_ID, CLIENT_SECRET
        yield provider


def leave(client: Client, start: str = START, **form: str) -> str:
    """Where the button leads."""
    answer = client.post(start, form)
    assert answer.status_code == 200, answer.content
    found = re.search(r'content="0; url=([^"]+)"', answer.content.decode())
    assert found
    return html.unescape(found[1])


def come_back(client: Client, back: str) -> Any:
    return client.get(back.removeprefix("http://testserver"))


def log_in(client: Client, provider: Provider, start: str = START, **form: str) -> Any:
    """The whole way there and back."""
    return come_back(client, provider.authorize(leave(client, start, **form)))


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- Somebody new ------------------------------------------------------------------------------------------------------


def test_somebody_new_gets_an_account(client: Client, provider: Provider) -> None:
    answer = log_in(client, provider)
    assert answer.status_code == 302
    dora = User.objects.get(username="dora")
    assert client.session["_auth_user_id"] == str(dora.pk)
    assert (dora.display_name, dora.email, dora.has_usable_password()) == ("Dora Maar", "dora@example.org", False)
    assert EmailAddress.objects.get(user=dora).verified
    assert SocialAccount.objects.get(user=dora).uid == "1001"
    assert not SocialToken.objects.exists()
    assert "email" in provider.asked["scope"]


def test_the_second_time_it_is_the_same_account(client: Client, provider: Provider) -> None:
    log_in(client, provider)
    client.logout()
    provider.person["email"] = "elsewhere@example.org"
    provider.person["preferred_username"] = "other"
    assert log_in(client, provider, next="/settings/security/").headers["Location"] == "/settings/security/"
    assert User.objects.count() == 1
    assert User.objects.get().email == "dora@example.org"


def test_next_leads_nowhere_else(client: Client, provider: Provider) -> None:
    log_in(client, provider)
    client.logout()
    answer = log_in(client, provider, next="https://evil.example/")
    assert is_in(client)
    assert "evil" not in answer.headers["Location"]


@pytest.mark.parametrize("taken", ["DORA", "dora"])
def test_a_taken_username_gets_an_end_of_its_own(client: Client, provider: Provider, taken: str) -> None:
    make_person(username=taken, email="other@example.org")
    log_in(client, provider)
    assert re.fullmatch(r"dora-\d{4}", SocialAccount.objects.get().user.username)


@pytest.mark.parametrize(
    ("claims", "username"),
    [
        ({"preferred_username": "zoe@house.example"}, "zoe"),
        ({"preferred_username": "", "name": "Zoë Łęcka"}, "Zoe-Lecka"),
        ({"preferred_username": "张伟"}, "member"),
        ({"preferred_username": "../../etc"}, "etc"),
        ({"preferred_username": "a" * 300}, "a" * 50),
        ({}, "member"),
    ],
)
def test_usernames_are_made_from_what_they_are_called(claims: dict[str, Any], username: str) -> None:
    assert username_like(claims) == username


@pytest.mark.django_db
def test_two_tabs_make_one_account() -> None:
    """Both came back before either had made one."""
    first, second = (register_linked(provider="oidc", uid="1", claims={"name": "Dora"}) for _tab in range(2))
    assert first == second
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_nobody_passes_for_who_gave_a_name_up_lately() -> None:
    FormerName.objects.create(user=make_person(username="dora-m"), username="dora", given_up_at=timezone.now())
    person = register_linked(provider="oidc", uid="1", claims={"preferred_username": "Dora"})
    assert re.fullmatch(r"Dora-\d{4}", person.username)


@pytest.mark.django_db
def test_reserved_names_stay_reserved() -> None:
    for number, wanted in enumerate(("admin", "guest-zoe", "System")):
        person = register_linked(provider="oidc", uid=str(number), claims={"preferred_username": wanted})
        assert person.username.startswith("member-")


def test_an_address_that_nobody_verified_waits(client: Client, provider: Provider) -> None:
    provider.person["email_verified"] = "true"
    log_in(client, provider)
    assert not EmailAddress.objects.get().verified


# --- Nobody comes into an account by an address ------------------------------------------------------------------------


def test_an_address_that_an_account_has_proved_opens_nothing(client: Client, provider: Provider) -> None:
    owner = make_person(username="owner", email="dora@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    answer = log_in(client, provider)
    assert answer.headers["Location"] == "/accounts/login/"
    assert "Log in to it" in client.get("/accounts/login/").content.decode()
    assert not is_in(client)
    assert User.objects.count() == 1


def test_an_unverified_claim_learns_nothing_and_takes_nothing(client: Client, provider: Provider) -> None:
    owner = make_person(username="owner", email="dora@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=True)
    provider.person["email_verified"] = False
    log_in(client, provider)
    owner.refresh_from_db()
    assert owner.email == "dora@example.org"
    newcomer = User.objects.get(username="dora")
    assert newcomer.email is None
    assert not EmailAddress.objects.get(user=newcomer).verified


def test_who_only_wrote_the_address_down_loses_it(client: Client, provider: Provider) -> None:
    squatter = make_person(username="squatter", email="dora@example.org")
    EmailAddress.objects.create(user=squatter, email=squatter.email, primary=True, verified=False)
    log_in(client, provider)
    squatter.refresh_from_db()
    assert squatter.email is None
    assert User.objects.get(username="dora").email == "dora@example.org"


def test_an_address_given_by_the_staff_is_not_taken(client: Client, provider: Provider) -> None:
    make_person(username="boss", email="dora@example.org")
    log_in(client, provider)
    assert not is_in(client)


# --- Answers that do not count -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lies",
    [
        {"iss": "https://evil.example"},
        {"aud": "somebody-else"},
        {"aud": [CLIENT_ID, "somebody-else"], "azp": "somebody-else"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(time.time()) - 600},
        {"exp": None},
        {"iat": int(time.time()) + 6000},
        {"sub": None},
        {"sub": "9" * 400},
        {"sub": "2002"},
    ],
    # Names of claims only: each worker makes the list at its own time.
    ids=",".join,
)
def test_a_token_that_lies_lets_nobody_in(client: Client, provider: Provider, lies: dict[str, Any]) -> None:
    provider.lies = lies
    assert log_in(client, provider).status_code == 401
    assert not is_in(client)
    assert not User.objects.exists()


def test_a_token_of_a_foreign_key_lets_nobody_in(client: Client, provider: Provider) -> None:
    provider.key = FOREIGN_KEY
    assert log_in(client, provider).status_code == 401


@pytest.mark.parametrize("key", ["", CLIENT_SECRET + "-of-thirty-two-bytes-or-more-it-is"])
def test_a_token_signed_with_no_key_or_a_shared_one_lets_nobody_in(
    client: Client, provider: Provider, key: str
) -> None:
    provider.key, provider.algorithm = (key, "HS256") if key else (None, "none")
    assert log_in(client, provider).status_code == 401


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "null"])
def test_no_token_at_all(client: Client, provider: Provider, text: str) -> None:
    provider.token_text = text
    assert log_in(client, provider).status_code == 401


@pytest.mark.parametrize("userinfo", [{}, {"sub": "2002"}, ["sub"], "1001"])
def test_somebody_elses_details_are_not_taken(client: Client, provider: Provider, userinfo: Any) -> None:
    provider.userinfo = userinfo
    assert log_in(client, provider).status_code == 401


@pytest.mark.parametrize(
    "discovery",
    [{"issuer": "https://evil.example"}, {"authorization_endpoint": "javascript:alert(1)"}, {"jwks_uri": None}],
    ids=str,
)
def test_a_provider_that_is_not_what_it_should_be_is_not_followed(
    client: Client, provider: Provider, discovery: dict[str, Any]
) -> None:
    provider.discovery = discovery
    assert client.post(START).status_code == 401


def test_a_provider_that_is_away(client: Client, provider: Provider, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    assert client.post(START).status_code == 401


def test_a_state_counts_once_and_for_its_browser(client: Client, provider: Provider) -> None:
    back = provider.authorize(leave(client))
    other = Client()
    leave(other)
    assert come_back(other, back).status_code == 401
    assert not is_in(other)
    back = provider.authorize(leave(client))
    assert come_back(client, back).status_code == 302
    client.logout()
    assert come_back(client, back).status_code == 401
    for query in ("", "?code=x", "?state=x", "?code=x&state=" + "y" * 5000):
        assert client.get(f"/accounts/oidc/callback/{query}").status_code == 401


def test_the_token_of_one_attempt_does_not_answer_another(client: Client, provider: Provider) -> None:
    leave(client)
    back = provider.authorize(leave(client))
    stolen = provider.id_token(provider.asked["nonce"])
    assert come_back(client, back).status_code == 302
    client.logout()
    provider.token_text = stolen
    assert log_in(client, provider).status_code == 401


def test_a_code_needs_the_verifier_of_its_attempt(client: Client, provider: Provider) -> None:
    stolen = dict(re.findall(r"(code|state)=([^&]+)", provider.authorize(leave(client))))
    thief = Client()
    own = dict(re.findall(r"(code|state)=([^&]+)", provider.authorize(leave(thief))))
    answer = thief.get("/accounts/oidc/callback/", {"code": stolen["code"], "state": own["state"]})
    assert answer.status_code == 401
    assert not is_in(thief)


def test_an_answer_in_the_name_of_another_issuer(client: Client, provider: Provider) -> None:
    back = provider.authorize(leave(client)) + "&iss=https%3A%2F%2Fevil.example"
    assert come_back(client, back).status_code == 401


def test_changing_ones_mind_there(client: Client, provider: Provider) -> None:
    leave(client)
    asked = provider.authorize(leave(client)).split("state=")[1]
    answer = client.get("/accounts/oidc/callback/", {"error": "access_denied", "state": asked})
    assert answer.headers["Location"] == "/accounts/oidc/cancelled/"
    assert client.get("/accounts/oidc/cancelled/").headers["Location"] == "/accounts/login/"


# --- The same door as for everybody ------------------------------------------------------------------------------------


def test_suspended_people_read_why(client: Client, provider: Provider) -> None:
    log_in(client, provider)
    client.logout()
    User.objects.update(suspended_at=timezone.now(), suspended_reason="Spam")
    answer = log_in(client, provider)
    assert (answer.status_code, "Spam" in answer.content.decode(), is_in(client)) == (403, True, False)


def test_the_second_factor_is_asked_for_too(client: Client, provider: Provider) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    log_in(client, provider)
    client.logout()
    TOTP.activate(User.objects.get(), generate_totp_secret())
    answer = log_in(client, provider)
    assert "2fa" in answer.headers["Location"]
    assert not is_in(client)


def test_leaving_is_a_form_and_nothing_can_be_slipped_into_it(client: Client, provider: Provider) -> None:
    assert client.get(START).status_code == 405
    assert Client(enforce_csrf_checks=True).post(START).status_code == 403
    leave(client, START + "?scope=admin&auth_params=redirect_uri%3Dhttps%3A%2F%2Fevil.example&process=connect")
    provider.authorize(leave(client, START + "?auth_params=nonce%3Dmine"))
    assert provider.asked["nonce"] != "mine"
    assert "evil" not in provider.asked["redirect_uri"]


def test_the_pages_of_allauth_that_check_less_are_not_there(client: Client, provider: Provider) -> None:
    for page in ("oidc/oidc/login/", "oidc/oidc/login/callback/", "3rdparty/", "3rdparty/signup/"):
        assert client.get(f"/accounts/{page}").status_code == 404


def test_the_button_is_there_when_there_is_a_provider(client: Client, provider: Provider, settings: Any) -> None:
    for page in ("/accounts/login/", "/accounts/signup/"):
        assert "House key" in client.get(page).content.decode()
    settings.OIDC_ISSUER = ""
    assert "House key" not in client.get("/accounts/login/").content.decode()
    assert client.post(START).status_code == 404
    assert client.get("/accounts/oidc/callback/").status_code == 404


# --- Linking -----------------------------------------------------------------------------------------------------------


def sign_in(client: Client, person: User) -> None:
    """By password: that confirms that it is the person."""
    client.post("/accounts/login/", {"login": person.username, "password": f"secret-of-{person.username}"})


def link(client: Client, provider: Provider) -> Any:
    return log_in(client, provider, "/settings/security/linked/link/")


def test_link_log_in_and_unlink(client: Client, provider: Provider) -> None:
    alice = make_person(username="alice")
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    sign_in(client, alice)
    mail.outbox.clear()
    assert link(client, provider).headers["Location"] == "/settings/security/"
    account = SocialAccount.objects.get(user=alice)
    alice.refresh_from_db()
    assert alice.email == "alice@example.org"
    client.logout()
    log_in(client, provider)
    assert client.session["_auth_user_id"] == str(alice.pk)
    client.logout()
    sign_in(client, alice)
    assert "dora" in client.get("/settings/security/").content.decode()
    client.post(f"/settings/security/linked/{account.pk}/remove/")
    assert not SocialAccount.objects.exists()
    assert [letter.to for letter in mail.outbox] == [["alice@example.org"]] * 2


def test_linking_and_unlinking_ask_to_confirm_first(client: Client, provider: Provider) -> None:
    alice = make_person(username="alice")
    account = SocialAccount.objects.create(user=alice, provider="oidc", uid="7")
    client.force_login(alice)
    for page in ("link/", f"{account.pk}/remove/"):
        assert "reauthenticate" in client.post(f"/settings/security/linked/{page}").headers["Location"]
    assert SocialAccount.objects.count() == 1


def test_an_account_elsewhere_is_linked_to_one_person(client: Client, provider: Provider) -> None:
    bob = make_person(username="bob")
    SocialAccount.objects.create(user=bob, provider="oidc", uid="1001")
    alice = make_person(username="alice")
    sign_in(client, alice)
    link(client, provider)
    assert list(SocialAccount.objects.values_list("user", flat=True)) == [bob.pk]
    assert client.session["_auth_user_id"] == str(alice.pk)


@pytest.mark.django_db
def test_only_the_owner_unlinks_and_never_the_last_way_in() -> None:
    alice, mallory = make_person(), make_person()
    account = SocialAccount.objects.create(user=alice, provider="oidc", uid="1")
    with pytest.raises(NotFound):
        unlink_account(person=mallory, account_id=account.pk)
    alice.set_unusable_password()
    alice.save()
    with pytest.raises(Refused):
        unlink_account(person=alice, account_id=account.pk)
    assert SocialAccount.objects.exists()


def test_the_provider_signs_with_what_the_test_thinks(provider: Provider) -> None:
    assert jwt.get_unverified_header(provider.id_token("x"))["alg"] == "RS256"
