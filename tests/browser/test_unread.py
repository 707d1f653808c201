"""What is unread, where it shows, and how it gets read."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from chat.models import Conversation, Membership
from tests.browser.conftest import Room, enter
from tests.browser.steps import area, article, fill, numbers, settled, use, write
from tests.cast import Cast, say

pytestmark = pytest.mark.browser


def place(page: Page, conversation: Conversation) -> Locator:
    """The line of a conversation in the side bar."""
    return page.locator(f'conversation-list a.place[data-conversation="{conversation.pk}"]')


def test_badges_title_and_icon_follow_what_is_unread(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "First")
    bob = sit.at(cast.bob, cast.group)
    expect(place(bob, cast.group).locator(".badge")).to_be_hidden()
    enter(bob, cast.lobby)
    badge = place(bob, cast.direct).locator(".badge")
    expect(badge).to_contain_text("1")
    say(cast.alice, cast.direct, "Second")
    say(cast.alice, cast.direct, "Third")
    expect(badge).to_contain_text("3")
    expect(place(bob, cast.direct).locator(".place__preview")).to_contain_text("Third")
    expect(bob).to_have_title(re.compile(r"^\(3\) "))
    expect(bob.locator("link[rel=icon]")).to_have_attribute("href", re.compile("unread"))
    place(bob, cast.direct).click()
    expect(bob.locator("message-list[data-live]")).to_be_attached()
    expect(place(bob, cast.direct).locator(".badge")).to_be_hidden()
    expect(bob).to_have_title(re.compile(r"^[^(]"))
    expect(bob.locator("link[rel=icon]")).not_to_have_attribute("href", re.compile("unread"))
    membership = Membership.objects.get(conversation=cast.direct, user=cast.bob)
    assert membership.last_read_number == 3


def test_a_mention_counts_apart(sit: Room, cast: Cast) -> None:
    bob = sit.at(cast.bob, cast.lobby)
    say(cast.alice, cast.group, "Nothing for you")
    say(cast.alice, cast.group, "But this, @bob")
    badge = place(bob, cast.group).locator(".badge")
    expect(badge).to_have_class(re.compile("badge--mention"))
    expect(badge).to_have_text(re.compile(r"^1"))


def test_conversations_with_news_move_up(sit: Room, cast: Cast) -> None:
    from chat.actions.conversation import create_group

    other = create_group(owner=cast.alice, title="Kernel night", members=[cast.bob])
    say(cast.alice, cast.group, "Old")
    say(cast.alice, other, "Newer")
    bob = sit.at(cast.bob, cast.lobby)
    names = bob.locator('[data-section="group"] .place__name')
    expect(names).to_have_text(["Kernel night", "Cartographers"])
    say(cast.alice, cast.group, "Newest")
    expect(names).to_have_text(["Cartographers", "Kernel night"])
    expect(place(bob, cast.group).locator(".place__preview")).to_have_text("Alice: Newest")


def test_a_first_direct_message_brings_its_place(sit: Room, cast: Cast) -> None:
    bob = sit.at(cast.bob, cast.lobby)
    expect(place(bob, cast.direct)).to_have_count(0)
    say(cast.alice, cast.direct, "Hello you")
    expect(place(bob, cast.direct)).to_contain_text("Hello you")
    expect(place(bob, cast.direct).locator(".badge")).to_contain_text("1")


def test_reading_in_one_tab_clears_the_other(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "For both tabs")
    first = sit.at(cast.bob, cast.lobby)
    expect(place(first, cast.direct).locator(".badge")).to_be_visible()
    second = sit.tab(first.context)
    enter(second, cast.direct)
    expect(place(first, cast.direct).locator(".badge")).to_be_hidden()


def test_the_line_stands_before_the_first_unread(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice], 5)
    Membership.objects.filter(conversation=cast.direct, user=cast.bob).update(last_read_number=3)
    bob = sit.at(cast.bob, cast.direct)
    after = bob.locator("message-list .day--new + article")
    expect(after).to_have_attribute("data-number", "4")
    write(bob, "Read it all")
    expect(bob.locator("message-list .day--new")).to_have_count(0)


def test_after_a_long_absence_reading_goes_on_where_it_stopped(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice], 120)
    mine = Membership.objects.filter(conversation=cast.direct, user=cast.bob)
    mine.update(last_read_number=20)
    bob = sit.at(cast.bob, cast.direct)
    expect(bob.locator("message-list .day--new + article")).to_have_attribute("data-number", "21")
    expect(bob.locator("#m-21")).to_be_in_viewport()
    assert mine.get().last_read_number < 60
    bob.locator("#new-messages").click()
    expect(bob.locator("#m-120")).to_be_in_viewport()


def test_jump_to_the_first_of_many_unread(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice], 120)
    Membership.objects.filter(conversation=cast.direct, user=cast.bob).update(last_read_number=20)
    bob = sit(cast.bob)
    enter(bob, cast.direct, "?latest=1")
    bob.get_by_role("link", name=re.compile("jump to the first")).click()
    expect(bob.locator("message-list .day--new + article")).to_have_attribute("data-number", "21")
    expect(bob.locator("#m-21")).to_be_in_viewport()


def test_mark_unread_from_here_lasts(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice], 4)
    bob = sit.at(cast.bob, cast.direct)
    use(bob, article(bob, "Message 3"), "unread")
    expect(bob.locator("message-list .day--new + article")).to_have_attribute("data-number", "3")
    expect(place(bob, cast.direct).locator(".badge")).to_contain_text("2")
    enter(bob, cast.lobby)
    expect(place(bob, cast.direct).locator(".badge")).to_contain_text("2")


def test_new_messages_wait_below_while_one_reads_above(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], 40)
    bob = sit.at(cast.bob, cast.direct)
    above = bob.locator("#m-20")
    above.scroll_into_view_if_needed()
    bar = bob.locator("#new-messages")
    before = above.bounding_box()
    say(cast.alice, cast.direct, "News one")
    expect(bar).to_have_text("1 new message")
    say(cast.alice, cast.direct, "News two")
    expect(bar).to_have_text("2 new messages")
    assert above.bounding_box() == before
    bar.click()
    expect(article(bob, "News two")).to_be_in_viewport()
    expect(bar).to_be_hidden()
    bob.locator("message-list").evaluate("list => { list.scrollTop = 0; }")
    expect(bar).to_have_text("Jump to the latest")
    area(bob).press("Escape")
    expect(article(bob, "News two")).to_be_in_viewport()


def test_at_the_end_new_messages_are_followed(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], 40)
    bob = sit.at(cast.bob, cast.direct)
    for text in ("One more", "And another", "And the last"):
        say(cast.alice, cast.direct, text)
        expect(article(bob, text)).to_be_in_viewport()
    assert numbers(bob)[-3:] == [41, 42, 43]


def test_receipts_go_from_sent_to_read(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.direct)
    write(alice, "Are you there?")
    receipt = settled(alice, "Are you there?").locator(".message__receipt")
    expect(receipt).to_have_attribute("data-state", "sent")
    bob = sit.at(cast.bob, cast.lobby)
    write(alice, "Hello?")
    expect(alice.locator(".message__receipt")).to_have_count(1)
    expect(settled(alice, "Hello?").locator(".message__receipt")).to_have_attribute("data-state", "delivered")
    enter(bob, cast.direct)
    expect(article(alice, "Hello?").locator(".message__receipt")).to_have_text("Read")


def test_a_group_counts_who_has_seen_it(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.group)
    write(alice, "Everybody in?")
    settled(alice, "Everybody in?")
    sit.at(cast.bob, cast.group)
    receipt = article(alice, "Everybody in?").locator(".message__receipt")
    expect(receipt).to_have_text("Seen by 1")
    expect(receipt).to_have_attribute("title", "Bob")
    sit.at(cast.mod, cast.group)
    expect(receipt).to_have_text("Seen by 2")


def test_the_search_field_narrows_the_list_and_enter_goes_there(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Hello")
    bob = sit.at(cast.bob, cast.lobby)
    bob.keyboard.press("Control+k")
    expect(bob.locator("#search")).to_be_focused()
    bob.keyboard.type("carto")
    expect(place(bob, cast.direct)).to_be_hidden()
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Cartographers")
