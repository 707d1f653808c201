"""What of a channel becomes notifications for whom, by which ways, and what these say of it."""

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone

from accounts import notices
from accounts.actions.preferences import set_setting
from accounts.deliveries import deliver_mails
from accounts.models import Delivery, Notification, Occasion, PushSubscription, User
from accounts.occasions import spread_due
from chat.actions.change import add_reaction
from chat.actions.read import choose_notifications, mute_conversation
from chat.models import Conversation, Membership
from chatter.core.errors import NotFound, Refused
from groups.access import Scope, sync_access
from groups.models import Channel, Override
from groups.permissions import Right
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
Box = list[EmailMultiAlternatives]


@pytest.fixture
def atlas(cast: Cast) -> Community:
    community = make_community(cast)
    Notification.objects.all().delete()
    Occasion.objects.all().delete()
    return community


def news_of(community: Community) -> Conversation:
    return community.announcements.conversation


def want(person: User, place: Conversation, notify: str) -> None:
    choose_notifications(person=person, conversation_id=place.pk, notify=notify)


def spread() -> None:
    Occasion.objects.update(due_at=timezone.now())
    while spread_due():
        Occasion.objects.update(due_at=timezone.now())


def told() -> set[tuple[str, str]]:
    rows = Notification.objects.filter(read_at=None)
    return set(rows.values_list("recipient__username", "kind"))


def shown_to(person: User) -> list[tuple[str, str, str]]:
    rows = list(Notification.objects.filter(recipient=person).order_by("created_at"))
    return [(notice.title, notice.text, notice.url) for notice in notices.shown(person, rows)]


def test_announcements_are_told_to_everybody_as_they_wish(cast: Cast, atlas: Community) -> None:
    want(cast.mod, news_of(atlas), "mentions")
    say(cast.alice, news_of(atlas), "Hear, hear")
    spread()
    # Alice blocks Mallory, so Mallory hears nothing of her.
    assert told() == {("bob", "message")}


def test_text_channels_tell_mentions_and_replies_only(cast: Cast, atlas: Community) -> None:
    first = say(cast.bob, atlas.talk)
    say(cast.alice, atlas.talk, "hello @mod", reply_to=first.id)
    assert not Occasion.objects.filter(kind="chat.talk").exists()
    spread()
    assert told() == {("bob", "reply"), ("mod", "mention")}


def test_who_wants_all_of_a_text_channel_gets_it(cast: Cast, atlas: Community) -> None:
    want(cast.bob, atlas.talk, "all")
    say(cast.alice, atlas.talk)
    say(cast.mod, atlas.talk)
    spread()
    assert told() == {("bob", "message")}
    assert Notification.objects.get().count == 2


def test_who_wants_nothing_gets_nothing(cast: Cast, atlas: Community) -> None:
    first = say(cast.bob, atlas.talk)
    want(cast.bob, atlas.talk, "nothing")
    say(cast.alice, atlas.talk, "@bob", reply_to=first.id)
    say(cast.alice, atlas.talk, "@everyone")
    add_reaction(person=cast.mod, message_id=first.id, emoji="👍")
    spread()
    assert told() == {("mod", "mention")}


@pytest.mark.parametrize("place", ["direct", "group"])
def test_other_places_obey_it_too(cast: Cast, place: str) -> None:
    conversation = getattr(cast, place)
    Notification.objects.all().delete()
    Occasion.objects.all().delete()
    want(cast.bob, conversation, "mentions")
    say(cast.alice, conversation)
    spread()
    assert ("bob", "message") not in told()
    want(cast.bob, conversation, "")
    say(cast.alice, conversation)
    spread()
    assert ("bob", "message") in told()


def test_the_lobby_is_told_to_who_wants_it(cast: Cast, atlas: Community) -> None:
    want(cast.bob, cast.lobby, "all")
    say(cast.charlie, cast.lobby)
    spread()
    assert told() == {("bob", "message")}


def test_an_announcement_goes_the_ways_each_chose(cast: Cast, atlas: Community, mailoutbox: Box) -> None:
    """In the application, by e-mail and by push, as the matrix of each says."""
    for person in (cast.bob, cast.mod):
        person.email = f"{person.username}@example.org"
        person.save(update_fields=["email"])
        EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    PushSubscription.objects.create(user=cast.bob, endpoint="https://push.example.org/1", p256dh="x", auth="y")
    set_setting(person=cast.bob, key="notifications", value={"message": {"in_app": True, "email": False, "push": True}})
    set_setting(person=cast.mod, key="notifications", value={"message": {"in_app": False, "email": True, "push": True}})
    say(cast.alice, news_of(atlas), "We moved")
    spread()
    rows = Notification.objects.filter(kind="message").values_list("recipient__username", "in_app")
    assert set(rows) == {("bob", True), ("mod", False)}
    ways = Delivery.objects.values_list("recipient__username", "channel")
    assert set(ways) == {("bob", "push"), ("mod", "email")}
    Delivery.objects.update(due_at=timezone.now())
    deliver_mails()
    [letter] = mailoutbox
    assert letter.to == ["mod@example.org"]
    assert "#announcements · Atlas" in str(letter.body)
    assert "We moved" in str(letter.body)


def test_a_muted_announcement_channel_is_silent(cast: Cast, atlas: Community) -> None:
    until = timezone.now() + timedelta(days=1)
    mute_conversation(person=cast.bob, conversation_id=news_of(atlas).pk, until=until)
    say(cast.alice, news_of(atlas))
    spread()
    assert told() == {("mod", "message")}


def test_what_is_told_names_the_channel_and_its_group(
    cast: Cast, atlas: Community, django_assert_max_num_queries: Any
) -> None:
    want(cast.bob, atlas.talk, "all")
    first = say(cast.bob, atlas.talk)
    say(cast.alice, atlas.talk, "@bob look")
    say(cast.alice, atlas.talk, "yes", reply_to=first.id)
    say(cast.alice, atlas.talk, "by the way")
    spread()
    place = f"/c/{atlas.talk.pk}/"
    assert set(shown_to(cast.bob)) == {
        ("Alice mentioned you in “#general · Atlas”", "@bob look", f"{place}?at=2#m-2"),
        ("Alice replied to you in “#general · Atlas”", "yes", f"{place}?at=3#m-3"),
        ("#general · Atlas: 3 new messages", "Alice: by the way", f"{place}?at=4#m-4"),
    }
    rows = list(Notification.objects.filter(recipient=cast.bob, kind__in=["mention", "reply"]))
    with django_assert_max_num_queries(2):
        notices.shown(cast.bob, rows)


def test_who_may_not_read_it_any_more_is_shown_nothing(cast: Cast, atlas: Community) -> None:
    want(cast.bob, atlas.talk, "all")
    say(cast.alice, atlas.talk, "@bob secret")
    spread()
    stale = list(Notification.objects.filter(recipient=cast.bob))
    Channel.objects.filter(pk=atlas.general.pk).update(is_synced=False)
    Override.objects.create(channel=atlas.general, role=atlas.everyone, deny=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    assert notices.shown(cast.bob, stale) == []
    assert not Notification.objects.filter(recipient=cast.bob, place=atlas.talk.pk).exists()
    assert "general" not in str([place.title for place in notices.places_of(cast.bob.pk)])


def test_settings_name_channels_with_their_group(
    cast: Cast, atlas: Community, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(3):
        titles = [place.title for place in notices.places_of(cast.bob.pk)]
    assert {"#general · Atlas", "#announcements · Atlas", "Cartographers"} <= set(titles)


def test_the_page_lets_one_choose(cast: Cast, atlas: Community, client: Client) -> None:
    client.force_login(cast.bob)
    address = f"/c/{atlas.talk.pk}/"
    html = client.get(f"{address}settings/").content.decode()
    assert 'value="" checked' in html
    assert "mentions and replies" in html
    assert client.post(f"{address}notify/", {"notify": "all"}).status_code == 302
    assert Membership.objects.get(user=cast.bob, conversation=atlas.talk).notify == "all"
    assert 'value="all" checked' in client.get(f"{address}settings/").content.decode()
    assert client.post(f"{address}notify/", {"notify": "everything"}).status_code == 400
    assert client.post(f"{address}notify/", {"notify": ""}).status_code == 302
    assert Membership.objects.get(user=cast.bob, conversation=atlas.talk).notify == ""
    client.force_login(cast.charlie)
    assert client.post(f"{address}notify/", {"notify": "all"}).status_code == 404


def test_nobody_chooses_for_a_place_they_are_not_in(cast: Cast, atlas: Community) -> None:
    with pytest.raises(NotFound):
        want(cast.charlie, atlas.talk, "all")
    with pytest.raises(Refused):
        want(cast.bob, atlas.talk, "sometimes")
