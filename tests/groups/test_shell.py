"""A channel opens in its group's surroundings: the channels at the side, its own bar, the rail of groups."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chat.actions.read import mark_read, mute_conversation
from chat.models import Conversation, Membership
from chat.reading import conversations_of
from chatter.core.presence_stores import MemoryStore
from groups import member_pane
from groups.access import Scope, sync_access
from groups.actions import mute
from groups.models import Group, Member, Override, Role
from groups.permissions import Right
from groups.reading import groups_for
from tests.cast import Cast, say
from tests.chat_pages.reading import Page
from tests.groups.cast import Community

pytestmark = pytest.mark.django_db


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


def lines(html: str) -> list[str]:
    """The channels of the side bar, as they stand there."""
    return [place["data-conversation"] for place in Page(html).all("a", class_="place--channel")]


def line_of(html: str, place: Conversation) -> str:
    """The line of one channel."""
    parts = (part.split("</li>")[0] for part in html.split("<li>"))
    return next(part for part in parts if "place--channel" in part and str(place.pk) in part)


def test_the_way_into_a_group_leads_to_the_channel_read_last(bob: Client, cast: Cast, atlas: Community) -> None:
    way = f"/g/{atlas.group.pk}/"
    assert bob.get(way)["Location"] == f"/c/{atlas.talk.pk}/"
    news = atlas.announcements.conversation
    number = say(cast.alice, news).number
    mark_read(reader=cast.bob, conversation_id=news.pk, number=number)
    assert bob.get(way)["Location"] == f"/c/{news.pk}/"
    html = html_of(bob, f"{way}?list=1")
    assert "app--list" in html and lines(html) == [str(atlas.talk.pk), str(news.pk)]


def test_who_can_read_no_channel_sees_the_group_and_a_way_back(bob: Client, cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.everyone.pk).update(permissions=0)
    sync_access(Scope(group=atlas.group.pk))
    html = html_of(bob, f"/g/{atlas.group.pk}/")
    assert "There is no channel here that you can read" in html and lines(html) == []


def test_outsiders_see_the_preview_of_a_public_group_only(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.charlie)
    assert client.get(f"/g/{atlas.group.pk}/").status_code == 404
    Group.objects.filter(pk=atlas.group.pk).update(is_public=True)
    html = html_of(client, f"/g/{atlas.group.pk}/")
    assert "Atlas" in html and lines(html) == [] and f"/c/{atlas.talk.pk}/" not in html


def test_the_side_bar_says_what_is_unread_muted_and_private(bob: Client, cast: Cast, atlas: Community) -> None:
    news = atlas.announcements.conversation
    say(cast.alice, atlas.talk, "one"), say(cast.alice, atlas.talk, "@bob two")
    say(cast.alice, news, "three")
    html = html_of(bob, f"/g/{atlas.group.pk}/?list=1")
    talk, told = line_of(html, atlas.talk), line_of(html, news)
    assert "place--unread" in talk and "badge--mention" in talk and ">1<" in talk
    assert "place--unread" in told and "badge--mention" not in told and "Announcements:" in told
    [group] = Page(html).all("a", class_="rail__group")
    assert group["data-mentions"] == "1"
    mute_conversation(person=cast.bob, conversation_id=atlas.talk.pk, until=timezone.now() + timedelta(hours=1))
    Override.objects.create(channel=atlas.announcements, member=atlas.member(cast.bob), allow=int(Right.VIEW))
    Override.objects.filter(channel=atlas.announcements, role=atlas.everyone).update(deny=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    html = html_of(bob, f"/g/{atlas.group.pk}/?list=1")
    assert "place--muted" in line_of(html, atlas.talk) and "private" in line_of(html, news)
    assert Page(html).all("a", class_="rail__group")[0]["data-mentions"] == "0"


def test_a_private_channel_stands_in_nobody_elses_side_bar(bob: Client, cast: Cast, atlas: Community) -> None:
    Override.objects.filter(channel=atlas.announcements, role=atlas.everyone).update(deny=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    assert "announcements" not in html_of(bob, atlas.talk)
    assert bob.get(f"/c/{atlas.announcements.conversation_id}/").status_code == 404


def test_channels_are_listed_by_their_group_and_not_among_the_messages(
    bob: Client, cast: Cast, atlas: Community
) -> None:
    html = html_of(bob, "/")
    assert lines(html) == [] and str(atlas.talk.pk) not in html
    assert [row.id for row in conversations_of(cast.bob.pk) if row.kind == "channel"] == []
    [wire] = [row.as_wire() for row in conversations_of(cast.bob.pk, channels=True) if row.id == atlas.talk.pk]
    assert wire["parent"] == str(atlas.group.pk)


def test_the_menu_offers_what_one_may(client: Client, bob: Client, cast: Cast, atlas: Community) -> None:
    leave, new = f"/g/{atlas.group.pk}/leave/", reverse("channel_new", args=[atlas.group.pk])
    html = html_of(bob, atlas.talk)
    assert leave in html and new not in html
    client.force_login(cast.alice)
    html = html_of(client, atlas.talk)
    assert leave not in html and new in html


def test_members_stand_under_their_highest_role_that_is_shown_apart(bob: Client, cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.moderators.pk).update(is_shown_apart=True)
    Member.objects.filter(pk=atlas.member(cast.mallory).pk).update(nickname="Mal")
    sync_access(Scope(group=atlas.group.pk))
    html = html_of(bob, atlas.talk)
    pane = html[html.index("<member-list") : html.index("</member-list>")]
    assert pane.index("Moderators") < pane.index("Mod</span>") < pane.index("Here") < pane.index("Bob")
    assert pane.index("Bob") < pane.index("Away") < pane.index("Alice")
    assert "tinted hue-8" in pane and "Mal</span>" in pane
    assert pane.index("Alice") < pane.index("owner</span>")
    part = bob.get(f"/c/{atlas.talk.pk}/", headers={"X-Fragment": "members"}).content.decode()
    assert part.startswith("<member-list")


def test_of_a_large_channel_who_is_here_comes_first(
    bob: Client, cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(member_pane, "SMALL", 2)
    monkeypatch.setattr(member_pane, "MEMBERS_SHOWN", 3)
    monkeypatch.setitem(MemoryStore.said, cast.mod.pk, "online")
    monkeypatch.setitem(MemoryStore.said, cast.charlie.pk, "online")
    html = html_of(bob, atlas.talk)
    pane = html[html.index("<member-list") : html.index("</member-list>")]
    assert pane.count('class="person') >= 3 and "and one more" in pane
    assert pane.index(">Mod<") < pane.index(">Alice")
    assert "Charlie" not in pane


def test_a_group_is_muted_whole_and_made_loud_again(bob: Client, cast: Cast, atlas: Community) -> None:
    news = atlas.announcements.conversation
    for_good = timezone.now() + timedelta(days=3650)
    mute_conversation(person=cast.bob, conversation_id=news.pk, until=for_good)
    assert bob.post(f"/g/{atlas.group.pk}/mute/", {"minutes": "60"}).status_code == 302
    rows = Membership.objects.active().filter(user=cast.bob, conversation__parent=atlas.group.pk)
    until = dict(rows.values_list("conversation_id", "muted_until"))
    assert until[news.pk] == for_good and until[atlas.talk.pk] == atlas.member(cast.bob).muted_until
    assert "Unmute the group" in html_of(bob, atlas.talk)
    bob.post(f"/g/{atlas.group.pk}/mute/", {"minutes": "0"})
    assert dict(rows.values_list("conversation_id", "muted_until")) == {news.pk: for_good, atlas.talk.pk: None}
    assert not Membership.objects.filter(conversation=atlas.talk).exclude(muted_until=None).exists()


def test_everything_in_a_group_is_read_at_once(bob: Client, cast: Cast, atlas: Community) -> None:
    say(cast.alice, atlas.talk, "@bob one"), say(cast.alice, atlas.announcements.conversation, "two")
    bob.post(f"/g/{atlas.group.pk}/read/")
    html = html_of(bob, f"/g/{atlas.group.pk}/?list=1")
    assert "place--unread" not in html and Page(html).all("a", class_="rail__group")[0]["data-mentions"] == "0"


@pytest.mark.parametrize("path", ["mute/", "read/"])
def test_strangers_and_bad_input_change_nothing(client: Client, cast: Cast, atlas: Community, path: str) -> None:
    client.force_login(cast.charlie)
    assert client.post(f"/g/{atlas.group.pk}/{path}", {"minutes": "60"}).status_code == 404
    client.force_login(cast.bob)
    assert client.get(f"/g/{atlas.group.pk}/{path}").status_code == 405
    assert client.post(f"/g/{atlas.group.pk}/mute/", {"minutes": "x"}).status_code == 400
    assert client.get(f"/g/{uuid4()}/").status_code == 404


def test_scripts_read_the_side_and_what_one_may_again(bob: Client, cast: Cast, atlas: Community) -> None:
    part = bob.get(f"/c/{atlas.talk.pk}/", headers={"X-Fragment": "places"}).content.decode()
    assert "<html" not in part and "rail__group" in part and "bar--group" in part and len(lines(part)) == 2
    ask = {"X-Fragment": "standing"}
    part = bob.get(f"/c/{atlas.talk.pk}/", headers=ask).content.decode()
    assert "<html" not in part and "message-composer" in part
    Role.objects.filter(pk=atlas.everyone.pk).update(permissions=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    part = bob.get(f"/c/{atlas.talk.pk}/", headers=ask).content.decode()
    assert "composer--locked" in part and f'data-permissions="{int(Right.VIEW)}"' in part


def test_a_channels_page_asks_the_database_a_dozen_times_at_most(
    bob: Client, cast: Cast, atlas: Community, django_assert_max_num_queries: Any
) -> None:
    EmailAddress.objects.create(user=cast.bob, email="bob@example.org", verified=True, primary=True)
    say(cast.alice, atlas.talk, "@bob hello")
    html_of(bob, atlas.talk)
    with django_assert_max_num_queries(12):
        html_of(bob, atlas.talk)


def test_the_rail_of_two_hundred_groups_is_one_question(
    bob: Client, cast: Cast, atlas: Community, django_assert_num_queries: Any
) -> None:
    groups = Group.objects.bulk_create([Group(name=f"Group {at}", owner=cast.alice) for at in range(200)])
    Member.objects.bulk_create([Member(group=group, user=cast.bob) for group in groups])
    with django_assert_num_queries(1):
        assert [row.name for row in groups_for(cast.bob.pk)][:2] == ["Atlas", "Group 0"]
    assert html_of(bob, "/").count("rail__group ") + html_of(bob, "/").count('rail__group"') >= 201


def test_search_finds_groups_and_channels_that_one_is_in(bob: Client, cast: Cast, atlas: Community) -> None:
    channel, group = f"/c/{atlas.talk.pk}/", f"/g/{atlas.group.pk}/"
    for headers in ({}, {"X-Fragment": "found"}):
        html = bob.get("/people/search/?q=ENERA", headers=headers).content.decode()
        assert f'class="place place--channel" href="{channel}"' in html and "Nobody here is called" not in html
        assert f'class="place" href="{group}"' in bob.get("/people/search/?q=atl", headers=headers).content.decode()
    outside = Client()
    outside.force_login(cast.charlie)
    for words in ("enera", "atl"):
        html = outside.get(f"/people/search/?q={words}").content.decode()
        assert channel not in html and group not in html


def test_nobody_mutes_and_unmutes_all_the_time(
    bob: Client, cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each writes a row of every channel, under the group's lock."""
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_800_000_000.0)
    monkeypatch.setattr(mute, "MUTES_PER_HOUR", 2)
    answers = [
        bob.post(f"/g/{atlas.group.pk}/mute/", {"minutes": minutes}).status_code for minutes in ("60", "0", "60")
    ]
    assert answers == [302, 302, 429]
    assert atlas.member(cast.bob).muted_until is None


def test_a_slow_channel_says_so(bob: Client, atlas: Community) -> None:
    assert "Slow mode" not in html_of(bob, atlas.talk)
    Conversation.objects.filter(pk=atlas.talk.pk).update(settings={"slow_mode": 10})
    assert "Slow mode: 10 seconds" in html_of(bob, atlas.talk)
