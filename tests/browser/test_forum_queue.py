"""The queue of a forum by keys alone, and a report from where a thing is seen."""

import re

import pytest
from playwright.sync_api import expect

from accounts.actions.reports import report_thing
from accounts.models import Report
from forums.actions.comments import create_comment
from forums.models import Comment, Post
from tests.axe import violations
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.forums.cast import make_forum

pytestmark = pytest.mark.browser


def test_moderators_decide_with_the_keys(sit: Room, cast: Cast) -> None:
    maps = make_forum(cast)
    said = create_comment(author=cast.bob, post_id=maps.post.pk, content="Buy pills")
    for kind, key in (("comment", said.pk), ("post", maps.post.pk)):
        report_thing(reporter=cast.alice, kind=kind, key=key, reason="spam")
    page = sit(cast.mod)
    page.goto("/f/maps/settings/queue/")
    items = page.locator(".item")
    expect(items).to_have_count(2)
    assert violations(page) == []
    page.keyboard.press("j")
    expect(items.nth(0)).to_be_focused()
    page.keyboard.press("j")
    expect(items.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(items.nth(1).locator("input")).to_be_checked()
    page.keyboard.press("k")
    page.keyboard.press("a")
    expect(page.get_by_text("Approved.")).to_be_visible()
    expect(items).to_have_count(1)
    assert Post.objects.get(pk=maps.post.pk).approved_at is not None
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.get_by_label("In your words").fill("Advertising, rather")
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    assert Comment.objects.get(pk=said.pk).removal_reason == "Advertising, rather"


def test_a_post_is_reported_from_its_page(sit: Room, cast: Cast) -> None:
    make_forum(cast)
    page = sit(cast.charlie)
    page.goto("/f/maps/1/")
    page.locator("#post").get_by_role("link", name="Report").click()
    page.get_by_label("Spam or advertising").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page).to_have_url(re.compile("/f/maps/1/fountains-of-the-city/"))
    expect(page.get_by_text("Thank you. The moderators look at it")).to_be_visible()
    assert Report.objects.get().reason == "spam"
