"""Giving and taking roles: by whom, to whom, and what it opens and closes."""

from functools import partial

import pytest

from accounts.models import AuditEntry
from chat.models import Membership
from groups.access import Scope, sync_access
from groups.actions.holders import GIVEN_AT_ONCE, change_roles_of, give_role, take_role
from groups.actions.members import admit_member
from groups.actions.roles import change_role, create_role, delete_role
from groups.models import Channel, MemberRole, Override, Role
from groups.permissions import EVERYONE_DEFAULT, IN_CHANNELS, Right
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community
from tests.groups.test_roles import LEADS, bits, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Bob holds Leads (manages roles), above Moderators (Mod) and Helpers (nobody)."""
    atlas = make_community(cast)
    group = atlas.group.pk
    helpers = create_role(actor=cast.alice, group_id=group, name="Helpers", permissions=int(Right.PIN))
    leads = Role.objects.create(group=atlas.group, name="Leads", permissions=int(LEADS | Right.PIN), position=3)
    assert helpers.position == 1
    give_role(actor=cast.alice, group_id=group, role_id=leads.pk, people=[cast.bob.pk])
    return atlas


def role(name: str) -> Role:
    return Role.objects.get(name=name)


def close(atlas: Community, opener: Role | None = None) -> Channel:
    """#general is closed to everyone but who holds `opener`."""
    Channel.objects.filter(pk=atlas.general.pk).update(is_synced=False)
    Override.objects.create(channel=atlas.general, role=atlas.everyone, deny=int(Right.VIEW))
    if opener:
        Override.objects.create(channel=atlas.general, role=opener, allow=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    return atlas.general


def test_a_role_brings_at_once_what_it_may_and_takes_it_with_it(cast: Cast, atlas: Community) -> None:
    group, helpers = atlas.group.pk, role("Helpers").pk
    assert give_role(actor=cast.bob, group_id=group, role_id=helpers, people=[cast.mod.pk, cast.mallory.pk]) == 2
    assert bits(cast.mallory, atlas) & Right.PIN
    assert give_role(actor=cast.bob, group_id=group, role_id=helpers, people=[cast.mallory.pk]) == 0
    take_role(actor=cast.bob, group_id=group, role_id=helpers, person_id=cast.mallory.pk)
    assert not bits(cast.mallory, atlas) & Right.PIN
    take_role(actor=cast.bob, group_id=group, role_id=helpers, person_id=cast.mallory.pk)
    assert AuditEntry.objects.filter(place=group, action="group.role.taken", target_id=cast.mallory.pk).count() == 1


def test_a_role_opens_a_closed_channel_and_its_loss_closes_it(cast: Cast, atlas: Community) -> None:
    close(atlas, role("Helpers"))
    assert refused(partial(say, cast.mallory, atlas.talk)) == "not_found"
    give_role(actor=cast.alice, group_id=atlas.group.pk, role_id=role("Helpers").pk, people=[cast.mallory.pk])
    assert say(cast.mallory, atlas.talk).number == 1
    take_role(actor=cast.alice, group_id=atlas.group.pk, role_id=role("Helpers").pk, person_id=cast.mallory.pk)
    assert refused(partial(say, cast.mallory, atlas.talk)) == "not_found"
    assert not Membership.objects.active().filter(conversation=atlas.talk, user=cast.mallory).exists()


def test_nobody_gives_their_own_rank_or_above_or_bits_they_lack(cast: Cast, atlas: Community) -> None:
    group = atlas.group.pk
    for name, person in (("Leads", cast.mallory), ("Moderators", cast.mallory), ("Moderators", cast.bob)):
        deed = partial(give_role, actor=cast.bob, group_id=group, role_id=role(name).pk, people=[person.pk])
        assert refused(deed) == "forbidden", "Leads are his rank; Moderators may ban"
    taking = partial(take_role, actor=cast.bob, group_id=group, role_id=role("Moderators").pk, person_id=cast.mod.pk)
    assert refused(taking) == "forbidden", "nor does he take what he lacks"


def test_nobody_acts_on_a_member_of_their_rank_or_above(cast: Cast, atlas: Community) -> None:
    group, helpers = atlas.group.pk, role("Helpers").pk
    peer = make_person(username="peer")
    admit_member(atlas.group, peer)
    give_role(actor=cast.alice, group_id=group, role_id=role("Leads").pk, people=[peer.pk])
    give_role(actor=cast.alice, group_id=group, role_id=helpers, people=[peer.pk, cast.alice.pk, cast.bob.pk])
    for person in (peer, cast.alice):
        for deed in (
            partial(take_role, actor=cast.bob, group_id=group, role_id=helpers, person_id=person.pk),
            partial(give_role, actor=cast.bob, group_id=group, role_id=helpers, people=[person.pk]),
        ):
            assert refused(deed) == "forbidden"
    take_role(actor=cast.bob, group_id=group, role_id=helpers, person_id=cast.bob.pk)
    assert not MemberRole.objects.filter(role=helpers, member__user=cast.bob).exists(), "their own lower ones they drop"


def test_one_who_may_not_be_given_it_refuses_all(cast: Cast, atlas: Community) -> None:
    group, helpers = atlas.group.pk, role("Helpers").pk
    deed = partial(give_role, actor=cast.bob, group_id=group, role_id=helpers, people=[cast.mallory.pk, cast.alice.pk])
    assert refused(deed) == "forbidden"
    assert not MemberRole.objects.filter(role=helpers).exists()
    many = [make_person().pk for _number in range(GIVEN_AT_ONCE + 1)]
    assert refused(partial(give_role, actor=cast.bob, group_id=group, role_id=helpers, people=many)) == "invalid"


def test_who_may_not_see_a_place_opens_it_to_nobody(cast: Cast, atlas: Community) -> None:
    """A role below one's own may still lead where one may not go: neither oneself nor anybody else is let in so."""
    group, helpers = atlas.group.pk, role("Helpers").pk
    close(atlas, role("Helpers"))
    for person in (cast.bob, cast.mallory):
        deed = partial(give_role, actor=cast.bob, group_id=group, role_id=helpers, people=[person.pk])
        assert refused(deed) == "forbidden"
    assert refused(partial(delete_role, actor=cast.bob, group_id=group, role_id=helpers)) == "forbidden"
    Override.objects.create(channel=atlas.general, role=role("Leads"), allow=int(Right.VIEW))
    assert give_role(actor=cast.bob, group_id=group, role_id=helpers, people=[cast.mallory.pk]) == 1


def test_nobody_frees_themselves_of_what_a_role_denies_them(cast: Cast, atlas: Community) -> None:
    group = atlas.group.pk
    quiet = create_role(actor=cast.alice, group_id=group, name="Quiet")
    Channel.objects.filter(pk=atlas.general.pk).update(is_synced=False)
    Override.objects.create(channel=atlas.general, role=quiet, deny=int(Right.SEND))
    give_role(actor=cast.alice, group_id=group, role_id=quiet.pk, people=[cast.bob.pk])
    assert refused(partial(say, cast.bob, atlas.talk)) == "forbidden"
    assert (
        refused(partial(take_role, actor=cast.bob, group_id=group, role_id=quiet.pk, person_id=cast.bob.pk))
        == "forbidden"
    )
    assert refused(partial(delete_role, actor=cast.bob, group_id=group, role_id=quiet.pk)) == "forbidden"


def test_overrides_of_a_category_count_like_those_of_a_channel(cast: Cast, atlas: Community) -> None:
    group, helpers = atlas.group.pk, role("Helpers")
    Override.objects.create(category=atlas.general.category, role=helpers, allow=int(Right.MANAGE_MESSAGES))
    assert (
        refused(partial(give_role, actor=cast.bob, group_id=group, role_id=helpers.pk, people=[cast.bob.pk]))
        == "forbidden"
    )
    Channel.objects.filter(group=atlas.group).update(is_synced=False)
    assert (
        refused(partial(give_role, actor=cast.bob, group_id=group, role_id=helpers.pk, people=[cast.bob.pk]))
        == "forbidden"
    )


def test_several_roles_of_one_member_at_once(cast: Cast, atlas: Community) -> None:
    group, helpers = atlas.group.pk, role("Helpers").pk
    second = create_role(actor=cast.alice, group_id=group, name="Second").pk
    change_roles_of(actor=cast.bob, group_id=group, person_id=cast.mallory.pk, give=[helpers, second])
    change_roles_of(actor=cast.bob, group_id=group, person_id=cast.mallory.pk, take=[helpers])
    assert set(MemberRole.objects.filter(member__user=cast.mallory).values_list("role", flat=True)) == {second}
    change_roles_of(actor=cast.bob, group_id=group, person_id=cast.mallory.pk)
    assert AuditEntry.objects.filter(place=group, target_id=cast.mallory.pk).count() == 3


def test_a_changed_role_changes_its_holders_at_once(cast: Cast, atlas: Community) -> None:
    group, helpers = atlas.group.pk, role("Helpers").pk
    give_role(actor=cast.bob, group_id=group, role_id=helpers, people=[cast.mallory.pk])
    change_role(actor=cast.bob, group_id=group, role_id=helpers, withdraw=int(Right.PIN))
    assert not bits(cast.mallory, atlas) & Right.PIN
    assert bits(cast.mallory, atlas) == EVERYONE_DEFAULT & IN_CHANNELS
    assert sync_access(Scope(group=group)) == []
