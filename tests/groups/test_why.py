"""Why somebody may or may not: the steps lead where the row leads, for every bit; who may ask about whom; the pages."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from groups.access import Scope, change_access
from groups.models import Channel, Member, MemberRole, Override, Role
from groups.permissions import IN_CHANNELS, Right, standing_of
from groups.why import Answer, Place, bits_in, explain, places_of, subject_of
from tests.cast import Cast
from tests.groups.cast import Community
from tests.groups.walk import Walk

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(atlas: Community, person: User, status: int = 200, /, **asked: Any) -> str:
    answer = browser(person).get(reverse("group_why", args=[atlas.group.pk]), asked)
    assert answer.status_code == status
    return answer.content.decode()


def seen_as(*roles: Any) -> dict[str, Any]:
    return {"as": [str(role) for role in roles] or ""}


def manage(atlas: Community, person: User) -> None:
    """Let somebody manage roles."""
    role = Role.objects.create(group=atlas.group, name="Leads", position=2, permissions=int(Right.MANAGE_ROLES))
    MemberRole.objects.create(member=atlas.member(person), role=role)
    change_access(Scope(group=atlas.group.pk, users=(person.pk,)))


def compare(walk: Walk) -> None:
    """Every member, channel and bit."""
    rows = walk.stored()
    places = places_of(walk.group, Channel.objects.all())
    for member in Member.objects.filter(group=walk.group):
        subject = subject_of(walk.group, member)
        assert subject.base == standing_of(walk.group, member).rights
        assert all(explain(subject, right).can == bool(subject.base & right) for right in Right)
        for place in places:
            row = rows.get((place.channel.conversation_id, member.user_id))
            assert bits_in(subject, place) & IN_CHANNELS == (row.rights if row else 0)
            for right in IN_CHANNELS:
                assert explain(subject, right, place).can == bool(row and row.rights & right)


@pytest.mark.parametrize("seed", range(100, 103))
def test_the_steps_lead_where_the_row_leads(seed: int) -> None:
    walk = Walk(seed)
    for _round in range(6):
        for _step in range(15):
            walk.step()
        if walk.world.is_being_deleted:
            walk.delete_group()
        walk.sync()
        walk.group.refresh_from_db()
        if not walk.world.is_being_deleted:
            compare(walk)


def steps(answer: Answer) -> list[tuple[str, bool]]:
    return [(step.source, step.has) for step in answer.steps]


def place_of(atlas: Community, channel: Channel) -> Place:
    [place] = places_of(atlas.group, Channel.objects.filter(pk=channel.pk))
    return place


def test_each_step_says_what_it_did(cast: Cast, atlas: Community) -> None:
    Override.objects.create(channel=atlas.announcements, role=atlas.moderators, allow=int(Right.SEND))
    place = place_of(atlas, atlas.announcements)
    answer = explain(subject_of(atlas.group, atlas.member(cast.mod)), Right.SEND, place)
    assert steps(answer) == [
        ("@everyone", True),
        ("Roles", True),
        ("#announcements", True),
        ("@everyone, there", False),
        ("Moderators", True),
        ("This member, there", True),
    ]
    assert answer.can
    bob = explain(subject_of(atlas.group, atlas.member(cast.bob)), Right.ATTACH, place)
    assert steps(bob)[-1] == ("Write messages", False)
    alice = explain(subject_of(atlas.group, atlas.member(cast.alice)), Right.BAN, place)
    assert steps(alice)[-1] == ("Owner", True)


def test_a_member_asks_about_themselves_alone(cast: Cast, atlas: Community) -> None:
    shown = page(atlas, cast.bob, right="SEND", channel=atlas.announcements.pk)
    assert "Cannot" in shown
    assert "What is said of this channel itself holds." in shown
    assert page(atlas, cast.bob, member="bob", right="SEND")
    for name in ("mod", "Mod", "nobody", str(cast.mod.pk)):
        page(atlas, cast.bob, 403, member=name)
    page(atlas, cast.bob, 403, **seen_as(atlas.moderators.pk))
    assert 'name="member"' not in shown


def test_who_manages_roles_asks_about_everybody(cast: Cast, atlas: Community) -> None:
    manage(atlas, cast.bob)
    shown = page(atlas, cast.bob, member="@mod", right="KICK")
    assert "Moderators" in shown
    assert "Can" in shown
    Member.objects.filter(group=atlas.group).update(nickname="Zed")
    assert "Whom do you mean?" in page(atlas, cast.bob, member="zed")
    assert "Nobody here is called so." in page(atlas, cast.bob, member="charlie")


def test_a_channel_that_the_reader_does_not_see_is_not_there(cast: Cast, atlas: Community) -> None:
    manage(atlas, cast.bob)
    Override.objects.create(channel=atlas.announcements, member=atlas.member(cast.bob), deny=int(Right.VIEW))
    change_access(Scope(group=atlas.group.pk))
    asked: list[dict[str, Any]] = [{}, {"member": "mod"}, {"as": ""}, {"as": str(atlas.moderators.pk)}]
    for each in asked:
        assert "announcements" not in page(atlas, cast.bob, **each)
    page(atlas, cast.bob, 404, channel=atlas.announcements.pk)
    page(atlas, cast.bob, 404, channel=uuid4())
    assert "announcements" in page(atlas, cast.alice)


def test_outsiders_find_nothing(cast: Cast, atlas: Community) -> None:
    page(atlas, cast.charlie, 404)
    answer = browser(cast.alice).get(reverse("group_why", args=[uuid4()]))
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "asked",
    [{"right": "ALL"}, {"right": "1"}, {"channel": "x"}, {"member": "x" * 81}, {"as": "x"}, {"as": str(uuid4())}],
)
def test_what_cannot_be_asked_is_refused(cast: Cast, atlas: Community, asked: dict[str, Any]) -> None:
    page(atlas, cast.alice, 400, **asked)


def test_seen_as_a_role(cast: Cast, atlas: Community) -> None:
    Override.objects.filter(channel=atlas.announcements, role=atlas.everyone).update(deny=int(Right.VIEW))
    Override.objects.create(channel=atlas.announcements, role=atlas.moderators, allow=int(Right.VIEW))
    change_access(Scope(group=atlas.group.pk))
    nobody = page(atlas, cast.alice, **seen_as())
    assert nobody.count("Does not see it") == 1
    moderator = page(atlas, cast.alice, **seen_as("", atlas.moderators.pk))
    assert "Does not see it" not in moderator
    assert "Remove members" in moderator
    assert "Remove members" not in nobody


def test_hostile_names_stay_words(cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.moderators.pk).update(name="<b>x</b>")
    shown = page(atlas, cast.alice, member="mod", right="KICK") + page(atlas, cast.alice, **seen_as())
    assert "<b>x</b>" not in shown


def test_the_pages_cost_little(cast: Cast, atlas: Community) -> None:
    client, url = browser(cast.alice), reverse("group_why", args=[atlas.group.pk])
    asked: list[dict[str, Any]] = [
        {"member": "mod", "channel": atlas.general.pk, "right": "SEND"},
        {"as": str(atlas.moderators.pk)},
    ]
    for each in asked:
        client.get(url, each)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url, each).status_code == 200
        assert len(queries) <= 15
