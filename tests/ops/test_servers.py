"""The servers the other tests stand on: they start, answer, die and come back."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import redis
from django.contrib.auth import get_user_model

from chatter.ops.valkey import Valkey
from tests.servers import Address, SignedIn, SparePostgres, WebProcess


def first_page(address: Address, cookies: dict[str, str]) -> Any:
    header = "; ".join(f"{name}={text}" for name, text in cookies.items())
    request = urllib.request.Request(f"{address.url}/", headers={"Cookie": header})
    return urllib.request.urlopen(request, timeout=20)


def test_the_site_in_a_thread_serves_a_signed_in_person(site: Address, signed_in: SignedIn) -> None:
    person = get_user_model().objects.create(username="alice")
    answer = first_page(site, signed_in(person))
    assert answer.status == 200
    assert "/accounts/login" not in answer.url


def test_a_web_process_shares_the_database_dies_and_returns(
    web_process: Callable[..., WebProcess], signed_in: SignedIn, valkey: Valkey
) -> None:
    person = get_user_model().objects.create(username="alice")
    web = web_process(redis_url=valkey.url)
    assert "/accounts/login" not in first_page(web, signed_in(person)).url
    web.kill()
    assert not web.answers()
    web.restart()
    assert web.answers()
    web.terminate()
    assert not web.answers()


@pytest.mark.parametrize("with_valkey", [True, False])
def test_a_web_process_is_ready_with_either_bus(
    web_process: Callable[..., WebProcess], valkey: Valkey, with_valkey: bool
) -> None:
    web = web_process(redis_url=valkey.url if with_valkey else None)
    with urllib.request.urlopen(f"{web.url}/readyz", timeout=20) as answer:
        assert json.load(answer) == {
            "ready": True,
            "database": "ok",
            "migrations": "ok",
            "partitions": "ok",
            "bus": "ok",
        }


def test_a_server_that_ends_in_good_order_complains_of_nothing(web_process: Callable[..., WebProcess]) -> None:
    web = web_process()
    web.terminate()
    assert web.output() == ""


def test_valkey_begins_empty_and_comes_back(valkey: Valkey) -> None:
    client = redis.Redis.from_url(valkey.url)
    assert client.dbsize() == 0
    client.set("left", "behind")
    valkey.stop()
    valkey.start()
    assert client.ping()


def test_a_spare_postgres_keeps_committed_rows_over_a_crash(postgres: SparePostgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("insert into django_session values ('key', 'text', now())")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres.url) as connection:
        assert connection.execute("select session_key from django_session").fetchall() == [("key",)]
