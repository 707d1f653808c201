"""Sending: what is stored, what is refused, and in which order the refusals are judged."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Block, User
from chat.actions.send import SendInput, Sent, append_batch, send_message
from chat.models import Change, Conversation, Membership, Mention, Message
from chatter.core.errors import Refused
from chatter.core.events import Event, MessageCreated
from tests.cast import Cast, say


def refusal(sender: User, place: Conversation, content: str = "Hello") -> str:
    """The code with which a message is refused; "" where it is sent."""
    before = Message.objects.count()
    try:
        say(sender, place, content)
    except Refused as refused:
        assert Message.objects.count() == before
        return refused.code
    return ""


def test_a_message_is_numbered_logged_and_published_once(cast: Cast, published: list[Event]) -> None:
    client_id = uuid4()
    sent = send_message(
        sender=cast.bob,
        conversation_id=cast.lobby.pk,
        client_id=client_id,
        content="**Hi**",
    )
    again = send_message(
        sender=cast.bob,
        conversation_id=cast.lobby.pk,
        client_id=client_id,
        content="other text",
    )

    assert not sent.duplicate
    assert again.duplicate
    assert (again.id, again.number, again.version, again.created_at) == (
        sent.id,
        sent.number,
        sent.version,
        sent.created_at,
    )
    message = Message.objects.get(conversation=cast.lobby)
    assert (message.number, message.content, message.sender_id) == (
        1,
        "**Hi**",
        cast.bob.pk,
    )
    assert "<strong>Hi</strong>" in message.html
    change = Change.objects.get(conversation=cast.lobby)
    assert (change.version, change.kind, change.message_id, change.client_id) == (
        1,
        "created",
        message.pk,
        client_id,
    )
    cast.lobby.refresh_from_db()
    assert (cast.lobby.message_count, cast.lobby.version, cast.lobby.preview) == (
        1,
        1,
        "Hi",
    )
    assert cast.lobby.last_sender_id == cast.bob.pk
    assert [event.name for event in published] == ["message.created"]


def test_the_same_client_id_of_another_person_is_another_message(cast: Cast) -> None:
    client_id = uuid4()
    for person in (cast.alice, cast.bob):
        send_message(
            sender=person,
            conversation_id=cast.lobby.pk,
            client_id=client_id,
            content="mine",
        )
    assert Message.objects.filter(conversation=cast.lobby).count() == 2


def test_a_batch_numbers_each_conversation_and_keeps_order(cast: Cast) -> None:
    places = [cast.lobby, cast.group, cast.lobby, cast.direct, cast.lobby]
    inputs = [
        SendInput(
            sender=cast.bob.pk,
            conversation=place.pk,
            client_id=uuid4(),
            content=f"message {place_number}",
        )
        for place_number, place in enumerate(places)
    ]
    outcomes = append_batch([*inputs, inputs[0]])
    sent = [outcome for outcome in outcomes if isinstance(outcome, Sent)]
    assert [each.number for each in sent] == [1, 2, 2, 1, 3, 1]
    assert [each.duplicate for each in sent] == [False] * 5 + [True]
    assert list(
        Message.objects.filter(conversation=cast.lobby).order_by("number").values_list("content", flat=True)
    ) == [
        "message 0",
        "message 2",
        "message 4",
    ]


def test_one_bad_message_refuses_only_itself(cast: Cast) -> None:
    def given(content: str, place: Conversation = cast.lobby) -> SendInput:
        return SendInput(
            sender=cast.charlie.pk,
            conversation=place.pk,
            client_id=uuid4(),
            content=content,
        )

    outcomes = append_batch(
        [
            given("good"),
            given("nul \0"),
            given("not mine", cast.group),
            given("x" * 1001),
            given("also good"),
        ]
    )
    assert [outcome.code if isinstance(outcome, Refused) else "sent" for outcome in outcomes] == [
        "sent",
        "invalid",
        "not_found",
        "too_long",
        "sent",
    ]


@pytest.mark.parametrize("content", ["", "   \n\t ", "a\0b", "\ud800", "ok \udfff"])
def test_text_that_cannot_be_stored_is_invalid(cast: Cast, content: str) -> None:
    assert refusal(cast.alice, cast.lobby, content) == "invalid"


@pytest.mark.parametrize(
    ("place", "length", "code"),
    [
        ("lobby", 1, ""),
        ("lobby", 1000, ""),
        ("lobby", 1001, "too_long"),
        ("group", 1001, ""),
        ("group", 4000, ""),
        ("group", 4001, "too_long"),
        ("direct", 4001, "too_long"),
    ],
)
def test_length_is_counted_in_code_points(cast: Cast, place: str, length: int, code: str) -> None:
    assert refusal(cast.alice, getattr(cast, place), "😀" * length) == code


def test_a_conversation_may_be_shorter(cast: Cast) -> None:
    Conversation.objects.filter(pk=cast.group.pk).update(settings={"max_length": 10})
    assert refusal(cast.alice, cast.group, "x" * 11) == "too_long"
    assert refusal(cast.alice, cast.group, "x" * 10) == ""


def test_outsiders_and_unknown_places_get_the_same_answer(cast: Cast) -> None:
    assert refusal(cast.charlie, cast.group) == "not_found"
    with pytest.raises(Refused, match="does not exist") as missing:
        send_message(
            sender=cast.charlie,
            conversation_id=uuid4(),
            client_id=uuid4(),
            content="Hello",
        )
    assert missing.value.code == "not_found"


def test_one_who_left_cannot_send(cast: Cast) -> None:
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(left_at=timezone.now(), permissions=0)
    assert refusal(cast.bob, cast.group) == "not_found"


def test_without_the_bit_sending_is_forbidden(cast: Cast) -> None:
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(permissions=2)
    assert refusal(cast.bob, cast.group) == "forbidden"


def test_timed_out_says_for_how_long(cast: Cast) -> None:
    until = timezone.now() + timedelta(minutes=5)
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(timed_out_until=until)
    with pytest.raises(Refused) as refused:
        say(cast.bob, cast.group)
    assert refused.value.code == "timed_out"
    assert refused.value.retry_after is not None
    assert 290 < refused.value.retry_after <= 300


def test_a_refused_input_does_not_make_the_next_with_its_client_id_a_duplicate(cast: Cast) -> None:
    """The first is too long, the second is not: it is stored, and only what comes after it is its duplicate."""
    client_id = uuid4()
    batch = [
        SendInput(sender=cast.bob.pk, conversation=cast.group.pk, client_id=client_id, content=content)
        for content in ("x" * 4001, "short", "shorter", "x" * 4001)
    ]
    long, short, shorter, long_again = append_batch(batch)
    assert isinstance(long, Refused)
    assert isinstance(long_again, Refused)
    assert long.code == long_again.code == "too_long"
    assert isinstance(short, Sent)
    assert isinstance(shorter, Sent)
    assert (short.duplicate, shorter.duplicate, short.id) == (False, True, shorter.id)
    assert list(Message.objects.filter(conversation=cast.group, sender=cast.bob).values_list("content", flat=True)) == [
        "short"
    ]


def test_slow_mode_refuses_the_same_client_id_twice_in_a_batch(cast: Cast) -> None:
    Conversation.objects.filter(pk=cast.group.pk).update(settings={"slow_mode": 60})
    first, second = uuid4(), uuid4()

    def send(*keys: UUID) -> list[str]:
        batch = [
            SendInput(sender=cast.bob.pk, conversation=cast.group.pk, client_id=key, content="Hello") for key in keys
        ]
        outcomes = append_batch(batch)
        return [outcome.code if isinstance(outcome, Refused) else str(outcome.duplicate) for outcome in outcomes]

    assert send(first, second, second, first) == ["False", "slow_mode", "slow_mode", "True"]
    assert send(second, first, second) == ["slow_mode", "True", "slow_mode"]


def test_slow_mode_holds_members_within_a_batch_too_but_not_moderators(
    cast: Cast,
) -> None:
    Conversation.objects.filter(pk=cast.group.pk).update(settings={"slow_mode": 60})

    def burst(person: User) -> list[str]:
        inputs = [
            SendInput(
                sender=person.pk,
                conversation=cast.group.pk,
                client_id=uuid4(),
                content=str(n),
            )
            for n in range(3)
        ]
        return [outcome.code if isinstance(outcome, Refused) else "sent" for outcome in append_batch(inputs)]

    assert burst(cast.bob) == ["sent", "slow_mode", "slow_mode"]
    assert burst(cast.bob) == ["slow_mode"] * 3
    assert burst(cast.mod) == ["sent"] * 3
    with pytest.raises(Refused) as refused:
        say(cast.bob, cast.group)
    assert refused.value.retry_after is not None
    assert 50 < refused.value.retry_after <= 60


def test_archived_conversations_are_locked(cast: Cast) -> None:
    Conversation.objects.filter(pk=cast.group.pk).update(archived_at=timezone.now())
    assert refusal(cast.alice, cast.group) == "locked"


def test_a_suspended_person_cannot_send(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(suspended_at=timezone.now())
    assert refusal(cast.bob, cast.lobby) == "forbidden"


def test_a_block_ends_direct_talk_both_ways_and_tells_only_the_blocker(
    cast: Cast,
) -> None:
    say(cast.alice, cast.direct)
    Block.objects.create(blocker=cast.alice, blocked=cast.bob)
    assert refusal(cast.alice, cast.direct) == "blocked"
    assert refusal(cast.bob, cast.direct) == "forbidden"
    assert refusal(cast.bob, cast.group) == ""


def test_a_duplicate_is_answered_even_where_nothing_new_may_be_sent(cast: Cast) -> None:
    client_id = uuid4()
    first = send_message(
        sender=cast.bob,
        conversation_id=cast.group.pk,
        client_id=client_id,
        content="Hello",
    )
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(permissions=0)
    Conversation.objects.filter(pk=cast.group.pk).update(archived_at=timezone.now())
    again = send_message(
        sender=cast.bob,
        conversation_id=cast.group.pk,
        client_id=client_id,
        content="Hello",
        limited=2.0,
    )
    assert (again.id, again.duplicate) == (first.id, True)
    with pytest.raises(Refused, match="archived"):
        send_message(
            sender=cast.alice,
            conversation_id=cast.group.pk,
            client_id=uuid4(),
            content="Hello",
            limited=2.0,
        )


def test_over_the_rate_only_a_duplicate_passes(cast: Cast) -> None:
    with pytest.raises(Refused) as refused:
        send_message(
            sender=cast.bob,
            conversation_id=cast.lobby.pk,
            client_id=uuid4(),
            content="Hello",
            limited=1.5,
        )
    assert (refused.value.code, refused.value.retry_after) == ("rate_limited", 1.5)


def test_a_reply_carries_its_quote_and_stays_in_its_conversation(cast: Cast, published: list[Event]) -> None:
    question = say(cast.alice, cast.group, "Which **projection**?")
    say(cast.bob, cast.group, "Equal Earth", reply_to=question.id)
    created = published[-1]
    assert isinstance(created, MessageCreated)
    quote = created.message["reply_to"]
    assert (quote["id"], quote["number"], quote["sender"]["username"]) == (
        str(question.id),
        question.number,
        "alice",
    )
    assert quote["preview"] == "Which projection?"
    with pytest.raises(Refused) as refused:
        say(cast.bob, cast.lobby, "elsewhere", reply_to=question.id)
    assert refused.value.code == "not_found"
    assert not Message.objects.filter(conversation=cast.lobby).exists()


def test_a_reply_cannot_reach_before_ones_history(cast: Cast) -> None:
    secret = say(cast.alice, cast.group, "before your time")
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(history_from=secret.number + 1)
    with pytest.raises(Refused) as refused:
        say(cast.bob, cast.group, "what?", reply_to=secret.id)
    assert refused.value.code == "not_found"


def test_mentions_call_members_only_and_never_across_a_block(cast: Cast) -> None:
    say(cast.alice, cast.group, "@bob @BOB @charlie @alice @nobody `@mod`")
    assert list(Mention.objects.filter(conversation=cast.group).values_list("user__username", flat=True)) == ["bob"]
    html = Message.objects.get(conversation=cast.group, sender=cast.alice).html
    assert html.count('class="mention"') == 3
    say(cast.mallory, cast.lobby, "hey @alice and @charlie")
    assert list(Mention.objects.filter(conversation=cast.lobby).values_list("user__username", flat=True)) == ["charlie"]


def test_sending_reads_what_came_before_for_the_sender_only(cast: Cast) -> None:
    say(cast.alice, cast.group)
    sent = say(cast.bob, cast.group)
    read = dict(Membership.objects.filter(conversation=cast.group).values_list("user__username", "last_read_number"))
    assert read["bob"] == sent.number
    assert read["alice"] == sent.number - 1
    assert read["mod"] < read["alice"]


def test_the_first_message_makes_a_direct_conversation_known(cast: Cast, published: list[Event]) -> None:
    say(cast.alice, cast.direct)
    say(cast.bob, cast.direct)
    assert [event.name for event in published] == [
        "membership.added",
        "membership.added",
        "message.created",
        "message.created",
    ]


def test_a_batch_of_any_size_is_two_statements(cast: Cast, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    def batch(size: int, text: str) -> list[SendInput]:
        return [
            SendInput(
                sender=cast.bob.pk,
                conversation=cast.lobby.pk,
                client_id=uuid4(),
                content=text,
            )
            for _ in range(size)
        ]

    with django_assert_num_queries(1):
        append_batch(batch(1, "plain"))
    with django_assert_num_queries(2):
        append_batch(batch(40, "hello @alice and @charlie"))
