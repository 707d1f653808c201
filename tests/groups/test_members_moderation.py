"""Kick, ban, time-out and nickname as actions: who may do it to whom, what it ends, who hears of it."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import AuditEntry, Notification, User
from accounts.notices import shown
from chat.models import Membership
from chatter.core.errors import NotFound, Refused
from groups.actions import nicknames
from groups.actions.coming import join_group, leave_group
from groups.actions.invites import make_invite, redeem_invite
from groups.actions.members import rows_in
from groups.actions.moderation import (
    ban_person,
    end_bans,
    kick_member,
    lift_ban,
    lift_time_out,
    time_out_member,
)
from groups.actions.nicknames import change_nickname
from groups.actions.roles import create_role
from groups.models import Ban, Group, Invite, Member, MemberRole, Role
from groups.permissions import Right
from tests.cast import Cast, make_cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)

Deed = Callable[..., Any]


def kick(actor: User, atlas: Community, person: User) -> None:
    kick_member(actor=actor, group_id=atlas.group.pk, person_id=person.pk, reason="Spam")


def ban(actor: User, atlas: Community, person: User) -> None:
    ban_person(actor=actor, group_id=atlas.group.pk, person_id=person.pk, reason="Spam", lasts=DAY)


def time_out(actor: User, atlas: Community, person: User) -> None:
    time_out_member(actor=actor, group_id=atlas.group.pk, person_id=person.pk, lasts=HOUR, reason="Spam")


def rename(actor: User, atlas: Community, person: User) -> None:
    change_nickname(actor=actor, group_id=atlas.group.pk, person_id=person.pk, nickname="Captain")


DEEDS = (kick, ban, time_out, rename)


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast, is_public=True)


def code_of(deed: Callable[[], Any]) -> str:
    with pytest.raises(Refused) as refused:
        deed()
    return refused.value.code


def is_in(atlas: Community, person: User) -> bool:
    return Member.objects.filter(group=atlas.group, user=person).exists()


def told(person: User) -> list[tuple[str, str]]:
    rows = Notification.objects.filter(recipient=person, kind="moderation").order_by("created_at")
    return [(notice.title, notice.text) for notice in shown(person, list(rows))]


@pytest.mark.parametrize("deed", DEEDS)
def test_moderators_act_on_who_stands_below_and_it_is_written_down(cast: Cast, atlas: Community, deed: Deed) -> None:
    deed(cast.mod, atlas, cast.bob)
    entry = AuditEntry.objects.filter(place=atlas.group.pk).latest("number")
    assert (entry.actor_id, entry.target_id) == (cast.mod.pk, cast.bob.pk)
    assert len(told(cast.bob)) == 1
    assert cast.mod.name not in str(told(cast.bob)), "not by whom"


@pytest.mark.parametrize("deed", DEEDS)
def test_members_without_the_right_act_on_nobody(cast: Cast, atlas: Community, deed: Deed) -> None:
    assert code_of(lambda: deed(cast.bob, atlas, cast.mallory)) == "forbidden"


@pytest.mark.parametrize("deed", DEEDS)
def test_outsiders_learn_nothing(cast: Cast, atlas: Community, deed: Deed) -> None:
    assert code_of(lambda: deed(cast.charlie, atlas, cast.bob)) == "not_found"


@pytest.mark.parametrize("deed", DEEDS)
def test_nobody_acts_on_the_owner_or_on_an_equal(cast: Cast, atlas: Community, deed: Deed) -> None:
    assert code_of(lambda: deed(cast.mod, atlas, cast.alice)) == "forbidden"
    MemberRole.objects.create(member=atlas.member(cast.bob), role=atlas.moderators)
    assert code_of(lambda: deed(cast.mod, atlas, cast.bob)) == "forbidden"
    administrator = create_role(
        actor=cast.alice, group_id=atlas.group.pk, name="Chiefs", permissions=Right.ADMINISTRATOR
    )
    MemberRole.objects.create(member=atlas.member(cast.mallory), role=administrator)
    assert code_of(lambda: deed(cast.mallory, atlas, cast.alice)) == "forbidden", "the owner is above all"


@pytest.mark.parametrize("deed", [kick, ban, time_out])
def test_nobody_acts_on_themselves(cast: Cast, atlas: Community, deed: Deed) -> None:
    assert code_of(lambda: deed(cast.mod, atlas, cast.mod)) == "forbidden"
    assert code_of(lambda: deed(cast.alice, atlas, cast.alice)) == "forbidden"


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 501, "nul \0 nul"])
def test_a_reason_is_asked_for(cast: Cast, atlas: Community, reason: str) -> None:
    given: dict[str, Any] = {"actor": cast.mod, "group_id": atlas.group.pk, "person_id": cast.bob.pk, "reason": reason}
    for deed in (
        lambda: kick_member(**given),
        lambda: ban_person(**given),
        lambda: time_out_member(**given, lasts=HOUR),
    ):
        assert code_of(deed) in {"invalid", "too_long"}
    assert is_in(atlas, cast.bob)
    assert not AuditEntry.objects.filter(target_id=cast.bob.pk).exists()


def test_who_is_kicked_reads_nothing_more_and_may_come_back(cast: Cast, atlas: Community) -> None:
    say(cast.bob, atlas.talk, "here")
    invite = make_invite(creator=cast.bob, group_id=atlas.group.pk)
    kick(cast.mod, atlas, cast.bob)
    assert not Membership.objects.active().filter(user=cast.bob, conversation=atlas.talk).exists()
    assert not Invite.objects.living().filter(pk=invite.pk).exists(), "nobody comes by their invitations"
    assert told(cast.bob) == [("You were removed from “Atlas”", "Reason: Spam")]
    with pytest.raises(Refused):
        say(cast.bob, atlas.talk)
    join_group(person=cast.bob, group_id=atlas.group.pk)
    assert is_in(atlas, cast.bob)


def test_who_is_banned_comes_in_by_no_door(cast: Cast, atlas: Community) -> None:
    invite = make_invite(creator=cast.alice, group_id=atlas.group.pk)
    ban(cast.mod, atlas, cast.bob)
    assert code_of(lambda: join_group(person=cast.bob, group_id=atlas.group.pk)) == "forbidden"
    assert code_of(lambda: redeem_invite(person=cast.bob, code=invite.code)) == "forbidden"
    assert not is_in(atlas, cast.bob)
    assert Group.objects.get(pk=atlas.group.pk).member_count == 3


def test_who_never_was_in_can_be_banned_and_is_not_told(cast: Cast, atlas: Community) -> None:
    ban(cast.mod, atlas, cast.charlie)
    assert code_of(lambda: join_group(person=cast.charlie, group_id=atlas.group.pk)) == "forbidden"
    assert told(cast.charlie) == []
    lift_ban(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.charlie.pk, reason="A mistake")
    assert told(cast.charlie) == []
    join_group(person=cast.charlie, group_id=atlas.group.pk)


def test_unknown_people_cannot_be_banned(cast: Cast, atlas: Community) -> None:
    given: dict[str, Any] = {"actor": cast.mod, "group_id": atlas.group.pk, "reason": "Spam"}
    assert code_of(lambda: ban_person(**given, person_id=uuid4())) == "not_found"
    gone = make_person(is_active=False)
    assert code_of(lambda: ban_person(**given, person_id=gone.pk)) == "not_found"
    assert code_of(lambda: lift_ban(**given, person_id=cast.bob.pk)) == "not_found"


def test_a_lifted_ban_lets_in_again(cast: Cast, atlas: Community) -> None:
    ban(cast.mod, atlas, cast.bob)
    assert (
        code_of(lambda: lift_ban(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, reason=" "))
        == "invalid"
    )
    lift_ban(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, reason="Forgiven")
    assert [title for title, _text in told(cast.bob)][-1] == "You are not banned from “Atlas” any more"
    join_group(person=cast.bob, group_id=atlas.group.pk)


def test_banned_again_the_latest_word_counts(cast: Cast, atlas: Community) -> None:
    ban(cast.mod, atlas, cast.bob)
    ban_person(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, reason="Again", lasts=None)
    [row] = Ban.objects.filter(group=atlas.group)
    assert (row.until, row.reason) == (None, "Again")


def test_bans_end_by_the_clock_and_nobody_did_it(cast: Cast, atlas: Community) -> None:
    ban(cast.mod, atlas, cast.bob)
    ban_person(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.mallory.pk, reason="Spam")
    assert end_bans() == 0
    Ban.objects.filter(user=cast.bob).update(until=timezone.now())
    join_group(person=cast.bob, group_id=atlas.group.pk)
    assert end_bans() == 1
    entry = AuditEntry.objects.get(action="group.ban.ended")
    assert (entry.actor_id, entry.target_id, entry.place) == (None, cast.bob.pk, atlas.group.pk)
    assert not Ban.objects.filter(user=cast.bob).exists()
    assert Ban.objects.filter(user=cast.mallory, until=None).exists()


def test_a_time_out_silences_until_its_end_or_until_it_is_lifted(cast: Cast, atlas: Community) -> None:
    until = time_out_member(
        actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, lasts=timedelta(seconds=60), reason="Calm down"
    )
    assert timedelta(seconds=50) < until - timezone.now() <= timedelta(seconds=60)
    assert code_of(lambda: say(cast.bob, atlas.talk)) == "timed_out"
    lift_time_out(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk)
    assert say(cast.bob, atlas.talk).number
    lift_time_out(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk)
    assert AuditEntry.objects.filter(action="group.time_out.lifted").count() == 1
    assert [title for title, _text in told(cast.bob)][-1] == "You can write in “Atlas” again"


def test_a_time_out_outlasts_leaving_and_coming_back(cast: Cast, atlas: Community) -> None:
    Group.objects.filter(pk=atlas.group.pk).update(is_public=True)
    until = time_out_member(
        actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk, lasts=HOUR, reason="Shouting"
    )
    leave_group(person=cast.bob, group_id=atlas.group.pk)
    join_group(person=cast.bob, group_id=atlas.group.pk)
    assert atlas.member(cast.bob).timed_out_until == until
    with pytest.raises(Refused) as refused:
        say(cast.bob, atlas.talk)
    assert refused.value.code == "timed_out"
    lift_time_out(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.bob.pk)
    leave_group(person=cast.bob, group_id=atlas.group.pk)
    join_group(person=cast.bob, group_id=atlas.group.pk)
    say(cast.bob, atlas.talk)


def test_only_the_offered_spans_are_taken(cast: Cast, atlas: Community) -> None:
    given: dict[str, Any] = {"actor": cast.mod, "group_id": atlas.group.pk, "person_id": cast.bob.pk, "reason": "Spam"}
    assert code_of(lambda: time_out_member(**given, lasts=timedelta(days=400))) == "invalid"
    assert code_of(lambda: ban_person(**given, lasts=timedelta(seconds=1))) == "invalid"
    assert code_of(lambda: ban_person(**given, purge=timedelta(days=5))) == "invalid"
    assert is_in(atlas, cast.bob), "nothing of it happened"


def test_who_administers_cannot_be_timed_out(cast: Cast, atlas: Community) -> None:
    Role.objects.filter(pk=atlas.moderators.pk).update(permissions=Right.ADMINISTRATOR)
    assert code_of(lambda: time_out(cast.alice, atlas, cast.mod)) == "forbidden"


def test_members_choose_their_own_nickname_where_they_may(cast: Cast, atlas: Community) -> None:
    rename(cast.bob, atlas, cast.bob)
    assert Membership.objects.get(user=cast.bob, conversation=atlas.talk).nickname == "Captain"
    assert not AuditEntry.objects.filter(action="group.nickname.changed").exists()
    assert change_nickname(actor=cast.bob, group_id=atlas.group.pk, person_id=cast.bob.pk, nickname=" ") == ""
    Role.objects.filter(pk=atlas.everyone.pk).update(permissions=int(Right.VIEW))
    assert code_of(lambda: rename(cast.bob, atlas, cast.bob)) == "forbidden"
    rename(cast.mod, atlas, cast.mod)


@pytest.mark.parametrize(
    "name", ["admin", "Alice", "ＡＬＩＣＥ", "al\u200bice", "Boss", "\u202eecilA", "x" * 81, "\u2800"]
)
def test_nicknames_mislead_nobody(cast: Cast, atlas: Community, name: str) -> None:
    Member.objects.filter(group=atlas.group, user=cast.mod).update(nickname="Boss")
    if name == "\u202eecilA":
        assert change_nickname(actor=cast.bob, group_id=atlas.group.pk, person_id=cast.bob.pk, nickname=name) == "ecilA"
        return
    given: dict[str, Any] = {"actor": cast.bob, "group_id": atlas.group.pk, "person_id": cast.bob.pk, "nickname": name}
    assert code_of(lambda: change_nickname(**given)) in {"invalid", "too_long"}


def test_nicknames_are_of_every_script(cast: Cast, atlas: Community) -> None:
    for name in ("Żółw 🐢", "مرحبا", "山田", "नमस्ते", "bob"):
        assert change_nickname(actor=cast.bob, group_id=atlas.group.pk, person_id=cast.bob.pk, nickname=name) == name


def test_people_hear_of_it_though_they_block_the_moderator(cast: Cast, atlas: Community) -> None:
    kick(cast.alice, atlas, cast.mallory)
    assert len(told(cast.mallory)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("door", ["directory", "invitation"])
def test_whoever_comes_in_while_they_are_banned_is_not_inside_at_the_end(door: str) -> None:
    cast = make_cast()
    atlas = make_community(cast, is_public=True)
    code = make_invite(creator=cast.alice, group_id=atlas.group.pk).code
    start = threading.Barrier(4)

    def run(deed: Callable[[], Any]) -> None:
        start.wait()
        try:
            deed()
        except Refused:
            pass
        finally:
            connection.close()

    def come() -> None:
        if door == "directory":
            join_group(person=cast.charlie, group_id=atlas.group.pk)
        else:
            redeem_invite(person=cast.charlie, code=code)

    deeds = [come, come, come, lambda: ban(cast.mod, atlas, cast.charlie)]
    threads = [threading.Thread(target=run, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not is_in(atlas, cast.charlie)
    assert not Membership.objects.active().filter(user=cast.charlie, conversation__parent=atlas.group.pk).exists()
    assert Ban.objects.filter(group=atlas.group, user=cast.charlie).exists()
    with pytest.raises((Refused, NotFound)):
        come()


def test_who_is_banned_after_they_left_takes_their_invitations_along(cast: Cast, atlas: Community) -> None:
    invite = make_invite(creator=cast.bob, group_id=atlas.group.pk)
    leave_group(person=cast.bob, group_id=atlas.group.pk)
    assert Invite.objects.living().filter(pk=invite.pk).exists()
    ban(cast.mod, atlas, cast.bob)
    assert not Invite.objects.living().filter(pk=invite.pk).exists()


def test_what_somebody_held_of_a_group_is_found_without_going_through_all_of_the_site(
    cast: Cast, atlas: Community
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
    plan = rows_in(atlas.group.pk, cast.bob.pk).explain()
    # Without an index that leads there all would be read, through whatever index.
    assert "Seq Scan" not in plan
    assert "chat_conversation" not in plan
    assert "conversation_id" in plan.split("chat_membership", 1)[1]


def test_nobody_renames_themselves_all_the_time(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every channel hears of each; what changes nothing counts for nothing."""
    monkeypatch.setattr("chatter.core.limits.time.time", lambda: 1_800_000_000.0)
    monkeypatch.setattr(nicknames, "CHANGES_PER_HOUR", 2)
    me: dict[str, Any] = {"actor": cast.bob, "group_id": atlas.group.pk, "person_id": cast.bob.pk}
    for name in ("One", "One", "Two", "Two"):
        change_nickname(**me, nickname=name)
    with pytest.raises(Refused) as refused:
        change_nickname(**me, nickname="Three")
    assert refused.value.code == "rate_limited"
    change_nickname(**me | {"actor": cast.mod}, nickname="Four")
