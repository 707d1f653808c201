"""The frame of forums' pages: for who is signed in, for visitors, and what it costs."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


def test_the_directory_is_for_everybody(client: Client, cast: Cast, maps: Place) -> None:
    assert client.get(reverse("forum_directory")).status_code == 200
    client.force_login(cast.bob)
    page = client.get(reverse("forum_directory")).content.decode()
    assert 'class="rail"' in page and "Maps" in page
