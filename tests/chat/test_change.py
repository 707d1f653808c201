"""Edit, delete, pin, react: each one version, each refused alike for outsiders and for what does not exist."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import Block, User
from chat.actions.change import (
    add_reaction,
    delete_message,
    edit_message,
    pin_message,
    remove_reaction,
    unpin_message,
)
from chat.models import (
    Change,
    Conversation,
    Membership,
    Mention,
    Message,
    MessageRevision,
    Reaction,
)
from chatter.core.errors import Refused
from chatter.core.events import Event, MessageDeleted, MessageEdited, ReactionsChanged
from tests.cast import Cast, say

Deed = Callable[[Any, UUID], int]

DEEDS: dict[str, Deed] = {
    "edit": lambda person, message: edit_message(editor=person, message_id=message, content="changed"),
    "delete": lambda person, message: delete_message(actor=person, message_id=message),
    "pin": lambda person, message: pin_message(actor=person, message_id=message),
    "unpin": lambda person, message: unpin_message(actor=person, message_id=message),
    "react": lambda person, message: add_reaction(person=person, message_id=message, emoji="👍"),
    "unreact": lambda person, message: remove_reaction(person=person, message_id=message, emoji="👍"),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_outsiders_former_members_and_unknown_ids_get_the_same_answer(cast: Cast, deed: str) -> None:
    message = say(cast.bob, cast.group).id
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(left_at=timezone.now(), permissions=0)
    version = Conversation.objects.get(pk=cast.group.pk).version
    answers = []
    for person, target in (
        (cast.charlie, message),
        (cast.bob, message),
        (cast.alice, uuid4()),
    ):
        with pytest.raises(Refused) as refused:
            DEEDS[deed](person, target)
        answers.append((refused.value.code, str(refused.value)))
    assert len(set(answers)) == 1
    assert answers[0][0] == "not_found"
    assert Conversation.objects.get(pk=cast.group.pk).version == version


@pytest.mark.parametrize("deed", DEEDS)
def test_messages_before_ones_history_do_not_exist(cast: Cast, deed: str) -> None:
    message = say(cast.alice, cast.group)
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(history_from=message.number + 1)
    with pytest.raises(Refused) as refused:
        DEEDS[deed](cast.bob, message.id)
    assert refused.value.code == "not_found"


@pytest.mark.parametrize("deed", DEEDS)
def test_nothing_can_be_done_to_a_tombstone(cast: Cast, deed: str) -> None:
    message = say(cast.alice, cast.group).id
    delete_message(actor=cast.alice, message_id=message)
    with pytest.raises(Refused) as refused:
        DEEDS[deed](cast.alice, message)
    assert refused.value.code == "not_found"


def test_an_edit_keeps_what_was_said(cast: Cast, published: list[Event]) -> None:
    message = say(cast.bob, cast.group, "frist").id
    version = edit_message(editor=cast.bob, message_id=message, content="**first**")
    row = Message.objects.get(pk=message)
    assert (row.content, row.edited_at is not None) == ("**first**", True)
    assert "<strong>first</strong>" in row.html
    assert list(MessageRevision.objects.filter(message=message).values_list("kind", "content")) == [("edited", "frist")]
    event = published[-1]
    assert isinstance(event, MessageEdited)
    assert (event.version, event.message["content"], event.preview) == (
        version,
        "**first**",
        "first",
    )
    assert edit_message(editor=cast.bob, message_id=message, content="**first**") == version


def test_only_the_sender_edits_and_editing_checks_what_sending_checks(
    cast: Cast,
) -> None:
    message = say(cast.bob, cast.lobby, "mine").id
    for person, content, code in (
        (cast.alice, "yours", "forbidden"),
        (cast.bob, "", "invalid"),
        (cast.bob, "a\0", "invalid"),
        (cast.bob, "x" * 1001, "too_long"),
    ):
        with pytest.raises(Refused) as refused:
            edit_message(editor=person, message_id=message, content=content)
        assert refused.value.code == code
    Membership.objects.filter(conversation=cast.lobby, user=cast.bob).update(
        timed_out_until=timezone.now() + timedelta(hours=1)
    )
    with pytest.raises(Refused) as refused:
        edit_message(editor=cast.bob, message_id=message, content="later")
    assert refused.value.code == "timed_out"


def test_an_edit_moves_the_mentions(cast: Cast) -> None:
    message = say(cast.alice, cast.group, "hello @bob").id
    edit_message(editor=cast.alice, message_id=message, content="hello @mod")
    assert list(Mention.objects.values_list("user__username", flat=True)) == ["mod"]


def test_a_block_ends_edits_and_reactions_in_direct_talk(cast: Cast) -> None:
    message = say(cast.bob, cast.direct).id
    Block.objects.create(blocker=cast.alice, blocked=cast.bob)
    for person, code in ((cast.alice, "blocked"), (cast.bob, "forbidden")):
        with pytest.raises(Refused) as refused:
            add_reaction(person=person, message_id=message, emoji="👍")
        assert refused.value.code == code
    with pytest.raises(Refused) as refused:
        edit_message(editor=cast.bob, message_id=message, content="insult")
    assert refused.value.code == "forbidden"


def test_a_deletion_leaves_a_tombstone_and_says_nothing(cast: Cast, published: list[Event]) -> None:
    message = say(cast.bob, cast.group, "secret @alice").id
    add_reaction(person=cast.alice, message_id=message, emoji="👍")
    pin_message(actor=cast.alice, message_id=message)
    delete_message(actor=cast.bob, message_id=message)
    row = Message.objects.get(pk=message)
    assert (row.content, row.html, row.metadata, row.pinned_at) == ("", "", {}, None)
    assert row.deleted_by_id == cast.bob.pk
    assert not Reaction.objects.exists()
    assert not Mention.objects.exists()
    assert list(MessageRevision.objects.values_list("kind", "content")) == [("deleted", "secret @alice")]
    event = published[-1]
    assert isinstance(event, MessageDeleted)
    assert set(event.message) == {"id", "number", "deleted_at"}
    cast.group.refresh_from_db()
    assert cast.group.preview == ""


def test_others_messages_are_deleted_by_moderators_only(cast: Cast) -> None:
    message = say(cast.alice, cast.group).id
    with pytest.raises(Refused) as refused:
        delete_message(actor=cast.bob, message_id=message)
    assert refused.value.code == "forbidden"
    delete_message(actor=cast.mod, message_id=message)
    assert Message.objects.get(pk=message).deleted_by_id == cast.mod.pk


def test_pins_and_reactions_twice_change_nothing(cast: Cast, published: list[Event]) -> None:
    message = say(cast.alice, cast.group).id
    for deed in ("react", "pin", "unreact", "unpin"):
        version = DEEDS[deed](cast.bob, message)
        count = len(published)
        assert DEEDS[deed](cast.bob, message) == version
        assert len(published) == count
    kinds = Change.objects.filter(message_id=message).order_by("version").values_list("kind", flat=True)
    assert list(kinds) == ["created", "reacted", "pinned", "reacted", "unpinned"]


def test_reactions_are_counted_and_named(cast: Cast, published: list[Event]) -> None:
    message = say(cast.alice, cast.group).id
    add_reaction(person=cast.alice, message_id=message, emoji="🎉")
    add_reaction(person=cast.bob, message_id=message, emoji="👍")
    add_reaction(person=cast.mod, message_id=message, emoji="👍")
    event = published[-1]
    assert isinstance(event, ReactionsChanged)
    assert (event.reactions, event.user, event.added) == (
        {"🎉": 1, "👍": 2},
        cast.mod.pk,
        True,
    )


@pytest.mark.parametrize("emoji", ["", "a", "👍👍", "<b>", "👍" * 20, "\0", "javascript:"])
def test_a_reaction_is_one_emoji(cast: Cast, emoji: str) -> None:
    message = say(cast.alice, cast.group).id
    with pytest.raises(Refused) as refused:
        add_reaction(person=cast.bob, message_id=message, emoji=emoji)
    assert refused.value.code == "invalid"


def test_system_messages_are_nobodys_to_edit(cast: Cast) -> None:
    created = Message.objects.get(conversation=cast.group, kind="system")
    with pytest.raises(Refused) as refused:
        edit_message(editor=cast.alice, message_id=created.pk, content="I was here")
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("closed", [{"is_active": False}, {"suspended_at": timezone.now()}])
def test_who_was_shut_out_a_moment_ago_changes_nothing(cast: Cast, closed: dict[str, Any]) -> None:
    sent = say(cast.bob, cast.group)
    User.objects.filter(pk=cast.bob.pk).update(**closed)
    for deed in DEEDS.values():
        with pytest.raises(Refused) as refused:
            deed(cast.bob.pk, sent.id)
        assert refused.value.code == "forbidden"
