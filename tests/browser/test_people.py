"""Finding people, starting conversations, seeing who is there, and how one wants it all to look."""

import re

import pytest
from playwright.sync_api import expect

from chat.actions.membership import add_members
from chat.models import Conversation
from tests.browser.conftest import Room, enter
from tests.browser.steps import article, settled, write
from tests.cast import Cast

pytestmark = pytest.mark.browser


def test_write_to_somebody_new(sit: Room, cast: Cast) -> None:
    charlie, bob = sit.at(cast.charlie, cast.lobby), sit.at(cast.bob, cast.lobby)
    charlie.goto("/new/")
    field = charlie.locator("people-search").get_by_role("combobox")
    field.press_sequentially("bo")
    expect(charlie.get_by_role("option", name="Bob")).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(charlie.get_by_role("heading", level=1)).to_have_text("Bob")
    write(charlie, "Nice to meet you")
    settled(charlie, "Nice to meet you")
    theirs = bob.locator("conversation-list a.place", has_text="Charlie")
    expect(theirs).to_contain_text("Nice to meet you")
    theirs.click()
    expect(article(bob, "Nice to meet you")).to_be_visible()


def test_start_a_group_with_several_people(sit: Room, cast: Cast) -> None:
    alice, bob = sit.at(cast.alice, cast.lobby), sit.at(cast.bob, cast.lobby)
    alice.goto("/new/group/")
    alice.get_by_label(re.compile("name", re.IGNORECASE)).first.fill("Night shift")
    field = alice.locator("people-search").get_by_role("combobox")
    for name in ("bob", "mod", "charlie"):
        field.press_sequentially(name)
        alice.get_by_role("option").first.click()
    chips = alice.locator("people-search .chip")
    expect(chips).to_have_text([re.compile("Bob"), re.compile("Mod"), re.compile("Charlie")])
    alice.get_by_role("button", name="Remove Charlie").click()
    alice.get_by_role("button", name="Start").click()
    expect(alice.get_by_role("heading", level=1)).to_have_text("Night shift")
    expect(bob.locator("conversation-list a.place", has_text="Night shift")).to_be_visible()
    group = Conversation.objects.get(title="Night shift")
    members = {membership.user.username for membership in group.memberships.select_related("user")}
    assert members == {"alice", "bob", "mod"}


def test_presence_is_live(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.group)
    bob = alice.locator(f'member-list .person[data-user-id="{cast.bob.pk}"]')
    expect(bob).to_have_class(re.compile("person--away"))
    theirs = sit.at(cast.bob, cast.lobby)
    expect(bob.locator(".presence")).to_have_attribute("data-is", "online")
    expect(alice.locator('[data-presence-group="here"]')).to_contain_text("Bob")
    theirs.get_by_role("button", name=re.compile("^You")).locator("visible=true").click()
    theirs.locator('status-switch [data-status="dnd"]').click()
    expect(bob.locator(".presence")).to_have_attribute("data-is", "dnd")


def test_nobody_at_the_keys_means_idle(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.group)
    bob = sit(cast.bob)
    bob.clock.install()
    enter(bob, cast.lobby)
    dot = alice.locator(f'member-list .person[data-user-id="{cast.bob.pk}"] .presence')
    expect(dot).to_have_attribute("data-is", "online")
    bob.clock.fast_forward(5 * 60_000 + 1000)
    expect(dot).to_have_attribute("data-is", "idle")
    bob.mouse.move(10, 10)
    bob.mouse.move(30, 30)
    expect(dot).to_have_attribute("data-is", "online")


def test_members_come_and_go(sit: Room, cast: Cast) -> None:
    alice, charlie = sit.at(cast.alice, cast.group), sit.at(cast.charlie, cast.lobby)
    expect(alice.locator("member-list")).not_to_contain_text("Charlie")
    add_members(actor=cast.alice, conversation_id=cast.group.pk, people=[cast.charlie])
    expect(alice.locator("member-list")).to_contain_text("Charlie")
    expect(charlie.locator("conversation-list a.place", has_text="Cartographers")).to_be_visible()


def test_the_theme_is_kept_and_drawn_by_the_server(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.lobby)
    alice.get_by_role("button", name=re.compile("^You")).locator("visible=true").click()
    with alice.expect_response("**/theme/"):
        alice.get_by_role("button", name="Dark").click()
    expect(alice.locator("html")).to_have_attribute("data-theme", "dark")
    response = alice.reload()
    assert response is not None and 'data-theme="dark"' in response.text()
    alice.get_by_role("button", name=re.compile("^You")).locator("visible=true").click()
    with alice.expect_response("**/theme/"):
        alice.get_by_role("button", name="Like the system").click()
    response = alice.reload()
    assert response is not None and "data-theme=" not in response.text().split(">")[1]


def test_help_for_the_keyboard(sit: Room, cast: Cast) -> None:
    alice = sit.at(cast.alice, cast.lobby)
    alice.locator("message-list").focus()
    alice.keyboard.press("?")
    dialog = alice.get_by_role("dialog")
    expect(dialog).to_be_visible()
    alice.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    alice.locator("message-composer textarea").press("?")
    expect(dialog).to_be_hidden()
