"""A private place does not exist for who is not let in: its name, topic, words and members come out at no exit."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Delivery, Notification, Occasion
from accounts.occasions import spread_due
from chat.models import Message
from groups.access import Scope, sync_access
from groups.actions.categories import create_category
from groups.actions.channels import create_channel, delete_channel, edit_channel
from groups.actions.invites import make_invite
from groups.actions.opening import set_privacy
from groups.models import Channel, Role
from groups.permissions import ALL, Right
from groups.places import Target
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
SECRETS = ("quartz-plans", "quartz topic", "Quartz heading", "quartz words")


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Mod may everything in the group that is not an administrator's."""
    atlas = make_community(cast, is_public=True)
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=int(ALL & ~Right.ADMINISTRATOR))
    sync_access(Scope(group=atlas.group.pk))
    return atlas


@pytest.fixture
def secret(cast: Cast, atlas: Community) -> Channel:
    """Alice and Bob know of it."""
    bob = Target("member", atlas.member(cast.bob).pk)
    heading = create_category(
        actor=cast.alice, group_id=atlas.group.pk, name="Quartz heading", closed=True, shown_to=[bob]
    )
    channel = create_channel(
        actor=cast.alice, group_id=atlas.group.pk, name="quartz-plans", topic="quartz topic", category_id=heading.pk
    )
    edit_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=channel.pk, slow_mode=5)
    say(cast.alice, channel.conversation, "quartz words for @bob and @mod")
    return channel


def exits(atlas: Community, secret: Channel) -> list[str]:
    """Whatever a member might open to come upon it."""
    group, place = atlas.group.pk, secret.conversation_id
    pages = (
        *("group_overview", "group_channels", "channel_new", "group_roles", "group_members", "group_bans"),
        *("group_invites", "group_log", "group_statistics", "group_why", "group_settings", "group"),
    )
    return [
        *(reverse(page, args=[group]) for page in pages),
        *("/", "/lobby/", "/notifications/", "/people/alice/", "/people/bob/", "/groups/", "/groups/?q=quartz"),
        *("/people/search/?q=quartz", "/new/?q=quartz", f"/c/{atlas.talk.pk}/", f"/c/{atlas.talk.pk}/members/"),
        *(f"/c/{place}/{page}" for page in ("", "place/", "members/", "settings/", "pins/", "m/1/", "m/1/history/")),
        *(
            reverse(page, args=[group, secret.pk])
            for page in ("channel_settings", "channel_delete", "channel_overrides")
        ),
        *(reverse(page, args=[group, secret.category_id]) for page in ("category_settings", "category_overrides")),
        reverse("channel_overrides", args=[group, atlas.general.pk]) + "?q=quartz",
    ]


def told(client: Client, url: str) -> set[str]:
    """Which of the secrets the page gives away, as a page and as a fragment."""
    found = set()
    for headers in ({}, {"accept": "application/json"}, {"x-fragment": "channels"}, {"x-fragment": "members"}):
        page = client.get(url, headers=headers, follow=True).content.decode()
        # What was looked for stands in the field again.
        found |= {word for word in SECRETS if word in page}
    return found


def test_no_page_tells_of_it(client: Client, cast: Cast, atlas: Community, secret: Channel) -> None:
    for person in (cast.mod, cast.charlie):
        client.force_login(person)
        given_away = {url: words for url in exits(atlas, secret) if (words := told(client, url))}
        assert given_away == {}, person
    client.force_login(cast.bob)
    assert told(client, f"/c/{secret.conversation_id}/") >= {"quartz-plans", "quartz words"}
    client.force_login(cast.alice)
    assert told(client, reverse("group_log", args=[atlas.group.pk])) >= {"quartz-plans", "Quartz heading"}


def test_no_deed_tells_it_from_what_is_not_there(client: Client, cast: Cast, atlas: Community, secret: Channel) -> None:
    client.force_login(cast.mod)
    group, place = atlas.group.pk, secret.conversation_id
    message = Message.objects.get(conversation=place)
    deeds = {
        f"/c/{place}/send/": {"content": "x", "client_id": str(message.pk)},
        f"/c/{place}/read/": {"number": "1"},
        f"/c/{place}/draft/": {"text": "x"},
        f"/c/{place}/m/1/react/": {"emoji": "👍"},
        f"/c/{place}/m/1/pin/": {},
        reverse("channel_settings", args=[group, secret.pk]): {"name": "x", "kind": "text", "slow_mode": "0"},
        reverse("channel_delete", args=[group, secret.pk]): {},
        reverse("channel_privacy", args=[group, secret.pk]): {"closed": "0"},
        reverse("channel_follow", args=[group, secret.pk]): {"follows": "0"},
        reverse("channel_place", args=[group, secret.pk]): {"category": ""},
        reverse("channel_overrides", args=[group, secret.pk]): {"was_allow": "0", "was_deny": "0"},
        reverse("category_privacy", args=[group, secret.category_id]): {"closed": "0"},
        reverse("group_order", args=[group]): {"order": json.dumps([[None, [str(secret.pk)]]])},
    }
    for url, fields in deeds.items():
        answer = client.post(url, fields, headers={"accept": "application/json"})
        assert answer.status_code == 404, url
    # An answer to a message that lies there, given elsewhere.
    answer = client.post(
        f"/c/{atlas.talk.pk}/send/", {"content": "x", "client_id": str(message.pk), "reply_to": str(message.pk)}
    )
    assert answer.status_code == 404


def test_nobody_outside_is_told_of_what_is_said_there(cast: Cast, atlas: Community, secret: Channel) -> None:
    while spread_due():
        pass
    assert not Occasion.objects.exists()
    hearers = set(Notification.objects.filter(place=secret.conversation_id).values_list("recipient", flat=True))
    assert hearers == {cast.bob.pk}
    assert not Delivery.objects.filter(notification__recipient=cast.mod, notification__place=secret.conversation_id)


def test_what_was_told_goes_with_the_sight(client: Client, cast: Cast, atlas: Community, secret: Channel) -> None:
    while spread_due():
        pass
    client.force_login(cast.bob)
    assert told(client, "/notifications/")
    set_privacy(actor=cast.alice, group_id=atlas.group.pk, kind="channel", place_id=secret.pk, closed=False)
    set_privacy(actor=cast.alice, group_id=atlas.group.pk, kind="channel", place_id=secret.pk, closed=True)
    assert told(client, "/notifications/")
    delete_channel(actor=cast.alice, group_id=atlas.group.pk, channel_id=secret.pk)
    for url in ("/notifications/", reverse("group", args=[atlas.group.pk]), "/", f"/c/{secret.conversation_id}/"):
        assert told(client, url) - {"Quartz heading"} == set(), url


def test_an_invitation_into_it_does_not_name_it(client: Client, cast: Cast, atlas: Community, secret: Channel) -> None:
    invite = make_invite(creator=cast.alice, group_id=atlas.group.pk, channel_id=secret.pk)
    for person in (None, cast.charlie, cast.mod):
        if person is not None:
            client.force_login(person)
        assert told(client, f"/i/{invite.code}/") == set()
    assert told(client, reverse("group_invites", args=[atlas.group.pk])) == set()
