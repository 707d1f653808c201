"""Limits at the door hold against forged forwarding headers and bursts, and can be lifted to measure."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client, RequestFactory

from accounts.actions.signup import register_person
from accounts.adapter import client_address
from accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"


def attempt(number: int, login: str = "dora", **meta: Any) -> Any:
    forged = {"HTTP_X_FORWARDED_FOR": f"10.0.{number}.1", "HTTP_X_REAL_IP": f"10.1.{number}.1"}
    return Client().post("/accounts/login/", {"login": login, "password": "wrong"}, **forged | meta)


def test_five_wrong_passwords_for_one_name_are_enough() -> None:
    register_person(username="dora", email="dora@example.org", password=PASSWORD)
    for number in range(5):
        attempt(number)
    answer = attempt(6)
    assert "Too many attempts" in str(answer.context["form"].non_field_errors())
    right = Client().post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert right.status_code == 200, "also the right password waits"


def test_an_unknown_name_is_limited_like_a_known_one() -> None:
    for number in range(5):
        attempt(number, "nobody")
    assert "Too many attempts" in str(attempt(6, "nobody").context["form"].non_field_errors())


def test_forged_headers_do_not_make_a_new_address() -> None:
    answers = [attempt(number, f"name{number}") for number in range(11)]
    assert "Too many attempts" in str(answers[10].context["form"].non_field_errors())
    assert "Too many attempts" not in str(answers[9].context["form"].non_field_errors())


def test_another_address_has_limits_of_its_own() -> None:
    for number in range(11):
        attempt(number, f"name{number}")
    assert "Too many" not in str(attempt(12, "other", REMOTE_ADDR="192.0.2.7").context["form"].non_field_errors())


def test_too_many_registrations_are_turned_away_with_a_page() -> None:
    answers = [Client().post("/accounts/signup/", {}, headers={"x-forwarded-for": f"10.0.0.{n}"}) for n in range(21)]
    assert [answer.status_code for answer in answers[19:]] == [200, 429]
    assert "too fast" in answers[20].content.decode()


def test_too_many_guests_are_turned_away(client: Client) -> None:
    statuses = [Client().post("/guest/", {"name": f"Guest {n}"}).status_code for n in range(11)]
    assert statuses == [302] * 10 + [429]
    assert User.objects.count() == 10


def test_too_many_resets_are_turned_away_alike_for_known_and_unknown() -> None:
    register_person(username="dora", email="dora@example.org", password=PASSWORD)
    for email in ("dora@example.org", "nobody@example.org"):
        statuses = [Client().post("/accounts/password/reset/", {"email": email}).status_code for _n in range(6)]
        assert statuses == [302] * 5 + [429]


@pytest.mark.django_db(transaction=True)
def test_a_burst_gets_no_further_than_one_after_the_other() -> None:
    together = threading.Barrier(16)
    statuses: list[int] = []

    def enter(number: int) -> None:
        together.wait()
        statuses.append(Client().post("/guest/", {"name": f"Burst {number}"}).status_code)
        connection.close()

    threads = [threading.Thread(target=enter, args=[number]) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(302) <= 10
    assert User.objects.count() == statuses.count(302) > 0


def test_limits_can_be_lifted(settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = False
    assert [Client().post("/guest/", {"name": "Zed"}).status_code for _n in range(12)] == [302] * 12
    assert "Too many" not in str([attempt(number) for number in range(12)][-1].context["form"].non_field_errors())


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "6.6.6.6, 203.0.113.9", "203.0.113.9"),
        (2, "6.6.6.6, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        (2, "203.0.113.9", "192.0.2.1"),
        (1, "", "192.0.2.1"),
        (1, "not an address", "192.0.2.1"),
        (1, "2001:db8::7", "2001:db8::7"),
    ],
)
def test_the_address_is_what_our_own_proxies_saw(settings: Any, proxies: int, header: str, address: str) -> None:
    settings.CHATTER_TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=header)
    assert client_address(request) == address


def test_a_peer_behind_a_socket_file_has_a_name_too() -> None:
    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) == "local"
