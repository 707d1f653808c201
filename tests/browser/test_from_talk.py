"""Messages are chosen for a post, and talked about live: in real browsers."""

import re

import pytest
from playwright.sync_api import expect

from forums.actions.bans import ban_person
from forums.actions.discussions import enter_discussion
from tests.browser.conftest import Room
from tests.browser.steps import article, settled, use, write
from tests.cast import Cast, say
from tests.forums.cast import make_forum

pytestmark = pytest.mark.browser


def test_messages_are_ticked_and_become_a_post(sit: Room, cast: Cast) -> None:
    make_forum(cast)
    for words in ("Where are the wells?", "Under the bridge", "And a third"):
        say(cast.bob, cast.group, words)
    say(cast.alice, cast.group, "Not yours")
    bob, mod = sit.at(cast.bob, cast.group), sit.at(cast.mod, cast.group)
    use(bob, article(bob, "Where are the wells?"), "select")
    bar = bob.locator("message-selection")
    expect(bar.locator("output")).to_have_text("1 message chosen")
    expect(article(bob, "Not yours").locator(".message__tick")).to_have_count(0)
    # By keyboard: down to the next box, the space bar ticks it; what comes meanwhile has a box too.
    bob.keyboard.press("ArrowDown")
    bob.keyboard.press("Space")
    expect(bar.locator("output")).to_have_text("2 messages chosen")
    say(cast.bob, cast.group, "One more")
    expect(article(bob, "One more").locator(".message__tick")).to_be_visible()
    bar.locator('[data-action="make"]').click()
    expect(bob.locator("input[name=n]:checked")).to_have_count(2)
    bob.locator("select[name=forum]").select_option("maps")
    bob.locator("button[name=go]").click()
    expect(bob.locator("textarea[name=content]")).to_have_value(
        "**Bob**\n\n> Where are the wells?\n>\n> Under the bridge"
    )
    bob.locator("input[name=title]").fill("Wells")
    bob.locator("form.post-form button.button--primary[value=post]").click()
    expect(bob).to_have_url(re.compile(r"/f/maps/2/wells/$"))
    # Who had the conversation open finds it without reading the page again.
    link = article(mod, "Where are the wells?").locator(".message__offshoot")
    expect(link).to_have_attribute("href", "/f/maps/2/wells/")


def test_escape_ends_the_choosing(sit: Room, cast: Cast) -> None:
    make_forum(cast)
    say(cast.bob, cast.group, "Mine")
    bob = sit.at(cast.bob, cast.group)
    article(bob, "Mine").focus()
    bob.keyboard.press("x")
    expect(bob.locator("message-selection")).to_be_visible()
    bob.keyboard.press("Escape")
    expect(bob.locator("message-selection")).to_be_hidden()
    expect(bob.locator(".message__tick")).to_have_count(0)


def test_who_is_banned_hears_nothing_more(sit: Room, cast: Cast) -> None:
    maps = make_forum(cast)
    for person in (cast.bob, cast.charlie):
        room = enter_discussion(person=person, post_id=maps.post.pk)
    bob, charlie = sit.at(cast.bob, room), sit.at(cast.charlie, room)
    write(charlie, "Hello there")
    expect(article(bob, "Hello there")).to_be_visible()
    ban_person(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.charlie.pk, reason="Spam")
    expect(charlie.locator(f'message-list[data-conversation="{room.pk}"]')).to_have_count(0)
    write(bob, "Without him")
    settled(bob, "Without him")
    expect(article(charlie, "Without him")).to_have_count(0)
