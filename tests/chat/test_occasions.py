"""Who is told of what happens in talk: members who may read it and have not yet, as blocks, circles and mute allow."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts import occasions
from accounts.actions.preferences import set_privacy, set_setting
from accounts.models import Block, Delivery, Notification, Occasion, PushSubscription, User
from accounts.occasions import seize, spread_due
from chat.actions.change import add_reaction, delete_message, edit_message, remove_reaction
from chat.actions.conversation import create_group
from chat.actions.membership import add_members, leave_conversation, remove_member
from chat.actions.read import mark_read, mute_conversation
from chat.models import Membership, Mention
from chatter.core.events import Event, MessageEdited
from tests.cast import Cast, say
from tests.factories import make_person


def told(person: User) -> list[tuple[str, int]]:
    """What the person has unread: kinds and counts."""
    rows = Notification.objects.filter(recipient=person, read_at=None).order_by("kind")
    return list(rows.values_list("kind", "count"))


@pytest.fixture(autouse=True)
def _settled(cast: Cast) -> None:
    """The making of the cast is no news."""
    Notification.objects.all().delete()
    Occasion.objects.all().delete()


def spread() -> None:
    while spread_due():
        pass
    assert not Occasion.objects.exists()


def test_words_between_two_are_one_notification_that_counts(cast: Cast) -> None:
    say(cast.alice, cast.direct)
    say(cast.alice, cast.direct)
    spread()
    say(cast.alice, cast.direct, "third")
    spread()
    assert told(cast.bob) == [("message", 3)]
    assert told(cast.alice) == []
    row = Notification.objects.get()
    assert (row.actor_id, row.place, row.position, row.in_app) == (cast.alice.pk, cast.direct.pk, 3, False)


def test_a_group_is_told_but_not_the_lobby(cast: Cast) -> None:
    say(cast.alice, cast.group)
    say(cast.alice, cast.lobby)
    spread()
    assert (told(cast.bob), told(cast.mod), told(cast.charlie)) == ([("message", 1)], [("message", 1)], [])


def test_what_was_read_already_is_not_told(cast: Cast) -> None:
    say(cast.alice, cast.direct)
    mark_read(reader=cast.bob, conversation_id=cast.direct.pk, number=1)
    spread()
    assert told(cast.bob) == []


def test_a_mention_and_a_reply_take_the_place_of_the_plain_news(cast: Cast) -> None:
    first = say(cast.bob, cast.group)
    spread()
    say(cast.alice, cast.group, "hello @mod", reply_to=first.id)
    spread()
    assert told(cast.bob) == [("reply", 1)]
    assert told(cast.mod) == [("mention", 1), ("message", 1)]


def test_a_mention_in_an_answer_is_one_notification(cast: Cast) -> None:
    first = say(cast.bob, cast.lobby)
    say(cast.alice, cast.lobby, "hello @bob", reply_to=first.id)
    spread()
    assert told(cast.bob) == [("mention", 1)]


def test_history_hides_what_came_before(cast: Cast) -> None:
    Membership.objects.filter(conversation=cast.lobby, user=cast.bob).update(history_from=100)
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(history_from=100)
    say(cast.alice, cast.lobby, "hello @bob")
    say(cast.alice, cast.group)
    spread()
    assert told(cast.bob) == []


def test_nobody_is_told_of_whom_a_block_hides(cast: Cast) -> None:
    Block.objects.create(blocker=cast.bob, blocked=cast.mod)
    first = say(cast.bob, cast.group)
    spread()
    say(cast.mod, cast.group, "hello @bob", reply_to=first.id)
    say(cast.mod, cast.group)
    spread()
    assert told(cast.bob) == []
    assert told(cast.alice) == [("message", 3)]


def test_a_block_after_sending_counts(cast: Cast) -> None:
    say(cast.charlie, cast.lobby, "hello @bob")
    Block.objects.create(blocker=cast.bob, blocked=cast.charlie)
    spread()
    assert told(cast.bob) == []


def test_only_who_may_mention_is_told_of(cast: Cast) -> None:
    say(cast.charlie, cast.lobby, "hello @bob")
    say(cast.alice, cast.lobby, "hello @bob")
    set_privacy(person=cast.bob, wishes={"mention": "friends"})
    spread()
    assert list(Notification.objects.values_list("recipient", "actor")) == [(cast.bob.pk, cast.alice.pk)]


def test_a_muted_place_is_silent_but_for_mentions_on_the_page(cast: Cast) -> None:
    PushSubscription.objects.create(user=cast.bob, endpoint="https://push.example/1", p256dh="k", auth="a")
    first = say(cast.bob, cast.group)
    mute_conversation(person=cast.bob, conversation_id=cast.group.pk, until=timezone.now() + timedelta(hours=1))
    say(cast.alice, cast.group, reply_to=first.id)
    say(cast.alice, cast.group, "hello @bob")
    add_reaction(person=cast.alice, message_id=first.id, emoji="👍")
    spread()
    assert told(cast.bob) == [("mention", 1)]
    assert not Delivery.objects.filter(recipient=cast.bob).exists()
    mute_conversation(person=cast.bob, conversation_id=cast.group.pk, until=timezone.now() - timedelta(hours=1))
    say(cast.alice, cast.group, "hello again @bob")
    spread()
    assert set(Delivery.objects.filter(recipient=cast.bob).values_list("channel", flat=True)) == {"email", "push"}


def test_who_left_or_was_put_out_is_not_told_and_loses_what_was_unread(cast: Cast) -> None:
    say(cast.alice, cast.group, "hello @bob and @mod")
    spread()
    remove_member(actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    assert told(cast.bob) == []
    say(cast.alice, cast.group, "hello @mod")
    leave_conversation(person=cast.mod, conversation_id=cast.group.pk)
    spread()
    assert told(cast.mod) == []


def test_a_deleted_message_is_taken_back(cast: Cast) -> None:
    first = say(cast.bob, cast.lobby)
    answer = say(cast.alice, cast.lobby, "hello @charlie", reply_to=first.id)
    later = say(cast.alice, cast.lobby, "hello @charlie")
    spread()
    assert (told(cast.bob), told(cast.charlie)) == ([("reply", 1)], [("mention", 1), ("mention", 1)])
    delete_message(actor=cast.alice, message_id=answer.id)
    assert (told(cast.bob), told(cast.charlie)) == ([], [("mention", 1)])
    delete_message(actor=cast.alice, message_id=later.id)
    assert told(cast.charlie) == []


def test_a_message_deleted_before_is_not_told(cast: Cast) -> None:
    sent = say(cast.alice, cast.group, "hello @bob")
    delete_message(actor=cast.alice, message_id=sent.id)
    spread()
    assert told(cast.bob) == []


def test_a_reaction_is_told_and_one_taken_back_in_time_is_not(cast: Cast) -> None:
    sent = say(cast.bob, cast.lobby)
    add_reaction(person=cast.bob, message_id=sent.id, emoji="👍")
    add_reaction(person=cast.alice, message_id=sent.id, emoji="👍")
    add_reaction(person=cast.alice, message_id=sent.id, emoji="🎉")
    add_reaction(person=cast.charlie, message_id=sent.id, emoji="🎉")
    add_reaction(person=cast.mod, message_id=sent.id, emoji="🎉")
    remove_reaction(person=cast.mod, message_id=sent.id, emoji="🎉")
    spread()
    assert told(cast.bob) == [("reaction", 2)]
    mark_read(reader=cast.bob, conversation_id=cast.lobby.pk, number=1)
    assert told(cast.bob) == [("reaction", 2)], "reading one's own message again reads no reaction"


def test_being_brought_into_a_group_is_an_invitation(cast: Cast) -> None:
    add_members(actor=cast.alice, conversation_id=cast.group.pk, people=[cast.charlie])
    create_group(owner=cast.bob, title="Cooks", members=[cast.charlie])
    assert told(cast.charlie) == [("invitation", 1), ("invitation", 1)]
    for place in Membership.objects.filter(user=cast.charlie, conversation__kind="group").values_list("conversation"):
        mark_read(reader=cast.charlie, conversation_id=place[0], number=10)
    assert told(cast.charlie) == []
    assert told(cast.bob) == []


def test_an_edit_tells_whom_it_newly_calls(cast: Cast, published: list[Event]) -> None:
    sent = say(cast.alice, cast.lobby, "hello @charlie")
    spread()
    mark_read(reader=cast.bob, conversation_id=cast.lobby.pk, number=1)
    published.clear()
    edit_message(editor=cast.alice, message_id=sent.id, content="hello @charlie and @bob")
    (edited,) = published
    assert isinstance(edited, MessageEdited)
    assert edited.mentioned == (cast.bob.pk,)
    spread()
    assert (told(cast.bob), told(cast.charlie)) == ([("mention", 1)], [("mention", 1)])
    assert Notification.objects.get(recipient=cast.bob).position is None, (
        "he had read past it: reading on reads nothing"
    )
    edit_message(editor=cast.alice, message_id=sent.id, content="hello @charlie, @bob")
    assert not Occasion.objects.exists()


def test_reading_there_reads_the_notifications(cast: Cast) -> None:
    first = say(cast.alice, cast.group, "hello @bob")
    say(cast.alice, cast.group, "hello again @bob")
    spread()
    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=first.number)
    assert told(cast.bob) == [("mention", 1)]
    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=first.number + 1)
    assert told(cast.bob) == []


def test_what_was_read_while_it_was_told_is_read(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader comes between the telling and the second look: theirs finds nothing to mark yet."""
    say(cast.alice, cast.group, "hello @bob")
    ways = occasions._spreads["chat.message"]

    def read_in_between(occasion: Occasion) -> UUID | None:
        cursor = ways.chunk(occasion)
        Membership.objects.filter(conversation=cast.group, user=cast.bob).update(last_read_number=2)
        return cursor

    monkeypatch.setitem(occasions._spreads, "chat.message", ways._replace(chunk=read_in_between))
    spread()
    assert told(cast.bob) == []
    assert Notification.objects.filter(recipient=cast.bob, kind="mention").exists()


def called_crowd(cast: Cast, count: int) -> Occasion:
    """A message in the lobby that calls `count` people at once."""
    crowd = [make_person(username=f"crowd{number}") for number in range(count)]
    rows = [Membership(conversation=cast.lobby, user=person, permissions=1) for person in crowd]
    Membership.objects.bulk_create(rows)
    sent = say(cast.alice, cast.lobby, "hello @bob")
    rows = [Mention(user=person, conversation=cast.lobby, number=1, message_id=sent.id) for person in crowd]  # type: ignore[misc]
    Mention.objects.bulk_create(rows)  # type: ignore[arg-type]
    return Occasion.objects.get(kind="chat.message")


def test_a_wide_one_goes_on_where_it_failed(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.occasions.CHUNK", 2)
    called_crowd(cast, 4)
    ways = occasions._spreads["chat.message"]
    calls: list[UUID | None] = []

    def failing(occasion: Occasion) -> UUID | None:
        calls.append(occasion.cursor)
        if len(calls) == 3:
            raise RuntimeError("the database went away")
        return ways.chunk(occasion)

    monkeypatch.setitem(occasions._spreads, "chat.message", ways._replace(chunk=failing))
    assert spread_due() == 1
    assert Notification.objects.count() == 4
    row = Occasion.objects.get()
    assert row.claimed_at is None
    assert row.cursor == calls[2]
    assert row.due_at > timezone.now()
    assert spread_due() == 0, "it waits before it is tried again"
    Occasion.objects.update(due_at=timezone.now())
    spread()
    assert Notification.objects.count() == 5
    assert set(Notification.objects.values_list("count", flat=True)) == {1}


def test_a_claim_of_a_dead_worker_is_taken_over(cast: Cast) -> None:
    say(cast.alice, cast.group, "hello @bob")
    first = seize(10)
    assert {row.kind for row in first} == {"chat.talk", "chat.message"}
    assert seize(10) == []
    Occasion.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    assert spread_due() == 2
    assert told(cast.bob) == [("mention", 1)]
    for occasion in first:
        with pytest.raises(occasions.ClaimLostError):
            occasions.finish(occasion)


def test_what_fails_for_ever_is_given_up(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    Occasion.objects.create(kind="unknown", key="unknown:1", attempts=occasions.ATTEMPTS - 1)
    assert spread_due() == 1
    assert not Occasion.objects.exists()
    assert "given up" in caplog.text


def test_a_failed_one_makes_room_for_the_next_of_its_key(cast: Cast) -> None:
    say(cast.alice, cast.direct)
    (claimed,) = seize(10)
    say(cast.alice, cast.direct)
    occasions.put_back(claimed)
    assert Occasion.objects.get().pk != claimed.pk
    spread()
    assert told(cast.bob) == [("message", 2)]


@pytest.mark.parametrize("kind", ["mention", "reply", "reaction", "message"])
def test_the_matrix_silences_a_kind(cast: Cast, kind: str) -> None:
    """Every way of the kind is off: nothing is kept."""
    set_setting(person=cast.bob, key="notifications", value={kind: {"in_app": False, "email": False, "push": False}})
    causes: dict[str, Callable[[], object]] = {
        "mention": lambda: say(cast.alice, cast.lobby, "hello @bob"),
        "reply": lambda: say(cast.alice, cast.lobby, reply_to=say(cast.bob, cast.lobby).id),
        "reaction": lambda: add_reaction(person=cast.alice, message_id=say(cast.bob, cast.lobby).id, emoji="👍"),
        "message": lambda: say(cast.alice, cast.direct),
    }
    causes[kind]()
    spread()
    assert told(cast.bob) == []
