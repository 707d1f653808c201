"""For everybody: keyboard, screen reader, phone, right to left, either theme, and without any script at all."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chat.actions.change import edit_message
from chat.models import Message
from tests.axe import violations
from tests.browser.conftest import Room
from tests.browser.steps import area, article, fill, settled, write
from tests.cast import Cast, say

pytestmark = pytest.mark.browser

PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
RICH = "A **rich** `message` for @bob\n\n> quoted\n\n```python\nprint(1)\n```\n\n||hidden||"
STRANGERS = ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/no-such-page/")


def barriers(page: Page) -> list[str]:
    """What axe finds, as lines a person can read."""
    found = violations(page)
    return [f"{page.url} {each['id']}: {[node['html'] for node in each['nodes']][:3]}" for each in found]


def places(cast: Cast) -> list[str]:
    """Every page of a person who is signed in."""
    group, direct = f"/c/{cast.group.pk}/", f"/c/{cast.direct.pk}/"
    inside = [
        "members/",
        "settings/",
        "add/",
        "leave/",
        "pins/",
        "m/2/",
        "m/2/edit/",
        "m/2/delete/",
        "m/2/history/",
        "m/2/thread/",
    ]
    return [
        "/",
        direct,
        f"/c/{cast.lobby.pk}/",
        group,
        *(group + page for page in inside),
        "/new/",
        "/new/group/",
        "/people/bob/",
        "/people/bob/report/",
        "/people/search/?q=bo",
        "/settings/profile/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/logout/",
    ]


def test_axe_finds_nothing(sit: Room, cast: Cast) -> None:
    rich = say(cast.alice, cast.group, RICH)
    fill(cast.direct, [cast.alice, cast.bob], 3)
    edit_message(editor=cast.alice, message_id=rich.id, content=RICH + "\n\nedited")
    alice = sit(cast.alice, reduced_motion="reduce")
    found = []
    for address in places(cast):
        response = alice.goto(address)
        assert response is not None and response.status < 400, f"{address}: {response and response.status}"
        found += barriers(alice)
    stranger = sit(None, reduced_motion="reduce")
    sit.forgiven.append("404")
    for address in STRANGERS:
        stranger.goto(address)
        found += barriers(stranger)
    assert found == []


def test_axe_finds_nothing_in_what_opens(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.group, "By me")
    say(cast.bob, cast.group, "For @alice")
    alice = sit.at(cast.alice, cast.group, reduced_motion="reduce")
    article(alice, "By me").focus()
    found = barriers(alice)
    alice.keyboard.press("e")
    expect(alice.locator("message-editor")).to_be_visible()
    found += barriers(alice)
    alice.keyboard.press("Escape")
    area(alice).press_sequentially("@b")
    expect(alice.get_by_role("option").first).to_be_visible()
    found += barriers(alice)
    area(alice).press("Escape")
    area(alice).fill("x" * 3990)
    article(alice, "For").focus()
    alice.keyboard.press("t")
    expect(alice.locator("thread-pane article")).to_have_count(1)
    found += barriers(alice)
    alice.keyboard.press("Escape")
    alice.keyboard.press("?")
    found += barriers(alice)
    assert found == []


def test_a_whole_conversation_by_keyboard(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Where is the inlet?")
    bob = sit.at(cast.bob, cast.lobby)
    bob.keyboard.press("Control+k")
    bob.keyboard.type("alice")
    bob.keyboard.press("Enter")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Alice")
    expect(bob.locator("message-list[data-live]")).to_be_attached()
    expect(area(bob)).to_be_focused()
    bob.keyboard.press("Shift+Tab")
    while bob.evaluate("document.activeElement.localName") != "message-list":
        bob.keyboard.press("Shift+Tab")
    bob.keyboard.press("ArrowUp")
    expect(bob.locator("#m-1")).to_be_focused()
    bob.keyboard.press("r")
    expect(area(bob)).to_be_focused()
    bob.keyboard.type("North of here")
    bob.keyboard.press("Enter")
    expect(settled(bob, "North of here").locator(".message__quote")).to_contain_text("Where is the inlet?")
    bob.keyboard.press("ArrowUp")
    expect(bob.locator("message-editor textarea")).to_be_focused()
    bob.keyboard.press("Control+a")
    bob.keyboard.type("South of here")
    bob.keyboard.press("Enter")
    expect(article(bob, "South of here")).to_be_visible()
    article(bob, "South of here").focus()
    bob.keyboard.press("Tab")
    bob.keyboard.press("Escape")
    expect(article(bob, "South of here")).to_be_focused()
    bob.keyboard.press("Delete")
    expect(bob.get_by_role("dialog")).to_be_visible()
    bob.keyboard.press("Tab")
    while "danger" not in bob.evaluate("document.activeElement.className"):
        bob.keyboard.press("Tab")
    bob.keyboard.press("Enter")
    expect(bob.locator("#m-2")).to_contain_text("Message deleted")


def test_the_messages_are_one_stop_of_the_tab_key(sit: Room, cast: Cast) -> None:
    for number in range(8):
        say(cast.alice, cast.direct, f"See https://example.org/{number} and `code`")
    bob = sit.at(cast.bob, cast.direct)
    expect(area(bob)).to_be_focused()
    stops: list[str] = []
    while not stops or stops[-1] != "message-list":
        bob.keyboard.press("Shift+Tab")
        stops.append(bob.evaluate("document.activeElement.closest('article')?.id ?? document.activeElement.localName"))
    assert [stop for stop in stops if stop.startswith("m-")] == []
    article(bob, "org/3").focus()
    bob.keyboard.press("Tab")
    inside = bob.evaluate("document.activeElement.closest('article')?.id")
    assert inside == article(bob, "org/3").get_attribute("id")
    links = article(bob, "org/5").locator(".message__text a")
    expect(links).not_to_have_attribute("tabindex", "-1")


def test_conversations_by_keyboard(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "Hello")
    bob = sit.at(cast.bob, cast.lobby)
    bob.keyboard.press("Alt+ArrowDown")
    expect(bob.get_by_role("heading", level=1)).to_have_text("Alice")
    bob.keyboard.press("Alt+ArrowUp")
    expect(bob.locator('conversation-list a[aria-current="page"]')).to_have_attribute("data-kind", "lobby")


def test_a_screen_reader_hears_news_but_no_flood(sit: Room, cast: Cast) -> None:
    bob = sit.at(cast.bob, cast.direct)
    expect(bob.get_by_role("log", name="Messages")).to_have_attribute("aria-live", "off")
    spoken = bob.locator("#announcer")
    expect(spoken).to_have_attribute("aria-live", "polite")
    say(cast.alice, cast.direct, "Only this")
    expect(spoken).to_have_text("Alice: Only this")
    for number in range(6):
        say(cast.alice, cast.direct, f"Flood {number}")
    expect(spoken).to_have_text(re.compile(r"^[3-6] new messages$"))
    write(bob, "Mine is not announced")
    settled(bob, "Mine is not announced")
    expect(spoken).not_to_contain_text("Mine")


def test_on_a_phone(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], 3)
    bob = sit(cast.bob, **PHONE)
    bob.goto("/")
    bob.locator("conversation-list a.place", has_text="Alice").click()
    expect(bob.locator("message-list[data-live]")).to_be_attached()
    expect(bob.locator("conversation-list")).to_be_hidden()
    assert bob.evaluate("document.documentElement.scrollWidth") <= 390
    article(bob, "Message 1").locator(".message__text").tap()
    bob.locator('message-tools [data-action="reply"]').tap()
    area(bob).fill("From my pocket")
    bob.get_by_role("button", name="Send").tap()
    expect(settled(bob, "From my pocket").locator(".message__quote")).to_contain_text("Message 1")
    article(bob, "Message 2").locator(".message__text").tap()
    bob.locator("message-tools .tools__more").tap()
    expect(bob.locator('message-tools [data-action="link"]')).to_be_visible()
    bob.locator('message-tools [data-action="thread"]').tap()
    expect(bob.locator("thread-pane")).to_contain_text("Message 2")
    bob.go_back()
    expect(bob.locator("thread-pane")).to_be_hidden()
    bob.get_by_role("link", name=re.compile("About|Members")).locator("visible=true").tap()
    expect(bob.locator("aside.details")).to_be_visible()
    bob.locator("aside.details .details__close").tap()
    expect(bob.locator("aside.details")).to_be_hidden()
    bob.get_by_role("link", name=re.compile("Back")).tap()
    expect(bob.locator("conversation-list")).to_be_visible()


def test_right_to_left(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.direct, "مرحبا بالجميع")
    bob = sit.at(cast.bob, cast.direct, locale="ar")
    expect(bob.locator("html")).to_have_attribute("dir", "rtl")
    avatar = article(bob, "مرحبا").locator(".avatar").bounding_box()
    text = article(bob, "مرحبا").locator(".message__text").bounding_box()
    assert avatar is not None and text is not None and avatar["x"] > text["x"]
    assert bob.evaluate("document.documentElement.scrollWidth <= innerWidth")
    write(bob, "أهلا")
    settled(bob, "أهلا")
    assert barriers(bob) == []


def test_reading_and_writing_without_scripts(sit: Room, cast: Cast) -> None:
    fill(cast.direct, [cast.alice, cast.bob], 120)
    bob = sit(cast.bob, java_script_enabled=False)
    bob.goto("/")
    bob.locator("conversation-list a.place", has_text="Alice").click()
    expect(article(bob, "Message 120")).to_be_visible()
    bob.get_by_role("link", name="Earlier messages").click()
    expect(article(bob, "Message 40")).to_be_attached()
    bob.get_by_role("link", name="Later messages").click()
    area(bob).fill("Written without a script")
    bob.get_by_role("button", name="Send").click()
    expect(article(bob, "Written without a script")).to_be_visible()
    article(bob, "Written without a script").locator(".message__time").click()
    bob.get_by_role("link", name=re.compile("Edit")).first.click()
    bob.locator("textarea").fill("Edited without a script")
    bob.get_by_role("button", name="Save").click()
    expect(bob.locator("article", has_text="Edited without a script").first).to_be_visible()
    assert Message.objects.get(conversation=cast.direct, number=121).content == "Edited without a script"


def test_a_refused_form_keeps_what_was_written(sit: Room, cast: Cast) -> None:
    bob = sit(cast.bob, java_script_enabled=False)
    sit.forgiven.append("400")
    bob.goto(f"/c/{cast.lobby.pk}/")
    area(bob).fill("x" * 1001)
    bob.get_by_role("button", name="Send").click()
    expect(bob.get_by_role("alert")).to_be_visible()
    expect(area(bob)).to_have_value("x" * 1001)
