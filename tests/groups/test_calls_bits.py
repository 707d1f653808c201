"""What a channel's derived rights let people do there: each deed of talk with its bit and without, by action, form and socket."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from chat.actions import change, conversation, membership
from chat.models import Membership, Message
from chat.permissions import Permission
from chatter.core.errors import Refused
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
ALL = Permission.SEND | Permission.REACT | Permission.PIN | Permission.MANAGE_MESSAGES | Permission.MENTION_ALL


@pytest.fixture
def atlas(cast: Cast) -> Community:
    community = make_community(cast)
    say(cast.mod, community.talk, "theirs")
    say(cast.bob, community.talk, "mine")
    return community


def hold(cast: Cast, atlas: Community, bits: int) -> None:
    """Bob's row as the derivation would make it."""
    Membership.objects.filter(user=cast.bob, conversation=atlas.talk).update(permissions=int(bits))


def message(atlas: Community, number: int) -> Message:
    return Message.objects.get(conversation=atlas.talk, number=number)


DEEDS: list[tuple[str, Permission, Callable[[Cast, Community], Any]]] = [
    ("send", Permission.SEND, lambda cast, atlas: say(cast.bob, atlas.talk, "more")),
    (
        "edit",
        Permission.SEND,
        lambda cast, atlas: change.edit_message(editor=cast.bob, message_id=message(atlas, 2).pk, content="other"),
    ),
    (
        "react",
        Permission.REACT,
        lambda cast, atlas: change.add_reaction(person=cast.bob, message_id=message(atlas, 1).pk, emoji="👍"),
    ),
    ("pin", Permission.PIN, lambda cast, atlas: change.pin_message(actor=cast.bob, message_id=message(atlas, 1).pk)),
    (
        "delete",
        Permission.MANAGE_MESSAGES,
        lambda cast, atlas: change.delete_message(actor=cast.bob, message_id=message(atlas, 1).pk),
    ),
]


@pytest.mark.parametrize(("bit", "deed"), [deed[1:] for deed in DEEDS], ids=[deed[0] for deed in DEEDS])
def test_each_deed_takes_its_bit(cast: Cast, atlas: Community, bit: Permission, deed: Callable[..., Any]) -> None:
    hold(cast, atlas, ALL & ~bit)
    with pytest.raises(Refused) as refused:
        deed(cast, atlas)
    assert refused.value.code == "forbidden"
    hold(cast, atlas, bit)
    deed(cast, atlas)


FORMS = [
    ("send", Permission.SEND, "send/", lambda: {"content": "more", "client_id": str(uuid4())}),
    ("edit", Permission.SEND, "m/2/edit/", lambda: {"content": "other"}),
    ("react", Permission.REACT, "m/1/react/", lambda: {"emoji": "👍"}),
    ("pin", Permission.PIN, "m/1/pin/", dict),
    ("delete", Permission.MANAGE_MESSAGES, "m/1/delete/", dict),
]


@pytest.mark.parametrize(("bit", "address", "form"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_each_form_takes_its_bit(
    cast: Cast, atlas: Community, client: Client, bit: Permission, address: str, form: Callable[[], dict[str, str]]
) -> None:
    client.force_login(cast.bob)
    hold(cast, atlas, ALL & ~bit)
    assert client.post(f"/c/{atlas.talk.pk}/{address}", form()).status_code == 403
    hold(cast, atlas, bit)
    assert client.post(f"/c/{atlas.talk.pk}/{address}", form()).status_code == 302


def test_the_page_offers_what_the_bits_allow(cast: Cast, atlas: Community, client: Client) -> None:
    client.force_login(cast.bob)
    hold(cast, atlas, Permission.REACT)
    page = client.get(f"/c/{atlas.talk.pk}/").content.decode()
    assert "You can read here, not write." in page
    assert f'data-permissions="{int(Permission.REACT)}"' in page


MEMBERS = {
    "add": lambda cast, atlas: membership.add_members(
        actor=cast.alice, conversation_id=atlas.talk.pk, people=[cast.charlie]
    ),
    "remove": lambda cast, atlas: membership.remove_member(
        actor=cast.alice, conversation_id=atlas.talk.pk, person_id=cast.bob.pk
    ),
    "transfer": lambda cast, atlas: membership.transfer_ownership(
        actor=cast.alice, conversation_id=atlas.talk.pk, person_id=cast.bob.pk
    ),
    "leave": lambda cast, atlas: membership.leave_conversation(person=cast.bob, conversation_id=atlas.talk.pk),
    "rename": lambda cast, atlas: conversation.rename_conversation(
        actor=cast.alice, conversation_id=atlas.talk.pk, title="Mine", topic=""
    ),
}


@pytest.mark.parametrize("deed", MEMBERS)
def test_who_is_in_a_channel_is_not_for_the_deeds_of_talk(cast: Cast, atlas: Community, deed: str) -> None:
    """Not even for the group's owner: roles decide."""
    before = set(Membership.objects.active().filter(conversation=atlas.talk).values_list("user", "permissions"))
    with pytest.raises(Refused) as refused:
        MEMBERS[deed](cast, atlas)
    assert refused.value.code in ("forbidden", "unsupported")
    assert set(Membership.objects.active().filter(conversation=atlas.talk).values_list("user", "permissions")) == before


@pytest.mark.parametrize("address", ["add/", "leave/", "remove/?person={person}", "transfer/?person={person}"])
def test_nor_are_their_pages(cast: Cast, atlas: Community, client: Client, address: str) -> None:
    client.force_login(cast.alice)
    page = f"/c/{atlas.talk.pk}/{address.format(person=cast.bob.pk)}"
    assert client.get(page).status_code in (400, 403)
    form = {"person": str(cast.bob.pk), "members": "charlie"}
    assert client.post(page, form).status_code in (400, 403)


def test_no_page_of_a_channel_offers_them(cast: Cast, atlas: Community, client: Client) -> None:
    client.force_login(cast.alice)
    for page in ("", "settings/", "members/"):
        html = client.get(f"/c/{atlas.talk.pk}/{page}").content.decode()
        for address in ("add/", "leave/", "remove/", "transfer/", "archive/"):
            assert f"/c/{atlas.talk.pk}/{address}" not in html, (page, address)
    assert 'name="title"' not in client.get(f"/c/{atlas.talk.pk}/settings/").content.decode()
