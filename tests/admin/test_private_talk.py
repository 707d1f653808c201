"""Direct messages, private groups and channels of groups do not exist in the administration; nor do drafts, anywhere."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from chat.actions.change import add_reaction, delete_message, edit_message
from chat.actions.read import save_draft
from chat.models import Change, Conversation, Membership, Mention, MessageRevision, Reaction
from tests.admin.conftest import tables
from tests.cast import Cast, say
from tests.groups.cast import make_community

pytestmark = pytest.mark.django_db
SECRET = "xyzzysecret"
PRIVATE = ("direct", "group", "channel")


@pytest.fixture
def channel(cast: Cast) -> Conversation:
    return make_community(cast).talk


@pytest.fixture
def talk(cast: Cast, channel: Conversation) -> dict[str, Any]:
    """The same things said in a direct conversation, a private group, a channel and the lobby."""
    said = {}
    places = {"direct": cast.direct, "group": cast.group, "channel": channel, "lobby": cast.lobby}
    for name, place in places.items():
        first = say(cast.alice, place, f"{SECRET} {name} @bob")
        edit_message(editor=cast.alice, message_id=first.id, content=f"{SECRET} {name} edited @bob")
        add_reaction(person=cast.bob, message_id=first.id, emoji="👍")
        gone = say(cast.alice, place, f"{SECRET} {name} gone")
        delete_message(actor=cast.alice, message_id=gone.id)
        save_draft(author=cast.alice, conversation_id=place.pk, text=f"{SECRET} draft {name}")
        said[name] = first.id
    return said


def rows(place: Conversation) -> list[tuple[str, Any]]:
    """One row of every table that hangs on the conversation."""
    revision = MessageRevision.objects.filter(message__conversation=place).first()
    reaction = Reaction.objects.filter(message__conversation=place).first()
    found = [
        ("conversation", place),
        ("membership", Membership.objects.filter(conversation=place).first()),
        ("messagerevision", revision),
        ("reaction", reaction),
        ("mention", Mention.objects.filter(conversation=place).first()),
        ("change", Change.objects.filter(conversation=place).first()),
        ("message", reaction.message if reaction else None),
    ]
    assert all(row is not None for _name, row in found)
    return [(name, row.pk) for name, row in found]  # type: ignore[union-attr]


def test_no_list_and_no_search_shows_private_talk(
    office: Client, cast: Cast, channel: Conversation, talk: dict[str, Any]
) -> None:
    for label, address in tables().items():
        for query in ("", f"?q={SECRET}", "?q=alice", "?q=Cartographers"):
            page = office.get(address + query).content.decode()
            for hidden in (cast.direct.pk, cast.group.pk, channel.pk, *(talk[place] for place in PRIVATE)):
                assert str(hidden) not in page, (label, query)
            for place in PRIVATE:
                assert f"{SECRET} {place}" not in page, (label, query)
            assert f"{SECRET} draft" not in page, (label, query)
            assert query.endswith("Cartographers") or "Cartographers" not in page, (label, query)


def test_public_talk_is_found_by_its_words(office: Client, talk: dict[str, Any]) -> None:
    assert f"{SECRET} lobby edited" in office.get(f"/admin/chat/message/?q={SECRET}").content.decode()
    assert str(talk["lobby"]) not in office.get("/admin/chat/message/?q=otherword").content.decode()


@pytest.mark.parametrize("place", PRIVATE)
def test_no_id_opens_private_talk(
    office: Client, cast: Cast, channel: Conversation, talk: dict[str, Any], place: str
) -> None:
    for name, key in rows(channel if place == "channel" else getattr(cast, place)):
        for view in ("change", "history"):
            assert office.get(f"/admin/chat/{name}/{key}/{view}/").status_code == 404, (name, view)
        assert office.post(f"/admin/chat/{name}/{key}/change/", {"title": "x"}).status_code in {403, 404}
        assert office.post(f"/admin/chat/{name}/{key}/delete/", {"post": "yes"}).status_code in {403, 404}


def test_ids_of_the_lobby_open_and_unknown_ids_answer_like_private_ones(
    office: Client, cast: Cast, talk: dict[str, Any]
) -> None:
    for name, key in rows(cast.lobby):
        assert office.get(f"/admin/chat/{name}/{key}/change/").status_code == 200, name
        unknown = 10**9 if isinstance(key, int) else uuid4()
        for missing in (unknown, "nonsense"):
            assert office.get(f"/admin/chat/{name}/{missing}/change/").status_code == 404, (name, missing)


@pytest.mark.parametrize(
    ("model", "field", "term"),
    [("chat.membership", "conversation", "Cartographers"), ("chat.message", "conversation", "a")],
)
def test_no_completion_offers_private_talk(
    office: Client, cast: Cast, talk: dict[str, Any], model: str, field: str, term: str
) -> None:
    app, name = model.split(".")
    asked = {"app_label": app, "model_name": name, "field_name": field}
    for words in ("", term):
        answer = office.get("/admin/autocomplete/", asked | {"term": words})
        offered = {row["id"] for row in json.loads(answer.content)["results"]}
        assert not offered & {str(cast.direct.pk), str(cast.group.pk)}


@pytest.mark.parametrize(
    "lookup",
    [
        "chat/membership/?draft__contains=x",
        "chat/membership/?conversation__preview__contains=x",
        "chat/conversation/?preview__startswith=x",
        "chat/conversation/?memberships__draft__contains=x",
        "chat/message/?content__startswith=x",
        "chat/message/?sender__password__startswith=a",
        "accounts/user/?password__startswith=a",
        "accounts/user/?memberships__draft__contains=x",
        "accounts/user/?messages__content__contains=x",
    ],
)
def test_no_lookup_guesses_what_is_not_shown(office: Client, talk: dict[str, Any], lookup: str) -> None:
    assert office.get(f"/admin/{lookup}").status_code == 400


def test_filters_by_conversation_cannot_reach_private_ones(
    office: Client, cast: Cast, channel: Conversation, talk: dict[str, Any]
) -> None:
    for private in (cast.direct, cast.group, channel):
        for name in ("message", "membership", "change", "mention"):
            page = office.get(f"/admin/chat/{name}/?conversation__id__exact={private.pk}").content.decode()
            assert SECRET not in page
            assert "Cartographers" not in page


def test_the_previews_of_private_talk_are_nowhere(office: Client, cast: Cast, talk: dict[str, Any]) -> None:
    for person in (cast.alice, cast.bob):
        page = office.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
        assert SECRET not in page


def test_a_message_is_deleted_by_the_action_with_its_trace(
    office: Client, root: User, cast: Cast, talk: dict[str, Any]
) -> None:
    chosen = {"action": "delete_messages", "_selected_action": [str(talk["lobby"]), str(talk["direct"])]}
    office.post("/admin/chat/message/", chosen)
    kept = {change.message_id for change in Change.objects.filter(kind="deleted", actor=root)}
    assert kept == {talk["lobby"]}, "and the direct one stays as it was"


def test_the_lobby_is_renamed_by_the_action(office: Client, root: User, cast: Cast) -> None:
    before = Conversation.objects.get(pk=cast.lobby.pk).version
    address = f"/admin/chat/conversation/{cast.lobby.pk}/change/"
    assert office.post(address, {"title": "Hall", "topic": "All of us"}).status_code == 302
    lobby = Conversation.objects.get(pk=cast.lobby.pk)
    assert (lobby.title, lobby.topic) == ("Hall", "All of us")
    assert lobby.version > before, "members see it change"
    assert Change.objects.filter(conversation=lobby, kind="changed", actor=root).exists()
