"""The field one writes in: keys, limits, drafts."""

import re

import pytest
from playwright.sync_api import expect

from chat.models import Membership, Message
from tests.browser.conftest import Room, enter
from tests.browser.steps import area, article, settled, write
from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_enter_sends_and_shift_enter_makes_a_line(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    area(alice).press_sequentially("First line")
    one = area(alice).bounding_box()
    area(alice).press("Shift+Enter")
    area(alice).press_sequentially("Second line")
    two = area(alice).bounding_box()
    assert one is not None and two is not None and two["height"] > one["height"]
    area(alice).press("Enter")
    settled(alice, "First line")
    assert Message.objects.get(conversation=cast.direct).content == "First line\nSecond line"


def test_enter_that_ends_a_composition_sends_nothing(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    area(alice).fill("にほん")
    area(alice).dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True, "cancelable": True})
    expect(area(alice)).to_have_value("にほん")
    expect(alice.locator("message-list article")).to_have_count(0)


def test_nothing_but_blanks_is_not_sent(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    write(alice, "   ")
    expect(alice.locator("message-list article")).to_have_count(0)


def test_the_limit_is_counted_in_characters_as_people_count(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.lobby)
    count = alice.locator(".composer__count")
    area(alice).fill("x" * 700)
    expect(count).to_be_hidden()
    area(alice).fill("😀" * 990)
    expect(count).to_have_text("10 left")
    area(alice).fill("😀" * 1001)
    expect(count).to_have_text("1 character too many")
    area(alice).press("Enter")
    expect(alice.locator("message-list article")).to_have_count(0)
    area(alice).fill("😀" * 1000)
    area(alice).press("Enter")
    settled(alice, "😀")


def test_a_draft_outlives_the_page_and_reaches_other_devices(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    with alice.expect_response(re.compile(r"/draft/$")) as answer:
        area(alice).fill("Half a thought")
    assert answer.value.ok
    assert Membership.objects.get(conversation=cast.direct, user=cast.alice).draft == "Half a thought"
    alice.reload()
    expect(area(alice)).to_have_value("Half a thought")
    elsewhere = sit.at(cast.alice, cast.direct)
    expect(area(elsewhere)).to_have_value("Half a thought")
    enter(alice, cast.lobby)
    expect(area(alice)).to_have_value("")


def test_a_draft_left_in_a_hurry_is_kept(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    area(alice).fill("Written in a hurry")
    enter(alice, cast.lobby)
    enter(alice, cast.direct)
    expect(area(alice)).to_have_value("Written in a hurry")


def test_a_sent_message_leaves_no_draft(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    with alice.expect_response(re.compile(r"/draft/$")):
        area(alice).fill("To be sent")
    with alice.expect_response(re.compile(r"/draft/$")):
        area(alice).press("Enter")
    alice.reload()
    expect(area(alice)).to_have_value("")
    expect(article(alice, "To be sent")).to_be_visible()


def test_pasted_text_keeps_its_lines(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    area(alice).focus()
    alice.keyboard.insert_text("one\ntwo\nthree")
    expect(area(alice)).to_have_value("one\ntwo\nthree")
    area(alice).press("Enter")
    settled(alice, "one")
    assert Message.objects.get(conversation=cast.direct).content == "one\ntwo\nthree"
