"""The authenticator app and recovery codes: setting up, entering, once only, encrypted, confirmed; no way around them."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.test import Client

from accounts.actions.moderation import suspend_person
from accounts.actions.signup import enter_as_guest, register_person
from accounts.models import User
from chatter.core.events import SessionsEnded
from tests.factories import make_person
from tests.factors import code_of, give_app, recovery_codes
from tests.stepup import confirm

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"
SETUP, OFF = "/accounts/2fa/totp/activate/", "/accounts/2fa/totp/deactivate/"
CODES = "/accounts/2fa/recovery-codes/"
DOOR, STEP = "/accounts/login/", "/accounts/2fa/authenticate/"


@pytest.fixture
def dora() -> User:
    person = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def half(password: str = PASSWORD, **more: str) -> Client:
    """A browser that showed the password and waits for the second factor."""
    client = Client()
    answer = client.post(DOOR, {"login": "dora", "password": password} | more)
    assert answer["Location"].startswith(STEP), answer["Location"]
    return client


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


# --- Setting up ---------------------------------------------------------------------------------------------------


def secret_on(page: str) -> str:
    found = re.search(r'class="secret"[^>]*>([A-Z2-7 ]+)<', page)
    assert found
    return found[1].replace(" ", "")


@pytest.mark.django_db(transaction=True)
def test_an_app_is_set_up_by_picture_or_secret_and_brings_codes(dora: User) -> None:
    client = confirm(at(dora))
    page = client.get(SETUP).content.decode()
    assert 'src="data:image/svg+xml;base64,' in page
    secret = secret_on(page)
    answer = client.post(SETUP, {"code": code_of(secret)})
    assert answer["Location"] == CODES
    shown = client.get(CODES).content.decode()
    codes = recovery_codes(dora)
    assert len(codes) == 10
    assert all(code in shown for code in codes)
    assert codes[0] in client.get(f"{CODES}download/").content.decode()
    (letter,) = mail.outbox
    assert (letter.subject, letter.to) == ("An authenticator app was added", ["dora@example.org"])
    assert half().post(STEP, {"code": code_of(secret)}).status_code == 200, "the code that set it up is used"


def test_a_wrong_code_sets_nothing_up_and_keeps_the_secret(dora: User) -> None:
    client = confirm(at(dora))
    secret = secret_on(client.get(SETUP).content.decode())
    page = client.post(SETUP, {"code": "000000"})
    assert page.status_code == 200
    assert secret_on(page.content.decode()) == secret
    assert not Authenticator.objects.exists()


def test_secrets_are_nowhere_in_the_clear(dora: User) -> None:
    client = confirm(at(dora))
    secret = secret_on(client.get(SETUP).content.decode())
    held = str([row.get_decoded() for row in Session.objects.all()])
    assert secret not in held, "while it waits in the session"
    client.post(SETUP, {"code": code_of(secret)})
    with connection.cursor() as cursor:
        cursor.execute("select data::text from mfa_authenticator order by type")
        stored = " ".join(row[0] for row in cursor.fetchall())
    assert secret not in stored
    assert not any(code in stored for code in recovery_codes(dora))


def test_old_keys_of_the_site_still_open_secrets_and_strange_ones_do_not(dora: User, settings: Any) -> None:
    secret, old = give_app(dora), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another-key-" * 4, [old]
    client = half()
    assert client.post(STEP, {"code": code_of(secret)}).status_code == 302
    settings.SECRET_KEY_FALLBACKS = []
    client = half()
    assert client.post(STEP, {"code": code_of(secret, 1)}).status_code == 200
    assert client.post(STEP, {"code": "00000000"}).status_code == 200
    assert not is_in(client)
    assert confirm(at(dora)).get("/settings/security/").status_code == 200


@pytest.mark.parametrize(
    "path",
    [SETUP, OFF, CODES, f"{CODES}generate/", f"{CODES}download/", "/accounts/2fa/webauthn/add/"],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nothing_is_shown_or_changed_unconfirmed(dora: User, path: str, method: str) -> None:
    if path != SETUP:
        give_app(dora)
    answer = getattr(at(dora), method)(path)
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert Authenticator.objects.count() == (0 if path == SETUP else 2)


def test_an_address_that_is_not_confirmed_does_not_keep_it_away(dora: User) -> None:
    EmailAddress.objects.update(verified=False)
    assert confirm(at(dora)).get(SETUP).status_code == 200


def test_guests_keep_their_account_first() -> None:
    guest = at(enter_as_guest(name="Zoe"))
    for path in ("/settings/security/", SETUP, CODES, "/accounts/2fa/webauthn/add/"):
        assert guest.get(path)["Location"] == "/claim/", path


# --- Entering -----------------------------------------------------------------------------------------------------


def test_the_password_alone_opens_nothing(dora: User) -> None:
    give_app(dora)
    client = half()
    assert not is_in(client)
    for path in ("/", "/settings/profile/", "/settings/security/", SETUP, CODES, "/new/", "/people/dora/"):
        answer = client.get(path)
        assert (answer.status_code == 200 and path == "/") or answer["Location"].startswith(DOOR), path
    assert "dora" not in client.get("/").content.decode(), "the front page is that of strangers"
    for path in ("/lobby/", OFF, "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/reauthenticate/"):
        assert client.post(path, {"content": "hello", "code": "1"}).status_code in (302, 403), path
    assert Authenticator.objects.count() == 2


def test_the_code_of_the_app_lets_in_and_renews_the_key(dora: User) -> None:
    secret = give_app(dora)
    client = half(next="/people/dora/")
    planted = client.session.session_key
    answer = client.post(STEP, {"code": code_of(secret), "next": "/people/dora/"})
    assert answer["Location"] == "/people/dora/"
    assert is_in(client)
    assert client.session.session_key != planted
    assert not Session.objects.filter(session_key=planted).exists()


def test_a_code_counts_once(dora: User) -> None:
    secret = give_app(dora)
    code = code_of(secret)
    assert half().post(STEP, {"code": code}).status_code == 302
    assert half().post(STEP, {"code": code}).status_code == 200
    assert half().post(STEP, {"code": code_of(secret, -1)}).status_code == 200, "nor one from before it"
    assert half().post(STEP, {"code": code_of(secret, 1)}).status_code == 302


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_codes_of_another_time_do_not_count(dora: User, steps: int) -> None:
    secret = give_app(dora)
    assert half().post(STEP, {"code": code_of(secret, steps)}).status_code == 200


def test_a_recovery_code_counts_once_and_few_are_pointed_out(dora: User) -> None:
    give_app(dora)
    codes = recovery_codes(dora)
    for code in codes[:8]:
        assert half().post(STEP, {"code": code}).status_code == 302
    assert half().post(STEP, {"code": codes[0]}).status_code == 200
    assert [letter.subject for letter in mail.outbox] == ["A recovery code was used"] * 8
    assert "2 are left" in str(mail.outbox[-1].body)
    page = confirm(at(dora)).get("/settings/security/").content.decode()
    assert "2 codes left" in page
    assert "You have few recovery codes left" in page


@pytest.mark.parametrize("code", ["", " ", "0" * 5000, "\x00", "１２３４５６", "'; drop", "{}", "-1", "000000"])
def test_what_is_no_code_is_refused_quietly(dora: User, code: str) -> None:
    give_app(dora)
    client = half()
    assert client.post(STEP, {"code": code}).status_code == 200
    assert not is_in(client)


def test_five_wrong_codes_are_enough_for_an_account_from_wherever_they_come(dora: User) -> None:
    secret = give_app(dora)
    for number in range(5):
        half().post(STEP, {"code": "000000"}, REMOTE_ADDR=f"192.0.2.{number}", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}")
    answer = half().post(STEP, {"code": code_of(secret)}, REMOTE_ADDR="192.0.2.99")
    assert "Too many attempts" in answer.content.decode()


def test_the_limit_of_the_door_holds_for_confirming_too(dora: User) -> None:
    secret = give_app(dora)
    client = at(dora)
    for _n in range(5):
        client.post("/accounts/2fa/reauthenticate/", {"code": "000000"})
    answer = client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)})
    assert "Too many attempts" in answer.content.decode()


def test_the_page_of_the_code_is_nothing_without_a_password(client: Client, dora: User) -> None:
    give_app(dora)
    for method in ("get", "post"):
        assert getattr(client, method)(STEP, {"code": "1"})["Location"] == DOOR


def test_a_wrong_password_does_not_tell_of_a_second_factor(dora: User) -> None:
    plain = Client().post(DOOR, {"login": "dora", "password": "wrong"}).content
    give_app(dora)
    assert len(Client().post(DOOR, {"login": "dora", "password": "wrong"}).content) == len(plain)


def test_half_way_in_one_can_turn_back(dora: User) -> None:
    give_app(dora)
    client = half()
    client.post("/accounts/logout/", {"next": DOOR})
    assert client.get(STEP)["Location"] == DOOR


def test_suspended_between_password_and_code(dora: User) -> None:
    secret = give_app(dora)
    client = half()
    suspend_person(actor=make_person(username="judge", is_superuser=True), person=dora)
    client.post(STEP, {"code": code_of(secret)})
    assert client.get("/settings/profile/").status_code in (302, 403)


def test_a_password_changed_between_password_and_code(dora: User) -> None:
    secret = give_app(dora)
    client = half()
    dora.set_password("quite-another-8")
    dora.save()
    client.post(STEP, {"code": code_of(secret)})
    assert not is_in(client), "who showed the old password starts again"


# --- No way around ------------------------------------------------------------------------------------------------


def test_a_new_password_by_mail_is_no_way_around(client: Client, dora: User) -> None:
    give_app(dora)
    client.post("/accounts/password/reset/", {"email": "dora@example.org"})
    link = re.search(r"http://testserver(\S+)", str(mail.outbox[-1].body))
    assert link
    form = client.get(link[1], follow=True)
    path = form.redirect_chain[-1][0]
    done = client.post(path, {"password1": "quite-another-8", "password2": "quite-another-8"}, follow=True)
    assert done.status_code == 200
    assert not is_in(client)
    assert half("quite-another-8")
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_confirmed_address_is_no_way_around(dora: User) -> None:
    give_app(dora)
    client = half()
    EmailAddress.objects.update(verified=False)
    at(dora).post("/accounts/email/", {"action_send": "", "email": "dora@example.org"})
    link = re.search(r"http://testserver(\S+confirm-email\S+)", str(mail.outbox[-1].body))
    assert link
    assert client.post(link[1]).status_code == 302
    assert not is_in(client)


def test_signing_up_or_in_as_a_guest_half_way_gives_another_account_or_none(dora: User, settings: Any) -> None:
    give_app(dora)
    settings.CHATTER_GUESTS = True
    client = half()
    client.post("/guest/", {"name": "Zoe"})
    assert client.session.get("_auth_user_id") != str(dora.pk)
    assert (
        client.post("/claim/", {"username": "d2", "email": "d2@example.org", "password1": PASSWORD}).status_code == 302
    )
    assert User.objects.get(username="d2").pk != dora.pk
    assert Authenticator.objects.filter(user=dora).count() == 2


# --- Changing -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["on", "off", "codes"])
def test_a_change_ends_every_other_session_and_renews_this_key(
    dora: User, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if change != "on":
        give_app(dora)
    here, elsewhere = confirm(at(dora)), at(dora)
    key = here.session.session_key
    told: list[Any] = []
    monkeypatch.setattr("accounts.actions.sessions.publish", told.append)
    if change == "on":
        secret = secret_on(here.get(SETUP).content.decode())
        here.post(SETUP, {"code": code_of(secret)})
    else:
        here.post(OFF if change == "off" else f"{CODES}generate/")
    assert here.get("/settings/security/").status_code == 200
    assert here.session.session_key != key
    assert elsewhere.get("/settings/security/").status_code == 302
    assert any(isinstance(event, SessionsEnded) and event.user == dora.pk for event in told)
    assert len(mail.outbox) == 1


def test_turning_off_takes_the_codes_along_and_is_mailed(dora: User) -> None:
    give_app(dora)
    client = confirm(at(dora))
    assert client.get(OFF).status_code == 200
    assert Authenticator.objects.count() == 2, "a link turns nothing off"
    client.post(OFF)
    assert not Authenticator.objects.exists()
    assert [letter.subject for letter in mail.outbox] == ["The authenticator app was removed"]


def test_new_codes_end_the_old_ones(dora: User) -> None:
    give_app(dora)
    old = recovery_codes(dora)
    confirm(at(dora)).post(f"{CODES}generate/")
    assert not set(old) & set(recovery_codes(dora))
    assert half().post(STEP, {"code": old[0]}).status_code == 200


def test_an_app_cannot_be_set_up_twice(dora: User) -> None:
    give_app(dora)
    assert confirm(at(dora)).get(SETUP)["Location"] == OFF


def test_a_step_up_with_the_factor_renews_the_key_once(dora: User) -> None:
    secret = give_app(dora)
    client = at(dora)
    key = client.session.session_key
    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret), "next": "/settings/security/"})
    raised = client.session.session_key
    assert raised != key
    client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret, 1), "next": "/settings/security/"})
    assert client.session.session_key == raised
    assert client.get("/settings/security/").status_code == 200


def test_the_page_of_security_is_cheap(dora: User, django_assert_max_num_queries: Any) -> None:
    give_app(dora)
    client = at(dora)
    client.get("/settings/security/")
    with django_assert_max_num_queries(14):
        assert client.get("/settings/security/").status_code == 200
