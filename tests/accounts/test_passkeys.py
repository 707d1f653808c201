"""Passkeys against the server: made, used at the door and as a second factor; every forged answer is refused alike."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.test import Client

from accounts.actions.moderation import suspend_person
from accounts.actions.signup import register_person
from accounts.models import User
from tests.factories import make_person
from tests.factors import Key, give_app, text
from tests.stepup import confirm

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"
DOOR, STEP = "/accounts/login/", "/accounts/2fa/authenticate/"
ADD, LOGIN = "/accounts/2fa/webauthn/add/", "/accounts/2fa/webauthn/login/"
CONFIRM = "/accounts/2fa/webauthn/reauthenticate/"
# Browsers, and so the server, know passkeys only over TLS and at this host.
Browser = partial(Client, HTTP_HOST="localhost")


@pytest.fixture
def dora() -> User:
    return register_person(username="dora", email="dora@example.org", password=PASSWORD)


def at(person: User) -> Client:
    client = Browser()
    client.force_login(User.objects.get(pk=person.pk))
    return client


def give_key(person: User, key: Key | None = None, name: str = "Phone") -> Key:
    """The person adds a passkey on the page."""
    client, key = confirm(at(person)), key or Key()
    options = client.get(ADD).context["js_data"]["creation_options"]
    answer = client.post(ADD, {"name": name, "credential": key.registration(plain(options))})
    assert answer.status_code == 302, answer.context["form"].errors
    return key


def plain(options: Any) -> dict[str, Any]:
    """What the browser reads: JSON."""
    read: dict[str, Any] = json.loads(json.dumps(options, default=dict))
    return read


def asked(client: Client) -> dict[str, Any]:
    """The options of the door."""
    options: dict[str, Any] = client.get(LOGIN, headers={"accept": "application/json"}).json()["request_options"]
    return options


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def half() -> Client:
    client = Browser()
    assert client.post(DOOR, {"login": "dora", "password": PASSWORD})["Location"].startswith(STEP)
    return client


# --- Making, naming, removing ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_passkey_is_made_and_brings_codes_and_a_mail(dora: User) -> None:
    client, key = confirm(at(dora)), Key()
    options = plain(client.get(ADD).context["js_data"]["creation_options"])
    assert options["publicKey"]["rp"] == {"id": "localhost", "name": "Chatter"}
    assert "example.org" not in json.dumps(options), "no address on the device"
    answer = client.post(ADD, {"name": "", "credential": key.registration(options)})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    assert [letter.subject for letter in mail.outbox] == ["A passkey was added"]
    page = client.get("/settings/security/").content.decode()
    assert "Passkey</b>" in page
    assert "10 codes left" in page


def test_a_passkey_is_named_and_renamed_by_its_person_only(dora: User) -> None:
    give_key(dora, name="<b>Blue</b>")
    row = Authenticator.objects.get(type="webauthn")
    path = f"/accounts/2fa/webauthn/keys/{row.pk}/edit/"
    client = confirm(at(dora))
    assert "&lt;b&gt;Blue" in client.get("/settings/security/").content.decode()
    assert client.post(path, {"name": "Green"}).status_code == 302
    assert client.post(path, {"name": "x" * 61}).status_code == 200
    row.refresh_from_db()
    assert row.wrap().name == "Green"
    stranger = confirm(at(make_person(username="eve")))
    for action in ("edit", "remove"):
        assert stranger.post(f"/accounts/2fa/webauthn/keys/{row.pk}/{action}/", {"name": "Mine"}).status_code == 404


def test_a_passkey_is_removed_after_confirming(dora: User) -> None:
    give_key(dora)
    path = f"/accounts/2fa/webauthn/keys/{Authenticator.objects.get(type='webauthn').pk}/remove/"
    assert at(dora).post(path)["Location"].startswith("/accounts/reauthenticate/")
    client = confirm(at(dora))
    assert client.get(path).status_code == 200
    assert Authenticator.objects.count() == 2
    client.post(path)
    assert not Authenticator.objects.exists(), "the codes go with the last factor"
    assert mail.outbox[-1].subject == "A passkey was removed"


def test_the_only_way_in_stays(dora: User) -> None:
    give_key(dora)
    dora.set_unusable_password()
    dora.save()
    path = f"/accounts/2fa/webauthn/keys/{Authenticator.objects.get(type='webauthn').pk}/remove/"
    answer = confirm(at(dora)).post(path, follow=True)
    assert "This is your only way in" in answer.content.decode()
    assert Authenticator.objects.filter(type="webauthn").exists()


def test_a_passkey_is_not_added_twice_nor_without_end(dora: User) -> None:
    give_key(dora)
    client = confirm(at(dora))
    options = plain(client.get(ADD).context["js_data"]["creation_options"])
    assert len(options["publicKey"]["excludeCredentials"]) == 1
    row = Authenticator.objects.get(type="webauthn")
    Authenticator.objects.bulk_create([Authenticator(user=dora, type="webauthn", data=row.data) for _n in range(19)])
    answer = client.post(ADD, {"name": "One more", "credential": Key().registration(options)})
    assert answer.status_code == 200
    assert Authenticator.objects.filter(type="webauthn").count() == 20


FORGED: dict[str, Callable[[dict[str, Any]], str]] = {
    "another challenge": lambda options: Key().registration({"publicKey": {"challenge": text(b"x" * 32)}}),
    "another origin": lambda options: Key(origin="http://evil.example").registration(options),
    "a subdomain": lambda options: Key(origin="http://evil.localhost").registration(options),
    "another host": lambda options: Key(host="evil.example").registration(options),
    "an assertion": lambda options: Key().assertion(options),
    "nothing": lambda options: "",
    "no JSON": lambda options: "{",
    "a list": lambda options: "[]",
    "null": lambda options: "null",
    "a number": lambda options: "7",
    "an empty object": lambda options: "{}",
    "wrong types": lambda options: json.dumps({"id": 7, "rawId": [], "response": "x", "type": {}}),
    "too deep": lambda options: "[" * 8000 + "]" * 8000,
    "too long": lambda options: json.dumps({"id": "x" * 20_000}),
    "broken base64": lambda options: Key().registration(options).replace('"rawId": "', '"rawId": "!!'),
    "broken CBOR": lambda options: _broken(Key().registration(options)),
}


def _broken(credential: str) -> str:
    changed = json.loads(credential)
    changed["response"]["attestationObject"] = text(b"\xff\x00nonsense")
    return json.dumps(changed)


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_registration_is_refused_alike(dora: User, how: str) -> None:
    client = confirm(at(dora))
    options = plain(client.get(ADD).context["js_data"]["creation_options"])
    answer = client.post(ADD, {"name": "x", "credential": FORGED[how](options)})
    assert answer.status_code == 200
    assert not Authenticator.objects.exists()
    assert "This passkey could not be used" in answer.content.decode()


def test_a_registration_counts_once(dora: User) -> None:
    client = confirm(at(dora))
    options = plain(client.get(ADD).context["js_data"]["creation_options"])
    credential = Key().registration(options)
    session = client.session
    state = session["mfa.webauthn.state"]
    assert client.post(ADD, {"name": "x", "credential": credential}).status_code == 302
    assert client.session.get("mfa.webauthn.state") != state
    assert client.post(ADD, {"name": "x", "credential": credential}).status_code == 200


# --- At the door ----------------------------------------------------------------------------------------------------


def test_a_passkey_alone_opens_the_door(dora: User) -> None:
    key = give_key(dora)
    give_app_too(dora)
    client = Browser()
    answer = client.post(LOGIN, {"credential": key.assertion(asked(client), dora), "next": "/people/dora/"})
    assert answer["Location"] == "/people/dora/"
    assert client.session["_auth_user_id"] == str(dora.pk)


def give_app_too(person: User) -> None:
    Authenticator.objects.filter(user=person, type="recovery_codes").delete()
    give_app(person)


def test_the_door_says_nothing_of_who_has_passkeys(dora: User) -> None:
    give_key(dora)
    options = asked(Browser())["publicKey"]
    assert options.get("allowCredentials", []) == []
    assert options["userVerification"] == "required"


def refused(client: Client, credential: str) -> list[str]:
    answer = client.post(LOGIN, {"credential": credential})
    assert (answer.status_code, answer["Location"]) == (302, DOOR)
    assert not is_in(client)
    return [str(message) for message in client.get(DOOR).context["messages"]]


def test_every_wrong_passkey_gets_the_same_answer(dora: User) -> None:
    key = give_key(dora)
    nobody = User(username="nobody")
    answers: list[Any] = []
    for make in (
        lambda options: Key().assertion(options, dora),
        lambda options: key.assertion(options, nobody),
        lambda options: key.assertion(options, None),
        lambda options: key.assertion({"publicKey": {"challenge": text(b"x" * 32)}}, dora),
        lambda options: key.assertion(options, dora).replace('"userHandle": "', '"userHandle": "A'),
        lambda options: json.dumps(json.loads(key.assertion(options, dora)) | {"response": {}}),
        lambda _options: "{}",
        lambda _options: "null",
        lambda _options: "",
    ):
        client = Browser(REMOTE_ADDR=f"192.0.2.{len(answers)}")
        answers.append(tuple(refused(client, make(asked(client)))))
    assert len(set(answers)) == 1
    assert len(answers[0]) == 1


@pytest.mark.parametrize("origin", ["http://evil.example", "http://evil.localhost", "https://localhost", "null"])
def test_a_passkey_shown_to_another_site_is_worth_nothing(dora: User, origin: str) -> None:
    key = give_key(dora)
    key.origin = origin
    client = Browser()
    assert refused(client, key.assertion(asked(client), dora))


def test_an_answer_counts_once_and_in_its_session_only(dora: User) -> None:
    key = give_key(dora)
    client = Browser()
    credential = key.assertion(asked(client), dora)
    other = Browser()
    asked(other)
    assert refused(other, credential)
    assert client.post(LOGIN, {"credential": credential}).status_code == 302
    assert is_in(client)
    client.post("/accounts/logout/")
    assert refused(client, credential)


def test_a_key_from_the_street_is_no_way_in(dora: User) -> None:
    """Its finder has an account with a passkey, so they can begin a session in which no finger is asked for."""
    found = give_key(dora)
    found.verifies = False
    finder = register_person(username="finder", email="finder@example.org", password=PASSWORD)
    give_key(finder)
    client = Browser()
    client.post(DOOR, {"login": "finder", "password": PASSWORD})
    options = plain(client.get(STEP).context["js_data"]["request_options"])
    assert options["publicKey"]["userVerification"] != "required"
    client.post(LOGIN, {"credential": found.assertion(options, dora)})
    assert not is_in(client)


@pytest.mark.parametrize("state", ["suspended", "off", "deleted"])
def test_closed_accounts_stay_closed(dora: User, state: str) -> None:
    key = give_key(dora)
    if state == "suspended":
        suspend_person(actor=make_person(username="judge", is_superuser=True), person=dora, reason="Spam")
    else:
        User.objects.filter(pk=dora.pk).update(
            **({"is_active": False} if state == "off" else {"deleted_at": "2026-01-01T00:00Z"})
        )
    client = Browser()
    answer = client.post(LOGIN, {"credential": key.assertion(asked(client), dora)})
    assert client.get("/settings/profile/").status_code in (302, 403)
    assert (answer.status_code == 403) == (state == "suspended")


def test_the_door_is_limited_by_address_whatever_it_says(dora: User) -> None:
    give_key(dora)
    statuses = [
        Browser().post(LOGIN, {"credential": "{}"}, headers={"x-forwarded-for": f"10.0.0.{n}"}).status_code
        for n in range(12)
    ]
    assert statuses == [302] * 10 + [429] * 2


# --- As a second factor, and to confirm -----------------------------------------------------------------------------


@pytest.mark.parametrize("verifies", [True, False])
def test_a_passkey_is_a_second_factor(dora: User, verifies: bool) -> None:
    key = give_key(dora)
    key.verifies = verifies
    client = half()
    options = plain(client.get(STEP).context["js_data"]["request_options"])
    assert client.post(STEP, {"credential": key.assertion(options)}).status_code == 302
    assert is_in(client)


def test_the_passkey_of_another_person_is_none(dora: User) -> None:
    give_key(dora)
    eve = make_person(username="eve")
    theirs = give_key(eve)
    client = half()
    options = plain(client.get(STEP).context["js_data"]["request_options"])
    answer = client.post(STEP, {"credential": theirs.assertion(options, eve)})
    assert answer.status_code == 200
    assert "This passkey could not be used" in answer.content.decode()
    assert not is_in(client)


def test_wrong_passkeys_and_wrong_codes_share_one_limit(dora: User) -> None:
    key = give_key(dora)
    for number in range(5):
        client = half()
        options = plain(client.get(STEP).context["js_data"]["request_options"])
        client.post(STEP, {"credential": Key().assertion(options)} if number % 2 else {"code": "000000"})
    client = half()
    options = plain(client.get(STEP).context["js_data"]["request_options"])
    assert "Too many attempts" in client.post(STEP, {"credential": key.assertion(options)}).content.decode()


def test_a_passkey_confirms_and_a_wrong_one_does_not(dora: User) -> None:
    key = give_key(dora)
    client = at(dora)
    options = plain(client.get(CONFIRM).context["js_data"]["request_options"])
    wrong = client.post(CONFIRM, {"credential": Key().assertion(options), "next": "/settings/security/"})
    assert wrong.status_code == 200
    assert client.get(ADD).status_code == 302
    options = plain(client.get(CONFIRM).context["js_data"]["request_options"])
    right = client.post(CONFIRM, {"credential": key.assertion(options), "next": "/settings/security/"})
    assert right["Location"] == "/settings/security/"
    assert client.get(ADD).status_code == 200


# --- Where the site stands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("host", "name"),
    [("chat.example.org", "chat.example.org"), ("localhost:8000", "localhost"), ("[::1]:8000", "[::1]")],
)
def test_passkeys_are_bound_to_the_host_as_the_browser_calls_it(settings: Any, host: str, name: str) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.org", "localhost", "[::1]"]
    options = Browser(HTTP_HOST=host).get(LOGIN, headers={"accept": "application/json"}).json()
    assert options["request_options"]["publicKey"]["rpId"] == name


def test_a_host_that_is_not_ours_gets_no_options(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    assert Browser(HTTP_HOST="evil.example").get(LOGIN, headers={"accept": "application/json"}).status_code == 400


def test_behind_a_proxy_that_speaks_tls_the_origin_is_https(dora: User, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.example.org", "testserver"]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    key = Key(host="chat.example.org", origin="https://chat.example.org")
    client = Browser(HTTP_HOST="chat.example.org", HTTP_X_FORWARDED_PROTO="https")
    client.force_login(dora)
    confirm(client)
    options = plain(client.get(ADD).context["js_data"]["creation_options"])
    client.post(
        ADD, {"name": "x", "credential": key.registration(options)}, headers={"referer": "https://chat.example.org/"}
    )
    assert Authenticator.objects.filter(type="webauthn").exists()
    for origin, enters in (("https://chat.example.org", True), ("http://chat.example.org", False)):
        key.origin = origin
        browser = Browser(HTTP_HOST="chat.example.org", HTTP_X_FORWARDED_PROTO="https")
        browser.post(LOGIN, {"credential": key.assertion(asked(browser), dora)})
        assert is_in(browser) == enters, origin
