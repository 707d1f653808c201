"""Moderators in the browser: find, choose, put out; who is put out hears nothing more, and reads why."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import AuditEntry
from groups.models import Ban, Member
from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import area, settled, write
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community

pytestmark = pytest.mark.browser


@pytest.fixture
def atlas(cast: Cast) -> Community:
    return make_community(cast)


def members_of(page: Page, atlas: Community) -> Page:
    page.goto(f"/g/{atlas.group.pk}/settings/members/")
    expect(page.locator("member-table .member-deeds__all")).to_be_visible()
    return page


def test_members_are_found_while_typing_chosen_and_put_out(sit: Room, cast: Cast, atlas: Community) -> None:
    # The page of who is put out still asks for what it shows.
    sit.forgiven.append("404")
    bob, mod = sit.at(cast.bob, atlas.talk), sit(cast.mod)
    write(bob, "Buy my maps")
    settled(bob, "Buy my maps")
    members_of(mod, atlas)
    remove = mod.locator('.member-deeds button[value="kick"]')
    expect(remove).to_be_disabled()
    mod.locator("#members-q").type("bo")
    expect(mod.locator(".member-row")).to_have_count(1)
    expect(mod).to_have_url(re.compile(r"\?q=bo"))
    mod.locator("[data-all]").check()
    expect(mod.locator(".member-deeds__count")).to_contain_text("1")
    remove.click()
    mod.get_by_label("Reason").fill("Advertising")
    mod.get_by_role("button", name="For 1 person").click()
    expect(mod.locator(".member-row")).to_have_count(3)
    bob.wait_for_url("**/")
    say(cast.alice, atlas.talk, "They are gone")
    bob.goto("/notifications/")
    expect(bob.locator("main")).to_contain_text("You were removed from “Atlas”")
    expect(bob.locator("main")).to_contain_text("Advertising")
    expect(bob.locator("body")).not_to_contain_text("They are gone")
    expect(bob.locator("main")).not_to_contain_text("Mod")
    assert not Member.objects.filter(group=atlas.group, user=cast.bob).exists()
    assert AuditEntry.objects.get(action="group.member.kicked").detail.words["address"] == "127.0.0.1"


def test_a_time_out_and_a_ban_from_the_page_of_a_member(sit: Room, cast: Cast, atlas: Community) -> None:
    # The page of who is put out still asks for what it shows.
    sit.forgiven.append("404")
    bob, mod = sit.at(cast.bob, atlas.talk), sit(cast.mod)
    mod.goto(f"/g/{atlas.group.pk}/settings/members/{cast.bob.pk}/")
    assert violations(mod) == []
    mod.get_by_text("Give a time-out").click()
    mod.locator("#time-out textarea").fill("Calm down")
    mod.locator("#time-out").get_by_role("button", name="Time out").click()
    expect(mod.locator("#time-out")).to_contain_text("They can read and not write until")
    expect(area(bob)).to_have_count(0)
    expect(mod.locator(".log__said").first).to_contain_text("Mod gave Bob a time-out")
    mod.get_by_role("link", name="Ban").last.click()
    mod.get_by_label("Reason").fill("Would not calm down")
    mod.get_by_role("button", name="Ban").click()
    mod.wait_for_url("**/members/")
    bob.wait_for_url("**/")
    mod.goto(f"/g/{atlas.group.pk}/settings/bans/")
    expect(mod.locator(".ban")).to_contain_text("Would not calm down")
    assert violations(mod) == []
    assert Ban.objects.filter(user=cast.bob, until=None).exists()


def test_members_and_log_can_be_read_by_everybody(sit: Room, cast: Cast, atlas: Community) -> None:
    mod = members_of(sit(cast.mod), atlas)
    assert violations(mod) == []
    mod.goto(f"/g/{atlas.group.pk}/settings/log/")
    assert violations(mod) == []
