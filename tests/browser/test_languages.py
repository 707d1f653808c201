"""The site in its languages: chosen by the browser or by hand, and mirrored where one reads from the right."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import settled, write
from tests.cast import Cast, say

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def left(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["x"]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    found: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return found


def test_in_arabic_the_page_reads_from_the_right(sit: Room, cast: Cast) -> None:
    say(cast.bob, cast.direct, "Hello @alice, this runs from left to right")
    page = sit.at(cast.alice, cast.direct, locale="ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    assert left(page, ".places") > left(page, ".talk") > left(page, ".details")
    write(page, "مرحبا بالجميع")
    mine = settled(page, "مرحبا بالجميع")
    assert mine.locator(".message__text p").evaluate("line => getComputedStyle(line).direction") == "rtl"
    assert (
        page.locator(".message__text p", has_text="left to right").evaluate("line => getComputedStyle(line).direction")
        == "ltr"
    )
    expect(page.locator(".message__receipt")).to_have_text("أُرسلت")
    assert overflow(page) == 0
    assert violations(page) == []


@pytest.mark.parametrize("language", ["de", "ar"])
def test_no_page_overflows_a_phone(sit: Room, cast: Cast, language: str) -> None:
    page = sit(cast.alice, locale=language, **PHONE)
    for path in ("/", f"/c/{cast.group.pk}/", f"/c/{cast.group.pk}/settings/", "/new/", "/settings/profile/"):
        page.goto(path)
        assert overflow(page) == 0, path


def test_the_language_is_chosen_by_hand_and_kept(sit: Room, cast: Cast) -> None:
    stranger = sit()
    stranger.goto("/accounts/login/")
    stranger.get_by_role("button", name="Deutsch").click()
    expect(stranger.get_by_role("heading", name="Anmelden")).to_be_visible()
    stranger.goto("/accounts/signup/")
    expect(stranger.locator("html")).to_have_attribute("lang", "de")
    expect(stranger.get_by_role("button", name="Deutsch")).to_have_attribute("aria-pressed", "true")

    alice = sit.at(cast.alice, cast.direct)
    alice.locator("[popovertarget=you-menu]").first.click()
    alice.locator('button[lang="ar"]').click()
    expect(alice.locator("html")).to_have_attribute("dir", "rtl")
    assert alice.url.endswith(f"/c/{cast.direct.pk}/")
