"""Settings in a browser: what is chosen is seen at once, on this page and on the next, and kept."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.actions.preferences import set_setting, set_settings
from accounts.models import User
from accounts.preferences import setting_of, settings_of
from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import area, article, write
from tests.cast import Cast, say

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
PAGES = ("/settings/", "/settings/account/", "/settings/profile/", "/settings/privacy/", "/settings/appearance/")


def choose(page: Page, name: str, words: str) -> None:
    page.get_by_role("group", name=name).get_by_role("radio", name=words).check()
    expect(page.locator("[data-saving]")).to_have_text("Saved.")


def stored(person: User, key: str) -> Any:
    return setting_of(User.objects.get(pk=person.pk), key)


def test_theme_density_and_clock_change_the_page_at_once_and_stay(sit: Room, cast: Cast) -> None:
    page, html = sit(cast.alice, color_scheme="light"), "html"
    page.goto("/settings/appearance/")
    now = page.locator("local-time").first
    expect(now).to_have_text(re.compile(r"\d\d:\d\d$"))
    bar = page.locator(".bar").first
    roomy = bar.evaluate("bar => bar.offsetHeight")

    choose(page, "Theme", "Dark")
    expect(page.locator(html)).to_have_attribute("data-theme", "dark")
    choose(page, "Density", "Compact")
    expect(page.locator(html)).to_have_attribute("data-density", "compact")
    assert bar.evaluate("bar => bar.offsetHeight") < roomy
    choose(page, "Clock", "12 hours")
    expect(now).to_have_text(re.compile("[ap]m$", re.IGNORECASE))

    kept = settings_of(User.objects.get(pk=cast.alice.pk))
    assert (kept["theme"], kept["density"], kept["clock"]) == ("dark", "compact", "12")
    page.reload()
    expect(page.locator(html)).to_have_attribute("data-density", "compact")
    expect(page.get_by_role("radio", name="12 hours")).to_be_checked()


def test_the_menu_and_the_page_choose_the_same_theme(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice)
    page.goto("/settings/appearance/")
    page.locator("[popovertarget=you-menu]").first.click()
    with page.expect_response("**/theme/"):
        page.locator("#you-menu [data-theme-choice=dark]").click()
    expect(page.get_by_role("radio", name="Dark")).to_be_checked()
    assert stored(cast.alice, "theme") == "dark"
    page.keyboard.press("Escape")
    choose(page, "Theme", "Light")
    expect(page.locator("#you-menu [data-theme-choice=light]")).to_have_attribute("aria-pressed", "true")


def test_times_follow_the_zone_of_the_settings_else_the_browsers(sit: Room, cast: Cast) -> None:
    sent = say(cast.bob, cast.direct, "What time is it?")
    page = sit(cast.alice, timezone_id="Asia/Tokyo")
    with page.expect_response("**/settings/zone/"):
        page.goto("/settings/appearance/")
    assert stored(cast.alice, "browser_zone") == "Asia/Tokyo"
    field = page.get_by_label("Time zone")
    expect(field).to_have_attribute("placeholder", "Asia/Tokyo")
    field.fill("America/New_York")
    field.blur()
    expect(page.locator("[data-saving]")).to_have_text("Saved.")
    page.goto(f"/c/{cast.direct.pk}/")
    time = article(page, "What time is it?").locator("time")
    expect(page.locator("html")).to_have_attribute("data-time-zone", "America/New_York")
    there = page.evaluate(
        "iso => new Intl.DateTimeFormat('en-GB', {timeStyle: 'short', timeZone: 'America/New_York'}).format(new Date(iso))",
        sent.created_at.isoformat(),
    )
    expect(time).to_have_text(there)
    page.goto("/settings/appearance/")
    page.get_by_role("button", name="Use the zone of this browser: Asia/Tokyo").click()
    expect(page.locator("[data-saving]")).to_have_text("Saved.")
    assert stored(cast.alice, "time_zone") == "Asia/Tokyo"


def test_a_zone_that_does_not_exist_is_refused_in_words(sit: Room, cast: Cast) -> None:
    sit.forgiven.append("status of 400")
    page = sit(cast.alice)
    page.goto("/settings/appearance/")
    field = page.get_by_label("Time zone")
    field.fill("Mars/Olympus")
    field.blur()
    expect(page.locator("[data-saving]")).to_contain_text("no time zone of this name")
    assert stored(cast.alice, "time_zone") == ""


def test_enter_makes_a_line_for_those_who_want_it_so(sit: Room, cast: Cast) -> None:
    set_setting(person=cast.alice, key="send_on_enter", value=False)
    page = sit.at(cast.alice, cast.direct)
    area(page).fill("one")
    area(page).press("Enter")
    area(page).press_sequentially("two")
    expect(area(page)).to_have_value("one\ntwo")
    area(page).press("Control+Enter")
    expect(article(page, "two")).to_be_visible()
    set_setting(person=cast.alice, key="send_on_enter", value=True)
    page.reload()
    expect(page.locator("message-list[data-live]")).to_be_attached()
    write(page, "three")
    expect(article(page, "three")).to_be_visible()


def test_wishes_are_saved_as_they_are_chosen(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice)
    page.goto("/settings/privacy/")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.get_by_label("Write to me").select_option("friends")
    expect(page.locator("[data-saving]")).to_have_text("Saved.")
    assert User.objects.get(pk=cast.alice.pk).privacy["message"] == "friends"


def test_on_a_phone_the_list_is_a_page_of_its_own(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, **PHONE)
    page.goto("/settings/")
    expect(page.locator(".settings__page")).to_be_hidden()
    page.get_by_role("link", name="Privacy").click()
    expect(page.get_by_role("heading", name="Who reaches me")).to_be_visible()
    expect(page.locator(".settings__list")).to_be_hidden()
    page.get_by_role("link", name="Back to the settings").click()
    expect(page.get_by_role("link", name="Appearance")).to_be_visible()


@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desk", "phone"])
def test_the_pages_are_accessible_and_fit(sit: Room, cast: Cast, screen: dict[str, Any]) -> None:
    set_settings(person=cast.alice, values={"density": "compact" if screen else "comfortable"})
    page = sit(cast.alice, **screen)
    for path in PAGES:
        page.goto(path)
        found = violations(page)
        assert not found, (path, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found])
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0, path


def test_in_arabic_the_list_stands_on_the_right(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, locale="ar")
    page.goto("/settings/appearance/")
    boxes = [page.locator(selector).bounding_box() for selector in (".settings__list", ".settings__page")]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] > boxes[1]["x"]
