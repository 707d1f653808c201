"""Long conversations: both ways, by permalink, by date, and never the whole of it in the page."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from chat.models import Conversation
from tests.browser.conftest import Room, enter
from tests.browser.steps import article, fill, numbers, settled, write
from tests.cast import Cast, say

pytestmark = pytest.mark.browser

MANY = 520
KEPT = 300


def gapless(found: list[int]) -> bool:
    return found == list(range(found[0], found[-1] + 1))


def scroll_to(page: Page, number: int) -> None:
    """Go up or down, as a wheel would, until message `number` is loaded."""
    page.wait_for_function(
        """(number) => {
            const list = document.querySelector("message-list");
            const articles = [...list.querySelectorAll(":scope > article.message")];
            if (articles.some((article) => Number(article.dataset.number) === number)) return true;
            const up = Number(articles[0].dataset.number) > number;
            list.scrollTop = up ? 0 : list.scrollHeight;
            return false;
        }""",
        arg=number,
    )


def dated(conversation: Conversation, number: int, moment: datetime) -> None:
    """As if everything up to message `number` had been said before `moment`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update chat_message set created_at = %s - (%s - number) * interval '1 second' where conversation_id = %s and number <= %s",
            [moment, number, conversation.pk, number],
        )


def test_up_to_the_beginning_and_down_again(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], MANY)
    bob = sit.at(cast.bob, cast.direct)
    assert numbers(bob)[-1] == MANY
    for goal in (300, 100, 1):
        scroll_to(bob, goal)
        found = numbers(bob)
        assert gapless(found)
        assert len(found) <= KEPT
    expect(bob.locator('message-list a[rel="prev"]')).to_have_count(0)
    for goal in (250, 450, MANY):
        scroll_to(bob, goal)
        assert gapless(numbers(bob))
        assert len(numbers(bob)) <= KEPT
    expect(bob.locator('message-list a[rel="next"]')).to_have_count(0)


def test_what_one_reads_stays_where_it_is_while_more_is_loaded(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], 200)
    bob = sit.at(cast.bob, cast.direct)
    moved = bob.evaluate(
        """async () => {
            const list = document.querySelector("message-list");
            const first = list.querySelector(":scope > article.message");
            list.scrollTop = 700;
            const top = () => first.getBoundingClientRect().top;
            const before = top();
            await new Promise((done) => new MutationObserver((_, watch) => {
                if (list.querySelector(":scope > article.message") === first) return;
                watch.disconnect();
                requestAnimationFrame(done);
            }).observe(list, { childList: true }));
            return Math.abs(top() - before);
        }"""
    )
    assert moved <= 1


def test_live_while_reading_far_above(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], MANY)
    bob = sit(cast.bob)
    enter(bob, cast.direct, "?at=40")
    expect(bob.locator("#m-40")).to_be_in_viewport()
    say(cast.alice, cast.direct, "Far below")
    bar = bob.locator("#new-messages")
    expect(bar).to_have_text("1 new message")
    expect(article(bob, "Far below")).to_have_count(0)
    bar.click()
    expect(article(bob, "Far below")).to_be_in_viewport()
    assert gapless(numbers(bob))


def test_writing_while_reading_above_goes_to_the_end(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], MANY)
    bob = sit(cast.bob)
    enter(bob, cast.direct, "?at=40")
    write(bob, "Back at the end")
    expect(settled(bob, "Back at the end")).to_be_in_viewport()
    assert numbers(bob)[-1] == MANY + 1
    assert gapless(numbers(bob))


def test_a_permalink_shows_its_message(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], MANY)
    bob = sit(cast.bob)
    enter(bob, cast.direct, "?at=77")
    expect(bob.locator("#m-77")).to_be_in_viewport()
    expect(bob.locator("#m-77")).to_have_class(re.compile("message--found"))


def test_a_quote_far_above_is_loaded(sit: Room, cast: Cast) -> None:
    sent = fill(cast.direct, [cast.alice, cast.bob], MANY)
    say(cast.alice, cast.direct, "As I said", reply_to=sent[9].id)
    bob = sit.at(cast.bob, cast.direct)
    article(bob, "As I said").locator(".message__quote").click()
    expect(bob.locator("#m-10")).to_be_focused()
    expect(bob.locator("#m-10")).to_be_in_viewport()
    assert gapless(numbers(bob))


def test_jump_to_a_date(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], 200)
    dated(cast.direct, 60, datetime(2026, 3, 1, 20, tzinfo=UTC))
    dated(cast.direct, 30, datetime(2026, 2, 11, 20, tzinfo=UTC))
    bob = sit.at(cast.bob, cast.direct)
    bob.get_by_role("button", name="Jump to a date").click()
    bob.get_by_label("Jump to a date").locator("visible=true").last.fill("2026-03-01")
    bob.get_by_role("button", name="Jump", exact=True).click()
    expect(bob.locator("#m-31")).to_be_in_viewport()
    day = bob.locator('message-list .day[data-day="2026-03-01"]')
    expect(day).to_contain_text("Sunday 1 March")


def test_days_are_the_readers_own(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice], 4)
    noon = datetime.now(UTC).replace(year=2026, month=3, day=1, hour=23, minute=30)
    dated(cast.direct, 4, noon + timedelta(hours=2))
    dated(cast.direct, 2, noon)
    tokyo = sit.at(cast.bob, cast.direct, timezone_id="Asia/Tokyo")
    expect(tokyo.locator("message-list .day[data-day]")).to_have_count(1)
    expect(tokyo.locator("#m-2 time")).to_have_text("08:30")
    london = sit.at(cast.bob, cast.direct, timezone_id="Europe/London")
    expect(london.locator("message-list .day[data-day]")).to_have_count(2)
    expect(london.locator("#m-2 time")).to_have_text("23:30")


def test_edits_reach_messages_loaded_later(sit: Room, cast: Cast) -> None:
    from chat.actions.change import edit_message

    sent = fill(cast.direct, [cast.alice, cast.bob], 200)
    bob = sit.at(cast.bob, cast.direct)
    edit_message(editor=cast.alice, message_id=sent[0].id, content="Edited while far away")
    scroll_to(bob, 1)
    expect(bob.locator("#m-1")).to_contain_text("Edited while far away")
