"""Everything a person does works by links and forms alone: writing, editing, deleting, reacting, pinning, reading."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Notification
from accounts.occasions import spread_due
from chat.actions.membership import leave_conversation
from chat.actions.read import save_draft
from chat.models import Membership, Message, Reaction
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf
from tests.chat_pages.reading import Page


def form_of(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the page's form with this address."""
    start = html.index(f'action="{action}"')
    part = Page(html[html.rindex("<form", 0, start) : html.index("</form>", start)])
    return {field["name"]: field.get("value", "") for field in part.all("input", type_="hidden")}


def last(cast: Cast) -> Message:
    return Message.objects.filter(conversation=cast.group).latest("number")


def test_writes_and_lands_on_the_message(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/"
    fields = form_of(client.get(address).content.decode(), f"{address}send/")
    answer = client.post(f"{address}send/", fields | {"content": "  hello *there*\n"})
    assert answer.status_code == 302
    assert answer["Location"] == f"{address}#m-{last(cast).number}"
    assert (last(cast).content, last(cast).sender) == ("  hello *there*", cast.bob)
    assert "<em>there</em>" in client.get(address).content.decode()


def test_who_writes_has_read_what_called_them(cast: Cast, client_of: ClientOf) -> None:
    say(cast.alice, cast.group, "@bob, are you there?")
    while spread_due():
        pass
    unread = Notification.objects.filter(recipient=cast.bob, place=cast.group.pk, read_at=None, kind="mention")
    assert unread.exists()
    client_of(cast.bob).post(f"/c/{cast.group.pk}/send/", {"content": "yes", "client_id": str(uuid4())})
    assert not unread.exists()


def test_sending_the_form_twice_writes_once(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    typed = {"client_id": str(uuid4()), "content": "once"}
    first, second = (client.post(f"/c/{cast.group.pk}/send/", typed) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Message.objects.filter(conversation=cast.group, content="once").count() == 1


@pytest.mark.parametrize(
    ("content", "status"), [("", 400), (" \n ", 400), ("x" * 4001, 400), ("a\0b", 400), ("x" * 50_000, 400)]
)
def test_what_is_refused_comes_back_with_its_text_and_key(
    cast: Cast, client_of: ClientOf, content: str, status: int
) -> None:
    key = str(uuid4())
    before = last(cast).number
    answer = client_of(cast.bob).post(f"/c/{cast.group.pk}/send/", {"client_id": key, "content": content})
    html = answer.content.decode()
    assert answer.status_code == status
    assert key in html
    assert 'role="alert"' in html and 'aria-invalid="true"' in html
    assert content.strip().strip("\0") in html
    assert last(cast).number == before


def test_the_longest_message_passes(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).post(f"/c/{cast.lobby.pk}/send/", {"client_id": str(uuid4()), "content": "é" * 1000})
    assert answer.status_code == 302
    refused = client_of(cast.bob).post(f"/c/{cast.lobby.pk}/send/", {"client_id": str(uuid4()), "content": "é" * 1001})
    assert refused.status_code == 400 and "too long" in refused.content.decode()


def test_a_bad_key_is_refused_and_replaced(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).post(f"/c/{cast.group.pk}/send/", {"client_id": "nonsense", "content": "kept words"})
    assert answer.status_code == 400
    assert "kept words" in answer.content.decode()


def test_replies_from_the_message_page(cast: Cast, client_of: ClientOf) -> None:
    asked = say(cast.alice, cast.group, "what shall we print?")
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/"
    assert f"{address}?reply={asked.number}#composer" in client.get(f"{address}m/{asked.number}/").content.decode()
    html = client.get(f"{address}?reply={asked.number}").content.decode()
    fields = form_of(html, f"{address}send/")
    assert fields["reply_to"] == str(asked.id)
    client.post(f"{address}send/", fields | {"content": "the benches"})
    assert last(cast).reply_to_id == asked.id
    quote = Page(client.get(address).content.decode()).all("a", class_="message__quote")
    assert [link["data-number"] for link in quote] == [str(asked.number)]


def test_a_refused_reply_keeps_what_it_answers(cast: Cast, client_of: ClientOf) -> None:
    asked = say(cast.alice, cast.group, "what shall we print?")
    typed = {"client_id": str(uuid4()), "content": "", "reply_to": str(asked.id)}
    html = client_of(cast.bob).post(f"/c/{cast.group.pk}/send/", typed).content.decode()
    assert form_of(html, f"/c/{cast.group.pk}/send/")["reply_to"] == str(asked.id)


def test_a_reply_across_conversations_is_refused_without_showing_it(cast: Cast, client_of: ClientOf) -> None:
    secret = say(cast.alice, cast.direct, "between us")
    typed = {"client_id": str(uuid4()), "content": "peek", "reply_to": str(secret.id)}
    answer = client_of(cast.mod).post(f"/c/{cast.group.pk}/send/", typed)
    assert answer.status_code in {400, 404}
    assert "between us" not in answer.content.decode()
    assert not Message.objects.filter(content="peek").exists()


def test_edits_and_shows_what_was_said_before(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.bob, cast.group, "teh benches\n\nof the town")
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/m/{sent.number}/"
    assert "\nteh benches\n\nof the town</textarea>" in client.get(f"{address}edit/").content.decode()
    answer = client.post(f"{address}edit/", {"content": "the benches"})
    assert answer["Location"].endswith(f"#m-{sent.number}")
    history = client.get(f"{address}history/").content.decode()
    assert "teh benches" in history and "the benches" in history


def test_a_refused_edit_keeps_the_text(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.bob, cast.group, "short")
    address = f"/c/{cast.group.pk}/m/{sent.number}/edit/"
    answer = client_of(cast.bob).post(address, {"content": "y" * 4001})
    assert answer.status_code == 400
    assert "y" * 4001 in answer.content.decode() and "too long" in answer.content.decode()


def test_deletes_after_asking(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.bob, cast.group, "nonsense")
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/m/{sent.number}/delete/"
    assert "Delete this message?" in client.get(address).content.decode()
    assert not Message.objects.get(pk=sent.id).deleted_at
    assert client.post(address).status_code == 302
    assert Message.objects.get(pk=sent.id).deleted_at
    assert client.get(address).status_code == 404


def test_nobody_edits_or_deletes_what_others_wrote(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.alice, cast.group, "mine")
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/m/{sent.number}/"
    offered = [link["href"] for link in Page(client.get(address).content.decode()).all("a")]
    assert f"{address}thread/" in offered
    assert not {f"{address}edit/", f"{address}delete/"} & set(offered)
    for deed in ("edit", "delete"):
        assert client.get(f"{address}{deed}/").status_code == 403
        assert client.post(f"{address}{deed}/", {"content": "yours"}).status_code == 403
    assert Message.objects.get(pk=sent.id).content == "mine"


def test_a_moderator_deletes(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.bob, cast.group, "rude")
    assert client_of(cast.mod).post(f"/c/{cast.group.pk}/m/{sent.number}/delete/").status_code == 302
    assert Message.objects.get(pk=sent.id).deleted_by == cast.mod


def test_reacts_and_takes_it_back(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.alice, cast.group, "cake?")
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/m/{sent.number}/"
    client.post(f"{address}react/", {"emoji": "❤"})
    assert list(Reaction.objects.values_list("user_id", "emoji")) == [(cast.bob.pk, "❤️")]
    assert "❤️" in client.get(address).content.decode() and "Bob" in client.get(address).content.decode()
    client.post(f"{address}react/", {"emoji": "❤️"})
    assert not Reaction.objects.exists()
    assert client.post(f"{address}react/", {"emoji": "<b>"}).status_code == 400


def test_pins_finds_and_unpins(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.alice, cast.group, "the address")
    client = client_of(cast.bob)
    client.post(f"/c/{cast.group.pk}/m/{sent.number}/pin/")
    assert "the address" in client.get(f"/c/{cast.group.pk}/pins/").content.decode()
    client.post(f"/c/{cast.group.pk}/m/{sent.number}/pin/")
    assert "Nothing is pinned" in client.get(f"/c/{cast.group.pk}/pins/").content.decode()
    lobby = say(cast.alice, cast.lobby)
    assert client.post(f"/c/{cast.lobby.pk}/m/{lobby.number}/pin/").status_code == 403


def test_a_thread_shows_every_answer_and_takes_more(cast: Cast, client_of: ClientOf) -> None:
    root = say(cast.alice, cast.group, "root of it")
    answer = say(cast.bob, cast.group, "an answer", reply_to=root.id)
    say(cast.mod, cast.group, "an answer to the answer", reply_to=answer.id)
    say(cast.mod, cast.group, "something else")
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/m/{root.number}/thread/"
    html = client.get(address).content.decode()
    body = html[html.index('<div class="thread__body"') : html.index("<form", html.index('<div class="thread__body"'))]
    assert "an answer to the answer" in body and "2 answers" in body and "something else" not in body
    fields = form_of(html, f"/c/{cast.group.pk}/send/")
    posted = client.post(f"/c/{cast.group.pk}/send/", fields | {"content": "a third"})
    assert posted["Location"] == f"{address}#m-{last(cast).number}"
    assert last(cast).reply_to_id == root.id
    part = client.get(address, headers={"X-Fragment": "thread"}).content.decode()
    assert "a third" in part and "<html" not in part


def test_reads_and_unreads(cast: Cast, client_of: ClientOf) -> None:
    for _ in range(3):
        sent = say(cast.alice, cast.group)
    client = client_of(cast.bob)
    row = Membership.objects.get(conversation=cast.group, user=cast.bob)
    assert client.post(f"/c/{cast.group.pk}/read/").status_code == 302
    row.refresh_from_db()
    assert row.last_read_number == sent.number
    client.post(f"/c/{cast.group.pk}/unread/", {"number": sent.number - 1})
    row.refresh_from_db()
    assert row.last_read_number == sent.number - 2


def test_mutes_puts_away_and_keeps_drafts(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/"
    client.post(f"{address}mute/", {"minutes": "480"})
    assert "Muted until" in client.get(f"{address}settings/").content.decode()
    client.post(f"{address}mute/", {"minutes": "0"})
    assert "Muted until" not in client.get(f"{address}settings/").content.decode()
    client.post(f"{address}archive/", {"archived": "1"})
    assert "places__archive" in client.get("/").content.decode()
    client.post(f"{address}archive/")
    assert "places__archive" not in client.get("/").content.decode()
    assert client.post(f"{address}draft/", {"text": "half"}).status_code == 204
    assert ">\nhalf</textarea>" in client.get(address).content.decode()


@pytest.mark.parametrize("hours", ["", "x", "-1", "99999999"])
def test_mutes_only_for_the_times_offered(cast: Cast, client_of: ClientOf, hours: str) -> None:
    assert client_of(cast.bob).post(f"/c/{cast.group.pk}/mute/", {"minutes": hours}).status_code == 400


def test_who_left_writes_no_more(cast: Cast, client_of: ClientOf) -> None:
    save_draft(author=cast.bob, conversation_id=cast.group.pk, text="x")
    leave_conversation(person=cast.bob, conversation_id=cast.group.pk)
    typed = {"client_id": str(uuid4()), "content": "still here"}
    assert client_of(cast.bob).post(f"/c/{cast.group.pk}/send/", typed).status_code == 404
    assert not Message.objects.filter(content="still here").exists()


@pytest.mark.parametrize(
    "deed",
    [
        *("send/", "m/1/react/", "m/1/pin/", "m/1/edit/", "m/1/delete/", "read/", "unread/", "mute/", "archive/"),
        *("draft/", "settings/", "add/", "leave/", "remove/", "transfer/"),
    ],
)
def test_no_form_is_taken_without_its_token(cast: Cast, deed: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    answer = client.post(f"/c/{cast.group.pk}/{deed}", {"content": "x", "client_id": str(uuid4())})
    assert answer.status_code == 403
    assert "Please try that once more" in answer.content.decode()


@pytest.mark.parametrize("address", ["/new/", "/new/group/", "/theme/"])
def test_no_other_form_is_taken_without_its_token(cast: Cast, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.alice)
    assert client.post(address, {"username": "bob"}).status_code == 403
