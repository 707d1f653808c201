"""A group's life: coming and going, editing, changing hands, and its end."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Block, Notification, User
from accounts.warnings import show
from chat.actions.change import add_reaction, delete_message, edit_message, pin_message
from chat.models import Change, Conversation, Membership, Message
from chatter.core.errors import NotFound, Refused
from chatter.ops.dbcheck import find_violations
from groups import tasks
from groups.actions import coming, ending
from groups.actions.coming import join_group, leave_group
from groups.actions.ending import request_group_deletion, restore_group, transfer_group
from groups.actions.group import GROUPS_OWNED_MAX, create_group, edit_group
from groups.models import Ban, Channel, Group, Member, MemberRole
from groups.permissions import IN_CHANNELS
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast, is_public=True)


def reads(person: User, atlas: Community) -> bool:
    return Membership.objects.active().filter(user=person, conversation=atlas.talk).exists()


def sound() -> list[Any]:
    return [finding for finding in find_violations() if finding.broken]


# --- coming ------------------------------------------------------------------------------------------------------------


def test_who_joins_a_public_group_reads_it_and_is_welcomed_once(cast: Cast, atlas: Community) -> None:
    for _time in range(2):
        join_group(person=cast.charlie, group_id=atlas.group.pk)
    assert reads(cast.charlie, atlas)
    assert Group.objects.get().member_count == 5
    said = Message.objects.get(conversation=atlas.talk)
    assert said.kind == Message.Kind.SYSTEM
    assert said.metadata["event"] == "joined"
    assert said.metadata["actor_id"] == str(cast.charlie.pk)
    assert sound() == []


def test_a_group_may_stay_silent_about_who_comes(cast: Cast, atlas: Community) -> None:
    edit_group(actor=cast.alice, group_id=atlas.group.pk, greets=False)
    join_group(person=cast.charlie, group_id=atlas.group.pk)
    assert not Message.objects.filter(conversation=atlas.talk).exists()


def test_nobody_is_welcomed_where_they_cannot_read(cast: Cast, atlas: Community) -> None:
    Channel.objects.filter(pk=atlas.general.pk).update(deleted_at=timezone.now())
    join_group(person=cast.charlie, group_id=atlas.group.pk)
    assert not Message.objects.filter(conversation__parent=atlas.group.pk).exists()


def test_a_private_group_and_none_are_the_same_to_strangers(cast: Cast) -> None:
    private = make_community(cast).group
    for key in (private.pk, uuid4()):
        with pytest.raises(NotFound):
            join_group(person=cast.charlie, group_id=key)
    assert join_group(person=cast.bob, group_id=private.pk) == private


def test_the_banned_stay_out_until_it_is_over(cast: Cast, atlas: Community) -> None:
    ban = Ban.objects.create(group=atlas.group, user=cast.charlie, reason="spam")
    with pytest.raises(Refused) as refused:
        join_group(person=cast.charlie, group_id=atlas.group.pk)
    assert refused.value.code == "forbidden"
    Ban.objects.filter(pk=ban.pk).update(until=timezone.now() - timedelta(seconds=1))
    join_group(person=cast.charlie, group_id=atlas.group.pk)
    assert reads(cast.charlie, atlas)


def test_guests_neither_make_nor_join_groups(cast: Cast, atlas: Community) -> None:
    guest = make_person(username="guest-zoe", is_guest=True)
    with pytest.raises(Refused):
        join_group(person=guest, group_id=atlas.group.pk)
    with pytest.raises(Refused):
        create_group(owner=guest, name="Mine")
    assert not Member.objects.filter(user=guest).exists()


def test_a_person_can_be_in_so_many_groups(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coming, "GROUPS_JOINED_MAX", 0)
    with pytest.raises(Refused):
        join_group(person=cast.charlie, group_id=atlas.group.pk)


def test_who_leaves_reads_nothing_any_more_and_can_come_back(cast: Cast, atlas: Community) -> None:
    MemberRole.objects.create(member=atlas.member(cast.bob), role=atlas.moderators)
    leave_group(person=cast.bob, group_id=atlas.group.pk)
    assert not reads(cast.bob, atlas)
    with pytest.raises(NotFound):
        leave_group(person=cast.bob, group_id=atlas.group.pk)
    join_group(person=cast.bob, group_id=atlas.group.pk)
    assert not atlas.member(cast.bob).roles.exists(), "who comes back comes as everybody"
    assert sound() == []


def test_the_owner_cannot_leave(cast: Cast, atlas: Community) -> None:
    with pytest.raises(Refused) as refused:
        leave_group(person=cast.alice, group_id=atlas.group.pk)
    assert refused.value.code == "forbidden"


# --- editing -----------------------------------------------------------------------------------------------------------


def test_who_manages_the_group_edits_it(cast: Cast, atlas: Community) -> None:
    edit_group(actor=cast.alice, group_id=atlas.group.pk, name="  مرحبا  ", description="a\n\n\n\nb \x0b c")
    group = Group.objects.get()
    assert (group.name, group.description) == ("مرحبا", "a\n\nb\nc")
    for person in (cast.bob, cast.mod):
        with pytest.raises(Refused):
            edit_group(actor=person, group_id=group.pk, name="Mine")
    with pytest.raises(NotFound):
        edit_group(actor=cast.charlie, group_id=group.pk, name="Mine")


@pytest.mark.parametrize("name", ["", "\u202e", "x" * 101, "nul\0", "\ud800"])
def test_a_name_that_says_nothing_changes_nothing(cast: Cast, atlas: Community, name: str) -> None:
    with pytest.raises(Refused):
        edit_group(actor=cast.alice, group_id=atlas.group.pk, name=name, description="Other")
    with pytest.raises(Refused):
        edit_group(actor=cast.alice, group_id=atlas.group.pk, name="Other", description="x" * 1001)
    assert Group.objects.get().name == "Atlas"


@pytest.mark.parametrize(
    "name", ["グループ", "Ομάδα", "קבוצה", "กลุ่ม", "𝔊𝔯𝔬𝔲𝔭", "<b>bold</b>", "👩‍👩‍👧 family", "한국어"]
)
def test_names_of_every_script_are_kept_as_they_are(cast: Cast, atlas: Community, name: str) -> None:
    edit_group(actor=cast.alice, group_id=atlas.group.pk, name=name)
    assert Group.objects.get().name == name


def test_becoming_private_and_public_again_changes_nothing_for_members(cast: Cast, atlas: Community) -> None:
    before = list(Membership.objects.order_by("pk").values())
    for is_public in (False, True):
        edit_group(actor=cast.alice, group_id=atlas.group.pk, is_public=is_public)
    assert list(Membership.objects.order_by("pk").values()) == before


def test_so_many_groups_one_person_owns(cast: Cast) -> None:
    Group.objects.bulk_create(Group(name=f"g{number}", owner=cast.bob) for number in range(GROUPS_OWNED_MAX))
    with pytest.raises(Refused) as refused:
        create_group(owner=cast.bob, name="One more")
    assert str(GROUPS_OWNED_MAX) in str(refused.value)


@pytest.mark.parametrize("beginning", ["usual", "community", "team", "single"])
def test_each_beginning_furnishes_a_group_whose_news_only_some_write(cast: Cast, beginning: str) -> None:
    group = create_group(owner=cast.bob, name="New", beginning=beginning)
    join = make_person()
    Group.objects.filter(pk=group.pk).update(is_public=True)
    join_group(person=join, group_id=group.pk)
    rows = Membership.objects.active().filter(user=join, conversation__parent=group.pk)
    assert rows.count() == group.channels.count() > 0
    for row in rows.select_related("conversation__channel"):
        assert bool(row.permissions & 1) == (row.conversation.channel.kind == "text")
    with pytest.raises(Refused):
        create_group(owner=cast.bob, name="New", beginning="palace")


# --- changing hands ----------------------------------------------------------------------------------------------------


def test_the_owner_hands_the_group_over_and_stays_as_a_member(cast: Cast, atlas: Community) -> None:
    transfer_group(actor=cast.alice, group_id=atlas.group.pk, person_id=cast.bob.pk, name="atlas ")
    assert Group.objects.get().owner == cast.bob
    rows = dict(Membership.objects.active().filter(conversation=atlas.talk).values_list("user_id", "permissions"))
    assert rows[cast.bob.pk] == IN_CHANNELS
    assert rows[cast.alice.pk] == atlas.everyone.permissions & IN_CHANNELS
    told = Notification.objects.filter(recipient=cast.bob, kind="moderation")
    [words] = show(cast.bob.pk, list(told)).values()
    assert (words.title, words.url) == ("You own “Atlas” now", atlas.group.get_absolute_url())
    with pytest.raises(Refused):
        transfer_group(actor=cast.alice, group_id=atlas.group.pk, person_id=cast.alice.pk, name="Atlas")
    assert sound() == []


def test_only_to_members_who_can_own_it_and_only_with_its_name(cast: Cast, atlas: Community) -> None:
    ask: dict[str, Any] = {"actor": cast.alice, "group_id": atlas.group.pk}
    for person in (cast.charlie, cast.alice):
        with pytest.raises(NotFound):
            transfer_group(**ask, person_id=person.pk, name="Atlas")
    with pytest.raises(Refused):
        transfer_group(**ask, person_id=cast.bob.pk, name="Atlantis")
    Block.objects.create(blocker=cast.bob, blocked=cast.alice)
    User.objects.filter(pk=cast.mod.pk).update(suspended_at=timezone.now())
    for person in (cast.bob, cast.mod):
        with pytest.raises(Refused):
            transfer_group(**ask, person_id=person.pk, name="Atlas")
    with pytest.raises(Refused):
        transfer_group(actor=cast.mod, group_id=atlas.group.pk, person_id=cast.mod.pk, name="Atlas")
    assert Group.objects.get().owner == cast.alice


# --- the end -----------------------------------------------------------------------------------------------------------


def rights(group: Group) -> set[tuple[Any, ...]]:
    rows = Membership.objects.active().filter(conversation__channel__group=group)
    return set(rows.values_list("conversation_id", "user_id", "permissions", "history_from"))


def test_deleting_closes_the_group_at_once_and_restoring_opens_it_again(cast: Cast, atlas: Community) -> None:
    before = rights(atlas.group)
    say(cast.bob, atlas.talk, "Hello")
    due = request_group_deletion(actor=cast.alice, group_id=atlas.group.pk, name="ATLAS")
    assert due > timezone.now()
    assert rights(atlas.group) == set()
    for deed in (join_group, leave_group):
        with pytest.raises(NotFound):
            deed(person=cast.bob, group_id=atlas.group.pk)
    with pytest.raises(NotFound):
        restore_group(actor=cast.bob, group_id=atlas.group.pk)
    assert tasks.purge_due() == 0
    restore_group(actor=cast.alice, group_id=atlas.group.pk)
    assert rights(atlas.group) == before
    with pytest.raises(NotFound):
        restore_group(actor=cast.alice, group_id=atlas.group.pk)
    assert sound() == []


def test_only_the_owner_deletes_and_only_with_the_name(cast: Cast, atlas: Community) -> None:
    for actor, name in ((cast.mod, "Atlas"), (cast.alice, "Atla")):
        with pytest.raises(Refused):
            request_group_deletion(actor=actor, group_id=atlas.group.pk, name=name)
    with pytest.raises(NotFound):
        request_group_deletion(actor=cast.charlie, group_id=atlas.group.pk, name="Atlas")


def overdue(cast: Cast, atlas: Community) -> None:
    request_group_deletion(actor=cast.alice, group_id=atlas.group.pk, name="Atlas")
    Group.objects.update(deletion_due_at=timezone.now() - timedelta(seconds=1))


def talk_a_lot(cast: Cast, atlas: Community) -> None:
    """Everything that can hang on messages."""
    first = say(cast.bob, atlas.talk, "First, @mod")
    answer = say(cast.mod, atlas.talk, "Second", reply_to=first.id)
    add_reaction(person=cast.bob, message_id=answer.id, emoji="👍")
    edit_message(editor=cast.bob, message_id=first.id, content="First again, @mod")
    pin_message(actor=cast.alice, message_id=answer.id)
    delete_message(actor=cast.alice, message_id=say(cast.bob, atlas.talk, "Gone").id)
    for number in range(7):
        say(cast.bob, atlas.talk, f"More {number}", reply_to=answer.id)


def test_after_its_time_nothing_of_it_is_left_whatever_the_steps(
    cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk_a_lot(cast, atlas)
    kept = say(cast.alice, cast.group, "Elsewhere")
    overdue(cast, atlas)
    with pytest.raises(NotFound):
        restore_group(actor=cast.alice, group_id=atlas.group.pk)
    monkeypatch.setattr("chat.actions.purge.CHUNK", 3)
    monkeypatch.setattr(tasks, "STEPS_PER_ROUND", 2)
    rounds = 0
    while Group.objects.exists():
        tasks.purge_due()
        assert sound() == [], "after every step all is as it must be"
        rounds += 1
    assert rounds > 3
    assert not Conversation.objects.filter(kind="channel").exists()
    assert not Change.objects.exclude(conversation__in=[cast.group, cast.lobby, cast.direct]).exists()
    assert Message.objects.filter(pk=kept.id).exists()


def test_a_failed_round_is_tried_again_and_the_others_go_on(
    cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = create_group(owner=cast.bob, name="Other")
    overdue(cast, atlas)
    Group.objects.filter(pk=other.pk).update(deletion_due_at=timezone.now() - timedelta(hours=1))
    real = tasks.purge_channel

    def failing(channel: Channel, budget: Any) -> bool:
        if channel.group_id == other.pk:
            raise OSError("away")
        return real(channel, budget)

    with monkeypatch.context() as broken:
        broken.setattr(tasks, "purge_channel", failing)
        assert tasks.purge_due() == 1
    assert list(Group.objects.all()) == [other]
    tasks.purge_due()
    assert not Group.objects.exists()


def test_a_deleted_channel_goes_after_the_same_time(cast: Cast, atlas: Community) -> None:
    talk_a_lot(cast, atlas)
    Channel.objects.filter(pk=atlas.general.pk).update(deleted_at=timezone.now() - timedelta(days=6))
    tasks.purge_due()
    assert Channel.objects.filter(pk=atlas.general.pk).exists()
    Channel.objects.filter(pk=atlas.general.pk).update(deleted_at=timezone.now() - timedelta(days=8))
    assert tasks.purge_due() == 1
    assert not Conversation.objects.filter(pk=atlas.talk.pk).exists()
    assert Group.objects.get().channels.get() == atlas.announcements
    assert sound() == []


def test_nobody_but_the_database_takes_history_away() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select has_table_privilege('chat_messagerevision', 'delete')")
        assert cursor.fetchone() == (False,)


def test_a_name_is_compared_as_it_reads(cast: Cast) -> None:
    group = Group(name="Ærø  Maps", owner=cast.alice)
    ending.check_name(group, "ærø maps")
    with pytest.raises(Refused):
        ending.check_name(group, "")
