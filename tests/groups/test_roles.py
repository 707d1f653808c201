"""Roles made, changed, ordered and deleted: by whom, and what follows at once."""

from collections.abc import Callable
from functools import partial
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import AuditEntry, User
from chat.models import Membership
from chatter.core.errors import NotFound, Refused
from groups.access import Scope, sync_access
from groups.actions.holders import change_roles_of, give_role, take_role
from groups.actions.roles import ROLES_MAX, change_role, create_role, delete_role, move_role, nudge_role
from groups.models import Group, MemberRole, Override, Role
from groups.permissions import ALL, EVERYONE_DEFAULT, Right, standing_in
from tests.cast import Cast, make_cast, say
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
LEADS = Right.MANAGE_ROLES | EVERYONE_DEFAULT | Right.KICK


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Bob leads: he manages roles and stands above Mod, who moderates. Order: Leads, Moderators, everyone."""
    atlas = make_community(cast)
    leads = create_role(actor=cast.alice, group_id=atlas.group.pk, name="Leads", permissions=int(LEADS), hue=0)
    nudge_role(actor=cast.alice, group_id=atlas.group.pk, role_id=leads.pk, up=True)
    give_role(actor=cast.alice, group_id=atlas.group.pk, role_id=leads.pk, people=[cast.bob.pk])
    return atlas


def order(group: Group) -> list[str]:
    roles = list(group.roles.order_by("-position"))
    assert [role.position for role in roles] == list(range(len(roles)))[::-1], "no gaps"
    return [role.name for role in roles]


def bits(person: User, atlas: Community) -> int:
    row = Membership.objects.active().filter(conversation=atlas.talk, user=person).first()
    return row.permissions if row else 0


def refused(deed: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refusal:
        deed()
    return refusal.value.code


def test_a_new_role_is_the_lowest(cast: Cast, atlas: Community) -> None:
    role = create_role(actor=cast.bob, group_id=atlas.group.pk, name="  Map   makers ", permissions=int(Right.SEND))
    assert order(atlas.group) == ["Leads", "Moderators", "Map makers", "everyone"]
    assert (role.hue, role.is_shown_apart, role.is_mentionable) == (None, False, False)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 61, "everyone", "Here", "MODERATORS", "a\0b"])
def test_names_are_seen_and_told_apart(cast: Cast, atlas: Community, name: str) -> None:
    assert refused(partial(create_role, actor=cast.alice, group_id=atlas.group.pk, name=name)) in {
        "invalid",
        "too_long",
    }


@pytest.mark.parametrize("name", ["مشرفون", "管理者", "👩‍🚀 Crew", "Ωmega", "x" * 60])
def test_names_of_every_script(cast: Cast, atlas: Community, name: str) -> None:
    assert create_role(actor=cast.alice, group_id=atlas.group.pk, name=name).name == name


def test_strangers_and_those_without_the_right_make_none(cast: Cast, atlas: Community) -> None:
    assert refused(partial(create_role, actor=cast.charlie, group_id=atlas.group.pk, name="x")) == "not_found"
    assert refused(partial(create_role, actor=cast.alice, group_id=uuid4(), name="x")) == "not_found"
    for person in (cast.mod, cast.mallory):
        assert refused(partial(create_role, actor=person, group_id=atlas.group.pk, name="x")) == "forbidden"


def test_the_right_to_manage_roles_alone_stands_above_nothing(cast: Cast, atlas: Community) -> None:
    """@everyone may be given it; who has no role of their own still touches none, nor @everyone."""
    group = atlas.group.pk
    change_role(actor=cast.alice, group_id=group, role_id=atlas.everyone.pk, grant=int(Right.MANAGE_ROLES))
    assert refused(partial(create_role, actor=cast.mallory, group_id=group, name="x")) == "forbidden"
    assert refused(partial(change_role, actor=cast.mallory, group_id=group, role_id=atlas.everyone.pk)) == "forbidden"


def test_a_group_has_so_many_roles_and_no_more(cast: Cast, atlas: Community) -> None:
    here = Role.objects.filter(group=atlas.group, is_everyone=False).count()
    Role.objects.bulk_create(
        Role(group=atlas.group, name=f"r{number}", position=number + 3) for number in range(ROLES_MAX - here)
    )
    assert refused(partial(create_role, actor=cast.alice, group_id=atlas.group.pk, name="One more")) == "forbidden"


def test_nobody_grants_or_takes_what_they_lack(cast: Cast, atlas: Community) -> None:
    group, role = atlas.group.pk, atlas.moderators.pk
    assert (
        refused(partial(create_role, actor=cast.bob, group_id=group, name="x", permissions=int(Right.BAN)))
        == "forbidden"
    )
    for grant, withdraw in ((Right.ADMINISTRATOR, 0), (Right.MANAGE_GROUP, 0), (0, Right.BAN), (1 << 40, 0)):
        deed = partial(
            change_role, actor=cast.bob, group_id=group, role_id=role, grant=int(grant), withdraw=int(withdraw)
        )
        assert refused(deed) == "forbidden"
    assert refused(partial(delete_role, actor=cast.bob, group_id=group, role_id=role)) == "forbidden", "it can ban"
    changed = change_role(
        actor=cast.bob, group_id=group, role_id=role, withdraw=int(Right.KICK), name="Wardens", hue=None
    )
    assert not changed.permissions & Right.KICK
    assert changed.permissions & Right.BAN, "what he lacks stays"


def test_nobody_touches_their_own_rank_or_above(cast: Cast, atlas: Community) -> None:
    group, leads = atlas.group.pk, Role.objects.get(group=atlas.group, name="Leads")
    for deed in (
        partial(change_role, actor=cast.bob, group_id=group, role_id=leads.pk, name="Kings"),
        partial(delete_role, actor=cast.bob, group_id=group, role_id=leads.pk),
        partial(nudge_role, actor=cast.bob, group_id=group, role_id=leads.pk, up=False),
        partial(nudge_role, actor=cast.bob, group_id=group, role_id=atlas.moderators.pk, up=True),
        partial(move_role, actor=cast.bob, group_id=group, role_id=atlas.moderators.pk, over=leads.pk),
    ):
        assert refused(deed) == "forbidden"
    assert order(atlas.group) == ["Leads", "Moderators", "everyone"]


def test_administrators_may_all_but_not_above_their_rank(cast: Cast, atlas: Community) -> None:
    group = atlas.group.pk
    change_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk, grant=int(Right.ADMINISTRATOR))
    assert standing_in(atlas.group, cast.mod).rights == ALL
    leads = Role.objects.get(group=atlas.group, name="Leads")
    assert refused(partial(change_role, actor=cast.mod, group_id=group, role_id=leads.pk, hue=3)) == "forbidden"
    helpers = create_role(actor=cast.mod, group_id=group, name="Helpers", permissions=int(Right.ADMINISTRATOR))
    assert helpers.position == 1


def test_of_everyone_only_the_permissions_change(cast: Cast, atlas: Community) -> None:
    group, everyone = atlas.group.pk, atlas.everyone.pk
    assert refused(partial(delete_role, actor=cast.alice, group_id=group, role_id=everyone)) == "forbidden"
    assert refused(partial(change_role, actor=cast.alice, group_id=group, role_id=everyone, name="All")) == "forbidden"
    assert refused(partial(nudge_role, actor=cast.alice, group_id=group, role_id=everyone, up=True)) == "forbidden"
    assert (
        refused(partial(give_role, actor=cast.alice, group_id=group, role_id=everyone, people=[cast.bob.pk]))
        == "not_found"
    )
    change_role(actor=cast.alice, group_id=group, role_id=everyone, withdraw=int(Right.SEND))
    assert not bits(cast.mallory, atlas) & Right.SEND
    assert refused(partial(say, cast.mallory, atlas.talk)) == "forbidden"


def test_roles_of_other_groups_do_not_exist(cast: Cast, atlas: Community) -> None:
    other = make_community(cast)
    for deed in (
        partial(change_role, actor=cast.alice, group_id=atlas.group.pk, role_id=other.moderators.pk, name="x"),
        partial(
            move_role, actor=cast.alice, group_id=atlas.group.pk, role_id=atlas.moderators.pk, over=other.moderators.pk
        ),
        partial(
            give_role, actor=cast.alice, group_id=atlas.group.pk, role_id=other.moderators.pk, people=[cast.bob.pk]
        ),
        partial(
            give_role, actor=cast.alice, group_id=atlas.group.pk, role_id=atlas.moderators.pk, people=[cast.charlie.pk]
        ),
    ):
        with pytest.raises(NotFound):
            deed()


def test_two_who_change_one_role_do_not_undo_each_other(cast: Cast, atlas: Community) -> None:
    """Each says what they granted and withdrew, not how the role shall be."""
    group, role = atlas.group.pk, atlas.moderators.pk
    change_role(actor=cast.alice, group_id=group, role_id=role, withdraw=int(Right.BAN))
    change_role(actor=cast.bob, group_id=group, role_id=role, grant=int(Right.ATTACH))
    now = Role.objects.get(pk=role).permissions
    assert now & Right.ATTACH
    assert not now & Right.BAN


def test_a_role_is_moved_over_another_and_back(cast: Cast, atlas: Community) -> None:
    group = atlas.group.pk
    for name in ("C", "B", "A"):
        create_role(actor=cast.alice, group_id=group, name=name)
    assert order(atlas.group) == ["Leads", "Moderators", "C", "B", "A", "everyone"]
    key = {role.name: role.pk for role in atlas.group.roles.all()}
    move_role(actor=cast.bob, group_id=group, role_id=key["A"], over=key["C"])
    assert order(atlas.group) == ["Leads", "Moderators", "A", "C", "B", "everyone"]
    move_role(actor=cast.bob, group_id=group, role_id=key["Moderators"], over=key["B"])
    assert order(atlas.group) == ["Leads", "A", "C", "Moderators", "B", "everyone"]
    move_role(actor=cast.bob, group_id=group, role_id=key["A"], over=None)
    assert order(atlas.group) == ["Leads", "C", "Moderators", "B", "A", "everyone"]
    move_role(actor=cast.bob, group_id=group, role_id=key["A"], over=key["A"])
    nudge_role(actor=cast.bob, group_id=group, role_id=key["A"], up=False)
    nudge_role(actor=cast.alice, group_id=group, role_id=key["Leads"], up=True)
    assert order(atlas.group) == ["Leads", "C", "Moderators", "B", "A", "everyone"]


def test_the_highest_role_with_a_colour_colours_the_name(cast: Cast, atlas: Community) -> None:
    def hue() -> int | None:
        return Membership.objects.get(conversation=atlas.talk, user=cast.bob).hue

    group = atlas.group.pk
    give_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk, people=[cast.bob.pk])
    assert hue() == 0
    move_role(actor=cast.alice, group_id=group, role_id=Role.objects.get(name="Leads").pk, over=None)
    assert hue() == 8
    change_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk, hue=None)
    assert hue() == 0
    delete_role(actor=cast.alice, group_id=group, role_id=Role.objects.get(name="Leads").pk)
    assert hue() is None


def test_a_deleted_role_is_gone_from_its_holders_and_from_overrides(cast: Cast, atlas: Community) -> None:
    group = atlas.group.pk
    Override.objects.create(channel=atlas.announcements, role=atlas.moderators, allow=int(Right.SEND))
    sync_access(Scope(group=group))
    assert say(cast.mod, atlas.announcements.conversation, "News").number == 1
    assert delete_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk) == 1
    assert order(atlas.group) == ["Leads", "everyone"]
    assert refused(partial(say, cast.mod, atlas.announcements.conversation)) == "forbidden"
    assert sync_access(Scope(group=group)) == []


def test_each_deed_is_written_down(cast: Cast, atlas: Community) -> None:
    group = atlas.group.pk
    change_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk, hue=3, grant=int(Right.PIN))
    take_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk, person_id=cast.mod.pk)
    delete_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk)
    change_role(actor=cast.alice, group_id=group, role_id=Role.objects.get(name="Leads").pk, hue=0)
    told = AuditEntry.objects.filter(place=group, action__startswith="group.role").order_by("number")
    assert [entry.action.removeprefix("group.role.") for entry in told] == [
        *("created", "moved", "given", "changed", "taken", "deleted")
    ]
    assert told[3].facts["new"] == {"hue": 3, "permissions": atlas.moderators.permissions | Right.PIN}


@pytest.mark.parametrize("hue", [-1, 12, 99])
def test_there_are_twelve_colours(cast: Cast, atlas: Community, hue: int) -> None:
    assert refused(partial(create_role, actor=cast.alice, group_id=atlas.group.pk, name="x", hue=hue)) == "invalid"


def at_once(*deeds: Callable[[], Any]) -> None:
    """Each in a thread with a connection of its own; refusals are answers."""
    together = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> None:
        together.wait()
        try:
            deed()
        except Refused:
            pass
        finally:
            connection.close()

    threads = [Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.django_db(transaction=True)
def test_two_who_order_make_and_delete_at_once_leave_no_gaps() -> None:
    cast = make_cast()
    atlas = make_community(cast)
    group = atlas.group.pk
    keys = [create_role(actor=cast.alice, group_id=group, name=f"r{number}").pk for number in range(6)]
    change_role(actor=cast.alice, group_id=group, role_id=atlas.moderators.pk, grant=int(Right.ADMINISTRATOR))
    at_once(
        *(partial(move_role, actor=cast.alice, group_id=group, role_id=key, over=None) for key in keys[:3]),
        *(partial(nudge_role, actor=cast.mod, group_id=group, role_id=key, up=True) for key in keys[:3]),
        partial(create_role, actor=cast.mod, group_id=group, name="New"),
        partial(delete_role, actor=cast.mod, group_id=group, role_id=keys[5]),
    )
    assert sorted(order(atlas.group)) == sorted(["r0", "r1", "r2", "r3", "r4", "New", "Moderators", "everyone"])


@pytest.mark.django_db(transaction=True)
def test_who_loses_the_right_while_they_use_it_is_refused_or_was_earlier() -> None:
    """The standing is read again under the group's lock: no role is given by who could not any more."""
    cast = make_cast()
    atlas = make_community(cast)
    group = atlas.group.pk
    leads = create_role(actor=cast.alice, group_id=group, name="Leads", permissions=int(LEADS))
    low = create_role(actor=cast.alice, group_id=group, name="Low")
    give_role(actor=cast.alice, group_id=group, role_id=leads.pk, people=[cast.bob.pk])
    at_once(
        partial(take_role, actor=cast.alice, group_id=group, role_id=leads.pk, person_id=cast.bob.pk),
        partial(give_role, actor=cast.bob, group_id=group, role_id=low.pk, people=[cast.mallory.pk]),
    )
    told = [entry.action for entry in AuditEntry.objects.filter(place=group).order_by("number")]
    given = MemberRole.objects.filter(role=low).exists()
    # Bob was given his role, then either he gave the other one first, or he was refused.
    assert told[-1] == "group.role.taken"
    assert told.count("group.role.given") == (2 if given else 1)
    assert refused(partial(change_roles_of, actor=cast.bob, group_id=group, person_id=cast.mallory.pk)) == "forbidden"
