"""Devices and tokens in a browser: who is logged out is told so, tabs that stay hear nothing of it, axe finds nothing."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.actions.tokens import make_token, revoke_token
from accounts.models import ApiToken, Device
from tests.axe import violations
from tests.browser.conftest import Room, enter
from tests.browser.steps import area, settled, write
from tests.cast import Cast

pytestmark = pytest.mark.browser
PAGE, TOKENS = "/settings/devices/", "/settings/tokens/"
SCREENS: list[Any] = [{"width": 1280, "height": 800}, {"width": 390, "height": 844}]
NEW = "another-one-99"


def test_logging_out_a_device_from_another(sit: Room, cast: Cast) -> None:
    here, there = sit(cast.alice), sit.at(cast.alice, cast.group)
    here.goto(PAGE)
    expect(here.get_by_role("heading", name="This device")).to_be_visible()
    others = here.locator("section", has=here.get_by_role("heading", name="Other devices"))
    others.get_by_text("Rename").click()
    others.get_by_role("textbox", name="Name").fill("The old laptop")
    others.get_by_role("button", name="Save").click()
    expect(here.get_by_role("heading", name="The old laptop")).to_be_visible()
    here.get_by_role("button", name="Log out The old laptop").click()
    expect(there).to_have_url(re.compile("/accounts/login/"))
    expect(there.locator("toast-region")).to_contain_text("You were logged out. Log in again to go on.")
    expect(here.get_by_text("You are logged in nowhere else.")).to_be_visible()


def test_the_other_tabs_of_a_browser_go_on_after_a_new_password(sit: Room, cast: Cast) -> None:
    page, elsewhere = sit.at(cast.alice, cast.group), sit.at(cast.alice, cast.group)
    tab = sit.tab(page.context)
    tab.goto("/accounts/password/change/")
    tab.get_by_label("Current password").fill("secret-of-alice")
    tab.get_by_label("New password", exact=True).fill(NEW)
    tab.get_by_label("New password (again)").fill(NEW)
    tab.get_by_role("button", name="Save the password").click()
    expect(elsewhere).to_have_url(re.compile("/accounts/login/"))
    write(page, "Still here")
    settled(page, "Still here")
    expect(page.locator("toast-region")).not_to_contain_text("logged out")


def test_the_other_tabs_go_on_when_all_others_are_logged_out(sit: Room, cast: Cast) -> None:
    page = sit.at(cast.alice, cast.group)
    elsewhere = sit.at(cast.alice, cast.group)
    tab = sit.tab(page.context)
    tab.goto(PAGE)
    tab.get_by_role("button", name="Log out all others").click()
    expect(elsewhere).to_have_url(re.compile("/accounts/login/"))
    write(page, "Still here")
    settled(page, "Still here")
    page.reload()
    expect(area(page)).to_be_visible()


def test_the_other_tabs_of_a_guest_go_on_when_the_account_is_kept(sit: Room, cast: Cast, settings: Any) -> None:
    settings.CHATTER_GUESTS = True
    page = sit()
    page.goto("/guest/")
    page.get_by_label("Your name").fill("Zed")
    page.get_by_label("Your name").press("Enter")
    enter(page, cast.lobby)
    tab = sit.tab(page.context)
    tab.goto("/claim/")
    for label, text in (("Username", "zed"), ("E-mail address", "zed@example.org")):
        tab.get_by_label(label).fill(text)
    tab.get_by_label("Password", exact=True).fill(NEW)
    tab.get_by_label("Password (again)").fill(NEW)
    tab.get_by_role("button", name=re.compile("Keep")).click()
    expect(tab.get_by_text("This account is yours now.")).to_be_visible()
    write(page, "A member now")
    settled(page, "A member now")


def test_making_and_revoking_a_token_without_scripts(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, java_script_enabled=False)
    page.goto(TOKENS)
    page.get_by_role("link", name="New token").click()
    page.get_by_label("Password").fill("secret-of-alice")
    page.get_by_label("Password").press("Enter")
    page.get_by_role("textbox", name="Name").fill("Weather")
    page.get_by_label("read, and write in your name").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_label("Refresh token", exact=True)).to_have_value(re.compile("^chatter_refresh_"))
    expect(page.get_by_label("Access token", exact=True)).to_have_value(re.compile("^chatter_access_"))
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_text("Reads and writes")).to_be_visible()
    page.get_by_role("button", name="Revoke Weather").click()
    expect(page.get_by_text("You have no tokens.")).to_be_visible()
    assert ApiToken.objects.get().revoked_reason == "revoked"


@pytest.mark.parametrize("screen", SCREENS, ids=["desk", "phone"])
def test_the_pages_are_accessible_and_fit(sit: Room, cast: Cast, screen: Any) -> None:
    for name in ("Weather", "Bartholomäus " * 4):
        family = make_token(person=cast.alice, name=name, scope="read").family
    revoke_token(person=cast.alice, token_id=family.pk)
    sit(cast.alice)
    Device.objects.update(name="W" * 60, address="2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")
    page = sit(cast.alice, viewport=screen)
    for address in (PAGE, TOKENS):
        page.goto(address)
        for closed in page.locator("details:not([open]) > summary").all():
            if closed.is_visible():
                closed.click()
        check(page)


def check(page: Page) -> None:
    expect(page.locator(".settings__page h2").first).to_be_visible()
    assert [(found["id"], found["nodes"]) for found in violations(page)] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
