"""Many at once against every limit of the door, with forged forwarding headers: real threads, the real site."""

import http.client
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client

from accounts.actions.signup import register_person
from accounts.models import User
from accounts.second_factor import take_totp
from tests.factories import make_person
from tests.factors import code_of, give_app, recovery_codes
from tests.servers import Address, SignedIn

PASSWORD = "long-and-unlike-7"
TOKEN = "t" * 32
DOOR, STEP = "/accounts/login/", "/accounts/2fa/authenticate/"


class Answer:
    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.location = response.status, response.headers.get("Location", "")
        self.body = response.read().decode()

    @property
    def is_turned_away(self) -> bool:
        return self.status == 429 or "Too many attempts" in self.body


@pytest.fixture
def burst(site: Address, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Answer]]:
    """`burst(path, forms, sessions)`: all the forms at the same moment, each saying it comes from somewhere else."""
    monkeypatch.setattr("allauth.core.internal.ratelimit.CACHE_LOCK_WAIT_TIMEOUT", 30)

    def send(path: str, forms: list[dict[str, str]], sessions: list[str] | None = None) -> list[Answer]:
        together = threading.Barrier(len(forms))
        answers: list[Answer] = []

        def one(number: int) -> None:
            held = f"; {django_settings.SESSION_COOKIE_NAME}={sessions[number]}" if sessions else ""
            connection = http.client.HTTPConnection(site.host, site.port, timeout=60)
            headers = {
                "Cookie": f"csrftoken={TOKEN}{held}",
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Forwarded-For": f"203.0.113.{number}, 10.0.{number}.1",
                "X-Real-IP": f"198.51.100.{number}",
                "Forwarded": f"for=192.0.2.{number}",
            }
            together.wait()
            connection.request("POST", path, urlencode(forms[number] | {"csrfmiddlewaretoken": TOKEN}), headers)
            answers.append(Answer(connection.getresponse()))
            connection.close()

        threads = [threading.Thread(target=one, args=[number]) for number in range(len(forms))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(answers) == len(forms)
        assert not [answer.status for answer in answers if answer.status >= 500 or answer.status == 403]
        return answers

    return send


@pytest.fixture
def dora(site: Address) -> User:
    person = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    EmailAddress.objects.filter(user=person).update(verified=True)
    return person


def half(count: int) -> list[str]:
    """So many sessions that showed Dora's password and wait for the second factor."""
    keys = []
    for number in range(count):
        client = Client(REMOTE_ADDR=f"192.0.2.{number}")
        assert client.post(DOOR, {"login": "dora", "password": PASSWORD})["Location"].startswith(STEP)
        keys.append(client.cookies[django_settings.SESSION_COOKIE_NAME].value)
    return keys


def let_through(answers: list[Answer]) -> int:
    return sum(not answer.is_turned_away for answer in answers)


def test_passwords_for_one_name(dora: User, burst: Any, hashes: list[str]) -> None:
    hashes.clear()
    answers = burst(DOOR, [{"login": "dora", "password": f"wrong{n}"} for n in range(20)])
    assert len(hashes) <= 5
    assert let_through(answers) <= 5
    (late,) = burst(DOOR, [{"login": "dora", "password": PASSWORD}])
    assert late.is_turned_away, "also the right one waits"


def test_one_password_for_many_names(site: Address, burst: Any, hashes: list[str]) -> None:
    answers = burst(DOOR, [{"login": f"name{n}", "password": PASSWORD} for n in range(24)])
    assert len(hashes) <= 10
    assert let_through(answers) <= 10


def test_registrations(site: Address, burst: Any) -> None:
    forms = [
        {"username": f"n{n}", "email": f"n{n}@example.org", "password1": PASSWORD, "password2": PASSWORD}
        for n in range(26)
    ]
    answers = burst("/accounts/signup/", forms)
    assert let_through(answers) <= 20
    assert User.objects.count() <= 20


def test_resets_of_one_address_and_of_many(dora: User, burst: Any) -> None:
    answers = burst("/accounts/password/reset/", [{"email": "dora@example.org"}] * 12)
    assert let_through(answers) <= 5
    assert len(mail.outbox) <= 5
    mail.outbox.clear()
    answers = burst("/accounts/password/reset/", [{"email": f"n{n}@example.org"} for n in range(26)])
    assert let_through(answers) <= 20
    assert len(mail.outbox) <= 20


def test_guests(site: Address, burst: Any) -> None:
    answers = burst("/guest/", [{"name": f"Guest {n}"} for n in range(20)])
    assert let_through(answers) <= 10
    assert User.objects.count() <= 10


def test_codes_of_the_app(dora: User, burst: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = give_app(dora)
    sessions = half(17)
    tried: list[str] = []

    def counted(authenticator: Any, code: str) -> bool:
        tried.append(code)
        return take_totp(authenticator, code)

    monkeypatch.setattr("accounts.forms.second_factor.take_totp", counted)
    answers = burst(STEP, [{"code": f"{n:06}"} for n in range(16)], sessions[:16])
    assert len(tried) <= 5
    assert let_through(answers) <= 5
    (late,) = burst(STEP, [{"code": code_of(secret)}], sessions[16:])
    assert late.is_turned_away


def entered(answers: list[Answer]) -> int:
    return sum(answer.status == 302 and answer.location == "/" for answer in answers)


def test_one_code_of_the_app_lets_one_in(dora: User, burst: Any) -> None:
    secret = give_app(dora)
    assert entered(burst(STEP, [{"code": code_of(secret)}] * 5, half(5))) == 1


def test_one_recovery_code_lets_one_in(dora: User, burst: Any) -> None:
    give_app(dora)
    code = recovery_codes(dora)[0]
    assert entered(burst(STEP, [{"code": code}] * 5, half(5))) == 1
    assert len(recovery_codes(dora)) == 9


def test_confirming_with_the_password(dora: User, burst: Any, signed_in: SignedIn, hashes: list[str]) -> None:
    sessions = [next(iter(signed_in(dora).values())) for _n in range(16)]
    hashes.clear()
    answers = burst("/accounts/reauthenticate/", [{"password": f"wrong{n}"} for n in range(16)], sessions)
    assert let_through(answers) <= 10
    assert len(hashes) <= 10


def test_confirming_by_mail(site: Address, burst: Any, signed_in: SignedIn) -> None:
    person = make_person(username="keyless", email="keyless@example.org")
    person.set_unusable_password()
    person.save()
    EmailAddress.objects.create(user=person, email="keyless@example.org", primary=True, verified=True)
    session = next(iter(signed_in(person).values()))
    answers = burst("/accounts/confirm/code/", [{"send": ""}] * 8, [session] * 8)
    assert let_through(answers) <= 3
    assert len(mail.outbox) <= 3


def test_passkeys(site: Address, burst: Any) -> None:
    answers = burst("/accounts/2fa/webauthn/login/", [{"credential": "{}"}] * 16)
    assert let_through(answers) <= 10
