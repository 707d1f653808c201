"""The pages of a group as a whole: its settings, for whom which."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_cast
from tests.groups.cast import make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_the_settings_list_only_what_the_member_may_open(client: Client, cast: Cast) -> None:
    atlas = make_community(cast)
    address = reverse("group_settings", args=[atlas.group.pk])
    client.force_login(cast.bob)
    assert b"Overview" in client.get(address).content
    client.force_login(cast.charlie)
    assert client.get(address).status_code == 404
