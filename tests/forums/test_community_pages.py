"""The pages of a forum as a whole, as they are without scripts: for whom which, and what each says to whom it is not for."""

import io
import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import Block, User
from chatter.core import page_cache
from forums.actions.coming import ask_to_join
from forums.actions.ending import request_forum_deletion
from forums.actions.flairs import create_flair
from forums.actions.forum import create_forum, edit_forum
from forums.actions.invitations import invite_people
from forums.actions.rules import add_rule
from forums.directory import find_forums
from forums.models import Flair, Forum, Invitation, JoinRequest, Member, Rule
from forums.permissions import Right
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum
from tests.stepup import confirm

pytestmark = pytest.mark.django_db
BUDGET = 15
XSS = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'
OF_OWNERS = ("forum_transfer", "forum_delete")
OF_THE_FORUM = ("forum_overview", "forum_options", "forum_rules", "forum_flairs", "forum_flair_new")
OF_MODERATORS = ("forum_settings", "forum_members", "forum_moderators")


@pytest.fixture
def secret(cast: Cast) -> Place:
    return make_forum(cast, is_public=False)


def enter(client: Client, person: User) -> None:
    """Logged in, and just confirmed."""
    client.force_login(person)
    confirm(client)


def at(name: str, *more: Any) -> str:
    return reverse(name, args=["maps", *more])


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return answer.content.decode()


def lasting(page: str) -> str:
    """The page without what differs each time."""
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", page)


def picture(width: int = 90, height: int = 60) -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "teal").save(out, "PNG")
    out.seek(0)
    out.name = "picture.png"
    return out


# --- who opens what ----------------------------------------------------------------------------------------------------


def test_settings_are_for_moderators_each_by_their_rights(client: Client, cast: Cast, maps: Place) -> None:
    rights = {cast.alice: (*OF_MODERATORS, *OF_THE_FORUM, *OF_OWNERS), cast.mod: OF_MODERATORS, cast.bob: ()}
    for person, open_to in rights.items():
        enter(client, person)
        for name in (*OF_MODERATORS, *OF_THE_FORUM, *OF_OWNERS):
            status = client.get(at(name)).status_code
            assert (status == 200) is (name in open_to), (person.username, name, status)
    client.logout()
    for name in (*OF_MODERATORS, *OF_THE_FORUM, *OF_OWNERS):
        assert "/login/" in client.get(at(name))["Location"]


def test_a_private_forum_is_nothing_to_outsiders(client: Client, cast: Cast, secret: Place) -> None:
    names = (
        "forum_about",
        "forum_join",
        "forum_leave",
        "forum_invite",
        "forum_my_flair",
        *OF_MODERATORS,
        *OF_THE_FORUM,
    )
    client.force_login(cast.charlie)
    for name in names:
        there, nowhere = client.get(at(name)), client.get(reverse(name, args=["nowhere"]))
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert lasting(there.content.decode().replace("maps", "nowhere")) == lasting(nowhere.content.decode()), name
    assert b"Maps" not in client.get(reverse("forum_directory")).content
    for name in ("forum_join", "forum_leave", "forum_overview"):
        assert client.post(at(name)).status_code == 404


def test_its_members_see_who_is_in(client: Client, cast: Cast, secret: Place) -> None:
    client.force_login(cast.bob)
    assert "@mod" in text(client, at("forum_members"))
    assert "Put out" not in text(client, at("forum_member", cast.mod.pk))
    Forum.objects.update(is_public=True)
    assert client.get(at("forum_members")).status_code == 404


def test_asking_answers_the_same_wherever_it_leads(client: Client, cast: Cast, secret: Place) -> None:
    client.force_login(cast.charlie)
    pages = [text(client, reverse("forum_request", args=[slug])) for slug in ("maps", "nowhere")]
    assert lasting(pages[0].replace("maps", "nowhere")) == lasting(pages[1])
    for slug in ("maps", "nowhere"):
        answer = client.post(reverse("forum_request", args=[slug]), {"text": "I draw."})
        assert answer["Location"] == reverse("forum_directory")
    assert JoinRequest.objects.get().text == "I draw."
    client.force_login(cast.bob)
    assert client.get(at("forum_request")).status_code == 302


# --- making and changing -----------------------------------------------------------------------------------------------


def test_a_forum_is_made_with_its_rules_and_icon(client: Client, cast: Cast) -> None:
    client.force_login(cast.charlie)
    given = {
        "name": "Old maps",
        "slug": "old maps",
        "description": "Old",
        "is_public": "1",
        "rules": "Be kind\n\nShow it",
    }
    answer = client.post(reverse("forum_new"), given | {"icon": picture()})
    assert answer["Location"] == "/f/old-maps/"
    forum = Forum.objects.get()
    assert (forum.owner, forum.rules.count(), bool(forum.icon)) == (cast.charlie, 2, True)
    assert client.get(forum.icon_url(64)).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"slug": ""},
        {"slug": "new"},
        {"slug": "x" * 500},
        {"is_public": "maybe"},
        {"icon": io.BytesIO(b"x")},
    ],
)
def test_what_is_wrong_is_said_beside_the_form(client: Client, cast: Cast, wrong: dict[str, Any]) -> None:
    client.force_login(cast.charlie)
    given = {"name": "Old maps", "slug": "old-maps", "is_public": "1"} | wrong
    answer = client.post(reverse("forum_new"), given)
    assert answer.status_code == 400
    assert (
        "errorlist" in answer.content.decode()
        or "field__error" in answer.content.decode()
        or "note--bad" in answer.content.decode()
    )
    assert not Forum.objects.exists()


def test_whether_an_address_is_free_is_said_while_one_types(client: Client, cast: Cast, maps: Place) -> None:
    client.force_login(cast.charlie)

    def ask(**given: str) -> dict[str, Any]:
        answer: dict[str, Any] = client.get(reverse("forum_address"), given).json()
        return answer

    assert ask(name="Old maps!") == {"slug": "old-maps", "free": True, "words": ""}
    assert (ask(slug="MAPS")["slug"], ask(slug="MAPS")["free"]) == ("maps", False)
    assert "reserved" in ask(slug="vote")["words"]
    assert ask(name="😀") == {"slug": "", "free": False, "words": ""}
    client.logout()
    assert client.get(reverse("forum_address")).status_code == 302


def test_looks_options_and_address_are_changed_by_forms(client: Client, cast: Cast, maps: Place) -> None:
    enter(client, cast.alice)
    client.post(at("forum_overview"), {"name": "Charts", "description": "Old\r\nand new"})
    options = {"posting": "members", "kinds": ["text", "link"], "holding": "newcomers", "scores_hidden_minutes": "60"}
    client.post(at("forum_options"), options | {"is_public": "on", "is_log_public": "on"})
    forum = Forum.objects.get()
    assert (forum.name, forum.description, forum.posting, forum.kinds_off) == (
        "Charts",
        "Old\nand new",
        "members",
        ["image", "poll"],
    )
    assert (forum.is_public, forum.takes_requests, forum.is_log_public, forum.scores_hidden_minutes) == (
        True,
        False,
        True,
        60,
    )
    assert client.post(at("forum_options"), options | {"scores_hidden_minutes": "61"}).status_code == 400
    assert client.post(at("forum_options"), options | {"kinds": []}).status_code == 400
    assert client.post(at("forum_move"), {"slug": "submit"}).status_code == 400
    assert client.post(at("forum_move"), {"slug": "Charts"})["Location"] == "/f/charts/settings/overview/"
    assert client.get(at("forum_about")).status_code == 301


def test_rules_and_flairs_are_made_and_ordered_by_forms(client: Client, cast: Cast, maps: Place) -> None:
    enter(client, cast.alice)
    for title in ("one", "two"):
        client.post(at("forum_rules"), {"title": title, "text": "because"})
    one, two = Rule.objects.order_by("position")
    client.post(at("forum_rules_order"), {"down": one.pk})
    assert [rule.title for rule in Rule.objects.order_by("position")] == ["two", "one"]
    answer = client.post(at("forum_rules_order"), {"row": one.pk, "over": two.pk}, HTTP_ACCEPT="application/json")
    assert (answer.status_code, Rule.objects.order_by("position")[0]) == (204, one)
    for wrong in ({}, {"up": one.pk, "down": two.pk}, {"row": "x"}):
        assert client.post(at("forum_rules_order"), wrong).status_code == 400
    assert client.post(at("forum_rules_order"), {"up": uuid4()}).status_code == 404
    assert "<html" not in client.get(at("forum_rules"), headers={"X-Fragment": "rows"}).content.decode()
    client.post(at("forum_rule", one.pk), {"title": "uno", "text": ""})
    client.post(at("forum_rule_delete", two.pk))
    assert list(Rule.objects.values_list("title", flat=True)) == ["uno"]
    client.post(f"{at('forum_flair_new')}?kind=member", {"name": "Baker", "hue": "1"})
    flair = Flair.objects.get()
    assert (flair.kind, flair.hue) == ("member", 1)
    client.post(at("forum_flair", flair.pk), {"name": "Cook", "hue": "2", "is_for_moderators": "on"})
    flair.refresh_from_db()
    assert (flair.name, flair.hue, flair.is_for_moderators) == ("Cook", 2, True)
    assert client.post(at("forum_flair", flair.pk), {"name": "Cook", "hue": "12"}).status_code == 400
    client.post(at("forum_flair_delete", flair.pk))
    assert not Flair.objects.exists()


def test_pictures_come_and_go(client: Client, cast: Cast, maps: Place) -> None:
    enter(client, cast.alice)
    client.post(at("forum_icon_change"), {"picture": picture()})
    client.post(at("forum_banner_change"), {"picture": picture(1600, 900)})
    forum = Forum.objects.get()
    assert forum.icon and forum.banner
    client.logout()
    assert client.get(forum.banner_url(750))["Content-Type"] == "image/webp"
    assert client.get(f"/forum-banner/{'0' * 32}/750/").status_code == 404
    client.force_login(cast.mod)
    for name in ("forum_icon_change", "forum_icon_remove", "forum_banner_change", "forum_banner_remove"):
        assert client.post(at(name), {"picture": picture()}).status_code == 403
    enter(client, cast.alice)
    broken = {"picture": io.BytesIO(b"<svg onload=alert(1)>")}
    assert client.post(at("forum_banner_change"), broken).status_code == 302
    client.post(at("forum_icon_remove"))
    client.post(at("forum_banner_remove"))
    forum.refresh_from_db()
    assert (forum.icon, forum.banner) == ("", "")


# --- coming and going --------------------------------------------------------------------------------------------------


def test_joining_leaving_and_less_of_it(client: Client, cast: Cast, maps: Place) -> None:
    client.force_login(cast.charlie)
    client.post(at("forum_join"))
    assert maps.standing(cast.charlie).is_subscribed
    assert "Leave this forum?" in text(client, at("forum_leave"))
    client.post(at("forum_leave"), {"unsubscribe": "1"})
    assert maps.standing(cast.charlie).member and not maps.standing(cast.charlie).is_subscribed
    client.post(at("forum_leave"))
    assert maps.standing(cast.charlie).member is None
    client.force_login(cast.alice)
    assert "You own this forum" in text(client, at("forum_leave"))
    assert client.post(at("forum_leave")).status_code == 403


def test_requests_are_decided_on_their_page(client: Client, cast: Cast, secret: Place) -> None:
    ask_to_join(person=cast.charlie, slug="maps", text=XSS)
    request = JoinRequest.objects.get()
    client.force_login(cast.mod)
    page = text(client, at("forum_requests"))
    assert "@charlie" in page and "<script>alert" not in page
    assert client.post(at("forum_requests"), {"accept": request.pk, "decline": request.pk}).status_code == 400
    client.post(at("forum_requests"), {"accept": request.pk})
    assert secret.standing(cast.charlie).member is not None
    assert client.post(at("forum_requests"), {"decline": request.pk}).status_code == 404


def test_an_invitation_is_answered_on_its_page(client: Client, cast: Cast, secret: Place) -> None:
    client.force_login(cast.mod)
    client.post(at("forum_invite"), {"members": ["charlie"]})
    address = reverse("forum_invitation", args=[Invitation.objects.get().pk])
    assert "Invited, and not answered" in text(client, at("forum_invite"))
    assert client.get(address).status_code == 404
    client.force_login(cast.charlie)
    assert "invites you" in text(client, address) and address in text(client, reverse("forum_directory"))
    assert client.post(address, {"answer": "perhaps"}).status_code == 400
    assert client.post(address, {"answer": "accept"})["Location"] == "/f/maps/"
    assert secret.standing(cast.charlie).member is not None
    invite_people(actor=cast.mod, forum_id=secret.forum.pk, people=[other := make_person()])
    client.force_login(other)
    client.post(reverse("forum_invitation", args=[Invitation.objects.get().pk]), {"answer": "decline"})
    assert not Invitation.objects.exists()


def test_members_flairs_and_rights_are_set_on_their_pages(client: Client, cast: Cast, maps: Place) -> None:
    flair = create_flair(actor=cast.alice, forum_id=maps.forum.pk, name="Baker", kind="member")
    client.force_login(cast.bob)
    client.post(at("forum_my_flair"), {"flair": flair.pk})
    assert Member.objects.get(user=cast.bob).flair == flair
    assert client.post(at("forum_my_flair"), {"flair": uuid4()}).status_code == 400
    enter(client, cast.alice)
    assert "Baker" in text(client, f"{at('forum_members')}?q=bob")
    assert "Nobody here" in text(client, f"{at('forum_members')}?q=zzz")
    client.post(at("forum_member_flair", cast.bob.pk), {"flair": ""})
    client.post(at("forum_moderator", cast.bob.pk), {"rights": ["1", "2"], "seen": "0"})
    assert maps.standing(cast.bob).rights == Right.POSTS | Right.PEOPLE
    client.post(at("forum_moderator", cast.bob.pk), {"rights": ["1"], "seen": "3"})
    assert maps.standing(cast.bob).rights == Right.POSTS
    assert "Posts and comments" in text(client, at("forum_moderators"))
    client.post(at("forum_member_out", cast.bob.pk), {"reason": "Too loud"})
    assert maps.standing(cast.bob).member is None
    assert client.get(at("forum_member", cast.bob.pk)).status_code == 404


# --- handing over and the end ------------------------------------------------------------------------------------------


def test_the_owner_hands_over_by_name(client: Client, cast: Cast, maps: Place) -> None:
    Block.objects.create(blocker=cast.mallory, blocked=cast.alice)
    enter(client, cast.alice)
    for wrong in (
        {"person": cast.bob.pk, "name": "Mups"},
        {"person": cast.mallory.pk, "name": "Maps"},
        {"name": "Maps"},
    ):
        assert client.post(at("forum_transfer"), wrong).status_code in {400, 403}
    assert client.post(at("forum_transfer"), {"person": cast.charlie.pk, "name": "Maps"}).status_code == 404
    client.post(at("forum_transfer"), {"person": cast.bob.pk, "name": " maps "})
    assert Forum.objects.get().owner == cast.bob
    assert maps.standing(cast.alice).can(Right.MODERATORS) and not maps.standing(cast.alice).is_owner
    assert client.get(at("forum_delete")).status_code == 403


def test_a_deleted_forum_is_gone_for_all_but_its_owner_who_takes_it_back(
    client: Client, cast: Cast, maps: Place
) -> None:
    enter(client, cast.alice)
    assert client.post(at("forum_delete"), {"name": "Mups"}).status_code == 400
    client.post(at("forum_delete"), {"name": "Maps"})
    assert "Take it back" in text(client, at("forum_delete"))
    assert "waits to be deleted" in text(client, reverse("forum_directory"))
    assert client.get(at("forum_about")).status_code == 404
    client.force_login(cast.bob)
    confirm(client)
    assert client.get(at("forum_delete")).status_code == 404
    assert client.post(at("forum_restore")).status_code == 404
    enter(client, cast.alice)
    client.post(at("forum_restore"))
    assert text(client, at("forum_about"))
    request_forum_deletion(actor=cast.alice, forum_id=maps.forum.pk, name="Maps")
    Forum.objects.update(deletion_due_at=timezone.now())
    assert client.post(at("forum_restore")).status_code == 404


# --- visitors, the directory, what it costs ----------------------------------------------------------------------------


def test_visitors_read_what_is_public_and_share_it(client: Client, cast: Cast, maps: Place) -> None:
    for address in (reverse("forum_directory"), at("forum_about")):
        answer = client.get(address)
        assert answer.has_header(page_cache.MARK), address
        page = answer.content.decode()
        assert "csrfmiddlewaretoken" not in page and 'class="rail"' not in page and "/login/?next=" in page
    assert "noindex" not in text(client, at("forum_about"))


def test_visitors_are_asked_before_what_is_for_adults(client: Client, cast: Cast, maps: Place) -> None:
    edit_forum(actor=cast.alice, forum_id=maps.forum.pk, is_nsfw=True, description="Very secret words")
    gate = client.get(at("forum_about"))
    assert "for adults" in gate.content.decode() and "Very secret" not in gate.content.decode()
    assert gate["X-Robots-Tag"] == "noindex"
    onward = at("forum_about")
    for elsewhere in ("https://evil.example/", "//evil.example", "javascript:alert(1)", "nowhere", "admin:index"):
        assert client.post(reverse("forum_adult"), {"next": elsewhere})["Location"] == reverse("forum_directory")
    client.cookies.clear()
    assert client.post(reverse("forum_adult"), {"next": onward})["Location"] == onward
    assert "Very secret" in text(client, onward)
    client.cookies.clear()
    client.force_login(cast.charlie)
    assert "Very secret" in text(client, onward)


def test_the_directory_finds_sorts_and_goes_on(cast: Cast) -> None:
    for number in range(5):
        forum = create_forum(owner=cast.alice, name=f"Forum {number}", slug=f"forum-{number}", description="50% _maps")
        Forum.objects.filter(pk=forum.pk).update(member_count=number, post_count=10 - number)
    create_forum(owner=cast.alice, name="Forum hidden", slug="hidden", is_public=False)

    def names(sort: str, query: str = "") -> list[str]:
        found, after = [], ""
        while True:
            page = find_forums(cast.bob, query, sort=sort, after=after, limit=2)
            found += [row.forum.slug[-1] for row in page.forums]
            after = page.after
            if not after:
                return found

    assert names("members") == ["4", "3", "2", "1", "0"] == names("newest")
    assert names("posts") == ["0", "1", "2", "3", "4"]
    assert names("members", "forum 50%") == names("members") and names("members", "hidden") == []
    assert names("members", "forum-3") == ["3"] and names("members", "% zz") == []
    for junk in ("x", "~", "9~x", "2026~" + str(uuid4()), "-5~" + str(uuid4()), "\0"):
        assert find_forums(None, after=junk, sort="newest").forums


def test_words_of_strangers_are_words(client: Client, cast: Cast) -> None:
    forum = create_forum(owner=cast.alice, name=XSS, slug="maps", description=XSS, rules=[XSS])
    add_rule(actor=cast.alice, forum_id=forum.pk, title="x", text=XSS)
    create_flair(actor=cast.alice, forum_id=forum.pk, name=XSS[:40], kind="post")
    create_flair(actor=cast.alice, forum_id=forum.pk, name=XSS[:40], kind="member")
    enter(client, cast.alice)
    for name in (
        "forum_about",
        "forum_leave",
        "forum_my_flair",
        "forum_invite",
        *OF_MODERATORS,
        *OF_THE_FORUM,
        *OF_OWNERS,
    ):
        page = text(client, at(name))
        assert (
            "<script>alert" not in page and "<img src=x" not in page and "49" not in page.split("alert(2)")[1][:60]
        ), name
    assert "<script>alert" not in text(client, reverse("forum_directory"))


@pytest.mark.parametrize(
    "name", ["forum_about", "forum_members", "forum_moderators", "forum_overview", "forum_flairs", "forum_requests"]
)
def test_pages_cost_the_same_however_many_there_are(client: Client, cast: Cast, secret: Place, name: str) -> None:
    enter(client, cast.alice)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            text(client, at(name))
        return len(queries)

    cost()
    before = cost()
    for number in range(4):
        person = make_person()
        ask_to_join(person=person, slug="maps")
        create_flair(actor=cast.alice, forum_id=secret.forum.pk, name=f"flair {number}", kind="member")
        Member.objects.create(forum=secret.forum, user=make_person(), permissions=1)
        create_forum(owner=cast.alice, name=f"Forum {number}", slug=f"forum-{number}")
    assert cost() <= before + 1 <= BUDGET


def test_the_directory_costs_little(client: Client, cast: Cast, maps: Place) -> None:
    for number in range(4):
        create_forum(owner=cast.bob, name=f"Forum {number}", slug=f"forum-{number}")
    with CaptureQueriesContext(connection) as queries:
        text(client, reverse("forum_directory"))
    assert len(queries) <= 3
    client.force_login(cast.bob)
    with CaptureQueriesContext(connection) as queries:
        text(client, reverse("forum_directory"))
    assert len(queries) <= 9
