"""Invitations as pages: what strangers see, how one comes back to them after entering, and the lists of those who invite."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.actions.relationships import block_person
from accounts.actions.signup import register_person
from accounts.models import Friendship, User
from groups.actions.invites import make_invite
from groups.models import Ban, Group, Invite, Member
from groups.permissions import Right
from groups.views import door
from tests.cast import Cast
from tests.factories import make_person
from tests.factors import code_of, give_app
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"
SECRETS = ("general", "announcements", "alice", "Moderators")


@pytest.fixture
def made(cast: Cast, atlas: Community) -> Invite:
    return make_invite(creator=cast.bob, group_id=atlas.group.pk, max_uses=5)


def at(person: User | None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def is_in(group: Group, person: User) -> bool:
    return Member.objects.filter(group=group, user=person).exists()


# --- the preview ----------------------------------------------------------------------------------------------------------------


def test_strangers_see_the_preview_and_nothing_else_of_a_private_group(client: Client, made: Invite) -> None:
    answer = client.get(f"/i/{made.code}/")
    html = answer.content.decode()
    assert answer.status_code == 200
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert re.search(r'<meta name="robots" content="noindex', html)
    for word in ("Atlas", "Maps and more", "4 members", "Bob"):
        assert word in html
    head = html.partition("</head>")[0]
    assert "Atlas" not in head
    assert "Maps" not in head
    assert not [word for word in SECRETS if word in html]


def test_links_to_public_groups_say_their_name_elsewhere(client: Client, cast: Cast) -> None:
    group = make_community(cast, is_public=True).group
    made = make_invite(creator=cast.bob, group_id=group.pk)
    assert '<meta property="og:title" content="Atlas">' in client.get(f"/i/{made.code}/").content.decode()


def test_one_answer_to_all_that_does_not_let_in(client: Client, cast: Cast, atlas: Community) -> None:
    gone, used, over, lost = (
        make_invite(creator=cast.alice, group_id=atlas.group.pk, max_uses=1) for _number in range(4)
    )
    Invite.objects.filter(pk=gone.pk).update(revoked_at="2026-01-01T00:00Z")
    Invite.objects.filter(pk=used.pk).update(use_count=1)
    Invite.objects.filter(pk=over.pk).update(expires_at="2026-01-01T00:00Z")
    Invite.objects.filter(pk=lost.pk).delete()
    codes = [gone.code, used.code, over.code, lost.code, "x", "%00", "ü" * 12, "1" * 300]
    signed_in = at(cast.charlie)
    for ask in (client.get, signed_in.get, signed_in.post):
        answers = [ask(f"/i/{code}/") for code in codes]
        assert {answer.status_code for answer in answers} == {404}
        assert all("This invitation is not valid" in answer.content.decode() for answer in answers)
        assert len({len(answer.content) for answer in answers}) == 1


def test_the_one_who_invites_is_not_named_across_a_block(cast: Cast, made: Invite) -> None:
    assert "Bob" in at(cast.charlie).get(f"/i/{made.code}/").content.decode()
    block_person(blocker=cast.bob, blocked=cast.charlie)
    html = at(cast.charlie).get(f"/i/{made.code}/").content.decode()
    assert "Atlas" in html
    assert "Bob" not in html


def test_the_preview_is_cheap(cast: Cast, made: Invite, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
    visitor, stranger = at(cast.charlie), Client()
    visitor.get("/")
    with django_assert_max_num_queries(8):
        visitor.get(f"/i/{made.code}/")
    with django_assert_max_num_queries(2):
        stranger.get(f"/i/{made.code}/")


# --- coming in ------------------------------------------------------------------------------------------------------------------


def test_one_click_and_one_is_in(cast: Cast, atlas: Community, made: Invite) -> None:
    answer = at(cast.charlie).post(f"/i/{made.code}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/g/{atlas.group.pk}/")
    assert is_in(atlas.group, cast.charlie)
    assert f"/g/{atlas.group.pk}/" in at(cast.charlie).get(f"/i/{made.code}/").content.decode()
    assert Invite.objects.get().use_count == 1


def test_it_leads_into_the_channel_that_was_chosen(cast: Cast, atlas: Community) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk, channel_id=atlas.announcements.pk)
    answer = at(cast.charlie).post(f"/i/{made.code}/")
    assert answer["Location"] == f"/c/{atlas.announcements.conversation_id}/"


def test_looking_lets_nobody_in_and_neither_does_another_site(cast: Cast, atlas: Community, made: Invite) -> None:
    at(cast.charlie).get(f"/i/{made.code}/")
    forged = Client(enforce_csrf_checks=True)
    forged.force_login(cast.charlie)
    assert forged.post(f"/i/{made.code}/").status_code == 403
    assert not is_in(atlas.group, cast.charlie)


def test_the_banned_see_what_all_see_until_they_try(cast: Cast, atlas: Community, made: Invite) -> None:
    Ban.objects.create(group=atlas.group, user=cast.charlie, reason="Noise")
    charlie = at(cast.charlie)
    assert "cannot join" not in charlie.get(f"/i/{made.code}/").content.decode()
    answer = charlie.post(f"/i/{made.code}/")
    assert answer.status_code == 403
    assert "You cannot join this group." in answer.content.decode()
    assert not is_in(atlas.group, cast.charlie)


# --- entering first -------------------------------------------------------------------------------------------------------------


def link_to(html: str, path: str) -> str:
    found = re.search(rf'href="({re.escape(path)}[^"]*)"', html)
    assert found, path
    return found[1].replace("&amp;", "&")


def typed(**more: str) -> dict[str, str]:
    return {"username": "dora", "email": "dora@example.org", "password1": PASSWORD, "password2": PASSWORD} | more


def test_an_invitation_survives_signing_up(client: Client, made: Invite, mailoutbox: list[Any]) -> None:
    html = client.get(f"/i/{made.code}/").content.decode()
    page = client.get(link_to(html, "/accounts/signup/")).content.decode()
    answer = client.post("/accounts/signup/", typed(next=f"/i/{made.code}/"))
    assert f'value="/i/{made.code}/"' in page
    assert answer["Location"] == f"/i/{made.code}/"
    # Who opens the letter first comes back as well.
    link = re.search(r"/accounts/confirm-email/\S+", mailoutbox[0].body)
    assert link
    assert client.post(link[0])["Location"] == f"/i/{made.code}/"
    assert client.post(f"/i/{made.code}/").status_code == 302
    assert is_in(made.group, User.objects.get(username="dora"))
    assert "onward" not in {name for name, morsel in client.cookies.items() if morsel.value}


def test_it_survives_signing_up_without_the_address_too(client: Client, made: Invite) -> None:
    client.get(f"/i/{made.code}/")
    assert client.post("/accounts/signup/", typed())["Location"] == f"/i/{made.code}/"


def test_it_survives_logging_in_with_a_second_factor(client: Client, made: Invite) -> None:
    dora = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    EmailAddress.objects.filter(user=dora).update(verified=True)
    secret = give_app(dora)
    html = client.get(f"/i/{made.code}/").content.decode()
    client.get(link_to(html, "/accounts/login/"))
    planted = client.session.session_key
    answer = client.post("/accounts/login/", {"login": "dora", "password": PASSWORD})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    answer = client.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    assert answer["Location"] == f"/i/{made.code}/"
    assert client.session.session_key != planted


def test_guests_are_asked_to_keep_their_account_first(client: Client, made: Invite, settings: Any) -> None:
    settings.CHATTER_GUESTS = True
    client.get(f"/i/{made.code}/")
    assert client.post("/guest/", {"name": "Zed"})["Location"] == f"/i/{made.code}/"
    html = client.get(f"/i/{made.code}/").content.decode()
    assert 'href="/claim/"' in html
    assert '<form class="invite__ways"' not in html
    assert client.post(f"/i/{made.code}/").status_code == 403
    assert client.post("/claim/", typed(username="zed", email="zed@example.org"))["Location"] == f"/i/{made.code}/"
    assert client.post(f"/i/{made.code}/").status_code == 302
    assert is_in(made.group, User.objects.get(username="zed"))


def test_who_posts_without_being_in_is_asked_to_log_in(client: Client, made: Invite) -> None:
    answer = client.post(f"/i/{made.code}/")
    assert answer["Location"] == f"/accounts/login/?{urlencode({'next': f'/i/{made.code}/'})}"


def test_nobody_else_says_where_one_goes_after_logging_in(client: Client, cast: Cast) -> None:
    for planted in ("https://evil.example/", "/i/x/", "//evil.example:1aaaaa:signature"):
        client.cookies["onward"] = planted
        answer = client.post("/accounts/login/", {"login": "bob", "password": "secret-of-bob"})
        assert answer["Location"] == "/"
        client.post("/accounts/logout/")


# --- guessing -------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def _same_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_800_000_000.0)


@pytest.mark.usefixtures("_same_minute")
def test_codes_are_not_tried_in_masses(cast: Cast, made: Invite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit for each person; past it a good code gets the answer of a bad one."""
    monkeypatch.setattr(door, "TRIES_OF_ONE", 5)
    charlie = at(cast.charlie)
    assert {charlie.post(f"/i/{number:012}/").status_code for number in range(5)} == {404}
    for path in (f"/i/{made.code}/", "/i/zzzzzzzzzzzz/"):
        assert charlie.get(path).status_code == charlie.post(path).status_code == 429
    assert not is_in(made.group, cast.charlie)
    assert at(make_person()).get(f"/i/{made.code}/").status_code == 200


@pytest.mark.usefixtures("_same_minute")
def test_forged_addresses_open_no_new_limit(client: Client, made: Invite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "TRIES_FROM_ADDRESS", 5)
    for number in range(5):
        forged = {
            "X-Forwarded-For": f"198.51.100.{number}",
            "X-Real-Ip": f"198.51.100.{number}",
            "Forwarded": f"for={number}",
        }
        assert client.get("/i/zzzzzzzzzzzz/", headers=forged).status_code == 404
    assert client.get(f"/i/{made.code}/", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 429
    assert Client(REMOTE_ADDR="203.0.113.9").get(f"/i/{made.code}/").status_code == 200


# --- the lists ------------------------------------------------------------------------------------------------------------------


def settings_of(atlas: Community) -> str:
    return f"/g/{atlas.group.pk}/settings/invites/"


def test_one_is_made_with_the_form(cast: Cast, atlas: Community) -> None:
    bob = at(cast.bob)
    wish = {"lifetime": "30", "max_uses": "5", "channel": str(atlas.general.pk)}
    answer = bob.post(settings_of(atlas), wish)
    made = Invite.objects.get()
    assert answer["Location"] == f"{settings_of(atlas)}#i-{made.code}"
    assert (made.max_uses, made.channel, made.creator) == (5, atlas.general, cast.bob)
    html = bob.get(settings_of(atlas)).content.decode()
    assert f'data-copy="/i/{made.code}/"' in html
    assert "0 of 5 came" in html


@pytest.mark.parametrize(
    "wish",
    [{}, {"lifetime": "31", "max_uses": "0"}, {"lifetime": "30", "max_uses": "-1"}]
    + [
        {"lifetime": "30", "max_uses": "5", "channel": channel}
        for channel in ("x", "00000000-0000-4000-8000-000000000000")
    ],
)
def test_what_is_not_offered_is_refused(cast: Cast, atlas: Community, wish: dict[str, str]) -> None:
    assert at(cast.alice).post(settings_of(atlas), wish).status_code == 400
    assert not Invite.objects.exists()


def test_members_see_their_own_who_manages_sees_all(cast: Cast, atlas: Community, made: Invite) -> None:
    uses = f"{settings_of(atlas)}{made.pk}/"
    at(cast.charlie).post(f"/i/{made.code}/")
    for person in (cast.alice, cast.bob):
        assert made.code in at(person).get(settings_of(atlas)).content.decode()
        assert "Charlie" in at(person).get(uses).content.decode()
    assert made.code not in at(cast.mod).get(settings_of(atlas)).content.decode()
    stranger = make_person()
    for person, path, status in ((cast.mod, uses, 404), (stranger, uses, 404), (stranger, settings_of(atlas), 404)):
        assert at(person).get(path).status_code == status
    for person, status in ((cast.mod, 404), (stranger, 404), (cast.bob, 302)):
        assert at(person).post(f"{uses}revoke/").status_code == status
    assert made.code not in at(cast.bob).get(settings_of(atlas)).content.decode()
    assert made.code in at(cast.bob).get(f"{settings_of(atlas)}?show=ended").content.decode()


def test_who_may_not_invite_is_told_so(cast: Cast, atlas: Community) -> None:
    atlas.everyone.permissions &= ~Right.INVITE
    atlas.everyone.save()
    for path in (settings_of(atlas), f"/g/{atlas.group.pk}/invite/"):
        assert at(cast.bob).get(path).status_code == 403
        assert at(cast.charlie).get(path).status_code == 404


def test_long_lists_come_in_pages_and_cost_the_same(
    cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(door, "PAGE", 3)
    for person in (cast.alice, cast.bob, cast.mod, cast.mallory, cast.alice):
        make_invite(creator=person, group_id=atlas.group.pk, channel_id=atlas.general.pk)
    alice = at(cast.alice)
    alice.get("/")
    with django_assert_max_num_queries(15):
        html = alice.get(settings_of(atlas)).content.decode()
    assert html.count('class="invite-line"') == 3
    onward = re.search(r'rel="next" href="([^"]+)"', html)
    assert onward
    assert not any(invite.code in onward[1] for invite in Invite.objects.all()), "addresses are written down"
    assert alice.get(onward[1].replace("&amp;", "&")).content.decode().count('class="invite-line"') == 2
    for address in ("?after=x", "?after=%00", "?show=ended&after=" + "9" * 70, "?show=x"):
        assert alice.get(f"{settings_of(atlas)}{address}").status_code in (200, 400)


def test_who_came_comes_in_pages(cast: Cast, made: Invite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "PAGE", 2)
    for _number in range(3):
        at(make_person()).post(f"/i/{made.code}/")
    path = f"/g/{made.group_id}/settings/invites/{made.pk}/"
    html = at(cast.bob).get(path).content.decode()
    assert html.count('class="person"') == 2
    onward = re.search(r'rel="next" href="([^"]+)"', html)
    assert onward
    assert at(cast.bob).get(f"{path}{onward[1]}").content.decode().count('class="person"') == 1
    for after in ("x", "9" * 80, "-1", "%00"):
        assert at(cast.bob).get(f"{path}?after={after}").status_code in (200, 400)


def test_a_link_and_friends_are_at_hand(
    cast: Cast, atlas: Community, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    path = f"/g/{atlas.group.pk}/invite/"
    friend = make_person(username="fred", display_name="Fred")
    Friendship.objects.create(requester=cast.bob, addressee=friend, state=Friendship.State.ACCEPTED)
    bob = at(cast.bob)
    html = bob.get(path).content.decode()
    assert 'value="fred"' in html
    assert 'value="alice"' not in html, "she is in already"
    assert bob.post(path, {"link": "1"}).status_code == 302
    with django_assert_max_num_queries(15):
        html = bob.get(path).content.decode()
    assert f"/i/{Invite.objects.get().code}/" in html
    answer = bob.post(path, {"invite": "1", "members": ["fred"]}, follow=True)
    assert "1 person was invited." in answer.content.decode()
    assert friend.notifications.filter(kind="invitation").count() == 1
    assert bob.post(path, {"invite": "1"}).status_code == 400
    assert "Fred" in bob.post(path, {"search": "1", "q": "fre"}).content.decode()
