"""A block holds on pages as in pushes: neither side sees there how the other is, or how far they have read."""

import pytest

from accounts.models import Block, User
from chat.actions.conversation import create_group, open_direct
from chat.actions.read import mark_read
from chatter.core.presence_stores import MemoryStore, shared_store
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf


@pytest.fixture
def all_online(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    store = shared_store()
    assert isinstance(store, MemoryStore)
    for person in User.objects.all():
        monkeypatch.setitem(store.said, person.pk, "online")
    User.objects.update(status_text="At home, alone")


@pytest.mark.usefixtures("all_online")
@pytest.mark.parametrize(("viewer", "other"), [("alice", "mallory"), ("mallory", "alice")])
def test_presence_does_not_cross_a_block(cast: Cast, client_of: ClientOf, viewer: str, other: str) -> None:
    client, hidden = client_of(getattr(cast, viewer)), getattr(cast, other)
    for address in (f"/c/{cast.lobby.pk}/", f"/c/{cast.lobby.pk}/members/"):
        for headers in ({}, {"X-Fragment": "members"}):
            html = client.get(address, headers=headers).content.decode()
            assert f'data-presence="{hidden.pk}" data-is="online"' not in html, (address, headers)
    html = client.get(f"/c/{cast.lobby.pk}/").content.decode()
    assert f'data-presence="{cast.bob.pk}" data-is="online"' in html
    listed = html.partition("<member-list")[2].partition("</member-list>")[0]
    assert listed.count("At home, alone") == 4
    found = client.get(
        f"/people/search/?q=&conversation={cast.lobby.pk}&in=1", headers={"Accept": "application/json"}
    ).json()["people"]
    statuses = {person["username"]: person["status"] for person in found}
    assert (statuses[other], statuses["bob"]) == ("offline", "online")


@pytest.mark.usefixtures("all_online")
def test_the_side_bar_does_not_tell_of_presence_across_a_block(cast: Cast, client_of: ClientOf) -> None:
    talk = open_direct(person=cast.alice, other=cast.charlie)
    say(cast.alice, talk)
    online = f'data-presence="{cast.alice.pk}" data-is="online"'
    assert online in client_of(cast.charlie).get("/").content.decode()
    Block.objects.create(blocker=cast.alice, blocked=cast.charlie)
    for address in ("/", f"/c/{talk.pk}/"):
        assert online not in client_of(cast.charlie).get(address).content.decode(), address


def test_receipts_do_not_cross_a_block(cast: Cast, client_of: ClientOf) -> None:
    place = create_group(owner=cast.bob, title="Common", members=[cast.alice, cast.mallory])
    sent = say(cast.mallory, place, "Has she read this?")
    for reader in (cast.alice, cast.bob):
        mark_read(reader=reader, conversation_id=place.pk, number=sent.number)
    client = client_of(cast.mallory)
    html = client.get(f"/c/{place.pk}/m/{sent.number}/").content.decode()
    read_by = html.partition("Read by")[2].partition("</section>")[0]
    assert "Bob" in read_by
    assert "Alice" not in read_by
    page = client.get(f"/c/{place.pk}/").content.decode()
    marks = {
        person.username: f'data-user-id="{person.pk}" data-username="{person.username}"'
        f' data-name="{person.name}" data-read="{number}" data-delivered="{number}"'
        for person, number in ((cast.alice, 0), (cast.bob, sent.number))
    }
    assert all(mark in page for mark in marks.values())
