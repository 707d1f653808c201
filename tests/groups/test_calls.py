"""Calls of many in channels: @everyone, @here and roles: who may, whom they reach, live and by notification."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Block, Notification, Occasion, User
from accounts.occasions import spread_due
from chat.actions.change import delete_message, edit_message
from chat.actions.read import mute_conversation
from chat.actions.send import SendInput, append_batch
from chat.models import Membership, Mention, Message
from chat.permissions import Permission
from chatter.core import events
from chatter.core.errors import Refused
from chatter.core.presence_stores import MemoryStore
from groups.access import Scope, sync_access
from groups.actions.members import admit_member
from groups.models import Channel, Member, MemberRole, Override, Role
from groups.permissions import Right, top_position
from tests.cast import Cast, say
from tests.factories import make_person
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.django_db


@pytest.fixture
def atlas(cast: Cast) -> Community:
    community = make_community(cast)
    Notification.objects.all().delete()
    Occasion.objects.all().delete()
    return community


def let(community: Community, role: Role, right: Right) -> None:
    Role.objects.filter(pk=role.pk).update(permissions=role.permissions | right)
    sync_access(Scope(group=community.group.pk))


def role_in(community: Community, name: str, *holders: User, **fields: Any) -> Role:
    role = Role.objects.create(group=community.group, name=name, position=top_position(community.group) + 1, **fields)
    for holder in holders:
        MemberRole.objects.create(member=community.member(holder), role=role)
    return role


def spread() -> None:
    Occasion.objects.update(due_at=timezone.now())
    while spread_due():
        Occasion.objects.update(due_at=timezone.now())
    assert not Occasion.objects.exists()


def called(number: int = 1) -> set[str]:
    return set(Mention.objects.filter(number=number).values_list("user__username", flat=True))


def told(kind: str = "mention") -> set[str]:
    rows = Notification.objects.filter(kind=kind, read_at=None)
    return set(rows.values_list("recipient__username", flat=True))


def html_of(number: int = 1) -> str:
    return Message.objects.filter(sender__isnull=False).get(number=number).html


def test_everyone_in_a_channel_is_called_by_who_may(cast: Cast, atlas: Community) -> None:
    say(cast.alice, atlas.talk, "@everyone come")
    assert 'class="mention" data-call="everyone"' in html_of()
    spread()
    # Alice blocks Mallory: nobody reaches across.
    assert called() == told() == {"bob", "mod"}


def test_without_the_bit_it_is_text(cast: Cast, atlas: Community) -> None:
    say(cast.bob, atlas.talk, "@everyone @here come")
    assert "mention" not in html_of()
    assert not Occasion.objects.filter(kind="chat.call").exists()
    spread()
    assert called() == told() == set()


def test_the_bit_may_come_from_one_channel_only(cast: Cast, atlas: Community) -> None:
    Channel.objects.filter(pk=atlas.general.pk).update(is_synced=False)
    Override.objects.create(channel=atlas.general, role=atlas.everyone, allow=int(Right.MENTION_ALL))
    sync_access(Scope(group=atlas.group.pk))
    say(cast.bob, atlas.talk, "@everyone come")
    spread()
    assert called() == {"alice", "mod", "mallory"}


def test_a_role_is_called_by_its_name_with_hyphens(cast: Cast, atlas: Community) -> None:
    role_in(atlas, "Карта мира", cast.mod, cast.bob, is_mentionable=True)
    say(cast.bob, atlas.talk, "@карта-Мира, look")
    assert f'data-role="{Role.objects.get(name="Карта мира").pk}">@карта-Мира<' in html_of()
    spread()
    assert called() == told() == {"mod"}


def test_a_role_that_is_not_mentionable_takes_the_bit(cast: Cast, atlas: Community) -> None:
    say(cast.bob, atlas.talk, "@moderators help")
    say(cast.alice, atlas.talk, "@moderators help")
    assert ("mention" in html_of(1), "mention" in html_of(2)) == (False, True)
    spread()
    assert (called(1), called(2)) == (set(), {"mod"})


def test_people_win_over_roles_of_their_name(cast: Cast, atlas: Community) -> None:
    role_in(atlas, "Bob", cast.mod, is_mentionable=True)
    role_in(atlas, "Bob Fans", cast.mod, is_mentionable=True)
    say(cast.alice, atlas.talk, "@bob")
    say(cast.alice, atlas.talk, "@bob-fans")
    spread()
    assert (called(1), called(2)) == ({"bob"}, {"mod"})


def test_roles_of_another_group_are_unknown(cast: Cast, atlas: Community) -> None:
    other = make_community(cast)
    role_in(other, "Pilots", cast.bob, is_mentionable=True)
    say(cast.alice, atlas.talk, "@pilots")
    assert "mention" not in html_of()


def test_code_and_links_call_nobody(cast: Cast, atlas: Community) -> None:
    say(cast.alice, atlas.talk, "`@everyone` [@here](https://example.org)\n```\n@moderators\n```")
    spread()
    assert called() == told() == set()


def test_who_may_not_read_the_channel_is_not_called(cast: Cast, atlas: Community) -> None:
    role = role_in(atlas, "Pilots", cast.mod, cast.bob)
    Channel.objects.filter(pk=atlas.general.pk).update(is_synced=False)
    Override.objects.create(channel=atlas.general, member=atlas.member(cast.bob), deny=int(Right.VIEW))
    sync_access(Scope(group=atlas.group.pk))
    say(cast.alice, atlas.talk, "@pilots @everyone")
    spread()
    assert (called(), told()) == ({"mod"}, {"mod"})
    assert role.held.count() == 2


def test_here_calls_who_is_here_when_it_is_told(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.calls.statuses", lambda people: {key: "dnd" for key in people if key == cast.bob.pk})
    User.objects.filter(pk=cast.mod.pk).update(last_seen_at=timezone.now() - timedelta(hours=1))
    say(cast.alice, atlas.talk, "@here quick")
    spread()
    assert called() == told() == {"bob"}


def test_calls_of_many_break_through_no_mute(cast: Cast, atlas: Community) -> None:
    mute_conversation(person=cast.bob, conversation_id=atlas.talk.pk, until=timezone.now() + timedelta(days=1))
    Membership.objects.filter(user=cast.mod, conversation=atlas.talk).update(notify="nothing")
    say(cast.alice, atlas.talk, "@everyone")
    say(cast.alice, atlas.talk, "@bob @mod")
    spread()
    assert (called(1), called(2)) == (set(), {"bob", "mod"})
    assert told() == {"bob"}


def test_who_read_it_meanwhile_is_not_told(cast: Cast, atlas: Community) -> None:
    say(cast.alice, atlas.talk, "@everyone")
    Membership.objects.filter(user=cast.bob, conversation=atlas.talk).update(last_read_number=1)
    spread()
    assert (called(), told()) == ({"bob", "mod"}, {"mod"})


def test_a_call_is_one_notification_where_every_message_is_told(cast: Cast, atlas: Community) -> None:
    Membership.objects.filter(user=cast.bob, conversation=atlas.talk).update(notify="all")
    say(cast.alice, atlas.talk, "@moderators")
    say(cast.alice, atlas.talk, "@everyone")
    while spread_due():
        pass
    assert Occasion.objects.filter(kind="chat.talk", due_at__gt=timezone.now()).exists()
    spread()
    rows = Notification.objects.filter(recipient=cast.bob).values_list("kind", "count")
    assert sorted(rows) == [("mention", 1), ("message", 1)]


def test_an_edit_calls_those_not_yet_called(cast: Cast, atlas: Community) -> None:
    sent = say(cast.alice, atlas.talk, "@moderators hi")
    spread()
    edit_message(editor=cast.alice, message_id=sent.id, content="@moderators @everyone hi")
    spread()
    assert called() == told() == {"bob", "mod"}
    assert Notification.objects.filter(recipient=cast.mod).count() == 1
    edit_message(editor=cast.alice, message_id=sent.id, content="@everyone hello")
    assert not Occasion.objects.exists()
    edit_message(editor=cast.alice, message_id=sent.id, content="hello @bob")
    assert called() == {"bob"}


def test_an_edit_without_the_bit_calls_nobody(cast: Cast, atlas: Community) -> None:
    sent = say(cast.bob, atlas.talk, "hi")
    edit_message(editor=cast.bob, message_id=sent.id, content="hi @everyone @moderators")
    spread()
    assert (called(), "mention" in html_of()) == (set(), False)


def test_a_deleted_call_is_taken_back(cast: Cast, atlas: Community) -> None:
    sent = say(cast.alice, atlas.talk, "@everyone")
    spread()
    delete_message(actor=cast.alice, message_id=sent.id)
    assert called() == set()
    spread()
    assert not Notification.objects.exists()


def test_deleted_before_it_is_told_it_is_not(cast: Cast, atlas: Community) -> None:
    sent = say(cast.alice, atlas.talk, "@everyone")
    delete_message(actor=cast.alice, message_id=sent.id)
    spread()
    assert (called(), Notification.objects.exists()) == (set(), False)


def test_who_lost_the_bit_in_between_writes_text(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    """The names were read before, the message is stored after: the first attempt comes back as busy, the second is plain."""
    let(atlas, atlas.everyone, Right.MENTION_ALL)
    given = SendInput(sender=cast.bob.pk, conversation=atlas.talk.pk, client_id=uuid4(), content="@everyone")
    from chat.actions import send

    append = send._append

    def lose_it_first(batch: Any) -> Any:
        Membership.objects.filter(user=cast.bob).update(permissions=int(Permission.SEND))
        return append(batch)

    monkeypatch.setattr(send, "_append", lose_it_first)
    [outcome] = append_batch([given])
    assert isinstance(outcome, Refused)
    assert outcome.code == "busy"
    [outcome] = append_batch([given])
    assert not isinstance(outcome, Refused)
    assert "mention" not in html_of()
    assert not Occasion.objects.filter(kind="chat.call").exists()


@pytest.mark.parametrize(
    ("content", "statements"),
    [("plain words", 1), ("me@example.org", 1), ("@bob", 2), ("@everyone @bob", 2), ("@everyone @moderators", 3)],
)
def test_a_send_asks_at_most_three_times(cast: Cast, atlas: Community, content: str, statements: int) -> None:
    """Who may is judged in the statement that stores: no query of its own."""
    say(cast.alice, atlas.talk, content)
    given = SendInput(sender=cast.alice.pk, conversation=atlas.talk.pk, client_id=uuid4(), content=content)
    with CaptureQueriesContext(connection) as queries:
        append_batch([given])
    assert len(queries) == statements


def test_a_wide_call_goes_on_where_it_stopped(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.calls.CHUNK", 2)
    with transaction.atomic():
        for number in range(5):
            admit_member(atlas.group, make_person(username=f"extra-{number}"))
    say(cast.alice, atlas.talk, "@everyone @moderators @here")
    spread()
    assert called() == told() == {"bob", "mod", *(f"extra-{number}" for number in range(5))}
    again = Occasion.objects.create(
        kind="chat.call", key="again", place=atlas.talk.pk, position=1, source_id=Message.objects.get(conversation=atlas.talk, number=1).pk,
        actor_id=cast.alice.pk, detail={"calls": ["everyone"]},
    )  # fmt: skip
    spread()
    assert not Occasion.objects.filter(pk=again.pk).exists()
    assert Notification.objects.filter(kind="mention").count() == 7


def test_hubs_hear_of_everybody_called(cast: Cast, atlas: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[events.Event] = []
    monkeypatch.setattr("chat.occasions.publish", lambda *given: seen.extend(given))
    sent = say(cast.alice, atlas.talk, "@everyone")
    spread()
    [event] = seen
    assert isinstance(event, events.PeopleCalled)
    assert (event.number, event.sender, set(event.people)) == (sent.number, cast.alice.pk, {cast.bob.pk, cast.mod.pk})


@pytest.mark.parametrize("place", ["group", "lobby"])
def test_other_places_know_everyone_and_here_by_their_roles(cast: Cast, atlas: Community, place: str) -> None:
    conversation = getattr(cast, place)
    Membership.objects.filter(user=cast.mod, conversation=conversation).update(
        permissions=int(Permission.SEND | Permission.MENTION_ALL)
    )
    Membership.objects.filter(user=cast.bob, conversation=conversation).update(permissions=int(Permission.SEND))
    by_mod = say(cast.mod, conversation, "@everyone @moderators")
    by_bob = say(cast.bob, conversation, "@everyone")
    html = {row.number: row.html for row in Message.objects.filter(conversation=conversation)}
    assert ("data-call" in html[by_mod.number], "data-role" in html[by_mod.number]) == (True, False)
    assert "mention" not in html[by_bob.number]
    spread()
    assert {"alice", "bob"} <= called(by_mod.number)


def test_presence_unknown_falls_back_to_who_was_seen_lately(cast: Cast, atlas: Community) -> None:
    User.objects.filter(pk=cast.bob.pk).update(last_seen_at=timezone.now())
    MemoryStore.said.clear()
    say(cast.alice, atlas.talk, "@here")
    spread()
    assert called() == {"bob"}


def test_blocks_hold_both_ways(cast: Cast, atlas: Community) -> None:
    Block.objects.create(blocker=cast.bob, blocked=cast.alice)
    say(cast.alice, atlas.talk, "@everyone")
    spread()
    assert called() == {"mod"}


def test_with_as_many_roles_as_fit_a_send_stays_quick_in_statements(cast: Cast, atlas: Community) -> None:
    roles = [
        Role(group=atlas.group, name=f"Role {number}", position=number + 2, is_mentionable=True)
        for number in range(250)
    ]
    Role.objects.bulk_create(roles)
    say(cast.bob, atlas.talk, " ".join(f"@role-{number}" for number in range(250)))
    assert html_of().count("data-role") <= 50
    assert Member.objects.filter(group=atlas.group).count() == 4
