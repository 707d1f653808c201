"""The bell, its menu and the page of notifications in a browser: live, by keyboard, in both themes, for screen readers."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from accounts.models import Notification, Setting, User
from accounts.occasions import spread_due
from chat.actions.read import mark_read
from tests.axe import violations
from tests.browser.conftest import Room, enter
from tests.cast import Cast, say

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _settled(cast: Cast) -> None:
    """The making of the cast is no news."""
    Notification.objects.all().delete()


def call(cast: Cast, text: str = "Have a look, @bob") -> None:
    """Alice calls Bob in the lobby, and he is told."""
    say(cast.alice, cast.lobby, text)
    while spread_due():
        pass


def many(person: User, count: int) -> None:
    now = timezone.now()
    rows = [
        Notification(
            recipient=person,
            kind="system",
            group_key=str(number),
            payload={"title": f"News {number}", "text": "Something happened to your account. " * 4},
            updated_at=now - timedelta(hours=number),
            expires_at=now + timedelta(days=9),
        )
        for number in range(count)
    ]
    Notification.objects.bulk_create(rows)


def bell(page: Page) -> Locator:
    return page.locator(".rail notification-bell > a")


def badge(page: Page) -> Locator:
    return bell(page).locator(".badge")


def menu(page: Page) -> Locator:
    return page.locator("#bell-menu")


def flaws(page: Page) -> list[str]:
    found = violations(page)
    return [f"{flaw['id']}: {node['html'][:120]}" for flaw in found for node in flaw["nodes"]]


def live(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html[data-connection=ready]")).to_be_attached()


def test_the_count_follows_what_comes_and_what_is_read(sit: Room, cast: Cast) -> None:
    bob = sit.at(cast.bob, cast.group)
    other = sit.tab(bob.context)
    live(other, "/notifications/")
    expect(badge(bob)).to_be_hidden()
    expect(other.get_by_role("heading", name="Nothing new")).to_be_visible()
    call(cast)
    expect(badge(bob)).to_contain_text("1")
    expect(other.locator(".notification--unread")).to_contain_text("Have a look, @bob")
    call(cast, "And again, @bob")
    expect(badge(bob)).to_contain_text("2")
    mark_read(reader=cast.bob, conversation_id=cast.lobby.pk, number=1)
    expect(badge(bob)).to_contain_text("1")
    enter(bob, cast.lobby)
    expect(badge(bob)).to_be_hidden()
    expect(other.locator(".notification--unread")).to_have_count(0)
    expect(other.locator(".notification")).to_have_count(2)


def test_the_menu_is_walked_with_the_keyboard(sit: Room, cast: Cast) -> None:
    call(cast)
    call(cast, "Second, @bob")
    bob = sit.at(cast.bob, cast.group)
    expect(bell(bob)).to_have_attribute("aria-expanded", "false")
    bell(bob).focus()
    bob.keyboard.press("Space")
    links = menu(bob).locator(".notification__link")
    expect(links.nth(0)).to_be_focused()
    expect(bell(bob)).to_have_attribute("aria-expanded", "true")
    bob.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    bob.keyboard.press("End")
    expect(menu(bob).get_by_role("link", name="All notifications")).to_be_focused()
    bob.keyboard.press("Escape")
    expect(menu(bob)).to_be_hidden()
    expect(bell(bob)).to_be_focused()
    bob.keyboard.press("Enter")
    expect(links.nth(0)).to_be_focused()
    bob.keyboard.press("Enter")
    expect(bob).to_have_url(re.compile(rf"/c/{cast.lobby.pk}/.*#m-2$"))
    expect(badge(bob)).to_be_hidden()


def test_the_open_menu_shows_what_comes(sit: Room, cast: Cast) -> None:
    bob = sit.at(cast.bob, cast.group)
    bell(bob).click()
    expect(menu(bob)).to_contain_text("Nothing new")
    call(cast)
    expect(menu(bob).locator(".notification")).to_contain_text("Have a look, @bob")
    menu(bob).get_by_role("button", name="Mark all as read").click()
    expect(badge(bob)).to_be_hidden()
    expect(menu(bob).locator(".notification--unread")).to_have_count(0)


def test_one_and_all_are_marked_on_the_page(sit: Room, cast: Cast) -> None:
    many(cast.bob, 3)
    bob = sit(cast.bob)
    live(bob, "/notifications/")
    expect(badge(bob)).to_contain_text("3")
    bob.get_by_role("button", name="Mark as read").first.click()
    expect(bob.locator(".notification--unread")).to_have_count(2)
    expect(badge(bob)).to_contain_text("2")
    bob.get_by_role("button", name="Mark all as read").click()
    expect(bob.locator(".notification--unread")).to_have_count(0)
    expect(badge(bob)).to_be_hidden()
    expect(bob.locator("#announcer")).to_have_text("Everything is marked as read")


def test_without_scripts_the_bell_is_a_link(sit: Room, cast: Cast) -> None:
    many(cast.bob, 1)
    bob = sit(cast.bob, java_script_enabled=False)
    bob.goto("/")
    bell(bob).click()
    expect(bob.get_by_role("heading", name="Notifications")).to_be_visible()
    bob.get_by_role("button", name="Mark as read").click()
    expect(bob.locator(".notification--unread")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_are_for_everybody(sit: Room, cast: Cast, width: int) -> None:
    """Full of unread ones and empty, in both themes, on a desk and on a phone: nothing that axe finds, nothing sideways."""
    many(cast.bob, 200)
    call(cast)
    size = {"width": width, "height": 900}
    bob = sit(cast.bob, viewport=size)
    for address in ("/notifications/", "/notifications/?kind=moderation", "/settings/notifications/"):
        live(bob, address)
        assert flaws(bob) == []
        assert not bob.evaluate("document.documentElement.scrollWidth > innerWidth")
    if width == 1280:
        expect(badge(bob)).to_contain_text("99+")
        bell(bob).click()
        expect(menu(bob).locator(".notification").first).to_be_visible()
        assert flaws(bob) == []


def test_from_right_to_left_nothing_sticks_out(sit: Room, cast: Cast) -> None:
    many(cast.bob, 5)
    call(cast)
    bob = sit(cast.bob, viewport={"width": 390, "height": 800}, locale="ar")
    for address in ("/notifications/", "/settings/notifications/"):
        live(bob, address)
        expect(bob.locator("html")).to_have_attribute("dir", "rtl")
        assert not bob.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_settings_are_kept_as_they_are_changed(sit: Room, cast: Cast) -> None:
    bob = sit(cast.bob)
    live(bob, "/settings/notifications/")
    bob.get_by_label("Mentions: Push").uncheck()
    expect(bob.locator("[data-saving]")).to_have_text("Saved.")
    stored = Setting.objects.get(user=cast.bob, key="notifications").value
    assert stored["mention"] == {"in_app": True, "email": True, "push": False}
    expect(bob.get_by_label("Security and account: Here")).to_be_disabled()


def test_a_conversation_is_muted_from_its_menu(sit: Room, cast: Cast) -> None:
    bob = sit.at(cast.bob, cast.group)
    bob.get_by_role("button", name="More").first.click()
    bob.locator("#talk-menu summary").click()
    bob.get_by_role("button", name="For an hour").click()
    expect(bob.locator(f'a.place[data-conversation="{cast.group.pk}"]')).to_have_class(re.compile("place--muted"))
    bob.goto("/settings/notifications/")
    bob.get_by_role("button", name="Unmute Cartographers").click()
    expect(bob.get_by_text("No longer muted.")).to_be_visible()
    expect(bob.get_by_role("button", name="Unmute")).to_have_count(0)
