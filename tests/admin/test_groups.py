"""Groups in the administration: to be looked at, never saved around the actions; codes of invitations are nowhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry
from chat.models import Membership
from chatter.core.administration import ReadOnlyAdmin
from groups.actions.invites import living_invite, make_invite
from groups.actions.moderation import ban_person
from groups.models import Ban, ChannelDay, GroupDay, Invite, InviteUse, Member, MemberRole, Override, Purge, Role
from groups.permissions import Right
from tests.admin.conftest import reads, tables
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast)


@pytest.fixture
def invite(cast: Cast, atlas: Community) -> Invite:
    made = make_invite(creator=cast.alice, group_id=atlas.group.pk)
    InviteUse.objects.create(invite=made, user=cast.bob)
    return made


def lists() -> dict[str, str]:
    return {label.split(".")[1]: address for label, address in tables().items() if label.startswith("groups.")}


def rows(atlas: Community, cast: Cast, invite: Invite) -> dict[str, Any]:
    """One row of every table."""
    ban = ban_person(actor=cast.alice, group_id=atlas.group.pk, person_id=cast.mallory.pk, reason="Noise")
    today = timezone.now().date()
    return {
        "group": atlas.group,
        "category": atlas.general.category,
        "channel": atlas.general,
        "role": atlas.moderators,
        "member": atlas.member(cast.mod),
        "override": Override.objects.get(channel=atlas.announcements),
        "invite": invite,
        "inviteuse": InviteUse.objects.get(invite=invite),
        "ban": ban,
        "purge": Purge.objects.create(group=atlas.group, user=cast.mallory, since=timezone.now()),
        "groupday": GroupDay.objects.filter(group=atlas.group).first(),
        "channelday": ChannelDay.objects.create(channel=atlas.general, day=today, messages=3, active=2),
    }


def test_every_table_is_there_and_can_only_be_looked_at(
    office: Client, cast: Cast, atlas: Community, invite: Invite
) -> None:
    found = rows(atlas, cast, invite)
    assert set(lists()) == set(found)
    for model, table in admin.site._registry.items():
        if model._meta.app_label == "groups":
            assert isinstance(table, ReadOnlyAdmin), model
    for name, row in found.items():
        one = f"{lists()[name]}{row.pk}"
        assert office.get(f"{one}/change/").status_code == 200, name
        assert office.post(f"{one}/change/", {"name": "Hijacked", "permissions": 1 << 24}).status_code == 403, name
        assert office.post(f"{one}/delete/", {"post": "yes"}).status_code == 403, name
        assert office.get(f"{lists()[name]}add/").status_code == 403, name


def test_names_are_found(office: Client, cast: Cast, atlas: Community, invite: Invite) -> None:
    rows(atlas, cast, invite)
    for name, address in lists().items():
        assert "Atlas" in office.get(f"{address}?q=Atlas").content.decode(), name
        assert "0 results" in office.get(f"{address}?q=Nowhere").content.decode(), name
    page = office.get(f"{lists()['member']}{atlas.member(cast.mod).pk}/change/").content.decode()
    assert "Moderators" in page, "the roles of a member stand beside them"


def test_codes_of_invitations_are_nowhere(office: Client, cast: Cast, atlas: Community, invite: Invite) -> None:
    for address in lists().values():
        assert invite.code not in office.get(address).content.decode()
    one = f"{lists()['invite']}{invite.pk}/"
    use = f"{lists()['inviteuse']}{InviteUse.objects.get(invite=invite).pk}/"
    office.post(lists()["invite"], {"action": "revoke", "_selected_action": [str(invite.pk)]})
    for page in (f"{one}change/", f"{one}history/", f"{use}change/", "/admin/"):
        assert invite.code not in office.get(page, follow=True).content.decode(), page
    assert invite.code[:4] in office.get(f"{one}change/").content.decode()
    for lookup in ("code__startswith", "code", "creator__group_invites__code__startswith"):
        assert office.get(f"{lists()['invite']}?{lookup}={invite.code[:4]}").status_code == 400
    for query in (invite.code, invite.code[:6]):
        assert "0 results" in office.get(f"{lists()['invite']}?q={query}").content.decode()


def test_an_invitation_is_revoked_and_a_ban_lifted(
    office: Client, root: Any, cast: Cast, atlas: Community, invite: Invite
) -> None:
    ban = ban_person(actor=cast.alice, group_id=atlas.group.pk, person_id=cast.mallory.pk, reason="Noise")
    office.post(lists()["invite"], {"action": "revoke", "_selected_action": [str(invite.pk)]})
    office.post(lists()["ban"], {"action": "lift", "_selected_action": [str(ban.pk)]})
    assert living_invite(invite.code) is None
    assert not Ban.objects.exists()
    told = AuditEntry.objects.filter(actor=root, place=atlas.group.pk)
    assert {entry.action for entry in told} == {"group.invite.revoked", "group.ban.lifted"}


def test_a_group_is_ended_and_restored(office: Client, cast: Cast, atlas: Community) -> None:
    chosen = {"_selected_action": [str(atlas.group.pk)]}
    office.post(lists()["group"], chosen | {"action": "close"})
    assert not Membership.objects.active().filter(conversation=atlas.talk).exists(), "nobody reads it any more"
    office.post(lists()["group"], chosen | {"action": "close"})
    office.post(lists()["group"], chosen | {"action": "reopen"})
    assert say(cast.bob, atlas.talk).number == 1
    told = AuditEntry.objects.filter(place=atlas.group.pk, action__startswith="group.deletion")
    assert told.count() == 2


def test_staff_who_may_only_look_do_nothing(cast: Cast, atlas: Community, invite: Invite) -> None:
    clerk = make_person(username="clerk", is_staff=True)
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=["view_group", "view_invite"]))
    browser = Client()
    browser.force_login(clerk)
    browser.post(lists()["invite"], {"action": "revoke", "_selected_action": [str(invite.pk)]})
    browser.post(lists()["group"], {"action": "close", "_selected_action": [str(atlas.group.pk)]})
    assert living_invite(invite.code) is not None
    assert 'value="revoke"' not in browser.get(lists()["invite"]).content.decode()
    assert browser.get(lists()["role"]).status_code == 403


def populate(atlas: Community, count: int, before: int = 0) -> None:
    """`count` more rows in every table of the group."""
    today, past = timezone.now().date(), timezone.now()
    for number in range(before, before + count):
        person = make_person(username=f"member{number}")
        member = Member.objects.create(group=atlas.group, user=person, invited_by=atlas.group.owner)
        role = Role.objects.create(group=atlas.group, name=f"Role {number}", position=number + 2)
        MemberRole.objects.create(member=member, role=role)
        Override.objects.create(channel=atlas.general, member=member, deny=int(Right.SEND | Right.REACT))
        Override.objects.create(category=atlas.general.category, role=role, allow=int(Right.PIN))
        invite = Invite.objects.create(group=atlas.group, code=f"{number:012}", creator=person)
        InviteUse.objects.create(invite=invite, user=person)
        Ban.objects.create(group=atlas.group, user=person, actor=atlas.group.owner, reason="x")
        Purge.objects.create(group=atlas.group, user=person, actor=atlas.group.owner, since=past)
        GroupDay.objects.create(group=atlas.group, day=today - timedelta(days=number + 1))
        ChannelDay.objects.create(channel=atlas.general, day=today - timedelta(days=number))


@pytest.mark.parametrize("query", ["", "?q=a"])
def test_lists_cost_the_same_for_few_rows_and_many(office: Client, atlas: Community, query: str) -> None:
    def costs() -> dict[str, int]:
        counted = {}
        for name, address in lists().items():
            with CaptureQueriesContext(connection) as queries:
                office.get(address + query)
            counted[name] = reads(queries)
        return counted

    populate(atlas, 3)
    costs()
    few = costs()
    populate(atlas, 30, before=3)
    assert costs() == few
    assert max(few.values()) <= 12, few
