"""Finding people, beginning conversations, coming and going."""

from typing import Any
from uuid import UUID

import pytest

from chat.models import Conversation, Membership
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf, somebody
from tests.chat_pages.reading import Page


def found(client_of: ClientOf, person: Any, query: str) -> list[str]:
    answer = client_of(person).get(f"/people/search/?{query}", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    return [each["username"] for each in answer.json()["people"]]


def test_finds_people_for_scripts(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).get("/people/search/?q=ali", headers={"Accept": "application/json"})
    [alice] = answer.json()["people"]
    assert alice == {
        "id": str(cast.alice.pk),
        "username": "alice",
        "name": "Alice",
        "status": "offline",
        "hue": cast.alice.hue,
        "initials": "A",
        "avatar": "",
    }


def test_finds_at_most_twenty(cast: Cast, client_of: ClientOf) -> None:
    for count in range(30):
        somebody(username=f"many{count}")
    assert len(found(client_of, cast.alice, "q=many")) == 20


def test_finds_members_or_those_who_are_not(cast: Cast, client_of: ClientOf) -> None:
    assert found(client_of, cast.alice, f"q=b&conversation={cast.group.pk}&in=1") == ["bob"]
    assert found(client_of, cast.alice, f"q=b&conversation={cast.group.pk}") == []
    assert found(client_of, cast.alice, f"q=ch&conversation={cast.group.pk}") == ["charlie"]


@pytest.mark.parametrize("key", ["nonsense", "0b9f7d4c-5d0e-4a6b-9c57-3f3f0d1b2a11"])
def test_members_of_what_one_may_not_see_are_not_found(cast: Cast, client_of: ClientOf, key: str) -> None:
    client = client_of(cast.charlie)
    headers = {"Accept": "application/json"}
    assert client.get(f"/people/search/?q=b&in=1&conversation={key}", headers=headers).status_code == 404
    answer = client.get(f"/people/search/?q=b&in=1&conversation={cast.group.pk}", headers=headers)
    assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"


def test_the_blocked_do_not_find_who_blocked_them(cast: Cast, client_of: ClientOf) -> None:
    assert found(client_of, cast.mallory, "q=alice") == []
    answer = client_of(cast.mallory).post("/new/", {"username": "alice"})
    assert answer.status_code == 404
    assert not Conversation.objects.filter(direct_key__contains=str(cast.mallory.pk)).exists()


def test_the_search_page_finds_people_and_conversations(cast: Cast, client_of: ClientOf) -> None:
    html = client_of(cast.bob).get("/people/search/?q=car").content.decode()
    [line] = Page(html[html.index('id="main"') :]).all("a", class_="place")
    assert line["data-conversation"] == str(cast.group.pk)
    assert "Nobody here is called" in client_of(cast.bob).get("/people/search/?q=xyzzy").content.decode()


def test_begins_a_direct_conversation_once(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.charlie)
    first, second = (client.post("/new/", {"username": "BOB"}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert client.get(first["Location"]).status_code == 200


@pytest.mark.parametrize("username", ["", "nobody", "x" * 500, "charlie\0"])
def test_nobody_of_that_name(cast: Cast, client_of: ClientOf, username: str) -> None:
    answer = client_of(cast.charlie).post("/new/", {"username": username})
    assert answer.status_code == 404
    assert "Nobody is called that." in answer.content.decode()


def test_begins_a_group_step_by_step(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.charlie)
    typed = {"title": "Book club", "q": "bo", "members": ["mod"]}
    html = client.post("/new/group/", typed | {"search": "1"}).content.decode()
    boxes = {box["value"]: "checked" in box for box in Page(html).all("input", name="members")}
    assert boxes == {"mod": True, "bob": False}
    assert 'value="Book club"' in html
    answer = client.post("/new/group/", typed | {"members": ["mod", "bob"], "create": "1"})
    group = Conversation.objects.get(title="Book club")
    assert answer["Location"] == f"/c/{group.pk}/"
    assert group.member_count == 3 and group.owner == cast.charlie


def test_a_group_of_nobody_is_refused_beside_the_field(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.charlie).post("/new/group/", {"title": "Alone", "create": "1"})
    assert answer.status_code == 400
    assert "Choose at least one other person" in answer.content.decode()
    assert 'value="Alone"' in answer.content.decode()


def test_nobody_is_brought_to_whom_they_blocked(cast: Cast, client_of: ClientOf) -> None:
    answer = client_of(cast.alice).post("/new/group/", {"members": ["mallory"], "create": "1"})
    assert answer.status_code == 403
    client_of(cast.mallory).post("/new/group/", {"members": ["alice", "bob"], "create": "1"})
    assert not Membership.objects.filter(user=cast.alice, conversation__owner=cast.mallory).exists()


def member_ids(place: Conversation) -> set[UUID]:
    return set(Membership.objects.active().filter(conversation=place).values_list("user_id", flat=True))


def test_adds_people(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/add/"
    html = client.post(address, {"q": "charlie", "search": "1"}).content.decode()
    assert Page(html).all("input", name="members", value="charlie")
    assert client.post(address, {"members": ["charlie"], "add": "1"}).status_code == 302
    assert cast.charlie.pk in member_ids(cast.group)
    assert client.post(address, {"add": "1"}).status_code == 400
    assert client.get(f"/c/{cast.direct.pk}/add/").status_code == 403


def test_lists_members_with_what_may_be_done(cast: Cast, client_of: ClientOf) -> None:
    base = f"/c/{cast.group.pk}/"
    links = [link["href"] for link in Page(client_of(cast.alice).get(f"{base}members/").content.decode()).all("a")]
    assert f"{base}remove/?person={cast.bob.pk}" in links and f"{base}transfer/?person={cast.bob.pk}" in links
    assert f"{base}remove/?person={cast.alice.pk}" not in links
    plain = [link["href"] for link in Page(client_of(cast.bob).get(f"{base}members/").content.decode()).all("a")]
    assert not [link for link in plain if "remove" in link or "transfer" in link]
    part = client_of(cast.bob).get(f"{base}members/", headers={"X-Fragment": "members"}).content.decode()
    assert "<html" not in part and part.count('class="person ') == 3


def test_removes_after_asking_and_nobody_above(cast: Cast, client_of: ClientOf) -> None:
    address = f"/c/{cast.group.pk}/remove/"
    assert "Bob" in client_of(cast.mod).get(f"{address}?person={cast.bob.pk}").content.decode()
    assert client_of(cast.bob).post(address, {"person": str(cast.mod.pk)}).status_code == 403
    assert client_of(cast.mod).post(address, {"person": str(cast.alice.pk)}).status_code == 403
    assert client_of(cast.mod).post(address, {"person": str(cast.charlie.pk)}).status_code == 404
    assert client_of(cast.mod).post(address, {"person": "x"}).status_code == 400
    assert client_of(cast.mod).post(address, {"person": str(cast.bob.pk)}).status_code == 302
    assert member_ids(cast.group) == {cast.alice.pk, cast.mod.pk}


def test_leaves_after_asking(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    assert "Leave this conversation?" in client.get(f"/c/{cast.group.pk}/leave/").content.decode()
    assert client.post(f"/c/{cast.group.pk}/leave/")["Location"] == "/"
    assert client.get(f"/c/{cast.group.pk}/").status_code == 404
    assert client.post(f"/c/{cast.lobby.pk}/leave/").status_code == 400


def test_hands_over(cast: Cast, client_of: ClientOf) -> None:
    address = f"/c/{cast.group.pk}/transfer/"
    assert client_of(cast.bob).post(address, {"person": str(cast.bob.pk)}).status_code == 403
    assert client_of(cast.alice).post(address, {"person": str(cast.bob.pk)}).status_code == 302
    cast.group.refresh_from_db()
    assert cast.group.owner == cast.bob


def test_renames(cast: Cast, client_of: ClientOf) -> None:
    address = f"/c/{cast.group.pk}/settings/"
    assert client_of(cast.alice).post(address, {"title": "Benches", "topic": "all of them"}).status_code == 302
    html = client_of(cast.bob).get(f"/c/{cast.group.pk}/").content.decode()
    assert "Benches" in html and "all of them" in html and "Alice named this conversation “Benches”" in html
    assert client_of(cast.alice).post(address, {"title": "", "topic": ""}).status_code == 400
    too_long = client_of(cast.alice).post(address, {"title": "x" * 101})
    assert too_long.status_code == 400 and "x" * 101 in too_long.content.decode()
    assert client_of(cast.bob).post(address, {"title": "Mine"}).status_code == 403


def test_the_profile_beside_a_direct_conversation(cast: Cast, client_of: ClientOf) -> None:
    say(cast.alice, cast.direct)
    cast.alice.bio = "Draws maps"
    cast.alice.save()
    html = client_of(cast.bob).get(f"/c/{cast.direct.pk}/").content.decode()
    assert "Draws maps" in html and "/people/alice/" in html
