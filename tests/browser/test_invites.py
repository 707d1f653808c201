"""Invitations and statistics in browsers: a link is copied, a stranger comes back to it after signing up, plots are drawn."""

import re

import pytest
from playwright.sync_api import Page, expect

from groups.actions.counting import count_days
from groups.models import Member
from tests.axe import violations
from tests.browser.conftest import Room
from tests.cast import Cast, say
from tests.groups.cast import make_community

pytestmark = pytest.mark.django_db(transaction=True)


def flaws(page: Page) -> list[str]:
    return [f"{flaw['id']}: {node['html'][:120]}" for flaw in violations(page) for node in flaw["nodes"]]


def test_a_newcomer_comes_by_a_link_and_signs_up_on_the_way(sit: Room, cast: Cast) -> None:
    atlas = make_community(cast)
    bob = sit(cast.bob, permissions=["clipboard-read", "clipboard-write"])
    bob.goto(f"/g/{atlas.group.pk}/invite/")
    bob.get_by_role("button", name="Make a link").click()
    bob.get_by_role("button", name="Copy").click()
    expect(bob.get_by_role("button", name="Copied")).to_be_visible()
    link = bob.evaluate("navigator.clipboard.readText()")
    assert flaws(bob) == []
    bob.goto(f"/g/{atlas.group.pk}/settings/invites/")
    expect(bob.get_by_role("button", name="Copy link")).to_be_visible()
    assert flaws(bob) == []

    page = sit()
    page.goto(link)
    expect(page.get_by_role("heading", name="Atlas")).to_be_visible()
    assert flaws(page) == []
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Username", exact=True).fill("newcomer")
    page.get_by_label("E-mail address").fill("newcomer@example.org")
    page.get_by_label("Password", exact=True).fill("long-and-unlike-7")
    page.get_by_label("Password (again)").fill("long-and-unlike-7")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url(re.compile(r"/i/\w+/$"))
    page.get_by_role("button", name="Join").click()
    page.wait_for_url(re.compile(r"/(g|c)/"))
    assert Member.objects.get(group=atlas.group, user__username="newcomer").invited_by == cast.bob


def test_who_is_invited_hears_of_it_at_once(sit: Room, cast: Cast) -> None:
    atlas = make_community(cast)
    charlie, bob = sit(cast.charlie), sit(cast.bob)
    charlie.goto("/")
    expect(charlie.locator("html[data-connection=ready]")).to_be_attached()
    bob.goto(f"/g/{atlas.group.pk}/invite/")
    bob.get_by_role("combobox", name="People").press_sequentially("charl")
    bob.get_by_role("option", name="Charlie").click()
    bob.get_by_role("button", name="Invite", exact=True).click()
    expect(bob.get_by_text("1 person was invited.")).to_be_visible()
    expect(charlie.locator("notification-bell .badge").first).to_contain_text("1")
    charlie.goto("/notifications/")
    charlie.get_by_text("Bob invites you to “Atlas”").first.click()
    charlie.get_by_role("button", name="Join").click()
    charlie.wait_for_url(re.compile(r"/(g|c)/"))


def test_plots_are_drawn_from_the_tables_and_the_tables_stay(sit: Room, cast: Cast) -> None:
    atlas = make_community(cast)
    for number in range(4):
        say((cast.bob, cast.alice)[number % 2], atlas.talk)
    count_days()
    page = sit(cast.alice, viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(f"/g/{atlas.group.pk}/settings/statistics/?days=7")
    plots = page.locator("chart-plot canvas")
    expect(plots).to_have_count(4)
    expect(plots.first).to_have_role("img")
    drawn = "canvas => new Set(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data).size > 8"
    assert all(plots.nth(at).evaluate(drawn) for at in range(4))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    table = page.get_by_role("table", name="Messages by channel")
    expect(table).to_be_hidden()
    assert flaws(page) == []
    page.locator("chart-plot summary").last.click()
    expect(table.get_by_role("row", name="# general 4")).to_be_visible()


def test_without_scripts_the_tables_are_what_there_is(sit: Room, cast: Cast) -> None:
    atlas = make_community(cast)
    say(cast.bob, atlas.talk)
    page = sit(cast.alice, java_script_enabled=False)
    page.goto(f"/g/{atlas.group.pk}/settings/statistics/")
    expect(page.get_by_role("table")).to_have_count(4)
    expect(page.get_by_role("table", name="Messages by channel")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(0)
