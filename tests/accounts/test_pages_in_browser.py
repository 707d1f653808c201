"""Every page of the door and of accounts in a browser: axe finds nothing in either theme, on a desk or a phone, nothing
is wider than the screen, and the console stays silent."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.actions.signup import enter_as_guest, register_person
from accounts.models import User
from chat.actions.conversation import join_lobby
from tests.axe import violations
from tests.servers import Address, SignedIn

pytestmark = pytest.mark.browser
PASSWORD = "long-and-unlike-7"
SCREENS: dict[str, Any] = {"desk": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}
PAGES = {
    "login": ("", "/accounts/login/"),
    "signup": ("", "/accounts/signup/"),
    "guest": ("", "/guest/"),
    "reset": ("", "/accounts/password/reset/"),
    "reset-sent": ("", "/accounts/password/reset/done/"),
    "reset-link-old": ("", "/accounts/password/reset/key/0-x/"),
    "reset-over": ("", "/accounts/password/reset/key/done/"),
    "confirm-link-old": ("", "/accounts/confirm-email/x/"),
    "confirm-sent": ("", "/accounts/confirm-email/"),
    "inactive": ("", "/accounts/inactive/"),
    "claim": ("guest", "/claim/"),
    "guest-leaves": ("guest", "/accounts/logout/"),
    "logout": ("dora", "/accounts/logout/"),
    "profile-edit": ("dora", "/settings/profile/"),
    "address": ("dora", "/accounts/email/"),
    "password": ("dora", "/accounts/password/change/"),
    "own-profile": ("dora", "/people/dora/"),
    "profile": ("dora", "/people/Bartholomaeus_the-Third_of_a_very_long_username_0/"),
}


@pytest.fixture
def folk(site: Address) -> dict[str, User]:
    """Dora, whose address waits; somebody with everything long; a guest."""
    dora = register_person(username="dora", email="dora@example.org", password=PASSWORD)
    long = register_person(
        username="Bartholomaeus_the-Third_of_a_very_long_username_0", email="b@example.org", password=PASSWORD
    )
    words = {"display_name": "Bartholomäus " + "von" * 20, "bio": "Maps.\n\n" + "w" * 200, "status_text": "x" * 120}
    User.objects.filter(pk=long.pk).update(**words)
    guest = enter_as_guest(name="Zoë Łęcka")
    for person in (dora, long, guest):
        join_lobby(person=person)
    return {"dora": dora, "guest": guest}


@pytest.fixture(params=list(SCREENS))
def sit(
    request: pytest.FixtureRequest, browser: Browser, site: Address, signed_in: SignedIn, folk: dict[str, User]
) -> Iterator[Any]:
    """`sit(who)`: a page of that person at the screen of this run."""
    viewport = SCREENS[request.param]
    contexts = []
    complaints: list[str] = []

    def open_page(who: str) -> Page:
        context = browser.new_context(base_url=site.url, viewport=viewport)
        contexts.append(context)
        if who:
            cookies = signed_in(folk[who])
            context.add_cookies([{"name": name, "value": text, "url": site.url} for name, text in cookies.items()])
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [text for text in complaints if "status of 403" not in text] == []


def check(page: Page, name: str) -> None:
    """Nothing for axe, and nothing that makes the page scroll sideways."""
    found = violations(page)
    assert not found, (name, [(one["id"], [node["target"] for node in one["nodes"]]) for one in found])
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{name} is too wide"


def test_every_page_is_accessible_and_fits(sit: Any) -> None:
    tabs = {who: sit(who) for who in ("", "guest", "dora")}
    for name, (who, path) in PAGES.items():
        page = tabs[who]
        page.goto(path)
        expect(page.locator("h1").first).to_be_visible()
        check(page, name)


def test_forms_with_mistakes_are_accessible_too(sit: Any) -> None:
    page = sit("")
    for path, typed in (
        ("/accounts/login/", {"login": "dora", "password": "wrong"}),
        ("/accounts/signup/", {"username": "dora", "email": "x@example.org", "password1": "short", "password2": "x"}),
        ("/guest/", {"name": "dora"}),
    ):
        page.goto(path)
        for name, text in typed.items():
            page.locator(f"[name={name}]").fill(text)
        page.locator(".card form button[type=submit].button--primary").click()
        expect(page.locator(".errorlist, .note--bad").first).to_be_visible()
        check(page, path)


def test_a_suspended_person_reads_why(sit: Any, folk: dict[str, User]) -> None:
    User.objects.filter(pk=folk["dora"].pk).update(suspended_at="2026-01-01T00:00Z", suspended_reason="Spam " * 40)
    page = sit("")
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill("dora")
    page.locator("[name=password]").fill(PASSWORD)
    with page.expect_response("**/accounts/login/") as answer:
        page.keyboard.press("Enter")
    assert answer.value.status == 403
    expect(page.get_by_role("heading", name="suspended")).to_be_visible()
