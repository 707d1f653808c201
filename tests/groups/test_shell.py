"""A channel opens in its group's surroundings: the channels at the side, its own bar, the rail of groups."""

import pytest
from django.test import Client

from chat.models import Conversation
from tests.cast import Cast, make_cast
from tests.chat_pages.reading import Page
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast)


@pytest.fixture
def bob(client: Client, cast: Cast) -> Client:
    client.force_login(cast.bob)
    return client


def html_of(client: Client, place: Conversation | str) -> str:
    path = place if isinstance(place, str) else f"/c/{place.pk}/"
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_channel_opens_in_its_groups_surroundings(bob: Client, atlas: Community) -> None:
    html = html_of(bob, atlas.talk)
    page = Page(html)
    assert "<title>#general · Atlas · Chatter</title>" in html
    assert [place["data-kind"] for place in page.all("a", class_="place")] == ["channel", "channel"]
    assert page.all("textarea")[0]["placeholder"] == "Message #general"
    [group] = page.all("a", class_="rail__group")
    assert group["href"] == f"/g/{atlas.group.pk}/" and group["aria-current"] == "true"


def test_strangers_find_neither_channel_nor_group(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.charlie)
    assert client.get(f"/c/{atlas.talk.pk}/").status_code == 404
    assert client.get(f"/g/{atlas.group.pk}/").status_code == 404
    assert str(atlas.group.pk) not in html_of(client, "/")
