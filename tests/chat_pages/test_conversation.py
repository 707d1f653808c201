"""The conversation's page: its history both ways, what stands between messages, and how many questions it asks."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.actions.change import add_reaction, delete_message, edit_message, pin_message
from chat.actions.conversation import open_direct
from chat.actions.read import mark_read, save_draft
from chat.models import Conversation, Message
from tests.cast import Cast, say
from tests.chat_pages.conftest import ClientOf, somebody
from tests.chat_pages.reading import Page

QUERIES_MAX = 10


def numbers(html: str) -> list[int]:
    """The numbers of the messages on the page, in order."""
    return [int(number) for number in re.findall(r'<article class="message[^"]*" id="m-(\d+)"', html) if number != "0"]


def article(html: str, number: int) -> str:
    """One message's markup."""
    start = html.index(f'id="m-{number}"')
    return html[html.rindex("<article", 0, start) : html.index("</article>", start)]


@pytest.fixture
def long_talk(cast: Cast) -> Conversation:
    """The group with 120 messages after its first line."""
    for count in range(120):
        say(cast.alice if count % 3 else cast.bob, cast.group, f"message {count}")
    cast.group.refresh_from_db()
    return cast.group


def get(client_of: ClientOf, cast: Cast, address: str) -> str:
    answer = client_of(cast.bob).get(address)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def test_shows_the_newest_messages_oldest_first(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    assert numbers(get(client_of, cast, f"/c/{long_talk.pk}/")) == list(range(72, 122))


@pytest.mark.parametrize(
    ("query", "first", "last"),
    [
        ("before=72", 22, 71),
        ("before=5", 1, 4),
        ("after=100", 101, 121),
        ("after=10", 11, 60),
        ("at=50", 25, 74),
        ("at=999999", 96, 121),
        ("limit=5", 117, 121),
        ("limit=0", 72, 121),
        ("limit=-7", 121, 121),
        ("limit=100000", 22, 121),
        ("before=0", None, None),
        (f"after={2**62}", None, None),
    ],
)
def test_windows(
    cast: Cast, long_talk: Conversation, client_of: ClientOf, query: str, first: int | None, last: int | None
) -> None:
    shown = numbers(get(client_of, cast, f"/c/{long_talk.pk}/?{query}"))
    assert shown == ([] if first is None else list(range(first, last + 1)))  # type: ignore[operator]  # both or none


@pytest.mark.parametrize(
    "query",
    ["before=x", "after=1.5", f"at={2**70}", "at=-3", "date=yesterday", "date=2026-13-40", "limit=ten", "reply=%00"],
)
def test_an_address_that_means_nothing_is_refused(cast: Cast, client_of: ClientOf, query: str) -> None:
    answer = client_of(cast.bob).get(f"/c/{cast.group.pk}/?{query}")
    assert answer.status_code == 400
    assert "could not be understood" in answer.content.decode()


def test_links_lead_both_ways(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    page = Page(get(client_of, cast, f"/c/{long_talk.pk}/?at=60"))
    assert [link["href"] for link in page.all("a", rel="prev")] == [f"/c/{long_talk.pk}/?before=35"]
    assert [link["href"] for link in page.all("a", rel="next")] == [f"/c/{long_talk.pk}/?after=84"]
    ends = Page(get(client_of, cast, f"/c/{long_talk.pk}/"))
    assert ends.all("a", rel="prev") and not ends.all("a", rel="next")


def test_jumps_to_a_date(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    long_ago = datetime(2026, 1, 5, 12, tzinfo=UTC)
    Message.objects.filter(conversation=long_talk, number__lte=40).update(created_at=long_ago)
    html = get(client_of, cast, f"/c/{long_talk.pk}/?date=2026-01-06")
    assert numbers(html)[25] == 41
    assert 'data-day="2026-01-05"' in html and "5 January" in html


def test_a_day_begins_where_the_reader_is(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    shortly_before_ours = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    Message.objects.filter(conversation=long_talk, number__lte=40).update(
        created_at=datetime(2026, 1, 5, 12, tzinfo=UTC)
    )
    Message.objects.filter(conversation=long_talk, number=41).update(created_at=shortly_before_ours)
    in_berlin = get(client_of, cast, f"/c/{long_talk.pk}/?date=2026-01-06&offset=-60")
    assert 'data-focus="41"' in in_berlin
    assert 'data-focus="42"' in get(client_of, cast, f"/c/{long_talk.pk}/?date=2026-01-06")


def test_the_unread_have_a_line_before_them_and_a_way_to_them(
    cast: Cast, long_talk: Conversation, client_of: ClientOf
) -> None:
    mark_read(reader=cast.mod, conversation_id=long_talk.pk, number=100)
    html = client_of(cast.mod).get(f"/c/{long_talk.pk}/").content.decode()
    line = html.index('id="new"')
    assert html.index('id="m-100"') < line < html.index('id="m-101"')
    mark_read(reader=cast.alice, conversation_id=long_talk.pk, number=121)
    assert 'id="new"' not in client_of(cast.alice).get(f"/c/{long_talk.pk}/").content.decode()


def test_a_long_absence_begins_where_one_stopped_reading(
    cast: Cast, long_talk: Conversation, client_of: ClientOf
) -> None:
    client = client_of(cast.mod)
    mark_read(reader=cast.mod, conversation_id=long_talk.pk, number=40)
    html = client.get(f"/c/{long_talk.pk}/").content.decode()
    assert numbers(html) == list(range(16, 66))
    assert html.index('id="m-40"') < html.index('id="new"') < html.index('id="m-41"')
    assert f'href="/c/{long_talk.pk}/?latest=1"' in html
    latest = client.get(f"/c/{long_talk.pk}/?latest=1").content.decode()
    assert numbers(latest) == list(range(72, 122))
    fragment = client.get(f"/c/{long_talk.pk}/", headers={"X-Fragment": "messages"}).content.decode()
    assert numbers(fragment) == list(range(72, 122))


def test_unread_above_the_page_are_told_and_reached(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    newcomer = client_of(cast.mod)
    html = newcomer.get(f"/c/{long_talk.pk}/?latest=1").content.decode()
    assert "unread messages: jump to the first" in html
    jumped = newcomer.get(f"/c/{long_talk.pk}/?unread=1").content.decode()
    assert jumped.index('id="new"') < jumped.index('id="m-2"')


def test_days_and_followers_are_marked(cast: Cast, client_of: ClientOf) -> None:
    for _ in range(3):
        say(cast.alice, cast.direct)
    say(cast.bob, cast.direct)
    early = datetime.now(UTC) - timedelta(days=3)
    Message.objects.filter(conversation=cast.direct, number=1).update(created_at=early)
    html = get(client_of, cast, f"/c/{cast.direct.pk}/")
    assert html.count('class="day"') == 2
    follows = {number: "message--follow" in article(html, number) for number in range(1, 5)}
    mine = {number: "message--mine" in article(html, number) for number in range(1, 5)}
    assert follows == {1: False, 2: False, 3: True, 4: False}
    assert mine == {1: False, 2: False, 3: False, 4: True}


def test_a_reply_a_pause_and_a_deleted_message_stand_alone(cast: Cast, client_of: ClientOf) -> None:
    sent = [say(cast.bob, cast.direct, str(count)) for count in range(5)]
    say(cast.bob, cast.direct, "reply", reply_to=sent[0].id)
    delete_message(actor=cast.bob, message_id=sent[2].id)
    pause = datetime.now(UTC) - timedelta(minutes=6)
    Message.objects.filter(conversation=cast.direct, number=1).update(created_at=pause)
    html = get(client_of, cast, f"/c/{cast.direct.pk}/")
    follows = [number for number in range(1, 7) if "message--follow" in article(html, number)]
    assert follows == [5]


def test_marks_of_a_message(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.alice, cast.group, "@bob look")
    add_reaction(person=cast.bob, message_id=sent.id, emoji="👍")
    add_reaction(person=cast.alice, message_id=sent.id, emoji="🎉")
    edit_message(editor=cast.alice, message_id=sent.id, content="@bob look **here**")
    pin_message(actor=cast.alice, message_id=sent.id)
    html = article(get(client_of, cast, f"/c/{cast.group.pk}/"), sent.number)
    assert "message--mention" in html and "data-pinned" in html
    assert 'data-label="edited">edited<' in html and 'data-label="pinned">pinned<' in html
    pressed = re.findall(r'data-emoji="(.)" aria-pressed="(\w+)"', html)
    assert sorted(pressed) == [("🎉", "false"), ("👍", "true")]
    others = client_of(cast.mod).get(f"/c/{cast.group.pk}/").content.decode()
    assert "message--mention" not in article(others, sent.number)


def test_a_deleted_message_says_only_that(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.alice, cast.group, "secret words")
    say(cast.bob, cast.group, "what?", reply_to=sent.id)
    delete_message(actor=cast.alice, message_id=sent.id)
    html = get(client_of, cast, f"/c/{cast.group.pk}/")
    assert "secret words" not in html
    assert html.count("Message deleted") >= 2


def test_what_happened_is_told_in_words(cast: Cast, client_of: ClientOf) -> None:
    html = get(client_of, cast, f"/c/{cast.group.pk}/")
    assert "Alice started this conversation</p>" in html


def test_an_empty_direct_conversation_invites(cast: Cast, client_of: ClientOf) -> None:
    place = open_direct(person=cast.alice, other=cast.charlie)
    html = client_of(cast.alice).get(f"/c/{place.pk}/").content.decode()
    assert "Say hello to Charlie" in html and "data-first" not in html


def test_keeps_the_draft_in_the_composer(cast: Cast, client_of: ClientOf) -> None:
    save_draft(author=cast.bob, conversation_id=cast.group.pk, text="half a thought </textarea>")
    assert "half a thought &lt;/textarea&gt;" in get(client_of, cast, f"/c/{cast.group.pk}/")


def test_scripts_get_the_messages_alone(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    answer = client_of(cast.bob).get(f"/c/{long_talk.pk}/?before=72", headers={"X-Fragment": "messages"})
    html = answer.content.decode()
    assert numbers(html) == list(range(22, 72))
    assert "<html" not in html and "conversation-list" not in html


def test_the_frame_tells_scripts_where_they_are(cast: Cast, long_talk: Conversation, client_of: ClientOf) -> None:
    add_reaction(person=cast.bob, message_id=Message.objects.get(conversation=long_talk, number=120).pk, emoji="👍")
    [stream] = Page(get(client_of, cast, f"/c/{long_talk.pk}/")).all("message-list")
    long_talk.refresh_from_db()
    assert stream["data-version"] == str(long_talk.version)
    assert (stream["data-count"], stream["data-first"], stream["data-last"]) == ("121", "72", "121")
    assert stream["data-reacted"] == '{"120": ["👍"]}'
    assert "data-has-before" in stream and "data-has-after" not in stream


def make_busy(cast: Cast) -> None:
    """Thirty more conversations, and reactions and replies in the group."""
    for count in range(30):
        person = somebody(username=f"busy{count}")
        say(person, open_direct(person=person, other=cast.bob), f"hello {count} @bob")
    for count in range(60):
        sent = say(cast.alice, cast.group, f"@bob {count}")
        add_reaction(person=cast.bob, message_id=sent.id, emoji="👍")
        say(cast.bob, cast.group, "answer", reply_to=sent.id)


@pytest.mark.parametrize("place", ["group", "direct", "lobby"])
def test_asks_the_database_at_most_twelve_times(cast: Cast, client_of: ClientOf, place: str) -> None:
    make_busy(cast)
    client = client_of(cast.bob)
    address = f"/c/{getattr(cast, place).pk}/"
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        html = client.get(address).content.decode()
    asked: list[Any] = [query["sql"] for query in queries.captured_queries]
    assert len(asked) <= QUERIES_MAX, "\n".join(asked)
    assert html.count('class="place') >= 30
