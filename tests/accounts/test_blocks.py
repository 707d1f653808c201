"""Blocking: what it ends, and that what the blocked say in shared rooms is folded for whoever blocked them."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import relationships
from accounts.actions.relationships import block_person, request_contact, unblock_person
from accounts.contacts import Relation, relation_between
from accounts.models import Block, Friendship, Notification, User
from accounts.notices import shown
from accounts.occasions import spread_due
from chat.actions.change import add_reaction, delete_message, pin_message
from chat.models import Mention
from chat.reading import conversations_of
from chatter.core.errors import Refused
from chatter.core.events import Event, RelationsChanged
from tests.cast import Cast, make_cast, say

pytestmark = pytest.mark.django_db
FOLDED = "Message from somebody you blocked"
ARTICLE = re.compile(r"<article.*?</article>", re.DOTALL)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    seen: list[Event] = []
    monkeypatch.setattr("accounts.actions.relationships.publish", lambda *given: seen.extend(given))
    return seen


def read(person: User, address: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


def articles(html: str) -> list[str]:
    return ARTICLE.findall(html.partition("<template")[0])


@pytest.mark.parametrize("state", Friendship.State)
@pytest.mark.parametrize("turned", [False, True])
def test_blocking_ends_friendship_and_requests_both_ways(
    cast: Cast, published: list[Event], state: str, turned: bool
) -> None:
    alice, charlie = cast.alice, cast.charlie
    requester, addressee = (charlie, alice) if turned else (alice, charlie)
    Friendship.objects.create(requester=requester, addressee=addressee, state=state)
    assert block_person(blocker=alice, blocked=charlie, reason="Rude") == Relation.BLOCKING
    assert relation_between(alice, charlie) == Relation.BLOCKING
    left = Friendship.objects.between(alice.pk, charlie.pk).first()
    assert (left is not None) == (state == Friendship.State.DECLINED)
    assert {event.user for event in published if isinstance(event, RelationsChanged)} == {alice.pk, charlie.pk}


def test_again_changes_only_the_reason(cast: Cast, published: list[Event]) -> None:
    block_person(blocker=cast.alice, blocked=cast.mallory)
    block_person(blocker=cast.alice, blocked=cast.mallory, reason="Still")
    block_person(blocker=cast.alice, blocked=cast.mallory)
    assert published == []
    assert Block.objects.get().reason == "Still"
    for _twice in range(2):
        assert unblock_person(blocker=cast.alice, blocked=cast.mallory) == Relation.NONE
    assert len(published) == 2


def test_only_who_blocked_can_relent(cast: Cast) -> None:
    unblock_person(blocker=cast.mallory, blocked=cast.alice)
    assert Block.objects.count() == 1
    block_person(blocker=cast.mallory, blocked=cast.alice)
    unblock_person(blocker=cast.alice, blocked=cast.mallory)
    assert Block.objects.get().blocker == cast.mallory
    with pytest.raises(Refused):
        request_contact(requester=cast.alice, addressee=cast.mallory)


def test_after_relenting_they_are_strangers(cast: Cast) -> None:
    block_person(blocker=cast.alice, blocked=cast.bob)
    unblock_person(blocker=cast.alice, blocked=cast.bob)
    assert relation_between(cast.alice, cast.bob) == Relation.NONE
    assert request_contact(requester=cast.bob, addressee=cast.alice) == Relation.SENT


def test_what_cannot_be_blocked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused):
        block_person(blocker=cast.alice, blocked=cast.alice)
    with pytest.raises(Refused):
        block_person(blocker=cast.alice, blocked=cast.bob, reason="x" * 501)
    monkeypatch.setattr(relationships, "BLOCKS_MAX", 1)
    with pytest.raises(Refused):
        block_person(blocker=cast.alice, blocked=cast.bob)
    assert Block.objects.count() == 1


def test_a_waiting_request_is_not_told_any_more(cast: Cast) -> None:
    request_contact(requester=cast.charlie, addressee=cast.alice)
    block_person(blocker=cast.alice, blocked=cast.charlie)
    assert not Notification.objects.filter(recipient=cast.alice, read_at=None).exists()


def test_the_blocked_are_not_told(cast: Cast) -> None:
    before = Notification.objects.count()
    block_person(blocker=cast.alice, blocked=cast.bob)
    assert Notification.objects.count() == before


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", ["mention", "message", "reply", "reaction"])
def test_what_was_told_before_a_block_is_shown_no_more(cast: Cast, kind: str, turned: bool) -> None:
    mine = say(cast.alice, cast.group, "Mine")
    if kind == "message":
        say(cast.bob, cast.direct, "Psst")
    elif kind == "reaction":
        add_reaction(person=cast.bob, message_id=mine.id, emoji="👍")
    else:
        say(cast.bob, cast.group, "@alice look", reply_to=mine.id if kind == "reply" else None)
    while spread_due():
        pass
    rows = list(Notification.objects.filter(recipient=cast.alice, actor=cast.bob))
    assert shown(cast.alice, rows)
    blocker, blocked = (cast.bob, cast.alice) if turned else (cast.alice, cast.bob)
    block_person(blocker=blocker, blocked=blocked)
    assert shown(cast.alice, rows) == []


# --- messages ----------------------------------------------------------------------------------------------------------


def test_messages_of_the_blocked_are_folded_for_the_blocker_only(cast: Cast) -> None:
    say(cast.mallory, cast.lobby, "Poison")
    say(cast.bob, cast.lobby, "Honey")
    for reader, folds in ((cast.alice, True), (cast.bob, False), (cast.mallory, False)):
        poison, honey = articles(read(reader, f"/c/{cast.lobby.pk}/"))
        assert ("message--folded" in poison) is folds, reader
        assert ('<details class="message__fold">' in poison) is folds
        assert "Poison" in poison, "it is there for whoever opens it"
        assert "message__fold" not in honey
    assert not articles(read(cast.mallory, f"/c/{cast.lobby.pk}/"))[0].count(FOLDED)


def test_quotes_of_the_blocked_say_nothing(cast: Cast) -> None:
    sent = say(cast.mallory, cast.lobby, "Poison")
    say(cast.bob, cast.lobby, "Who says that?", reply_to=sent.id)
    answer = articles(read(cast.alice, f"/c/{cast.lobby.pk}/"))[1]
    assert FOLDED in answer
    assert "Poison" not in answer
    assert "Mallory" not in answer
    assert "message--folded" not in answer
    assert "Poison" in articles(read(cast.bob, f"/c/{cast.lobby.pk}/"))[1]


def test_threads_pins_and_single_messages_are_folded(cast: Cast) -> None:
    sent = say(cast.mallory, cast.lobby, "Poison")
    say(cast.mallory, cast.lobby, "More", reply_to=sent.id)
    User.objects.filter(pk=cast.bob.pk).update(is_superuser=True)
    cast.lobby.memberships.filter(user=cast.bob).update(permissions=2**20 - 1)
    pin_message(actor=cast.bob, message_id=sent.id)
    place = f"/c/{cast.lobby.pk}"
    for address, count in ((f"{place}/m/1/thread/", 2), (f"{place}/pins/", 1), (f"{place}/m/1/", 1)):
        assert read(cast.alice, address).count("message--folded") == count, address
        assert "message--folded" not in read(cast.bob, address), address


def test_the_side_bar_repeats_nothing_of_the_blocked(cast: Cast) -> None:
    say(cast.mallory, cast.lobby, "Poison")
    rows = read(cast.alice, "/")
    assert FOLDED in rows.partition("<conversation-list")[2]
    assert "Poison" not in rows
    assert "Poison" in read(cast.bob, "/")


def test_between_the_two_nothing_is_folded(cast: Cast) -> None:
    say(cast.bob, cast.direct, "Old words")
    block_person(blocker=cast.alice, blocked=cast.bob)
    html = read(cast.alice, f"/c/{cast.direct.pk}/")
    assert "message--folded" not in html
    assert html.count("Old words") >= 2, "in the talk and in the side bar"


def test_a_tombstone_stays_a_tombstone(cast: Cast) -> None:
    sent = say(cast.mallory, cast.lobby, "Poison")
    delete_message(actor=cast.mallory, message_id=sent.id)
    assert "message--folded" not in read(cast.alice, f"/c/{cast.lobby.pk}/")


def test_calls_of_the_blocked_count_as_messages_only(cast: Cast) -> None:
    say(cast.charlie, cast.lobby, "@alice look")

    def counts() -> tuple[int, int]:
        row = next(row for row in conversations_of(cast.alice.pk) if row.id == cast.lobby.pk)
        return row.unread, row.mention_count

    assert counts() == (1, 1)
    block_person(blocker=cast.alice, blocked=cast.charlie)
    assert counts() == (1, 0)
    say(cast.charlie, cast.lobby, "@alice again")
    assert counts() == (2, 0)
    assert "message--mention" not in "".join(articles(read(cast.alice, f"/c/{cast.lobby.pk}/")))


def test_calls_between_the_two_are_forgotten_and_others_stay(cast: Cast) -> None:
    say(cast.charlie, cast.lobby, "@alice @bob look")
    say(cast.alice, cast.lobby, "@charlie what?")
    block_person(blocker=cast.alice, blocked=cast.charlie)
    assert set(Mention.objects.values_list("user__username", flat=True)) == {"bob"}


def test_scripts_know_whom_to_fold(cast: Cast) -> None:
    assert f'data-blocked="{cast.mallory.pk}"' in read(cast.alice, "/")
    assert "data-blocked" not in read(cast.mallory, "/")


@pytest.mark.parametrize(
    "text", ["</div>\n</div>", '`<article class="message`', '> a\n\n```\n<div class="message__body">\n```']
)
def test_no_text_escapes_its_fold(cast: Cast, text: str) -> None:
    say(cast.mallory, cast.lobby, text)
    (article,) = articles(read(cast.alice, f"/c/{cast.lobby.pk}/"))
    head, _line, rest = article.partition('<details class="message__fold">')
    assert head.startswith('<article class="message message--folded"')
    assert rest.count("<details") == 0
    assert article.count("message--folded") == 1


def test_the_page_costs_no_query_more(cast: Cast) -> None:
    say(cast.mallory, cast.lobby, "Poison")
    counts = []
    for reader in (cast.alice, cast.bob):
        client = Client()
        client.force_login(reader)
        client.get(f"/c/{cast.lobby.pk}/")
        with CaptureQueriesContext(connection) as seen:
            client.get(f"/c/{cast.lobby.pk}/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_the_one_who_blocks_is_offered_to_unblock_where_they_would_write(cast: Cast) -> None:
    address = f"/c/{cast.direct.pk}/"
    block_person(blocker=cast.alice, blocked=cast.bob)
    page = read(cast.alice, address)
    assert "<message-composer" not in page and f'action="/contacts/{cast.bob.username}/unblock/"' in page
    assert "<message-composer" in read(cast.bob, address)
    unblock_person(blocker=cast.alice, blocked=cast.bob)
    assert "<message-composer" in read(cast.alice, address)


def test_nobody_writes_to_a_deleted_account(cast: Cast) -> None:
    User.objects.filter(pk=cast.bob.pk).update(deleted_at=timezone.now(), is_active=False)
    page = read(cast.alice, f"/c/{cast.direct.pk}/")
    assert "<message-composer" not in page and "This account was deleted." in page
