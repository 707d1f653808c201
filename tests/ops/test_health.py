"""`/livez`, `/readyz`, `/metrics`: what they say, and to whom."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from chatter import health
from chatter.core.realtime import registry


@pytest.fixture(autouse=True)
def _migrations_compared_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health._migrated_until, "time", 0.0)


def broken() -> str:
    raise RuntimeError("no such thing")


def test_a_living_process_says_so_without_a_database(client: Client) -> None:
    answer = client.get("/livez")
    assert (answer.status_code, answer.content) == (200, b"ok")


@pytest.mark.django_db
def test_a_ready_process_names_what_it_needs(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"ready": True, "database": "ok", "migrations": "ok", "partitions": "ok", "bus": "off"}


@pytest.mark.django_db
def test_a_process_without_its_database_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(health.CHECKS, "database", broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert (answer.json()["ready"], answer.json()["database"]) == (False, "failed")


@pytest.mark.django_db
def test_missing_migrations_stop_traffic(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatter.health.MigrationExecutor.migration_plan", lambda *_: [("one", False), ("two", False)])
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["migrations"] == "2 missing"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("months", "said"), [(0, "warning: 0 months ahead"), (1, "warning: 1 months ahead"), (2, "ok")]
)
def test_too_few_partitions_warn_and_let_traffic_in(
    client: Client, monkeypatch: pytest.MonkeyPatch, months: int, said: str
) -> None:
    monkeypatch.setattr(health, "months_ahead", lambda: months)
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["partitions"] == said


@pytest.mark.django_db
def test_a_lost_bus_warns(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "live", SimpleNamespace(connected=False, socket_count=3))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["bus"]) == (200, "warning: not connected")


def test_metrics_count_requests_and_sockets(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "live", SimpleNamespace(connected=True, socket_count=3))
    client.get("/livez")
    text = client.get("/metrics").content.decode()
    assert "chatter_sockets 3.0" in text
    assert 'chatter_requests_total{method="GET",status="2xx"}' in text


@pytest.mark.parametrize(
    "foreign",
    [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_REAL_IP": "203.0.113.7"},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_AUTHORIZATION": "Bearer wrong"},
    ],
)
def test_metrics_are_nothing_to_others(client: Client, settings: LazySettings, foreign: dict[str, Any]) -> None:
    settings.CHATTER_METRICS_TOKEN = "right"
    assert client.get("/metrics", **foreign).status_code == 404


def test_metrics_behind_a_proxy_need_the_token(client: Client, settings: LazySettings) -> None:
    settings.CHATTER_TRUSTED_PROXIES = 1
    settings.CHATTER_METRICS_TOKEN = "right"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer right"}).status_code == 200


def test_an_empty_token_opens_nothing(client: Client) -> None:
    assert client.get("/metrics", headers={"Authorization": "Bearer "}, REMOTE_ADDR="203.0.113.7").status_code == 404


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics"])
def test_they_are_only_read(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405
