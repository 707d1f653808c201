"""What groups have of a person, in their export: their own, and nothing that is others'."""

import io
import json
import zipfile
from typing import Any

import pytest

from accounts.export import archive_into
from accounts.models import User
from groups.actions.members import part_member
from groups.export import collect
from groups.models import Ban, Group, Invite, InviteUse, Member, MemberRole
from tests.cast import make_cast
from tests.groups.cast import make_community

pytestmark = pytest.mark.django_db


def exported(person: User) -> dict[str, Any]:
    out = io.BytesIO()
    with archive_into(out) as archive:
        collect(person, archive)
    with zipfile.ZipFile(out) as file:
        return {name: json.loads(file.read(name)) for name in file.namelist()}


def test_places_roles_invitations_and_bans_of_mine_and_of_nobody_else() -> None:
    cast = make_cast()
    atlas = make_community(cast)
    MemberRole.objects.create(member=atlas.member(cast.bob), role=atlas.moderators)
    Member.objects.filter(user=cast.bob).update(nickname="Bobby")
    mine = Invite.objects.create(group=atlas.group, code="mine-" * 3, creator=cast.bob)
    theirs = Invite.objects.create(group=atlas.group, code="theirs-" * 3, creator=cast.alice)
    for user, invite in ((cast.mod, mine), (cast.bob, theirs)):
        InviteUse.objects.create(invite=invite, user=user)
    found = exported(cast.bob)
    [group] = found["groups.json"]
    assert (group["name"], group["nickname"], group["roles"], group["owner"]) == (
        "Atlas",
        "Bobby",
        ["Moderators"],
        False,
    )
    assert [row["code"] for row in found["group_invitations.json"]["made"]] == [mine.code]
    assert len(found["group_invitations.json"]["used"]) == 1
    assert found["group_bans.json"] == []
    part_member(atlas.group, atlas.member(cast.bob))
    Ban.objects.create(group=atlas.group, user=cast.bob, actor=cast.alice, reason="Loud")
    found = exported(cast.bob)
    assert found["groups.json"] == []
    assert found["group_bans.json"][0]["reason"] == "Loud"
    assert found["group_bans.json"][0]["group"] == "Atlas"
    assert "alice" not in json.dumps(found)
    assert exported(cast.alice)["groups.json"][0]["owner"] is True


def test_a_private_group_that_keeps_out_who_was_never_in_it_is_not_named() -> None:
    cast = make_cast()
    atlas = make_community(cast)
    Ban.objects.create(group=atlas.group, user=cast.charlie, actor=cast.alice, reason="Loud elsewhere")
    [ban] = exported(cast.charlie)["group_bans.json"]
    assert (ban["group"], ban["reason"]) == ("", "Loud elsewhere")
    Group.objects.update(is_public=True)
    assert exported(cast.charlie)["group_bans.json"][0]["group"] == "Atlas"
