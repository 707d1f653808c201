"""The pages of a group as a whole, as they are without scripts: for whom which, and what each says to whom it is not for."""

import io
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.models import User
from groups.actions.coming import join_group
from groups.actions.group import create_group, edit_group
from groups.directory import find_groups, open_channels
from groups.models import Ban, Channel, Group, Member, Override
from groups.permissions import Right
from tests.cast import Cast
from tests.factories import make_person
from tests.groups.cast import Community, make_community
from tests.stepup import confirm

pytestmark = pytest.mark.django_db
BUDGET = 15
XSS = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast, is_public=True)


def enter(client: Client, person: User) -> None:
    """Logged in, and just confirmed."""
    client.force_login(person)
    confirm(client)


def at(name: str, group: Group) -> str:
    return reverse(name, args=[group.pk])


def text(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (90, 60), "teal").save(out, "PNG")
    out.seek(0)
    out.name = "icon.png"
    return out


# --- settings ----------------------------------------------------------------------------------------------------------


def test_the_settings_list_only_what_the_member_may_open(client: Client, cast: Cast, atlas: Community) -> None:
    address = at("group_settings", atlas.group)
    client.force_login(cast.alice)
    owners = text(client, address)
    assert at("group_delete", atlas.group) in owners
    client.force_login(cast.bob)
    members = text(client, address)
    for name in ("group_delete", "group_transfer", "group_log", "group_roles", "group_bans"):
        try:
            hidden = at(name, atlas.group)
        except Exception:  # noqa: BLE001, S112 -- a page that is not there is not linked
            continue
        assert hidden not in members
    assert at("group_leave", atlas.group) in members
    assert 'name="description"' not in members


PAGES = ("group_settings", "group_overview", "group_leave", "group_transfer", "group_delete")


def test_a_group_one_is_not_in_is_as_one_that_is_not(client: Client, cast: Cast) -> None:
    private = make_community(cast).group
    enter(client, cast.charlie)
    for name in (*PAGES, "group_join", "group"):
        there, nowhere = (client.get(reverse(name, args=[key]), follow=True) for key in (private.pk, uuid4()))
        assert there.status_code == nowhere.status_code == 404, name
        assert private.name not in there.content.decode()
    for name in ("group_join", "group_restore", "group_icon_change", "group_icon_remove", "group_overview"):
        answers = [client.post(reverse(name, args=[key])) for key in (private.pk, uuid4())]
        assert [answer.status_code for answer in answers] == [404, 404], name


def test_the_overview_is_edited_by_who_may(client: Client, cast: Cast, atlas: Community) -> None:
    address = at("group_overview", atlas.group)
    said = {"name": "Open Atlas", "description": "Maps\r\nfor all", "is_public": "on"}
    client.force_login(cast.bob)
    assert client.post(address, said).status_code == 403
    client.force_login(cast.alice)
    assert client.post(address, said)["Location"] == address
    group = Group.objects.get()
    assert (group.name, group.description, group.is_public, group.greets) == (
        "Open Atlas",
        "Maps\nfor all",
        True,
        False,
    )
    for wrong in ({"name": ""}, {"name": "\u200b"}, {"name": "x" * 500}, {"name": "Fine", "description": "x" * 1500}):
        assert client.post(address, said | wrong).status_code == 400
    assert Group.objects.get().name == "Open Atlas"


def test_what_people_call_a_group_stays_text(client: Client, cast: Cast, atlas: Community) -> None:
    edit_group(actor=cast.alice, group_id=atlas.group.pk, name=XSS[:100], description=XSS * 3)
    atlas.general.conversation.title = XSS[:100]
    atlas.general.conversation.save()
    enter(client, cast.alice)
    pages = [text(client, at(name, atlas.group)) for name in PAGES]
    client.force_login(cast.charlie)
    pages += [text(client, reverse("group_directory")), text(client, at("group", atlas.group))]
    for page in pages:
        assert "<img src=x" not in page
        assert "<script>alert" not in page


def test_an_icon_is_made_of_pixels_served_to_all_and_gone_when_removed(
    client: Client, cast: Cast, atlas: Community, settings: Any, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    client.force_login(cast.bob)
    assert client.post(at("group_icon_change", atlas.group), {"picture": picture()}).status_code == 403
    client.force_login(cast.alice)
    answer = client.post(
        at("group_icon_change", atlas.group),
        {"picture": picture(), "left": 0, "top": 0, "side": 50},
        headers={"Accept": "application/json"},
    )
    address = answer.json()["avatar"]
    file = Client().get(address)
    assert (file["Content-Type"], file.content[8:12]) == ("image/webp", b"WEBP")
    assert "sandbox" in file["Content-Security-Policy"]
    assert address in text(client, reverse("group_directory"))
    broken = {"picture": io.BytesIO(b"<svg onload=alert(1)>")}
    assert client.post(at("group_icon_change", atlas.group), broken).status_code == 302
    assert Group.objects.get().icon_url(128) == address
    with django_capture_on_commit_callbacks(execute=True):
        client.post(at("group_icon_remove", atlas.group))
    assert Client().get(address).status_code == 404
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


# --- a new group -------------------------------------------------------------------------------------------------------


def test_a_group_is_made_with_an_icon_and_entered(client: Client, cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    client.force_login(cast.bob)
    said = {"name": "Benches", "beginning": "community", "icon": picture()}
    answer = client.post(reverse("group_new"), said)
    group = Group.objects.get()
    assert answer["Location"] == at("group", group)
    assert (group.owner, group.is_public, group.channels.count()) == (cast.bob, False, 6)
    assert Client().get(group.icon_url(64)).status_code == 200
    for wrong in ({"name": " "}, {"beginning": "palace"}, {"icon": io.BytesIO(b"nothing")}):
        assert client.post(reverse("group_new"), {"name": "x", "beginning": "usual"} | wrong).status_code == 400
    assert Group.objects.count() == 1
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 3


def test_guests_are_asked_to_keep_their_name_first(client: Client, atlas: Community) -> None:
    client.force_login(make_person(username="guest-zoe", is_guest=True))
    assert client.get(reverse("group_new"))["Location"] == reverse("guest_claim")
    assert client.post(at("group_join", atlas.group)).status_code == 403
    assert reverse("guest_claim") in text(client, at("group", atlas.group))


# --- the directory -----------------------------------------------------------------------------------------------------


def many_groups(owner: User, count: int) -> None:
    Group.objects.bulk_create(
        Group(
            name=f"Group {number}", description=f"words{number % 7} 100%", owner=owner, is_public=True,
            member_count=number % 50,
        )
        for number in range(count)
    )  # fmt: skip


def test_the_directory_leads_through_all_public_groups_once(cast: Cast, atlas: Community) -> None:
    many_groups(cast.bob, 120)
    Group.objects.create(name="Secret", owner=cast.bob)
    Group.objects.create(name="Going", owner=cast.bob, is_public=True, deletion_due_at=timezone.now())
    seen: list[Group] = []
    after = ""
    while True:
        page = find_groups(cast.bob, after=after)
        seen += [found.group for found in page.groups]
        if not (after := page.after):
            break
    assert len(seen) == len(set(seen)) == 121
    assert [group.member_count for group in seen] == sorted((group.member_count for group in seen), reverse=True)
    assert {"Secret", "Going"}.isdisjoint(group.name for group in seen)


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("maps", 1),
        ("ATL more", 1),
        ("atlas nothing", 0),
        ("%", 3),
        ("_", 0),
        ("words1 group", 1),
        ("\0", 4),
        ("'\\", 0),
    ],
)
def test_words_are_found_in_names_and_descriptions_as_they_are(
    cast: Cast, atlas: Community, query: str, count: int
) -> None:
    many_groups(cast.bob, 3)
    assert len(find_groups(cast.charlie, query).groups) == count


@pytest.mark.parametrize("after", ["", "x", "-5.", f"9999999999999.{UUID(int=1)}", f"-1.{UUID(int=1)}", "5.5.5", "٣.x"])
def test_nonsense_of_where_to_go_on_harms_nothing(client: Client, cast: Cast, atlas: Community, after: str) -> None:
    client.force_login(cast.charlie)
    assert client.get(reverse("group_directory"), {"after": after}).status_code == 200


def test_the_directory_costs_the_same_however_many_there_are(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.bob)
    text(client, reverse("group_directory"))
    with CaptureQueriesContext(connection) as few:
        page = text(client, reverse("group_directory"))
    assert "Joined" in page
    many_groups(cast.bob, 300)
    with CaptureQueriesContext(connection) as many:
        text(client, reverse("group_directory") + "?q=group")
    assert len(few) == len(many) <= BUDGET


def test_a_group_that_turns_private_leaves_the_directory_at_once(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.charlie)
    for is_public in (True, False, True):
        edit_group(actor=cast.alice, group_id=atlas.group.pk, is_public=is_public)
        assert ("Atlas" in text(client, reverse("group_directory"))) == is_public


# --- before joining ----------------------------------------------------------------------------------------------------


def test_a_public_group_shows_what_everybody_who_joins_sees(client: Client, cast: Cast, atlas: Community) -> None:
    conversation = atlas.announcements.conversation
    conversation.title, conversation.topic = "staff-room", "Whom we ban"
    conversation.save()
    Override.objects.filter(channel=atlas.announcements).update(deny=int(Right.VIEW))
    client.force_login(cast.charlie)
    page = text(client, at("group", atlas.group))
    assert "general" in page
    assert at("group_join", atlas.group) in page
    for hidden in ("staff-room", "Whom we ban", cast.alice.username):
        assert hidden not in page


def test_channels_follow_their_category_in_the_preview(cast: Cast, atlas: Community) -> None:
    category = atlas.group.categories.get()
    Override.objects.create(category=category, role=atlas.everyone, deny=int(Right.VIEW))
    assert [place.name for place in open_channels(atlas.group)] == ["announcements"]
    Channel.objects.filter(pk=atlas.announcements.pk).update(deleted_at=timezone.now())
    assert open_channels(atlas.group) == []


def test_joining_leads_into_the_group(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.charlie)
    assert client.get(at("group_join", atlas.group))["Location"] == at("group", atlas.group)
    assert not Member.objects.filter(user=cast.charlie).exists(), "a link joins nobody"
    answer = client.post(at("group_join", atlas.group), {"next": "https://evil.example/"})
    assert answer["Location"] == at("group", atlas.group)
    assert Member.objects.filter(user=cast.charlie).exists()


def test_the_banned_see_the_group_and_that_they_cannot_join(client: Client, cast: Cast, atlas: Community) -> None:
    Ban.objects.create(group=atlas.group, user=cast.charlie, reason="Their secret reason")
    client.force_login(cast.charlie)
    page = text(client, at("group", atlas.group))
    assert "You cannot join this group." in page
    assert "Their secret reason" not in page
    assert at("group_join", atlas.group) not in page
    assert client.post(at("group_join", atlas.group)).status_code == 403


# --- leaving, handing over, the end --------------------------------------------------------------------------------------


def test_leaving_asks_first(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.bob)
    text(client, at("group_leave", atlas.group))
    assert Member.objects.filter(user=cast.bob).exists()
    client.post(at("group_leave", atlas.group))
    assert not Member.objects.filter(user=cast.bob).exists()
    client.force_login(cast.alice)
    assert at("group_transfer", atlas.group) in text(client, at("group_leave", atlas.group))
    assert client.post(at("group_leave", atlas.group)).status_code == 403


def test_who_did_not_confirm_lately_is_asked_to(client: Client, cast: Cast, atlas: Community) -> None:
    client.force_login(cast.alice)
    for name in ("group_transfer", "group_delete"):
        for answer in (client.get(at(name, atlas.group)), client.post(at(name, atlas.group), {"name": "Atlas"})):
            assert answer.status_code == 302
            assert "reauthenticate" in answer["Location"] or "confirm" in answer["Location"]
    assert Group.objects.get().deletion_due_at is None


def test_the_group_is_handed_over_on_its_page(client: Client, cast: Cast, atlas: Community) -> None:
    address = at("group_transfer", atlas.group)
    enter(client, cast.alice)
    assert str(cast.bob.pk) in text(client, address)
    found = text(client, f"{address}?q=BOB")
    assert str(cast.bob.pk) in found
    assert str(cast.mod.pk) not in found
    for wrong in (
        {},
        {"name": "Atlas"},
        {"person": cast.bob.pk},
        {"person": cast.bob.pk, "name": "Atl"},
        {"person": "x"},
    ):
        assert client.post(address, wrong).status_code == 400
    assert client.post(address, {"person": cast.charlie.pk, "name": "Atlas"}).status_code == 404
    assert client.post(address, {"person": cast.bob.pk, "name": "Atlas"}).status_code == 302
    assert Group.objects.get().owner == cast.bob
    assert client.get(address).status_code == 403


def test_the_owner_finds_the_way_back_and_nobody_else_anything(client: Client, cast: Cast, atlas: Community) -> None:
    address = at("group_delete", atlas.group)
    enter(client, cast.alice)
    assert client.post(address, {"name": "Not Atlas"}).status_code == 400
    assert client.post(address, {"name": "Atlas"})["Location"] == address
    page = text(client, address)
    assert at("group_restore", atlas.group) in page
    assert address in text(client, reverse("group_directory"))
    enter(client, cast.bob)
    for name in (*PAGES, "group"):
        assert client.get(at(name, atlas.group)).status_code == 404, name
    assert client.post(at("group_restore", atlas.group)).status_code == 404
    enter(client, cast.alice)
    assert client.post(at("group_restore", atlas.group))["Location"] == at("group", atlas.group)
    assert Group.objects.get().deletion_due_at is None


def test_every_page_stays_within_its_budget(client: Client, cast: Cast, atlas: Community) -> None:
    for _number in range(30):
        join_group(person=make_person(), group_id=atlas.group.pk)
    enter(client, cast.alice)
    pages = [at(name, atlas.group) for name in PAGES] + [reverse("group_new")]
    for address in pages:
        text(client, address)
        with CaptureQueriesContext(connection) as asked:
            text(client, address)
        assert len(asked) <= BUDGET, address
    client.force_login(cast.charlie)
    text(client, at("group", atlas.group))
    with CaptureQueriesContext(connection) as asked:
        text(client, at("group", atlas.group))
    assert len(asked) <= BUDGET


def test_somebody_who_owns_very_many_groups_waits_for_no_page(client: Client, cast: Cast) -> None:
    for number in range(3):
        create_group(owner=cast.bob, name=f"Mine {number}")
    client.force_login(cast.bob)
    text(client, reverse("group_directory"))
    with CaptureQueriesContext(connection) as few:
        text(client, reverse("group_directory"))
    mine = [Group(name=f"g{number}", owner=cast.bob, is_public=True) for number in range(197)]
    Group.objects.bulk_create(mine)
    Member.objects.bulk_create(Member(group=group, user=cast.bob) for group in mine)
    with CaptureQueriesContext(connection) as many:
        text(client, reverse("group_directory"))
    assert len(many) == len(few)
    answer = client.post(reverse("group_new"), {"name": "One more", "beginning": "usual"})
    assert answer.status_code == 403
    assert "200" in answer.content.decode()
