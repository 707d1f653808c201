"""How people appear in a channel: under their nickname there, in the colour of their role, wherever a name of it shows."""

import pytest
from django.test import Client

from accounts.models import User
from chat.actions.change import add_reaction
from chat.models import Membership
from chat.reading import conversation_for, conversations_of, members_of, message_numbered, reactors_of
from groups.access import Scope, sync_access
from groups.models import Member
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    community = make_community(cast)
    Member.objects.filter(group=community.group, user=cast.mod).update(nickname="Cartographer <b>")
    sync_access(Scope(group=community.group.pk))
    return community


def test_messages_quotes_and_previews_carry_the_nickname(cast: Cast, atlas: Community) -> None:
    first = say(cast.mod, atlas.talk)
    say(cast.bob, atlas.talk, "I agree", reply_to=first.id)
    room = conversation_for(cast.bob.pk, atlas.talk.pk)
    one, two = message_numbered(room, 1).wire, message_numbered(room, 2).wire
    assert (one["sender"]["display_name"], one["sender"]["username"], one["sender"]["hue"]) == (
        "Cartographer <b>",
        "mod",
        8,
    )
    assert two["reply_to"]["sender"]["display_name"] == "Cartographer <b>"
    assert "hue" not in two["sender"]
    say(cast.mod, atlas.talk)
    row = next(row for row in conversations_of(cast.bob.pk, channels=True) if row.id == atlas.talk.pk)
    assert row.last_sender_name == "Cartographer <b>"


def test_elsewhere_they_have_their_own_name(cast: Cast, atlas: Community) -> None:
    say(cast.mod, cast.lobby)
    wire = message_numbered(conversation_for(cast.bob.pk, cast.lobby.pk), 1).wire
    assert (wire["sender"]["display_name"], "hue" in wire["sender"]) == ("Mod", False)


def test_members_and_reactions_too(cast: Cast, atlas: Community) -> None:
    sent = say(cast.bob, atlas.talk)
    add_reaction(person=cast.mod, message_id=sent.id, emoji="👍")
    room = conversation_for(cast.bob.pk, atlas.talk.pk)
    names = [(row.name, row.username, row.name_hue) for row in members_of(room)]
    assert ("Cartographer <b>", "mod", 8) in names
    assert names == sorted(names, key=lambda row: row[0].lower())
    assert reactors_of(message_numbered(room, 1), cast.bob.pk) == {"👍": ["Cartographer <b>"]}


def test_the_page_shows_it_with_the_colour(cast: Cast, atlas: Community, client: Client) -> None:
    say(cast.mod, atlas.talk)
    client.force_login(cast.bob)
    html = client.get(f"/c/{atlas.talk.pk}/").content.decode()
    assert 'class="message__sender tinted hue-8" dir="auto" href="/people/mod/">Cartographer &lt;b&gt;</a>' in html
    assert "Cartographer <b>" not in html


def test_who_left_is_called_by_their_own_name_again(cast: Cast, atlas: Community) -> None:
    say(cast.mod, atlas.talk)
    Member.objects.filter(group=atlas.group, user=cast.mod).delete()
    sync_access(Scope(group=atlas.group.pk))
    wire = message_numbered(conversation_for(cast.bob.pk, atlas.talk.pk), 1).wire
    assert (wire["sender"]["display_name"], "hue" in wire["sender"]) == ("Mod", False)
    assert not Membership.objects.active().filter(user=cast.mod, conversation=atlas.talk).exists()


def test_my_own_message_on_its_way_has_my_name_there(cast: Cast, atlas: Community, client: Client) -> None:
    client.force_login(User.objects.get(pk=cast.mod.pk))
    html = client.get(f"/c/{atlas.talk.pk}/").content.decode()
    assert "Cartographer &lt;b&gt;" in html.split('<template id="pending-message">')[1]
