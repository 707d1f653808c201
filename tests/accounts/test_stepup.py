"""Confirming that it is the person: how long it counts, who is asked for what, and where it leads."""

import re
import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.core import mail
from django.http import HttpResponse
from django.test import Client, RequestFactory

from accounts.actions.signup import enter_as_guest, register_person
from accounts.models import User
from accounts.stepup import recently_confirmed
from tests.factories import make_person
from tests.stepup import confirm

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


@recently_confirmed
def guarded(request: Any) -> HttpResponse:
    return HttpResponse("changed")


def ask(client: Client, path: str = "/guarded/?a=1", method: str = "get", **meta: Any) -> Any:
    """The answer of a guarded view to the person at `client`."""
    request = getattr(RequestFactory(), method)(path, **meta)
    request.session = client.session
    request.user = User.objects.get(pk=client.session["_auth_user_id"])
    from allauth.core import context
    from django.contrib.messages.storage.cookie import CookieStorage

    request._messages = CookieStorage(request)
    with context.request_context(request):
        return guarded(request)


def at(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def dora() -> User:
    return register_person(username="dora", email="dora@example.org", password=PASSWORD)


@pytest.fixture
def keyless() -> User:
    """Entered by a wallet or a provider: no password, but a confirmed address."""
    person = make_person(username="keyless", email="keyless@example.org")
    person.set_unusable_password()
    person.save()
    EmailAddress.objects.create(user=person, email="keyless@example.org", primary=True, verified=True)
    return person


def test_an_old_session_is_asked_and_comes_back(dora: User) -> None:
    client = at(dora)
    answer = ask(client)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/reauthenticate/?next=%2Fguarded%2F%3Fa%3D1")
    back = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/guarded/?a=1"})
    assert back["Location"] == "/guarded/?a=1"
    assert ask(client).content == b"changed"


@pytest.mark.parametrize(("ago", "status"), [(0, 200), (290, 200), (301, 302), (10**6, 302)])
def test_it_counts_for_five_minutes(dora: User, ago: float, status: int) -> None:
    assert ask(confirm(at(dora), ago=ago)).status_code == status


def test_a_password_typed_at_the_door_counts(dora: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert ask(client).status_code == 200


def test_what_a_provider_says_counts_only_for_who_has_nothing_else(dora: User, keyless: User) -> None:
    nothing = make_person(username="nothing")
    nothing.set_unusable_password()
    nothing.save()
    for person, status in ((dora, 302), (keyless, 302), (nothing, 200)):
        assert ask(confirm(at(person), method="socialaccount")).status_code == status, person


def test_the_confirmation_of_another_person_does_not_count(dora: User, keyless: User) -> None:
    client = confirm(at(dora))
    session = client.session
    session["account_authentication_methods_user"] = str(keyless.pk)
    session.save()
    assert ask(client).status_code == 302


def test_a_wrong_password_confirms_nothing_and_is_limited(dora: User) -> None:
    client = at(dora)
    for number in range(10):
        answer = client.post("/accounts/reauthenticate/", {"password": f"wrong{number}", "next": "/settings/security/"})
        assert answer.status_code == 200
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 429
    assert ask(client).status_code == 302


def test_what_was_posted_is_not_kept_and_its_page_is_where_one_returns(dora: User) -> None:
    client = at(dora)
    came_from = {"HTTP_REFERER": "http://testserver/settings/tokens/?page=2"}
    answer = ask(client, method="post", **came_from)
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Ftokens%2F%3Fpage%3D2"
    assert "account_reauthentication_state" not in client.session


@pytest.mark.parametrize("referer", ["https://evil.example/x", "//evil.example", "javascript:alert(1)", ""])
def test_it_leads_nowhere_else(dora: User, referer: str) -> None:
    answer = ask(at(dora), method="post", HTTP_REFERER=referer)
    assert answer["Location"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fsecurity%2F"


def test_scripts_are_told_instead_of_led(dora: User) -> None:
    answer = ask(at(dora), method="post", HTTP_ACCEPT="application/json")
    assert answer.status_code == 403
    assert b'"error": "confirm"' in answer.content
    answer = ask(
        at(dora), method="post", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL="http://testserver/settings/data/"
    )
    assert answer["HX-Redirect"] == "/accounts/reauthenticate/?next=%2Fsettings%2Fdata%2F"


def test_guests_have_nothing_to_confirm_with() -> None:
    assert ask(at(enter_as_guest(name="Zoe"))).status_code == 200


def code_in(letter: Any) -> str:
    found = re.search(r"^[A-Z]{3,4}-[A-Z]{3,4}$", str(letter.body), re.MULTILINE)
    assert found
    return found[0]


def test_without_a_password_a_code_is_mailed(keyless: User) -> None:
    client = at(keyless)
    assert ask(client)["Location"].startswith("/accounts/confirm/code/?next=")
    assert client.get("/accounts/confirm/code/").status_code == 200
    assert mail.outbox == [], "looking sends nothing"
    client.post("/accounts/confirm/code/", {"next": "/settings/data/", "send": ""})
    (letter,) = mail.outbox
    assert letter.to == ["keyless@example.org"]
    code = code_in(letter)
    held = str(SessionStore(client.session.session_key).load())
    assert code not in held and code.replace("-", "").lower() not in held
    answer = client.post("/accounts/confirm/code/", {"code": f" {code.lower()} ", "next": "/settings/data/"})
    assert answer["Location"] == "/settings/data/"
    assert ask(client).status_code == 200
    again = client.post("/accounts/confirm/code/", {"code": code})
    assert again.status_code == 200, "a code counts once"


def test_codes_of_another_session_or_too_old_do_not_count(keyless: User) -> None:
    client, other = at(keyless), at(keyless)
    client.post("/accounts/confirm/code/", {"send": ""})
    code = code_in(mail.outbox[0])
    assert other.post("/accounts/confirm/code/", {"code": code}).status_code == 200
    session = client.session
    session["accounts.confirmation"] |= {"until": time.time() - 1}
    session.save()
    assert client.post("/accounts/confirm/code/", {"code": code}).status_code == 200
    assert ask(client).status_code == 302


def test_codes_cannot_be_guessed_nor_mails_sent_without_end(keyless: User) -> None:
    sent = [at(keyless).post("/accounts/confirm/code/", {"send": ""}).status_code for _n in range(4)]
    assert sent == [302, 302, 302, 429]
    client = at(keyless)
    session = client.session
    session.save()
    other = at(keyless)
    for number in range(5):
        other.post("/accounts/confirm/code/", {"code": f"BCDF-{number}"})
    assert len(mail.outbox) == 3


def test_five_wrong_codes_spend_the_right_one(keyless: User) -> None:
    client = at(keyless)
    client.post("/accounts/confirm/code/", {"send": ""})
    for _n in range(5):
        client.post("/accounts/confirm/code/", {"code": "BBBB-BBBB"})
    assert client.post("/accounts/confirm/code/", {"code": code_in(mail.outbox[0])}).status_code == 200
    assert ask(client).status_code == 302


def test_the_weaker_way_is_closed_to_who_has_a_stronger_one(dora: User) -> None:
    EmailAddress.objects.filter(user=dora).update(verified=True)
    for path in ("/accounts/confirm/code/", "/accounts/confirm/again/"):
        assert at(dora).post(path, {"send": ""})["Location"] == "/accounts/reauthenticate/"
    assert mail.outbox == []


def test_who_has_nothing_at_all_enters_anew() -> None:
    nothing = make_person(username="nothing")
    nothing.set_unusable_password()
    nothing.save()
    client = at(nothing)
    assert ask(client)["Location"].startswith("/accounts/confirm/again/?next=")
    assert client.get("/accounts/confirm/again/").status_code == 200
    answer = client.post("/accounts/confirm/again/", {"next": "/settings/data/"})
    assert answer["Location"] == "/accounts/login/?next=%2Fsettings%2Fdata%2F"
    assert "_auth_user_id" not in client.session
