"""Invitations as actions: who may make and end them, whom they let in, and how often."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.actions.relationships import block_person
from accounts.models import AuditEntry, Notification, User
from accounts.notices import shown
from chatter.core.errors import NotFound, Refused
from groups.access import Scope, sync_access
from groups.actions import invites
from groups.actions.coming import leave_group
from groups.actions.invites import (
    ALPHABET,
    end_invites,
    make_invite,
    prune_invites,
    redeem_invite,
    revoke_invite,
    send_invites,
)
from groups.actions.members import part_member
from groups.models import Ban, Group, Invite, InviteUse, Member, Override, Role
from groups.permissions import Right
from tests.cast import Cast
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def refusal(deed: Callable[..., Any], **given: Any) -> str:
    with pytest.raises(Refused) as refused:
        deed(**given)
    return refused.value.code


def forbid(atlas: Community, right: Right) -> None:
    Role.objects.filter(pk=atlas.everyone.pk).update(permissions=atlas.everyone.permissions & ~right)


def is_in(atlas: Community, person: User) -> bool:
    return Member.objects.filter(group=atlas.group, user=person).exists()


# --- making ---------------------------------------------------------------------------------------------------------------------


def test_a_code_is_long_readable_and_never_the_same(cast: Cast, atlas: Community) -> None:
    codes = {make_invite(creator=cast.bob, group_id=atlas.group.pk).code for _number in range(20)}
    assert len(codes) == 20
    assert all(len(code) == 12 and set(code) <= set(ALPHABET) for code in codes)
    assert len(ALPHABET) ** 12 > 2**64
    assert not set("0OIl") & set(ALPHABET)


def test_it_lasts_a_week_unless_said_otherwise(cast: Cast, atlas: Community) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk)
    assert made.expires_at is not None
    assert abs(made.expires_at - timezone.now() - timedelta(days=7)) < timedelta(minutes=1)
    assert make_invite(creator=cast.bob, group_id=atlas.group.pk, lifetime=None).expires_at is None
    assert AuditEntry.objects.filter(action="group.invite.created", place=atlas.group.pk).count() == 2


@pytest.mark.parametrize("wish", [{"lifetime": DAY * 31}, {"lifetime": -DAY}, {"max_uses": 0}, {"max_uses": 7}])
def test_only_what_is_offered_can_be_had(cast: Cast, atlas: Community, wish: dict[str, Any]) -> None:
    assert refusal(make_invite, creator=cast.alice, group_id=atlas.group.pk, **wish) == "invalid"


def test_inviting_is_a_right_of_members(cast: Cast, atlas: Community) -> None:
    assert refusal(make_invite, creator=cast.charlie, group_id=atlas.group.pk) == "not_found"
    assert refusal(make_invite, creator=cast.alice, group_id=uuid4()) == "not_found"
    forbid(atlas, Right.INVITE)
    assert refusal(make_invite, creator=cast.bob, group_id=atlas.group.pk) == "forbidden"
    assert make_invite(creator=cast.alice, group_id=atlas.group.pk).use_count == 0


def test_it_leads_only_where_its_creator_looks(cast: Cast, atlas: Community) -> None:
    assert make_invite(creator=cast.bob, group_id=atlas.group.pk, channel_id=atlas.general.pk).channel == atlas.general
    Override.objects.create(category=atlas.general.category, role=atlas.everyone, deny=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    deeds = [atlas.general.pk, uuid4(), make_community(cast).general.pk]
    for channel in deeds:
        said = refusal(make_invite, creator=cast.bob, group_id=atlas.group.pk, channel_id=channel)
        assert said == "not_found"


def test_there_is_an_end_to_how_many_work(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invites, "INVITES_OF_ONE", 2)
    monkeypatch.setattr(invites, "INVITES_OF_GROUP", 3)
    first, _second = (make_invite(creator=cast.bob, group_id=atlas.group.pk) for _number in range(2))
    assert refusal(make_invite, creator=cast.bob, group_id=atlas.group.pk) == "forbidden"
    make_invite(creator=cast.mod, group_id=atlas.group.pk)
    assert refusal(make_invite, creator=cast.mod, group_id=atlas.group.pk) == "forbidden"
    revoke_invite(actor=cast.bob, group_id=atlas.group.pk, invite_id=first.pk)
    make_invite(creator=cast.mod, group_id=atlas.group.pk)


# --- ending ---------------------------------------------------------------------------------------------------------------------


def test_who_made_it_or_manages_the_group_revokes_it(cast: Cast, atlas: Community) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk)
    for person in (cast.mod, cast.charlie):
        deed = {"actor": person, "group_id": atlas.group.pk, "invite_id": made.pk}
        assert refusal(revoke_invite, **deed) == "not_found"
    other = make_community(cast)
    said = refusal(revoke_invite, actor=cast.alice, group_id=other.group.pk, invite_id=made.pk)
    assert said == "not_found", "an invitation of one group is not reached through another"
    first = revoke_invite(actor=cast.alice, group_id=atlas.group.pk, invite_id=made.pk).revoked_at
    assert revoke_invite(actor=cast.bob, group_id=atlas.group.pk, invite_id=made.pk).revoked_at == first
    assert AuditEntry.objects.filter(action="group.invite.revoked").count() == 1
    assert refusal(redeem_invite, person=cast.charlie, code=made.code) == "not_found"


def test_who_is_put_out_takes_their_invitations_along(cast: Cast, atlas: Community) -> None:
    """Those of somebody who left, or may not invite any more, stay: others count on them, and who manages can revoke them."""
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk)
    forbid(atlas, Right.INVITE)
    part_member(atlas.group, atlas.member(cast.bob))
    assert redeem_invite(person=cast.charlie, code=made.code)
    assert end_invites(atlas.group, cast.bob) == 1
    assert refusal(redeem_invite, person=make_person(), code=made.code) == "not_found"
    assert end_invites(atlas.group, cast.bob) == 0


def test_what_ended_long_ago_goes_and_who_came_by_it_stays(cast: Cast, atlas: Community) -> None:
    old, young = (make_invite(creator=cast.bob, group_id=atlas.group.pk) for _number in range(2))
    redeem_invite(person=cast.charlie, code=old.code)
    Invite.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=91))
    Invite.objects.filter(pk=young.pk).update(revoked_at=timezone.now() - timedelta(days=1))
    assert prune_invites() == 1
    assert list(Invite.objects.all()) == [young]
    assert atlas.member(cast.charlie).invited_by == cast.bob


# --- coming in ------------------------------------------------------------------------------------------------------------------


def test_it_lets_in_and_says_who_invited_whom(cast: Cast, atlas: Community) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk, max_uses=1)
    redeem_invite(person=cast.charlie, code=made.code)
    assert atlas.member(cast.charlie).invited_by == cast.bob
    assert list(InviteUse.objects.values_list("invite", "user")) == [(made.pk, cast.charlie.pk)]
    assert Invite.objects.get().use_count == 1
    assert refusal(redeem_invite, person=make_person(), code=made.code) == "not_found"


def test_who_is_in_spends_nothing_and_who_comes_again_no_second_use(cast: Cast, atlas: Community) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk, max_uses=5)
    redeem_invite(person=cast.mod, code=made.code)
    assert Invite.objects.get().use_count == 0
    for _time in range(2):
        redeem_invite(person=cast.charlie, code=made.code)
    part_member(atlas.group, atlas.member(cast.charlie))
    redeem_invite(person=cast.charlie, code=made.code)
    assert (Invite.objects.get().use_count, InviteUse.objects.count()) == (1, 1)


ENDS: dict[str, Callable[[Invite], Any]] = {
    "expired": lambda made: Invite.objects.filter(pk=made.pk).update(expires_at=timezone.now()),
    "revoked": lambda made: Invite.objects.filter(pk=made.pk).update(revoked_at=timezone.now()),
    "used up": lambda made: Invite.objects.filter(pk=made.pk).update(use_count=5),
    "group to be deleted": lambda made: Group.objects.filter(pk=made.group_id).update(deletion_due_at=timezone.now()),
    "gone": lambda made: Invite.objects.filter(pk=made.pk).delete(),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_has_ended_lets_nobody_in(cast: Cast, atlas: Community, end: str) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk, max_uses=5)
    ENDS[end](made)
    with pytest.raises(NotFound):
        redeem_invite(person=cast.charlie, code=made.code)
    assert not is_in(atlas, cast.charlie)


@pytest.mark.parametrize("code", ["", "x", "1" * 12, "1" * 25, "a\0b", "ü" * 12, "0OIl0OIl0OIl", "' or 1=1 --"])
def test_what_is_no_code_is_no_invitation(cast: Cast, atlas: Community, code: str) -> None:
    make_invite(creator=cast.bob, group_id=atlas.group.pk)
    with pytest.raises(NotFound):
        redeem_invite(person=cast.charlie, code=code)


def test_guests_and_the_banned_stay_out(cast: Cast, atlas: Community) -> None:
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk, max_uses=5)
    ban = Ban.objects.create(group=atlas.group, user=cast.charlie, reason="Noise")
    for person in (cast.charlie, make_person(is_guest=True)):
        assert refusal(redeem_invite, person=person, code=made.code) == "forbidden"
    assert Invite.objects.get().use_count == 0
    Ban.objects.filter(pk=ban.pk).update(until=timezone.now())
    assert redeem_invite(person=cast.charlie, code=made.code)


@pytest.mark.django_db(transaction=True)
def test_of_twenty_who_come_at_once_as_many_get_in_as_there_is_room(cast: Cast) -> None:
    atlas = make_community(cast)
    made = make_invite(creator=cast.bob, group_id=atlas.group.pk, max_uses=5)
    Invite.objects.filter(pk=made.pk).update(use_count=2)
    people = [make_person() for _number in range(20)]
    start = threading.Barrier(10)
    came: list[User] = []
    refused: list[str] = []

    def come(some: list[User]) -> None:
        try:
            start.wait()
            for person in some:
                try:
                    redeem_invite(person=person, code=made.code)
                    came.append(person)
                except Refused as no:
                    refused.append(no.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(people[at::10],)) for at in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(came), refused) == (3, ["not_found"] * 17)
    assert {row.user for row in InviteUse.objects.select_related("user")} == set(came)
    assert Invite.objects.get().use_count == 5
    assert Group.objects.get().member_count == Member.objects.count() == 7


# --- people one knows -----------------------------------------------------------------------------------------------------------


def told(person: User) -> list[str]:
    rows = list(Notification.objects.filter(recipient=person, kind="invitation"))
    return [notice.title for notice in shown(person, rows) if "Atlas" in notice.title]


def test_the_invited_are_told_and_led_to_the_invitation(cast: Cast, atlas: Community) -> None:
    other = make_person()
    assert send_invites(actor=cast.bob, group_id=atlas.group.pk, people=[cast.charlie, other, cast.mod]) == 2
    made = Invite.objects.get()
    assert (made.max_uses, made.creator) == (2, cast.bob)
    row = Notification.objects.get(recipient=cast.charlie, kind="invitation")
    notice = shown(cast.charlie, [row])[0]
    assert (notice.title, notice.url) == ("Bob invites you to “Atlas”", f"/i/{made.code}/")
    assert not told(cast.mod)
    redeem_invite(person=cast.charlie, code=made.code)
    assert not told(cast.charlie)
    assert Notification.objects.get(pk=row.pk).read_at is not None
    assert told(other)


def test_an_invitation_that_holds_no_more_is_not_shown(cast: Cast, atlas: Community) -> None:
    send_invites(actor=cast.bob, group_id=atlas.group.pk, people=[cast.charlie])
    assert told(cast.charlie)
    block_person(blocker=cast.charlie, blocked=cast.bob)
    assert not told(cast.charlie)
    send_invites(actor=cast.mod, group_id=atlas.group.pk, people=[cast.charlie])
    assert told(cast.charlie) == ["Mod invites you to “Atlas”"]
    end_invites(atlas.group, cast.mod)
    assert not told(cast.charlie)


def test_nobody_is_pressed(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a day is enough; and nobody invites the whole town."""
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_800_000_000.0)
    assert send_invites(actor=cast.bob, group_id=atlas.group.pk, people=[cast.charlie]) == 1
    assert send_invites(actor=cast.bob, group_id=atlas.group.pk, people=[cast.charlie]) == 0
    assert Invite.objects.count() == 1
    monkeypatch.setattr(invites, "PEOPLE_AN_HOUR", 3)
    crowd = [make_person() for _number in range(21)]
    assert refusal(send_invites, actor=cast.bob, group_id=atlas.group.pk, people=crowd) == "invalid"
    assert refusal(send_invites, actor=cast.bob, group_id=atlas.group.pk, people=crowd[:5]) == "rate_limited"
    assert Invite.objects.count() == 1
    assert not Notification.objects.filter(recipient__in=crowd).exists()
    monkeypatch.setattr(invites, "PEOPLE_AN_HOUR", 60)
    told_now = send_invites(actor=cast.bob, group_id=atlas.group.pk, people=crowd[:5])
    assert told_now == 5, "who was not told then can be told now"


def test_who_cannot_be_reached_or_may_not_come_is_not_told(cast: Cast, atlas: Community) -> None:
    Ban.objects.create(group=atlas.group, user=cast.charlie, reason="Noise")
    assert send_invites(actor=cast.bob, group_id=atlas.group.pk, people=[cast.charlie]) == 0
    shy = make_person(privacy={"group": "nobody"})
    assert refusal(send_invites, actor=cast.bob, group_id=atlas.group.pk, people=[shy]) == "forbidden"
    guest = make_person(is_guest=True)
    assert refusal(send_invites, actor=cast.bob, group_id=atlas.group.pk, people=[guest]) == "forbidden"
    assert refusal(send_invites, actor=cast.charlie, group_id=atlas.group.pk, people=[shy]) == "not_found"
    forbid(atlas, Right.INVITE)
    assert refusal(send_invites, actor=cast.bob, group_id=atlas.group.pk, people=[shy]) == "forbidden"
    assert not Notification.objects.filter(kind="invitation", recipient__in=[cast.charlie, shy, guest]).exists()


def test_coming_and_going_by_invitation_has_an_end(
    cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time all channels hear of it, and the first one says who came."""
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_800_000_000.0)
    monkeypatch.setattr(invites, "JOINS_PER_HOUR", 3)
    invite = make_invite(creator=cast.bob, group_id=atlas.group.pk)
    for _time in range(3):
        redeem_invite(person=cast.charlie, code=invite.code)
        redeem_invite(person=cast.charlie, code=invite.code)
        leave_group(person=cast.charlie, group_id=atlas.group.pk)
    assert refusal(redeem_invite, person=cast.charlie, code=invite.code) == "rate_limited"


def test_people_are_told_before_the_log_is_held(
    cast: Cast, atlas: Community, django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(60) as queries:
        send_invites(actor=cast.bob, group_id=atlas.group.pk, people=[cast.charlie])
    said = [query["sql"] for query in queries.captured_queries]
    last = next(place for place, sql in enumerate(said) if "accounts_audit(" in sql)
    assert not [sql for sql in said[last + 1 :] if "accounts_notification" in sql]
