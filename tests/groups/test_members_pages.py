"""The pages of members and bans, without JavaScript: who sees them, what they do, what they refuse, what they cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from groups.actions.moderation import ban_person, time_out_member
from groups.models import Ban, Member, MemberRole, Purge, Role
from groups.permissions import Right
from tests.cast import Cast
from tests.factories import make_person
from tests.groups.cast import Community

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, atlas: Community, *more: object) -> str:
    return reverse(name, args=[atlas.group.pk, *more])


def page(person: User, address: str, **query: str) -> str:
    answer = browser(person).get(address, query)
    assert answer.status_code == 200, address
    return answer.content.decode()


def names(html: str) -> list[str]:
    return [part.split("</bdi>")[0] for part in html.split('<small><bdi dir="ltr">@')[1:]]


def crowd(atlas: Community, count: int) -> list[User]:
    people = [make_person(username=f"walker{number:03}", display_name=f"Walker {number}") for number in range(count)]
    start = timezone.now() - timedelta(days=1)
    Member.objects.bulk_create(
        Member(group=atlas.group, user=person, joined_at=start + timedelta(seconds=number))
        for number, person in enumerate(people)
    )
    return people


def test_members_see_who_is_in_and_outsiders_nothing(cast: Cast, atlas: Community) -> None:
    html = page(cast.bob, url("group_members", atlas))
    assert set(names(html)) == {"alice", "bob", "mod", "mallory"}
    assert "Moderators" in html
    assert 'name="people"' not in html
    assert browser(cast.charlie).get(url("group_members", atlas)).status_code == 404
    assert Client().get(url("group_members", atlas)).status_code == 302


def test_a_card_in_a_group_says_what_somebody_is_there(cast: Cast, atlas: Community) -> None:
    member = atlas.member(cast.mod)
    member.nickname = "Lighthouse"
    member.save()
    address, here = f"/people/{cast.mod.username}/card/", {"group": str(atlas.group.pk)}
    html = page(cast.bob, address, **here)
    assert "Moderators" in html and "Lighthouse" in html and url("group_member", atlas, cast.mod.pk) in html
    for nothing in ({}, {"group": "atlas"}, {"group": str(cast.bob.pk)}):
        assert "Moderators" not in page(cast.bob, address, **nothing)
    assert "Moderators" not in page(cast.charlie, address, **here)


def test_they_are_sorted_filtered_and_paged(cast: Cast, atlas: Community) -> None:
    crowd(atlas, 60)
    address = url("group_members", atlas)
    first = page(cast.bob, address)
    assert len(names(first)) == 50
    onward = first.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    second = page(cast.bob, f"{address}?{onward}")
    assert len(set(names(first)) | set(names(second))) == 64
    by_name = page(cast.bob, address, sort="name")
    assert names(by_name)[:2] == ["alice", "bob"]
    onward = by_name.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    assert len(set(names(by_name)) | set(names(page(cast.bob, f"{address}?{onward}")))) == 64
    assert names(page(cast.bob, address, role=str(atlas.moderators.pk))) == ["mod"]


@pytest.mark.parametrize("after", ["x", "~", "2020-01-01~nothing", "2020-01-01T00:00:00~" + "0" * 32, "\u0000~x"])
def test_a_made_up_place_in_the_list_is_its_beginning(cast: Cast, atlas: Community, after: str) -> None:
    for sort in ("joined", "name"):
        answer = browser(cast.bob).get(url("group_members", atlas), {"after": after, "sort": sort})
        assert answer.status_code in {200, 400}


@pytest.mark.parametrize(
    ("words", "found"), [("wal", 30), ("@walker007", 1), ("Käpt", 1), ("zzz", 0), ("%", 0), ("r 7", 1), ("\\", 0)]
)
def test_a_search_finds_nicknames_names_and_usernames(cast: Cast, atlas: Community, words: str, found: int) -> None:
    people = crowd(atlas, 30)
    Member.objects.filter(user=people[3]).update(nickname="Der Käpt'n")
    make_person(username="walker999")
    assert len(names(page(cast.bob, url("group_members", atlas), q=words))) == found


def test_the_list_costs_the_same_for_many(cast: Cast, atlas: Community) -> None:
    client = browser(cast.mod)
    address = url("group_members", atlas)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    people = crowd(atlas, 45)
    role = Role.objects.create(group=atlas.group, name="Crew", position=2, hue=3)
    MemberRole.objects.bulk_create(MemberRole(member=atlas.member(person), role=role) for person in people)
    with CaptureQueriesContext(connection) as many:
        client.get(address)
    assert len(many) == len(few) <= 15


def test_a_script_gets_the_list_alone(cast: Cast, atlas: Community) -> None:
    answer = browser(cast.bob).get(url("group_members", atlas), headers={"X-Fragment": "members"})
    assert "<html" not in answer.content.decode()


def test_a_page_of_a_member_shows_what_the_reader_may_do(cast: Cast, atlas: Community) -> None:
    address = url("group_member", atlas, cast.bob.pk)
    for action in ("group_kick", "group_ban", "group_time_out", "group_nickname"):
        assert url(action, atlas, cast.bob.pk) in page(cast.mod, address), action
        assert url(action, atlas, cast.bob.pk) not in page(cast.mallory, address), action
        assert url(action, atlas, cast.alice.pk) not in page(cast.mod, url("group_member", atlas, cast.alice.pk)), (
            action
        )
    assert url("group_nickname", atlas, cast.bob.pk) in page(cast.bob, address)
    assert browser(cast.mod).get(url("group_member", atlas, cast.charlie.pk)).status_code == 404


def test_a_member_page_has_a_budget(cast: Cast, atlas: Community) -> None:
    for _time in range(3):
        time_out_member(
            actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, lasts=timedelta(seconds=60), reason="Calm"
        )
    client = browser(cast.mod)
    client.get(url("group_member", atlas, cast.bob.pk))
    with CaptureQueriesContext(connection) as queries:
        html = client.get(url("group_member", atlas, cast.bob.pk)).content.decode()
    assert len(queries) <= 15
    assert html.count("a time-out") >= 3


def test_time_out_and_back_by_forms(cast: Cast, atlas: Community) -> None:
    moderator = browser(cast.mod)
    where = url("group_time_out", atlas, cast.bob.pk)
    bad = moderator.post(where, {"time_out-lasts": "61", "time_out-reason": ""})
    assert bad.status_code == 400
    done = moderator.post(where, {"time_out-lasts": "600", "time_out-reason": "Calm down"}, follow=True)
    assert "They cannot write for now." in done.content.decode()
    assert atlas.member(cast.bob).timed_out_until is not None
    moderator.post(url("group_time_out_lift", atlas, cast.bob.pk))
    assert atlas.member(cast.bob).timed_out_until is None


def test_kick_and_ban_ask_why_and_do_it(cast: Cast, atlas: Community) -> None:
    moderator = browser(cast.mod)
    assert moderator.post(url("group_kick", atlas, cast.bob.pk), {"reason": " "}).status_code == 400
    answer = moderator.post(url("group_kick", atlas, cast.bob.pk), {"reason": "Spam"})
    assert answer["Location"] == url("group_members", atlas)
    assert moderator.get(url("group_ban", atlas, cast.mallory.pk)).status_code == 200
    moderator.post(url("group_ban", atlas, cast.mallory.pk), {"reason": "Spam", "lasts": "3600", "purge": "86400"})
    assert Ban.objects.get(user=cast.mallory).until is not None
    assert Purge.objects.filter(user=cast.mallory).exists()
    assert set(Member.objects.filter(group=atlas.group).values_list("user__username", flat=True)) == {"alice", "mod"}


def test_who_may_not_gets_no_form(cast: Cast, atlas: Community) -> None:
    member = browser(cast.bob)
    for name in ("group_kick", "group_ban"):
        assert member.get(url(name, atlas, cast.mallory.pk)).status_code == 403, name
        assert member.post(url(name, atlas, cast.mallory.pk), {"reason": "x", "lasts": "0"}).status_code == 403, name
    assert member.get(url("group_bans", atlas)).status_code == 403
    assert member.get(url("group_ban_new", atlas)).status_code == 403
    assert browser(cast.charlie).get(url("group_bans", atlas)).status_code == 404
    assert browser(cast.mod).post(url("group_kick", atlas, cast.alice.pk), {"reason": "Coup"}).status_code == 403


def test_nicknames_by_form(cast: Cast, atlas: Community) -> None:
    where = url("group_nickname", atlas, cast.bob.pk)
    refused = browser(cast.bob).post(where, {"nickname-nickname": "Admin"})
    assert "Somebody else is called so here." in refused.content.decode()
    browser(cast.mod).post(where, {"nickname-nickname": "<b>Käpt'n</b>"})
    assert "&lt;b&gt;Käpt" in page(cast.mod, url("group_members", atlas))


def test_somebody_is_banned_by_username_and_let_in_again(cast: Cast, atlas: Community) -> None:
    moderator = browser(cast.mod)
    form = {"username": "@nobody-here", "reason": "Spam", "lasts": "0", "purge": "0"}
    assert "nobody with this username" in moderator.post(url("group_ban_new", atlas), form).content.decode()
    moderator.post(url("group_ban_new", atlas), form | {"username": "@Charlie"})
    listed = page(cast.mod, url("group_bans", atlas))
    assert "@charlie" in listed and "For good" in listed
    assert "@charlie" not in page(cast.mod, url("group_bans", atlas), q="bob")
    assert moderator.post(url("group_ban_lift", atlas, cast.charlie.pk), {"reason": ""}).status_code == 400
    moderator.post(url("group_ban_lift", atlas, cast.charlie.pk), {"reason": "Forgiven"})
    assert not Ban.objects.exists()
    assert moderator.get(url("group_ban_lift", atlas, cast.charlie.pk)).status_code == 404


def test_bans_are_paged_and_cost_the_same(cast: Cast, atlas: Community) -> None:
    people = [make_person(username=f"banned{number:02}") for number in range(55)]
    Ban.objects.bulk_create(Ban(group=atlas.group, user=person, actor=cast.mod, reason="x") for person in people)
    Ban.objects.filter(user=people[0]).update(until=timezone.now())
    first = page(cast.mod, url("group_bans", atlas))
    onward = first.split('rel="next" href="?')[1].split('"')[0].replace("&amp;", "&")
    second = page(cast.mod, f"{url('group_bans', atlas)}?{onward}")
    assert (first.count('class="ban"'), second.count('class="ban"')) == (50, 4)
    client = browser(cast.mod)
    with CaptureQueriesContext(connection) as queries:
        client.get(url("group_bans", atlas))
    assert len(queries) <= 15


def test_the_page_says_how_far_a_purge_is(cast: Cast, atlas: Community) -> None:
    ban_person(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, reason="Spam", purge=timedelta(days=1))
    assert "Begins soon" in page(cast.mod, url("group_bans", atlas))
    Purge.objects.update(message_count=10, done_count=4)
    html = page(cast.mod, url("group_bans", atlas))
    assert "4 of 10 deleted" in html and '<progress max="10" value="4"' in html


def test_several_at_once_each_is_told_where_it_was_refused(cast: Cast, atlas: Community) -> None:
    people = [str(person.pk) for person in (cast.bob, cast.mallory, cast.alice, cast.mod)]
    where = url("group_members_together", atlas)
    asked = browser(cast.mod).post(where, {"deed": "kick", "people": people})
    assert asked.status_code == 200 and "For 4 people" in asked.content.decode()
    assert Member.objects.filter(group=atlas.group).count() == 4
    given = {"deed": "kick", "people": people, "sure": "1"}
    assert browser(cast.mod).post(where, given | {"reason": ""}).status_code == 400
    answer = browser(cast.mod).post(where, given | {"reason": "Spam"}).content.decode()
    assert "2 people were removed." in answer
    assert answer.count("This member stands as high as you, or higher.") == 1
    assert answer.count("You cannot do this to yourself.") == 1
    assert set(Member.objects.filter(group=atlas.group).values_list("user__username", flat=True)) == {"alice", "mod"}


def test_several_are_timed_out_or_given_a_role(cast: Cast, atlas: Community) -> None:
    people = [str(cast.bob.pk), str(cast.mallory.pk)]
    where = url("group_members_together", atlas)
    form = {"deed": "time_out", "people": people, "sure": "1", "lasts": "3600", "reason": "Calm down"}
    assert browser(cast.mod).post(where, form)["Location"] == url("group_members", atlas)
    assert atlas.member(cast.mallory).timed_out_until is not None
    form = {"deed": "role", "people": people, "sure": "1", "role": str(atlas.moderators.pk)}
    assert browser(cast.mod).post(where, form).status_code == 403, "moderators manage no roles"
    assert browser(cast.alice).post(where, form).status_code == 302
    assert MemberRole.objects.filter(role=atlas.moderators).count() == 3


def test_a_choice_is_bounded_and_made_of_members(cast: Cast, atlas: Community) -> None:
    where = url("group_members_together", atlas)
    moderator = browser(cast.mod)
    assert moderator.post(where, {"deed": "kick"}).status_code == 400
    assert moderator.post(where, {"deed": "kick", "people": ["x", str(cast.charlie.pk)]}).status_code == 400
    assert moderator.post(where, {"deed": "ban", "people": [str(cast.bob.pk)]}).status_code == 400
    many = [str(person.pk) for person in crowd(atlas, 101)]
    assert moderator.post(where, {"deed": "kick", "people": many}).status_code == 400
    assert browser(cast.bob).post(where, {"deed": "kick", "people": [str(cast.mallory.pk)]}).status_code == 403
    assert browser(cast.charlie).post(where, {"deed": "kick", "people": [str(cast.bob.pk)]}).status_code == 404


def test_the_right_to_nothing_shows_no_choice(cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=int(Right.VIEW_AUDIT))
    assert "member-deeds" not in page(cast.mod, url("group_members", atlas))
