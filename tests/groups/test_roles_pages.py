"""The pages of roles without scripts: who reaches them, what they change, what bad input is answered, what they cost."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from groups.actions.holders import give_role
from groups.actions.members import admit_member
from groups.actions.roles import ROLES_MAX, create_role, nudge_role
from groups.models import Member, MemberRole, Role
from groups.permissions import EVERYONE_DEFAULT, Right
from tests.cast import Cast
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Bob holds Leads, who manage roles, above Moderators."""
    atlas = make_community(cast)
    rights = int(EVERYONE_DEFAULT | Right.MANAGE_ROLES)
    leads = create_role(actor=cast.alice, group_id=atlas.group.pk, name="Leads", permissions=rights)
    nudge_role(actor=cast.alice, group_id=atlas.group.pk, role_id=leads.pk, up=True)
    give_role(actor=cast.alice, group_id=atlas.group.pk, role_id=leads.pk, people=[cast.bob.pk])
    return atlas


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def at(name: str, atlas: Community, *keys: Any) -> str:
    return reverse(name, args=[atlas.group.pk, *keys])


def pages(atlas: Community, cast: Cast) -> list[str]:
    role = atlas.moderators.pk
    return [
        at("group_roles", atlas),
        at("group_role_new", atlas),
        *(at(name, atlas, role) for name in ("group_role", "group_role_delete", "group_role_holders")),
        at("group_member_roles", atlas, cast.mod.pk),
    ]


def test_who_manages_roles_opens_every_page_at_a_bounded_price(cast: Cast, atlas: Community) -> None:
    for person in (cast.alice, cast.bob):
        client = browser(person)
        for address in pages(atlas, cast):
            client.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(address).status_code == 200, address
            assert len(queries) <= 15, (address, len(queries))


def test_others_do_not(cast: Cast, atlas: Community) -> None:
    for person, status in ((cast.mod, 403), (cast.mallory, 403), (cast.charlie, 404)):
        client = browser(person)
        for address in pages(atlas, cast):
            assert client.get(address).status_code == status, address
            if address != at("group_roles", atlas):
                assert client.post(address, {"name": "x"}).status_code == status, address
        assert client.post(at("group_roles_order", atlas), {"up": str(atlas.moderators.pk)}).status_code == status


def test_unknown_roles_members_and_groups_are_not_found(cast: Cast, atlas: Community) -> None:
    client, other = browser(cast.alice), make_community(cast)
    for name in ("group_role", "group_role_delete", "group_role_holders"):
        for key in (uuid4(), other.moderators.pk):
            assert client.get(at(name, atlas, key)).status_code == 404
    for key in (uuid4(), cast.charlie.pk):
        assert client.get(at("group_member_roles", atlas, key)).status_code == 404
    assert client.get(reverse("group_roles", args=[uuid4()])).status_code == 404


def test_a_role_is_made_changed_moved_and_deleted(cast: Cast, atlas: Community) -> None:
    client = browser(cast.alice)
    typed = {"name": "Map makers", "hue": "4", "is_shown_apart": "on", "rights": [int(Right.PIN), int(Right.KICK)]}
    answer = client.post(at("group_role_new", atlas), typed, follow=True)
    role = Role.objects.get(name="Map makers")
    assert "Map makers" in answer.content.decode()
    assert (role.hue, role.is_shown_apart, role.is_mentionable) == (4, True, False)
    assert role.permissions == Right.PIN | Right.KICK
    sent = {"name": "Makers", "hue": "", "seen": role.permissions, "rights": [int(Right.PIN), int(Right.BAN)]}
    assert client.post(at("group_role", atlas, role.pk), sent).status_code == 302
    role.refresh_from_db()
    assert (role.name, role.hue, role.is_shown_apart) == ("Makers", None, False)
    assert role.permissions == Right.PIN | Right.BAN
    answer = client.post(at("group_roles_order", atlas), {"up": str(role.pk)})
    assert answer["Location"].endswith(f"/roles/#role-{role.pk}")
    over = {"role": str(role.pk), "over": str(Role.objects.get(name="Leads").pk)}
    assert client.post(at("group_roles_order", atlas), over, headers={"Accept": "application/json"}).status_code == 204
    role.refresh_from_db()
    assert role.position == 3
    question = client.get(at("group_role_delete", atlas, atlas.moderators.pk)).content.decode()
    assert "1 member holds it" in question
    assert client.post(at("group_role_delete", atlas, role.pk)).status_code == 302
    assert not Role.objects.filter(pk=role.pk).exists()


def test_what_the_reader_lacks_stays_as_it_is(cast: Cast, atlas: Community) -> None:
    """Bob may not ban: the switch is not his, whatever his browser sends."""
    client, role = browser(cast.bob), atlas.moderators
    page = client.get(at("group_role", atlas, role.pk)).content.decode()
    assert f'value="{int(Right.BAN)}" id="right-{int(Right.BAN)}"' in page
    assert "You may not do this yourself." in page
    own = [int(right) for right in Right if right & EVERYONE_DEFAULT]
    sent = {"name": role.name, "hue": "8", "seen": role.permissions, "rights": own}
    assert client.post(at("group_role", atlas, role.pk), sent).status_code == 302
    now = Role.objects.get(pk=role.pk).permissions
    assert now == role.permissions | EVERYONE_DEFAULT
    client.post(at("group_role", atlas, role.pk), sent | {"seen": 0, "rights": [int(Right.ADMINISTRATOR)]})
    assert Role.objects.get(pk=role.pk).permissions == now


def test_a_page_that_is_old_undoes_nothing(cast: Cast, atlas: Community) -> None:
    """Only what was changed on the page is changed, not what somebody else changed since."""
    role, client = atlas.moderators, browser(cast.alice)
    seen = role.permissions
    Role.objects.filter(pk=role.pk).update(permissions=int(Right.PIN))
    rights = [int(right) for right in Right if right & seen]
    client.post(
        at("group_role", atlas, role.pk), {"name": role.name, "seen": seen, "rights": [*rights, int(Right.EMBED)]}
    )
    assert Role.objects.get(pk=role.pk).permissions == Right.PIN | Right.EMBED


def test_a_role_as_high_as_ones_own_is_shown_but_not_offered(cast: Cast, atlas: Community) -> None:
    leads, client = Role.objects.get(name="Leads"), browser(cast.bob)
    page = client.get(at("group_role", atlas, leads.pk)).content.decode()
    assert "only who stands above it can change it" in page
    assert client.post(at("group_role", atlas, leads.pk), {"name": "Kings"}).status_code == 403
    assert client.post(at("group_role_delete", atlas, leads.pk)).status_code == 403
    assert client.post(at("group_roles_order", atlas), {"down": str(leads.pk)}).status_code == 403


def test_everyone_has_permissions_and_nothing_else(cast: Cast, atlas: Community) -> None:
    client, key = browser(cast.alice), atlas.everyone.pk
    page = client.get(at("group_role", atlas, key)).content.decode()
    assert 'name="hue"' not in page
    assert at("group_role_delete", atlas, key) not in page
    sent = {"name": "All of us", "seen": int(EVERYONE_DEFAULT), "rights": [int(Right.VIEW)]}
    assert client.post(at("group_role", atlas, key), sent).status_code == 302
    atlas.everyone.refresh_from_db()
    assert (atlas.everyone.name, atlas.everyone.permissions) == ("everyone", Right.VIEW)
    assert client.get(at("group_role_holders", atlas, key)).status_code == 302
    assert client.post(at("group_role_delete", atlas, key)).status_code == 403


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"name": ""},
        {"name": "x" * 61},
        {"name": "Moderators"},
        {"name": "a\0b"},
        {"name": "ok", "hue": "12"},
        {"name": "ok", "hue": "red"},
        {"name": "ok", "rights": ["1099511627776"]},
        {"name": "ok", "rights": ["x"]},
        {"name": "ok", "seen": "-1"},
        {"name": "ok", "seen": "9" * 40},
    ],
)
def test_bad_input_is_answered_beside_its_field(cast: Cast, atlas: Community, sent: dict[str, Any]) -> None:
    answer = browser(cast.alice).post(at("group_role_new", atlas), sent)
    assert answer.status_code == 400
    assert Role.objects.filter(group=atlas.group).count() == 3


@pytest.mark.parametrize(
    "sent",
    [{}, {"up": "x"}, {"up": str(uuid4()), "down": str(uuid4())}, {"over": str(uuid4())}, {"role": "1", "over": ""}],
)
def test_moves_name_one_role(cast: Cast, atlas: Community, sent: dict[str, Any]) -> None:
    assert browser(cast.alice).post(at("group_roles_order", atlas), sent).status_code == 400


def test_members_are_found_and_given_the_role_several_at_once(cast: Cast, atlas: Community) -> None:
    client, address = browser(cast.alice), at("group_role_holders", atlas, atlas.moderators.pk)
    Member.objects.filter(user=cast.mallory).update(nickname="Mapper Mal")
    page = client.get(address, {"q": "mapper"}).content.decode()
    assert 'value="mallory"' in page
    found = client.get(address, {"q": "@bo"}, headers={"Accept": "application/json"}).json()["people"]
    assert [person["username"] for person in found] == ["bob"]
    assert 'name="members" value="mod"' not in client.get(address, {"q": "mod"}).content.decode(), "holds it"
    client.post(address, {"members": ["bob", "mallory", "charlie", "nobody"], "give": "1"})
    assert set(atlas.moderators.held.values_list("member__user__username", flat=True)) == {"mod", "bob", "mallory"}
    client.post(address, {"take": str(cast.mallory.pk)})
    assert not MemberRole.objects.filter(role=atlas.moderators, member__user=cast.mallory).exists()


@pytest.mark.parametrize(
    "sent",
    [{}, {"members": ["charlie"]}, {"members": ["\0", "x" * 300]}, {"take": "x"}, {"after": "-1"}, {"q": "x" * 81}],
)
def test_giving_needs_members(cast: Cast, atlas: Community, sent: dict[str, Any]) -> None:
    address = at("group_role_holders", atlas, atlas.moderators.pk)
    assert browser(cast.alice).post(address, sent).status_code == 400
    assert atlas.moderators.held.count() == 1


def test_who_cannot_be_given_it_is_not_offered(cast: Cast, atlas: Community) -> None:
    low = create_role(actor=cast.alice, group_id=atlas.group.pk, name="Low")
    client, address = browser(cast.bob), at("group_role_holders", atlas, low.pk)
    assert 'name="members" value="alice"' not in client.get(address, {"q": "alice"}).content.decode()
    assert client.post(address, {"members": ["alice"]}).status_code == 403
    held = at("group_role_holders", atlas, atlas.moderators.pk)
    page = client.get(held).content.decode()
    assert 'name="take"' not in page, "it may what he may not"
    assert client.post(held, {"take": str(cast.mod.pk)}).status_code == 403


def test_holders_are_shown_a_page_at_a_time(cast: Cast, atlas: Community) -> None:
    for number in range(60):
        person = make_person(username=f"holder{number:02}")
        member = admit_member(atlas.group, person)
        MemberRole.objects.create(member=member, role=atlas.moderators)
    client, address = browser(cast.alice), at("group_role_holders", atlas, atlas.moderators.pk)
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        first = client.get(address).content.decode()
    assert len(queries) <= 15
    assert "holder59" in first
    assert "holder09" not in first
    after = first.rsplit("?after=", maxsplit=1)[1].split('"', maxsplit=1)[0]
    assert "holder09" in client.get(address, {"after": after}).content.decode()


def test_the_roles_of_a_member(cast: Cast, atlas: Community) -> None:
    group, client = atlas.group.pk, browser(cast.bob)
    low = create_role(actor=cast.alice, group_id=group, name="Low").pk
    address = at("group_member_roles", atlas, cast.mallory.pk)
    assert client.post(address, {"roles": [str(low)]}).status_code == 302
    page = client.get(address).content.decode()
    assert f'name="seen" value="{low}"' in page
    assert client.post(address, {"roles": [str(low), str(atlas.moderators.pk)], "seen": [str(low)]}).status_code == 403
    assert client.post(address, {"seen": [str(low)]}).status_code == 302
    assert not MemberRole.objects.filter(member__user=cast.mallory).exists()
    assert client.post(address, {"roles": ["x"]}).status_code == 400
    assert client.post(address, {"roles": [str(uuid4())]}).status_code == 404
    of_owner = at("group_member_roles", atlas, cast.alice.pk)
    assert "You cannot give or take roles here" in client.get(of_owner).content.decode()
    assert client.post(of_owner, {"roles": [str(low)]}).status_code == 403


def test_two_hundred_and_fifty_roles_cost_no_more(cast: Cast, atlas: Community) -> None:
    here = Role.objects.filter(group=atlas.group, is_everyone=False).count()
    Role.objects.bulk_create(
        Role(group=atlas.group, name=f"Role {number}", hue=number % 12, position=number + 3)
        for number in range(ROLES_MAX - here)
    )
    client = browser(cast.alice)
    for address in pages(atlas, cast):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, address
    page = client.get(at("group_roles", atlas)).content.decode()
    assert page.count('class="role"') == ROLES_MAX + 1
    assert at("group_role_new", atlas) not in page
    assert "as many as there can be" in page
    assert client.post(at("group_role_new", atlas), {"name": "One more"}).status_code == 403


def test_names_are_text(cast: Cast, atlas: Community) -> None:
    name = "<script>alert(1)</script>"
    role = create_role(actor=cast.alice, group_id=atlas.group.pk, name=name)
    client = browser(cast.alice)
    for address in (
        at("group_roles", atlas),
        at("group_role", atlas, role.pk),
        at("group_member_roles", atlas, cast.bob.pk),
    ):
        assert "<script>alert" not in client.get(address).content.decode()
