"""The pages of posts: read by everybody, written without scripts."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from forums.actions.posts import create_post
from forums.addresses import post_url
from forums.models import Draft, Flair, Poll, Post, PostImage, Upload
from tests.cast import Cast
from tests.core.test_albums import picture
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def written(**more: Any) -> dict[str, Any]:
    return {"client_id": str(uuid4()), "draft": str(uuid4()), "kind": "text", "title": "Wells", "do": "post", **more}


def test_everybody_reads_a_post(cast: Cast, maps: Place) -> None:
    url = post_url("maps", 1, maps.post.title)
    assert url == "/f/maps/1/fountains-of-the-city/"
    for client in (Client(), as_(cast.charlie), as_(cast.bob), as_(cast.mod)):
        page = client.get(url)
        assert page.status_code == 200
        assert "<strong>eleven</strong>" in page.content.decode()


@pytest.mark.parametrize("kind", ["text", "link", "image", "poll"])
def test_the_form_of_each_kind_is_there(cast: Cast, maps: Place, kind: str) -> None:
    page = as_(cast.bob).get(f"/f/maps/submit/?kind={kind}")
    assert page.status_code == 200
    assert f'name="kind" value="{kind}"' in page.content.decode()
