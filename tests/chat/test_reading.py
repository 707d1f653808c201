"""What a person may read: pages, catching up, threads; nothing from before their history, nothing of others' places."""

from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest
from django.utils import timezone

from accounts.models import User
from chat import rendering
from chat.actions.change import add_reaction, delete_message, edit_message, pin_message
from chat.models import Change, Conversation, Membership, Message
from chat.reading import (
    changes_since,
    conversation_for,
    conversations_of,
    history,
    members_of,
    message_numbered,
    number_at_date,
    page_of,
    pinned_of,
    revisions_of,
    shown_messages,
    thread_of,
)
from chat.reading.changes import BYTES_MAX
from chat.rendering import Shown
from chatter.core.errors import NotFound
from chatter.core.events import Event, MessageCreated
from tests.cast import Cast, say


def numbers(shown: list) -> list[int]:
    return [each.wire["number"] for each in shown]


@pytest.fixture
def talk(cast: Cast) -> Cast:
    """Thirty more messages in the group (the first one says that it was made)."""
    for number in range(2, 32):
        say(cast.alice, cast.group, f"message {number}")
    return cast


def test_pages_run_both_ways_without_overlap(talk: Cast) -> None:
    room = conversation_for(talk.bob.pk, talk.group.pk)
    newest = page_of(room, limit=10)
    assert numbers(newest.messages) == list(range(22, 32))
    assert (newest.has_before, newest.has_after) == (True, False)
    older = page_of(room, before=22, limit=10)
    assert numbers(older.messages) == list(range(12, 22))
    oldest = page_of(room, before=3, limit=10)
    assert numbers(oldest.messages) == [1, 2]
    assert not oldest.has_before
    later = page_of(room, after=29, limit=10)
    assert (numbers(later.messages), later.has_after) == ([30, 31], False)
    around = page_of(room, around=15, limit=10)
    assert numbers(around.messages) == list(range(10, 20))


@pytest.mark.parametrize(("limit", "count"), [(0, 1), (-5, 1), (1, 1), (100, 31), (10**9, 31)])
def test_limits_are_clamped(talk: Cast, limit: int, count: int) -> None:
    assert len(page_of(conversation_for(talk.bob.pk, talk.group.pk), limit=limit).messages) == count
    assert len(history(talk.bob.pk, talk.group.pk, before=10**6, limit=limit)) == count


def test_history_begins_where_ones_membership_says(talk: Cast) -> None:
    Membership.objects.filter(conversation=talk.group, user=talk.bob).update(history_from=25)
    root = Message.objects.get(conversation=talk.group, number=3)
    reply = say(talk.alice, talk.group, "re", reply_to=root.pk)
    pin_message(actor=talk.alice, message_id=root.pk)
    room = conversation_for(talk.bob.pk, talk.group.pk)
    page = page_of(room, around=10)
    assert min(numbers(page.messages)) == 25
    assert min(message["number"] for message in history(talk.bob.pk, talk.group.pk, after=0)) == 25
    changes = changes_since(talk.bob.pk, talk.group.pk, 5).reply["changes"]
    assert min(item["message"]["number"] for item in changes) == 25
    assert pinned_of(room) == []
    assert message_numbered(room, reply.number).wire["reply_to"] is None
    for number in (3, 24):
        with pytest.raises(NotFound):
            message_numbered(room, number)
        with pytest.raises(NotFound):
            thread_of(room, number)
        with pytest.raises(NotFound):
            revisions_of(room, number)


def test_outsiders_get_the_same_answer_as_for_unknown_ids(cast: Cast) -> None:
    Membership.objects.filter(conversation=cast.group, user=cast.mod).update(left_at=timezone.now())
    for person, place in (
        (cast.charlie.pk, cast.group.pk),
        (cast.mod.pk, cast.group.pk),
        (cast.bob.pk, uuid4()),
    ):
        for read in (
            lambda: conversation_for(person, place),  # noqa: B023
            lambda: changes_since(person, place, None),  # noqa: B023
            lambda: history(person, place, before=10),  # noqa: B023
        ):
            with pytest.raises(NotFound):
                read()
    assert cast.group.pk not in {row.id for row in conversations_of(cast.mod.pk)}


def test_catching_up_brings_each_changed_message_once_in_its_latest_state(
    talk: Cast,
) -> None:
    version = Conversation.objects.get(pk=talk.group.pk).version
    by_number = dict(Message.objects.filter(conversation=talk.group).values_list("number", "pk"))
    edit_message(editor=talk.alice, message_id=by_number[5], content="once")
    edit_message(editor=talk.alice, message_id=by_number[5], content="twice")
    add_reaction(person=talk.bob, message_id=by_number[6], emoji="👍")
    delete_message(actor=talk.alice, message_id=by_number[7])
    new = say(talk.bob, talk.group, "new").number
    reply = changes_since(talk.bob.pk, talk.group.pk, version).reply
    items = reply["changes"]
    assert [item["message"]["number"] for item in items] == [5, 6, 7, new]
    assert [item["version"] for item in items] == [
        version + 2,
        version + 3,
        version + 4,
        version + 5,
    ]
    assert (reply["version"], reply["reset"], reply["more"]) == (
        version + 5,
        False,
        False,
    )
    assert items[0]["message"]["content"] == "twice"
    assert items[1]["message"]["my_reactions"] == ["👍"]
    assert items[2]["message"]["content"] == ""
    assert items[2]["message"]["deleted_at"] is not None
    assert changes_since(talk.bob.pk, talk.group.pk, version + 5).reply["changes"] == []


@pytest.mark.parametrize("version", [None, -1, 10**15, 10**40])
def test_a_version_that_cannot_be_continued_resets(talk: Cast, version: int | None) -> None:
    reply = changes_since(talk.bob.pk, talk.group.pk, version).reply
    assert reply["reset"]
    assert not reply["more"]
    assert reply["changes"][-1]["message"]["number"] == 31
    assert reply["changes"][-1]["version"] == reply["version"]


def test_below_the_floor_or_too_far_behind_resets(talk: Cast) -> None:
    Change.objects.filter(conversation=talk.group, version__lte=10).delete()
    Conversation.objects.filter(pk=talk.group.pk).update(floor_version=10)
    assert changes_since(talk.bob.pk, talk.group.pk, 9).reply["reset"]
    kept = changes_since(talk.bob.pk, talk.group.pk, 10).reply
    assert (kept["reset"], kept["floor"], len(kept["changes"])) == (False, 10, 21)


def test_catching_up_is_paged_by_count_and_by_size(cast: Cast) -> None:
    for number in range(130):
        say(cast.alice, cast.group, f"{number}")
    first = changes_since(cast.bob.pk, cast.group.pk, 0).reply
    assert (len(first["changes"]), first["more"]) == (100, True)
    rest = changes_since(cast.bob.pk, cast.group.pk, first["changes"][-1]["version"]).reply
    assert (len(rest["changes"]), rest["more"]) == (31, False)

    version = rest["version"]
    for _ in range(40):
        say(cast.alice, cast.group, "ü" * 4000)
    seen: list[int] = []
    more = True
    while more:
        reply = changes_since(cast.bob.pk, cast.group.pk, version).reply
        assert sum(len(item["html"].encode()) for item in reply["changes"]) < BYTES_MAX
        seen += [item["message"]["number"] for item in reply["changes"]]
        version, more = reply["changes"][-1]["version"], reply["more"]
    assert seen == list(range(132, 172))
    assert len(changes_since(cast.bob.pk, cast.group.pk, None).reply["changes"]) < 40


def test_more_than_five_hundred_missed_changes_reset(cast: Cast) -> None:
    message = say(cast.alice, cast.group).id
    conversation = Conversation.objects.get(pk=cast.group.pk)
    rows = [
        Change(
            conversation=conversation,
            version=conversation.version + n,
            kind="edited",
            message_id=message,
            number=2,
        )
        for n in range(1, 502)
    ]
    Change.objects.bulk_create(rows)
    Conversation.objects.filter(pk=cast.group.pk).update(version=conversation.version + 501)
    assert changes_since(cast.bob.pk, cast.group.pk, conversation.version).reply["reset"]
    assert not changes_since(cast.bob.pk, cast.group.pk, conversation.version + 1).reply["reset"]


def test_a_thread_is_the_message_and_all_that_answers_it(cast: Cast) -> None:
    root = say(cast.alice, cast.group, "root")
    first = say(cast.bob, cast.group, "first", reply_to=root.id)
    say(cast.mod, cast.group, "beside")
    second = say(cast.alice, cast.group, "second", reply_to=first.id)
    room = conversation_for(cast.bob.pk, cast.group.pk)
    assert numbers(thread_of(room, root.number)) == [
        root.number,
        first.number,
        second.number,
    ]


def test_quotes_keep_a_long_spoiler_closed(cast: Cast, published: list[Event]) -> None:
    """Its second pair of bars lies beyond the beginning that a quote shows."""
    root = say(cast.alice, cast.group, "It was ||the butler" + ", the butler" * 50 + "||")
    reply = say(cast.bob, cast.group, "What?", reply_to=root.id)
    told = published[-1]
    assert isinstance(told, MessageCreated)
    page = shown_messages([reply.id], cast.bob.pk)[reply.id].wire
    for quote in (told.message["reply_to"], page["reply_to"]):
        assert quote["preview"].startswith("It was ")
        assert "butler" not in quote["preview"]


def test_quotes_of_deleted_messages_are_empty(cast: Cast) -> None:
    root = say(cast.alice, cast.group, "secret")
    reply = say(cast.bob, cast.group, "re", reply_to=root.id)
    delete_message(actor=cast.alice, message_id=root.id)
    quote = shown_messages([reply.id], cast.bob.pk)[reply.id].wire["reply_to"]
    assert quote == {
        "id": str(root.id),
        "number": root.number,
        "sender": None,
        "preview": "",
    }


def test_the_history_of_a_deleted_message_is_not_for_members(cast: Cast) -> None:
    sent = say(cast.alice, cast.group, "first")
    edit_message(editor=cast.alice, message_id=sent.id, content="second")
    room = conversation_for(cast.bob.pk, cast.group.pk)
    assert [revision.content for revision in revisions_of(room, sent.number)] == ["first"]
    delete_message(actor=cast.alice, message_id=sent.id)
    with pytest.raises(NotFound):
        revisions_of(room, sent.number)


def test_a_date_leads_to_its_first_message(talk: Cast) -> None:
    start = timezone.now() - timedelta(days=31)
    for number in range(1, 32):
        Message.objects.filter(conversation=talk.group, number=number).update(created_at=start + timedelta(days=number))
    room = conversation_for(talk.bob.pk, talk.group.pk)
    assert number_at_date(room, start + timedelta(days=17)) == 17
    assert number_at_date(room, start + timedelta(days=16, hours=1)) == 17
    assert number_at_date(room, start) == 1
    assert number_at_date(room, start + timedelta(days=40)) is None


def test_members_come_in_order_of_name(cast: Cast) -> None:
    room = conversation_for(cast.bob.pk, cast.lobby.pk)
    names = [member.name for member in members_of(room)]
    assert names == ["Alice", "Bob", "Charlie", "Mallory", "Mod"]
    assert [member.name for member in members_of(room, after="Bob/bob", limit=2)] == [
        "Charlie",
        "Mallory",
    ]


def test_members_of_one_name_are_all_listed_page_by_page(cast: Cast) -> None:
    User.objects.filter(username__in=["bob", "charlie", "mallory"]).update(display_name="Sam")
    room = conversation_for(cast.bob.pk, cast.lobby.pk)
    listed: list[str] = []
    after = ""
    while page := members_of(room, after=after, limit=2):
        listed += [member.username for member in page]
        after = page[-1].key
    assert listed == ["alice", "mod", "bob", "charlie", "mallory"]


def test_the_side_bar_does_not_name_who_is_gone(cast: Cast) -> None:
    say(cast.bob, cast.group)
    User.objects.filter(pk=cast.bob.pk).update(deleted_at=timezone.now())
    row = next(row for row in conversations_of(cast.alice.pk) if row.id == cast.group.pk)
    assert row.last_sender_name == "Deleted user"


def test_the_side_bar_quotes_nothing_from_before_ones_history(cast: Cast) -> None:
    last = say(cast.alice, cast.group, "before your time")
    Membership.objects.filter(conversation=cast.group, user=cast.bob).update(history_from=last.number + 1)
    previews = {
        person.username: next(row.preview for row in conversations_of(person.pk) if row.id == cast.group.pk)
        for person in (cast.alice, cast.bob)
    }
    assert previews == {"alice": "before your time", "bob": ""}


def test_a_person_who_is_gone_keeps_the_id_and_loses_the_name(cast: Cast) -> None:
    sent = say(cast.bob, cast.group)
    cast.bob.deleted_at = timezone.now()
    cast.bob.save()
    sender = shown_messages([sent.id], None)[sent.id].wire["sender"]
    assert sender == {
        "id": str(cast.bob.pk),
        "username": "",
        "display_name": "Deleted user",
    }


def test_the_wire_form_is_the_protocols(cast: Cast) -> None:
    sent = say(cast.bob, cast.group, "hello")
    wire = shown_messages([sent.id], cast.bob.pk)[sent.id].wire
    assert set(wire) >= {
        "id", "conversation", "number", "kind", "sender", "content", "reply_to", "attachments", "reactions",
        "my_reactions", "created_at", "edited_at", "deleted_at",
    }  # fmt: skip
    assert UUID(wire["id"]) == sent.id
    assert wire["created_at"].endswith("Z")


def test_long_articles_do_not_fill_the_memory(cast: Cast) -> None:
    short = say(cast.alice, cast.group, "short enough to be remembered")
    long = say(cast.alice, cast.group, "@bob " * 700)
    for sent, is_remembered in ((short, True), (long, False)):
        edit_message(editor=cast.alice, message_id=sent.id, content=Message.objects.get(pk=sent.id).content + "!")
        shown = shown_messages([sent.id], None)[sent.id]
        before = rendering._remembered.cache_info()
        assert rendering.article(shown) == rendering.article(shown)
        after = rendering._remembered.cache_info()
        assert (after.currsize > before.currsize, after.hits > before.hits) == (is_remembered, is_remembered)


@pytest.mark.parametrize("name", ["Alice", "<b>&amp;\"'", "id number time", "مرحبا", "{{ body }}"])
def test_a_cast_article_is_the_rendered_one(cast: Cast, name: str) -> None:
    """The mould of plain messages leaves no trace of itself."""
    User.objects.filter(pk=cast.alice.pk).update(display_name=name)
    for text in ("hello", "<script>alert(1)</script>", "**bold** `code` {{ x }} &lt;"):
        sent = say(cast.alice, cast.group, text)
        shown = shown_messages([sent.id], cast.bob.pk)[sent.id]
        assert rendering.is_plain(shown.wire)
        labels: rendering.Labels
        for labels in ((), (("deleted", "gone"), ("edited", "edited"))):
            rendered = rendering._article(orjson.dumps(shown.wire), shown.body, labels)
            assert rendering.article(shown, labels) == rendered
            assert "\0" not in rendering.article(shown, labels)


def test_a_page_knows_how_many_answers_still_stand(cast: Cast) -> None:
    root = say(cast.alice, cast.group, "Shall we meet?")
    gone = say(cast.bob, cast.group, "Never", reply_to=root.id)
    say(cast.bob, cast.group, "At noon", reply_to=root.id)

    def shown() -> Shown:
        return message_numbered(conversation_for(cast.bob.pk, cast.group.pk), root.number)

    assert shown().wire["reply_count"] == 2
    delete_message(actor=cast.bob, message_id=gone.id)
    assert shown().wire["reply_count"] == 1
    assert f"/m/{root.number}/thread/" in rendering.article(shown())
    assert "reply_count" not in shown_messages([root.id], None)[root.id].wire
    assert all("reply_count" not in message for message in history(cast.bob.pk, cast.group.pk, before=100))
