"""How fast forms may be sent: a program that posts them is held like one that speaks on the socket."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from chat.models import Message
from chatter import middleware
from tests.cast import Cast
from tests.chat_pages.conftest import ClientOf


@pytest.fixture(autouse=True)
def _one_window(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Time stands still, and the limits are small."""
    settings.CHATTER_SEND_BURST, settings.CHATTER_SEND_RATE = 3, 0.2
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_000_000.0)


def send(client: Client, cast: Cast, text: str, key: str = "", **headers: str) -> Any:
    form = {"content": text, "client_id": key or str(uuid4())}
    return client.post(f"/c/{cast.lobby.pk}/send/", form, headers=headers)


def test_sending_by_the_form_has_a_limit_and_loses_no_words(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    for count in range(5):
        assert send(client, cast, f"message {count}").status_code == 302
    refused = send(client, cast, "one too many", **{"X-Forwarded-For": "10.0.0.1"})
    assert refused.status_code == 429
    assert "one too many" in refused.content.decode()
    assert Message.objects.filter(conversation=cast.lobby).count() == 5
    assert send(client_of(cast.charlie), cast, "somebody else").status_code == 302


def test_what_was_sent_already_is_answered_at_any_pace(cast: Cast, client_of: ClientOf) -> None:
    client, key = client_of(cast.bob), str(uuid4())
    answers = [send(client, cast, "Hello", key) for _count in range(8)]
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1


def test_limits_may_be_lifted(cast: Cast, client_of: ClientOf, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = False
    client = client_of(cast.bob)
    assert {send(client, cast, "Hello").status_code for _count in range(10)} == {302}


def test_all_forms_together_have_a_limit(cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(middleware, "POSTS_MAX", 3)
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/draft/"
    assert [client.post(address, {"text": "x"}).status_code for _count in range(4)] == [204, 204, 204, 429]
    refused = client.post(address, {"text": "x"}, headers={"Accept": "application/json"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    assert client.get(f"/c/{cast.group.pk}/").status_code == 200
    assert client_of(cast.alice).post(address, {"text": "x"}).status_code == 204


@pytest.mark.parametrize(
    "address", ["/", "/c/{group}/", "/c/{group}/members/", "/people/search/?q=al", "/people/alice/"]
)
def test_what_was_made_for_somebody_is_kept_nowhere(cast: Cast, client_of: ClientOf, address: str) -> None:
    answer = client_of(cast.bob).get(address.format(group=cast.group.pk))
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")


def test_what_is_the_same_for_all_says_nothing_of_caches(client: Client) -> None:
    assert not client.get("/livez").has_header("Cache-Control")
