"""Roles in the browser: made, ordered by pointer and keyboard, given and taken live; and their pages for everybody."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from groups.access import Scope, sync_access
from groups.actions.roles import create_role
from groups.models import Override, Role
from groups.permissions import Right
from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import settled, write
from tests.cast import Cast
from tests.groups.cast import Community, make_community


@pytest.fixture
def atlas(cast: Cast) -> Community:
    """#announcements is private: who holds Speakers sees it and writes there."""
    atlas = make_community(cast)
    speakers = create_role(actor=cast.alice, group_id=atlas.group.pk, name="Speakers", hue=4)
    rights = int(Right.VIEW | Right.SEND)
    Override.objects.filter(channel=atlas.announcements).update(deny=rights)
    Override.objects.create(channel=atlas.announcements, role=speakers, allow=rights)
    sync_access(Scope(group=atlas.group.pk))
    return atlas


def settings(page: Page, atlas: Community, rest: str = "") -> None:
    page.goto(f"/g/{atlas.group.pk}/settings/roles/{rest}")


def names(page: Page) -> Locator:
    return page.locator(".roles .role__name")


def test_a_role_given_opens_a_closed_channel_at_once_and_taken_silences(
    sit: Room, cast: Cast, atlas: Community
) -> None:
    # Bob's page asks for the channel that he just lost.
    sit.forgiven.append("404")
    alice, bob = sit(cast.alice), sit.at(cast.bob, atlas.talk)
    closed = bob.locator(f'a.place[href="/c/{atlas.announcements.conversation_id}/"]')
    expect(closed).to_have_count(0)
    settings(alice, atlas, f"{Role.objects.get(name='Speakers').pk}/members/")
    alice.get_by_role("combobox").fill("bo")
    alice.get_by_role("option", name=re.compile("Bob")).click()
    alice.get_by_role("button", name="Give the role").click()
    expect(alice.locator(".person", has_text="@bob")).to_be_visible()
    closed.click()
    write(bob, "I may speak")
    settled(bob, "I may speak")
    alice.get_by_role("button", name="Take away Bob").click()
    expect(alice.get_by_text("Nobody has this role yet.")).to_be_visible()
    bob.wait_for_url(f"**/c/{atlas.talk.pk}/")
    expect(bob.locator(".toast")).to_contain_text("no longer read that channel")
    expect(bob.locator(f'a.place[href="/c/{atlas.announcements.conversation_id}/"]')).to_have_count(0)
    expect(bob.locator("message-list")).not_to_contain_text("I may speak")


def test_roles_are_ordered_by_pointer_and_by_keyboard(sit: Room, cast: Cast, atlas: Community) -> None:
    for name in ("C", "B", "A"):
        create_role(actor=cast.alice, group_id=atlas.group.pk, name=name)
    alice = sit(cast.alice)
    settings(alice, atlas)
    expect(names(alice)).to_have_text(["Moderators", "Speakers", "C", "B", "A", "@everyone"])
    up = alice.get_by_role("button", name="Move A up")
    up.focus()
    up.press("Enter")
    expect(names(alice)).to_have_text(["Moderators", "Speakers", "C", "A", "B", "@everyone"])
    expect(alice.locator("#announcer")).to_have_text("A is number 4 of 6 now")
    expect(alice.get_by_role("button", name="Move A up")).to_be_focused()
    drag(alice, "B", "Speakers")
    expect(names(alice)).to_have_text(["Moderators", "B", "Speakers", "C", "A", "@everyone"])
    alice.reload()
    expect(names(alice)).to_have_text(["Moderators", "B", "Speakers", "C", "A", "@everyone"])
    drag(alice, "Moderators", "@everyone")
    expect(names(alice)).to_have_text(["B", "Speakers", "C", "A", "Moderators", "@everyone"])
    assert [role.name for role in atlas.group.roles.order_by("-position")][:2] == ["B", "Speakers"]


def drag(page: Page, name: str, to: str) -> None:
    """Take the role by its grip, and let it go on another's upper half, over which it then stands."""
    with page.expect_response(
        lambda answer: answer.url.endswith("/roles/") and answer.request.resource_type == "fetch"
    ):
        grip = page.locator(".role", has_text=re.compile(f"^\\s*{name}")).locator(".role__grip").bounding_box()
        there = page.locator(".role", has_text=re.compile(f"^\\s*{to}")).bounding_box()
        assert grip and there
        page.mouse.move(grip["x"] + 8, grip["y"] + grip["height"] / 2)
        page.mouse.down()
        page.mouse.move(grip["x"] + 8, there["y"] + 4, steps=6)
        page.mouse.up()


def test_a_role_is_made_and_its_switches_saved(sit: Room, cast: Cast, atlas: Community) -> None:
    alice = sit(cast.alice)
    settings(alice, atlas)
    alice.get_by_role("link", name="New role").click()
    alice.get_by_role("textbox", name="Name").fill("Map makers")
    alice.get_by_role("radio", name="Violet").check()
    alice.get_by_role("switch", name="Pin messages").check()
    alice.get_by_role("button", name="Create the role").click()
    expect(alice.get_by_role("heading", name="Map makers")).to_be_visible()
    expect(alice.get_by_role("radio", name="Violet")).to_be_checked()
    role = Role.objects.get(name="Map makers")
    assert (role.hue, role.permissions) == (9, Right.PIN)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_roles_are_for_everybody(sit: Room, cast: Cast, atlas: Community, width: int) -> None:
    alice = sit(cast.alice, viewport={"width": width, "height": 844})
    role = Role.objects.get(name="Speakers").pk
    for page in (
        "",
        "new/",
        f"{role}/",
        f"{role}/delete/",
        f"{role}/members/?q=mal",
        f"../members/{cast.mod.pk}/roles/",
    ):
        settings(alice, atlas, page)
        assert violations(alice) == [], page
        assert alice.evaluate("document.documentElement.scrollWidth <= innerWidth"), page
