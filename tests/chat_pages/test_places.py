"""The first page and the side bar: what is listed, in which order, with which counts."""

import pytest
from django.test import Client

from accounts.models import User
from chat.actions.conversation import create_group, join_lobby, open_direct
from chat.actions.read import mark_read, mute_conversation
from chat.views import sidebar
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf, somebody
from tests.chat_pages.reading import Page


def places(html: str) -> list[dict[str, str]]:
    return Page(html).all("a", class_="place")


def badge(html: str, place: object) -> str:
    """What the badge of a conversation shows; empty where it is hidden."""
    line = html[html.index(f'data-conversation="{place}"') :]
    tag = line[line.index('<span class="badge') :]
    return "" if "hidden" in tag[: tag.index(">")] else tag[tag.index(">") + 1 : tag.index("<", 1)]


def test_strangers_read_what_chatter_is(client: Client, db: None) -> None:
    page = Page(client.get("/").content.decode())
    links = [link["href"] for link in page.all("a")]
    assert "/accounts/signup/" in links and "/accounts/login/" in links
    assert page.all("form", action="/guest/") and "conversation-list" not in {tag for tag, _ in page.tags}


def test_guests_are_invited_only_where_they_may_come(client: Client, db: None, settings) -> None:
    settings.CHATTER_GUESTS = False
    assert not Page(client.get("/").content.decode()).all("form", action="/guest/")


def test_a_direct_conversation_without_messages_is_listed_while_it_is_open(cast: Cast, client_of: ClientOf) -> None:
    eve = somebody(username="eve")
    empty = open_direct(person=cast.alice, other=eve)
    here, away = f"/c/{empty.pk}/", "/"
    assert [line["href"] for line in places(client_of(cast.alice).get(here).content.decode())].count(here) == 1
    assert here not in [line["href"] for line in places(client_of(cast.alice).get(away).content.decode())]
    assert here not in [line["href"] for line in places(client_of(eve).get(away).content.decode())]


def test_lists_every_place_newest_first_in_its_section(cast: Cast, client_of: ClientOf) -> None:
    for place in (cast.group, cast.direct, cast.lobby):
        say(cast.alice, place, f"in {place.kind}")
    second = create_group(owner=cast.alice, title="Second", members=[cast.bob])
    html = client_of(cast.bob).get("/").content.decode()
    assert [place["data-kind"] for place in places(html)] == ["lobby", "direct", "group", "group"]
    assert [place["data-conversation"] for place in places(html)][2] == str(second.pk)
    assert "in direct" in html and "Alice: in group" in html
    assert "You: in group" in client_of(cast.alice).get("/").content.decode()


def test_a_direct_conversation_is_listed_from_its_first_message(cast: Cast, client_of: ClientOf) -> None:
    place = open_direct(person=cast.alice, other=cast.charlie)
    assert str(place.pk) not in client_of(cast.charlie).get("/").content.decode()
    assert client_of(cast.charlie).get(f"/c/{place.pk}/place/").status_code == 404
    say(cast.alice, place)
    assert str(place.pk) in client_of(cast.charlie).get("/").content.decode()
    line = client_of(cast.charlie).get(f"/c/{place.pk}/place/").content.decode()
    assert line.startswith("<li>") and "Alice" in line


def test_badges_count_mentions_before_messages(cast: Cast, client_of: ClientOf) -> None:
    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=1)
    for content in ("one", "@bob two", "three"):
        say(cast.alice, cast.group, content)
    for _ in range(3):
        say(cast.alice, cast.direct)
    html = client_of(cast.bob).get("/").content.decode()
    assert (badge(html, cast.group.pk), badge(html, cast.direct.pk)) == ("1", "3")
    assert badge(client_of(cast.mod).get("/").content.decode(), cast.group.pk) == "4"
    assert badge(client_of(cast.alice).get("/").content.decode(), cast.group.pk) == ""


def test_a_badge_stays_short(cast: Cast, client_of: ClientOf) -> None:
    for _ in range(101):
        say(cast.alice, cast.direct)
    assert badge(client_of(cast.bob).get("/").content.decode(), cast.direct.pk) == "99+"


def test_the_open_conversation_is_marked_and_has_no_badge(cast: Cast, client_of: ClientOf) -> None:
    say(cast.alice, cast.direct)
    html = client_of(cast.bob).get(f"/c/{cast.direct.pk}/").content.decode()
    assert [place["data-conversation"] for place in Page(html).all("a", aria_current="page", class_="place")] == [
        str(cast.direct.pk)
    ]
    assert badge(html, cast.direct.pk) == ""


def test_a_line_remembered_changes_with_what_it_shows(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    say(cast.alice, cast.direct, "first words")
    assert "first words" in client.get("/").content.decode()
    say(cast.alice, cast.direct, "second words")
    User.objects.filter(pk=cast.alice.pk).update(display_name="Alicia")
    html = client.get("/").content.decode()
    assert "second words" in html and "first words" not in html and "Alicia" in html


def test_what_is_muted_says_so(cast: Cast, client_of: ClientOf) -> None:
    from datetime import timedelta

    from django.utils import timezone

    say(cast.alice, cast.group)
    mute_conversation(person=cast.bob, conversation_id=cast.group.pk, until=timezone.now() + timedelta(hours=1))
    [place] = Page(client_of(cast.bob).get("/").content.decode()).all("a", class_="place--muted")
    assert place["data-conversation"] == str(cast.group.pk)


def test_a_person_without_conversations_is_told_how_to_begin(client_of: ClientOf, db: None) -> None:
    html = client_of(somebody(username="newcomer")).get("/").content.decode()
    assert "Write to somebody" in html and "Start one" in html


def test_guests_land_in_the_lobby(client_of: ClientOf, db: None) -> None:
    guest = somebody(username="guest-1", is_guest=True, email=None)
    lobby = join_lobby(person=guest)
    assert client_of(guest).get("/")["Location"] == f"/c/{lobby.pk}/"
    html = client_of(guest).get(f"/c/{lobby.pk}/").content.decode()
    assert "/new/" not in html
    assert client_of(guest).get("/new/").status_code == 403


def test_a_long_list_is_cut_and_can_be_seen_whole(
    cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sidebar, "PLACES_SHOWN", 3)
    for count in range(4):
        create_group(owner=cast.bob, title=f"Group {count}", members=[cast.alice])
    client = client_of(cast.bob)
    assert len(places(client.get("/").content.decode())) == 3
    assert len(places(client.get("/?all=1").content.decode())) == 6
