"""Channels in browsers: put in order by pointer and by keyboard, closed and opened before everybody's eyes."""

import re

import pytest
from playwright.sync_api import Page, expect

from groups.actions.categories import create_category
from groups.actions.channels import create_channel
from groups.models import Channel
from groups.permissions import Right
from groups.places import Target, wishes_of
from tests.browser.conftest import Room
from tests.cast import Cast
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.browser


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """Talk: general, announcements · Work: a, b"""
    atlas = make_community(cast)
    work = create_category(actor=cast.alice, group_id=atlas.group.pk, name="Work")
    for name in "ab":
        create_channel(actor=cast.alice, group_id=atlas.group.pk, name=name, category_id=work.pk)
    return atlas


def order(page: Page) -> list[str]:
    found: list[str] = page.locator("channel-order .order__name").all_inner_texts()
    return found


def grip(page: Page, name: str) -> None:
    """The handle of a channel or category has the focus."""
    page.get_by_role("button", name=re.compile(f"^Move the (channel|category) {name}$")).focus()


def says(page: Page, words: str) -> None:
    expect(page.locator("#announcer")).to_contain_text(words)


def test_the_order_is_changed_by_keyboard_and_by_pointer(sit: Room, cast: Cast, atlas: Community) -> None:
    page = sit(cast.alice)
    page.goto(f"/g/{atlas.group.pk}/settings/channels/")
    expect(page.locator("html.live")).to_be_attached()
    assert order(page) == ["Talk", "general", "announcements", "Work", "a", "b"]

    grip(page, "a")
    page.keyboard.press("Enter")
    says(page, "a is picked up. Number 1 of 2 in Work.")
    page.keyboard.press("ArrowUp")
    says(page, "Number 3 of 3 in Talk.")
    page.keyboard.press("ArrowUp")
    with page.expect_response("**/order/"):
        page.keyboard.press("Enter")
    says(page, "a was moved. Number 2 of 3 in Talk.")
    assert order(page) == ["Talk", "general", "a", "announcements", "Work", "b"]
    expect(page.get_by_role("button", name="Move the channel a", exact=True)).to_be_focused()

    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    says(page, "a stays where it was.")
    assert order(page) == ["Talk", "general", "a", "announcements", "Work", "b"]

    grip(page, "Work")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowUp")
    with page.expect_response("**/order/"):
        page.keyboard.press("Enter")
    says(page, "Work was moved. Number 1 of 2.")

    line = page.locator(".order__line", has_text="general")
    line.locator(".order__grip").hover()
    page.mouse.down()
    target = page.locator(".order__line", has_text="b").bounding_box()
    assert target is not None
    page.mouse.move(target["x"] + 40, target["y"] + 4, steps=6)
    with page.expect_response("**/order/"):
        page.mouse.up()
    says(page, "general was moved. Number 1 of 2 in Work.")
    page.reload()
    assert order(page) == ["Work", "general", "b", "Talk", "a", "announcements"]


def test_a_channel_comes_and_goes_with_its_permissions(sit: Room, cast: Cast, atlas: Community) -> None:
    bob = sit.at(cast.bob, atlas.talk)
    side = bob.get_by_role("link", name=re.compile("plans"))
    alice = sit(cast.alice)
    alice.goto(f"/g/{atlas.group.pk}/settings/channels/new/")
    alice.get_by_label("Name", exact=True).fill("plans")
    alice.get_by_role("switch", name=re.compile("^Private")).check()
    alice.get_by_placeholder("Name or username").fill("mod")
    alice.get_by_role("option", name=re.compile("Mod")).click()
    alice.get_by_role("button", name="Create the channel").click()
    expect(alice.locator("message-list[data-live]")).to_be_attached()
    plans = Channel.objects.get(conversation__title="plans")
    seers = plans.conversation.memberships.active().values_list("user__username", flat=True)
    assert set(seers) == {"alice", "mod"}
    expect(side).to_have_count(0)

    alice.goto(f"/g/{atlas.group.pk}/settings/channels/{plans.pk}/permissions/?member={atlas.member(cast.bob).pk}")
    save = alice.get_by_role("button", name="Save")
    expect(save).to_be_disabled()
    row = alice.get_by_role("radiogroup", name="See channels")
    row.get_by_title("Allow").click()
    expect(save).to_be_enabled()
    save.click()
    expect(alice.get_by_role("radiogroup", name="See channels").get_by_role("radio", name="Allow")).to_be_checked()
    expect(side).to_have_count(1)
    assert wishes_of(plans)[Target("member", atlas.member(cast.bob).pk)].allow == int(Right.VIEW)

    # Bob's page asks once more for the channel that it shows and that is taken from him.
    sit.forgiven.append("404")
    side.click()
    expect(bob.locator("message-list[data-live]")).to_be_attached()
    alice.get_by_role("button", name="Remove").click()
    expect(side).to_have_count(0)
