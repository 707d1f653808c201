"""How far one has read: forward only, never past the end, told to the right people."""

from uuid import uuid4

import pytest

from chat.actions.read import mark_delivered, mark_read, mark_unread, save_draft
from chat.models import Conversation, Membership
from chat.reading import conversations_of
from chatter.core.errors import Refused
from chatter.core.events import Event, ReadChanged, ReceiptGiven
from tests.cast import Cast, say


def test_reading_only_goes_forward_and_never_past_the_end(cast: Cast) -> None:
    for _ in range(5):
        last = say(cast.alice, cast.group).number
    assert mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=3) == (3, 0)
    assert mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=2) == (3, 0)
    assert mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=10**30) == (
        last,
        0,
    )
    assert mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=-5) == (
        last,
        0,
    )


def test_marking_unread_moves_back_and_only_back(cast: Cast) -> None:
    for _ in range(3):
        say(cast.alice, cast.group)
    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=3)
    assert mark_unread(reader=cast.bob, conversation_id=cast.group.pk, number=2) == 1
    assert mark_unread(reader=cast.bob, conversation_id=cast.group.pk, number=4) == 1
    assert mark_unread(reader=cast.bob, conversation_id=cast.group.pk, number=-(10**30)) == 0


def test_unread_and_mention_counts_follow(cast: Cast) -> None:
    say(cast.alice, cast.group, "@bob one")
    number = say(cast.alice, cast.group, "@bob two").number
    say(cast.alice, cast.group, "three")

    def counts() -> tuple[int, int]:
        row = next(row for row in conversations_of(cast.bob.pk) if row.id == cast.group.pk)
        return row.unread, row.mention_count

    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=1)
    assert counts() == (3, 2)
    assert mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=number - 1) == (number - 1, 1)
    assert counts() == (2, 1)
    mark_unread(reader=cast.bob, conversation_id=cast.group.pk, number=2)
    assert counts() == (3, 2)


def test_my_other_devices_and_the_senders_are_told(cast: Cast, published: list[Event]) -> None:
    last = [say(person, cast.group).number for person in (cast.alice, cast.mod, cast.alice)][-1]
    published.clear()
    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=last)
    position, receipt = published
    assert isinstance(position, ReadChanged)
    assert (position.user, position.last_read_number) == (cast.bob.pk, last)
    assert isinstance(receipt, ReceiptGiven)
    assert (receipt.user, receipt.number, receipt.kind) == (cast.bob.pk, last, "read")
    assert set(receipt.senders) == {cast.alice.pk, cast.mod.pk}
    published.clear()
    mark_read(reader=cast.bob, conversation_id=cast.group.pk, number=last)
    assert published == []


def test_receipts_are_off_in_the_lobby_in_large_rooms_and_by_setting(
    cast: Cast, published: list[Event], settings: object
) -> None:
    for place in (cast.lobby, cast.group):
        say(cast.alice, place)
    Conversation.objects.filter(pk=cast.group.pk).update(settings={"receipts": False})
    published.clear()
    for place in (cast.lobby, cast.group):
        mark_delivered(reader=cast.bob, conversation_id=place.pk, number=1)
        mark_read(reader=cast.bob, conversation_id=place.pk, number=1)
    assert not [event for event in published if isinstance(event, ReceiptGiven)]
    assert Membership.objects.get(conversation=cast.group, user=cast.bob).last_read_number >= 1


def test_delivery_is_told_once(cast: Cast, published: list[Event]) -> None:
    number = say(cast.alice, cast.direct).number
    published.clear()
    for _ in range(2):
        mark_delivered(reader=cast.bob, conversation_id=cast.direct.pk, number=number + 100)
    assert [(event.kind, event.number) for event in published if isinstance(event, ReceiptGiven)] == [
        ("delivered", number)
    ]


def test_outsiders_read_nothing(cast: Cast) -> None:
    for place in (cast.group.pk, uuid4()):
        with pytest.raises(Refused) as refused:
            mark_read(reader=cast.charlie, conversation_id=place, number=1)
        assert refused.value.code == "not_found"
        with pytest.raises(Refused) as refused:
            mark_unread(reader=cast.charlie, conversation_id=place, number=1)
        assert refused.value.code == "not_found"
        with pytest.raises(Refused) as refused:
            save_draft(author=cast.charlie, conversation_id=place, text="x")
        assert refused.value.code == "not_found"


def test_drafts_are_bounded(cast: Cast) -> None:
    save_draft(author=cast.bob, conversation_id=cast.group.pk, text="half a thou")
    assert Membership.objects.get(conversation=cast.group, user=cast.bob).draft == "half a thou"
    for text, code in (("x" * 8001, "too_long"), ("\0", "invalid")):
        with pytest.raises(Refused) as refused:
            save_draft(author=cast.bob, conversation_id=cast.group.pk, text=text)
        assert refused.value.code == code
