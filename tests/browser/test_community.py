"""A community from nothing, by three people in three browsers: an owner, a moderator, a newcomer by invitation."""

import re

import pytest
from playwright.sync_api import Page, expect

from chatter.core.errors import Refused
from groups.actions.moderation import kick_member
from groups.models import Group, Member
from tests.browser.conftest import Room
from tests.browser.steps import settled, write
from tests.cast import Cast

pytestmark = pytest.mark.browser
IN_A_CHANNEL = re.compile(r"/c/[0-9a-f-]{36}/")


def make_group(owner: Page) -> str:
    """The address of the new group."""
    owner.goto("/groups/new/")
    owner.get_by_label("Name").fill("Tidal charts")
    owner.get_by_role("button", name="Make the group").click()
    expect(owner.locator(".rail__group[aria-current]")).to_be_visible()
    return f"/g/{Group.objects.get().pk}"


def make_role(owner: Page, group: str, name: str, *rights: str) -> None:
    owner.goto(f"{group}/settings/roles/new/")
    owner.get_by_role("textbox", name="Name").fill(name)
    for right in rights:
        owner.get_by_role("switch", name=right).check()
    owner.get_by_role("button", name="Create the role").click()
    expect(owner.get_by_role("button", name="Create the role")).to_have_count(0)


def invitation(owner: Page, group: str) -> str:
    owner.goto(f"{group}/invite/")
    owner.get_by_role("button", name="Make a link").click()
    return owner.get_by_label("Link", exact=True).input_value()


def join(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(IN_A_CHANNEL)
    expect(page.locator("message-list[data-live]")).to_be_attached()


def give_role(owner: Page, group: str, person: str, role: str) -> None:
    owner.goto(f"{group}/settings/roles/")
    owner.get_by_role("link", name=re.compile(role)).first.click()
    owner.locator("a[href$='/members/']").last.click()
    owner.get_by_role("combobox").fill(person)
    owner.get_by_role("option", name=re.compile(person, re.IGNORECASE)).click()
    owner.get_by_role("button", name="Give the role").click()
    expect(owner.locator(".person", has_text=f"@{person}")).to_be_visible()


def test_three_people_build_a_community(sit: Room, cast: Cast) -> None:
    # The page of who is put out still asks for what it shows.
    sit.forgiven.append("404")
    alice, bob, charlie = sit(cast.alice), sit(cast.bob), sit(cast.charlie)
    group = make_group(alice)
    make_role(alice, group, "Harbour watch", "Remove members")
    link = invitation(alice, group)
    for page in (bob, charlie):
        join(page, link)
    write(charlie, "Is the tide in?")
    settled(bob, "Is the tide in?")

    with pytest.raises(Refused):
        kick_member(actor=cast.bob, group_id=Group.objects.get().pk, person_id=cast.charlie.pk, reason="No right yet")
    give_role(alice, group, "bob", "Harbour watch")
    bob.goto(f"{group}/settings/members/{cast.charlie.pk}/kick/")
    bob.get_by_label("Reason").fill("Asks about tides")
    bob.get_by_role("button", name="Remove", exact=True).click()
    charlie.wait_for_url("**/")
    expect(charlie.locator(".toast")).to_contain_text("no longer in that group")
    assert not Member.objects.filter(user=cast.charlie).exists()

    alice.goto(f"{group}/settings/log/")
    expect(alice.locator("main")).to_contain_text("Asks about tides")
    join(charlie, link)
    write(charlie, "And now?")
    settled(charlie, "And now?")
