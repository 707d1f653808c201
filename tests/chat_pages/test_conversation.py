"""The conversation's page: its history both ways, what stands between messages, and how many questions it asks."""

from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf


def test_shows_the_newest_messages(cast: Cast, client_of: ClientOf) -> None:
    say(cast.bob, cast.group, "hello **there**")
    page = client_of(cast.alice).get(f"/c/{cast.group.pk}/")
    assert page.status_code == 200
    assert "hello <strong>there</strong>" in page.content.decode()
