"""Who may open what: strangers are sent to log in, outsiders learn nothing, and a message belongs to its conversation."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

import chat.urls
from chat.models import Message
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf

PARTS = [
    *("", "send/", "place/", "pins/", "members/", "settings/", "add/", "leave/", "remove/", "transfer/", "read/"),
    *("unread/", "mute/", "archive/", "draft/", "notify/", "calls/"),
]
DEEDS = ["", "edit/", "delete/", "react/", "pin/", "history/", "thread/"]
FORM = {"content": "x", "emoji": "👍", "number": "1", "hours": "1", "text": "x", "title": "x"}


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> list[str]:
    found: list[str] = []
    for entry in patterns:
        here = before + str(entry.pattern)
        found += routes(entry.url_patterns, here) if isinstance(entry, URLResolver) else [here]
    return found


def test_the_lists_above_are_complete() -> None:
    known = {f"c/<uuid:conversation_id>/{part}" for part in PARTS}
    known |= {f"c/<uuid:conversation_id>/m/<int:number>/{deed}" for deed in DEEDS}
    assert set(routes(chat.urls.urlpatterns)) == known | {"", "lobby/", "new/", "new/group/", "people/search/"}
    assert get_resolver().reverse("home") == ""


@pytest.mark.parametrize("address", [f"/c/%s/{part}" for part in PARTS] + [f"/c/%s/m/1/{deed}" for deed in DEEDS])
def test_strangers_log_in_first(cast: Cast, client: Client, address: str) -> None:
    place = address % cast.group.pk
    for answer in (client.get(place), client.post(place, FORM)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("address", ["/new/", "/new/group/", "/people/search/?q=a"])
def test_strangers_do_not_look_for_people(cast: Cast, client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/login/?next=")


@pytest.mark.parametrize("address", [f"/c/%s/{part}" for part in PARTS] + [f"/c/%s/m/2/{deed}" for deed in DEEDS])
def test_outsiders_get_the_answer_for_what_is_not_there(cast: Cast, client_of: ClientOf, address: str) -> None:
    say(cast.alice, cast.group, "between us")
    outsider = client_of(cast.charlie)
    form = FORM | {"client_id": str(uuid4()), "person": str(cast.bob.pk)}
    for ask in (outsider.get, outsider.post):
        forbidden, unknown = ask(address % cast.group.pk, form), ask(address % uuid4(), form)
        assert forbidden.status_code == unknown.status_code
        assert forbidden.status_code in {404, 405} or forbidden.headers.get("Location", "").count("/c/") == 1
        assert stripped(forbidden.content, cast.group.pk) == stripped(unknown.content, cast.group.pk)
        assert b"between us" not in forbidden.content
    assert Message.objects.filter(conversation=cast.group).count() == 2


def stripped(body: bytes, key: object) -> bytes:
    """The body without what differs from request to request: the token."""
    text = body.decode()
    while 'name="csrfmiddlewaretoken" value="' in text:
        head, _, rest = text.partition('name="csrfmiddlewaretoken" value="')
        text = head + rest.partition('"')[2]
    assert str(key) not in text
    return text.encode()


@pytest.mark.parametrize("deed", DEEDS)
def test_a_message_is_not_found_in_another_conversation(cast: Cast, client_of: ClientOf, deed: str) -> None:
    for count in range(4):
        sent = say(cast.alice, cast.direct, f"between the two of us {count}")
    member_of_both = client_of(cast.alice)
    address = f"/c/{cast.group.pk}/m/{sent.number}/{deed}"
    assert member_of_both.get(address).status_code in {404, 405}
    assert member_of_both.post(address, FORM).status_code in {404, 405}
    assert Message.objects.get(pk=sent.id).content == "between the two of us 3"


@pytest.mark.parametrize("number", ["0", "999999", str(2**62), str(2**70)])
def test_numbers_that_name_nothing(cast: Cast, client_of: ClientOf, number: str) -> None:
    client = client_of(cast.alice)
    for deed in ("", "edit/", "history/", "thread/"):
        assert client.get(f"/c/{cast.group.pk}/m/{number}/{deed}").status_code == 404


def test_what_was_said_before_somebody_came_stays_unknown(cast: Cast, client_of: ClientOf) -> None:
    from chat.models import Membership

    early = say(cast.alice, cast.group, "before your time")
    late = say(cast.bob, cast.group, "welcome", reply_to=early.id)
    Membership.objects.filter(conversation=cast.group, user=cast.mod).update(history_from=late.number)
    newcomer = client_of(cast.mod)
    for address in (f"/c/{cast.group.pk}/", f"/c/{cast.group.pk}/?before={late.number}", f"/c/{cast.group.pk}/?at=1"):
        assert "before your time" not in newcomer.get(address).content.decode()
    for deed in ("", "history/", "thread/"):
        assert newcomer.get(f"/c/{cast.group.pk}/m/{early.number}/{deed}").status_code == 404
    assert newcomer.post(f"/c/{cast.group.pk}/m/{early.number}/react/", {"emoji": "👍"}).status_code == 404
    assert "before your time" not in newcomer.get(f"/c/{cast.group.pk}/m/{late.number}/thread/").content.decode()
