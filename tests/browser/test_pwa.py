"""The installed application: manifest, service worker, the page without a connection; and pushes, as a browser sees them."""

import json
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, Worker, expect

from chat.actions.conversation import open_direct
from tests.axe import violations
from tests.browser.conftest import Room, enter
from tests.cast import Cast, say

pytestmark = pytest.mark.browser

LOST = r"ERR_INTERNET_DISCONNECTED|WebSocket connection|Failed to load resource"
TELLS: dict[str, Any] = {"service_workers": "allow", "permissions": ["notifications"]}
# A push service is somebody else's: its part in the browser is played by the page.
PLAYED = """
  const made = { endpoint: "https://push.example.org/abc", unsubscribe: async () => { document.documentElement.dataset.left = true; current = null; return true; },
    toJSON: () => ({ endpoint: "https://push.example.org/abc", keys: KEYS }) };
  let current = sessionStorage.getItem("played") ? made : null;
  PushManager.prototype.getSubscription = async () => current;
  PushManager.prototype.subscribe = async (options) => { sessionStorage.setItem("played", "1"); window.asked = options; return (current = made); };
"""


def worker_of(page: Page) -> Worker:
    """The service worker, once it looks after the page."""
    page.evaluate(
        """async () => {
          if (navigator.serviceWorker.controller) return;
          await new Promise((resolve) => navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
        }"""
    )
    return page.context.service_workers[0]


def test_the_manifest_makes_it_installable(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, service_workers="allow")
    page.goto("/")
    worker_of(page)
    session = page.context.new_cdp_session(page)
    told = session.send("Page.getAppManifest")
    assert told["errors"] == []
    manifest = json.loads(told["data"])
    assert manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        size = page.evaluate(
            "async (src) => { const image = new Image(); image.src = src; await image.decode(); return image.naturalWidth; }",
            icon["src"],
        )
        assert icon["sizes"] == f"{size}x{size}"
    assert {(icon["purpose"], icon["sizes"]) for icon in manifest["icons"]} >= {
        ("any", "512x512"),
        ("maskable", "512x512"),
    }
    for shortcut in manifest["shortcuts"]:
        assert page.request.get(shortcut["url"]).status == 200
    assert session.send("Page.getInstallabilityErrors")["installabilityErrors"] in (
        [],
        [{"errorId": "in-incognito", "errorArguments": []}],
    )


def test_without_a_connection_there_is_a_page_that_says_so(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, service_workers="allow")
    sit.forgiven.append(LOST)
    enter(page, cast.lobby)
    worker_of(page)
    page.context.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are offline")
    assert page.evaluate("getComputedStyle(document.querySelector('main')).textAlign") == "center"
    assert page.evaluate("document.querySelector('img').naturalWidth") > 0
    page.context.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(page.locator("message-list[data-live]")).to_be_attached()


def test_nothing_of_a_person_is_kept(sit: Room, cast: Cast) -> None:
    say(cast.alice, cast.group, "A secret")
    page = sit(cast.alice, service_workers="allow")
    enter(page, cast.group)
    worker_of(page)
    enter(page, cast.group)
    kept = page.evaluate(
        """async () => {
          const found = {};
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            for (const request of await cache.keys())
              found[new URL(request.url).pathname] = await (await cache.match(request)).text();
          }
          return found;
        }"""
    )
    assert sorted(path.rpartition("/")[2] or path for path in kept) == ["/offline/", "logo.svg", "offline.css"]
    assert "alice" not in json.dumps(kept).lower()


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
def test_the_page_without_a_connection_is_for_everybody(sit: Room, cast: Cast, size: tuple[int, int]) -> None:
    page = sit(None, viewport={"width": size[0], "height": size[1]})
    page.goto("/offline/")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def pushed(context: BrowserContext, page: Page, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Have the worker receive `payload`; returns what is shown then."""
    session = context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda told: found.extend(each["registrationId"] for each in told["registrations"]),
    )
    worker = worker_of(page)
    session.send("ServiceWorker.enable")
    origin = page.evaluate("location.origin")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": origin, "registrationId": found[0], "data": json.dumps(payload)},
    )
    shown: list[dict[str, Any]] = worker.evaluate(
        """async () => {
          for (let turn = 0; turn < 20; turn++) {
            const shown = await registration.getNotifications();
            if (shown.length) return shown.map(({ title, body, tag, data, dir }) => ({ title, body, tag, data, dir }));
            await new Promise((resolve) => setTimeout(resolve, 50));
          }
          return [];
        }"""
    )
    return shown


def test_a_push_is_shown(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, **TELLS)
    enter(page, cast.lobby)
    payload = {
        "title": "Bob",
        "body": "Hello <b>",
        "url": f"/c/{cast.group.pk}/",
        "tag": "t",
        "dir": "rtl",
        "lang": "ar",
    }
    (shown,) = pushed(page.context, page, payload)
    assert shown == {"title": "Bob", "body": "Hello <b>", "tag": "t", "dir": "rtl", "data": {"url": payload["url"]}}


def test_no_push_is_shown_of_what_the_person_looks_at(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, **TELLS)
    enter(page, cast.group)
    page.bring_to_front()
    page.locator("body").click(position={"x": 5, "y": 5})
    assert page.evaluate("document.hasFocus()")
    payload = {"title": "Bob", "body": "Hello", "url": f"/c/{cast.group.pk}/#m-3", "tag": "t"}
    assert pushed(page.context, page, payload) == []


def play(page: Page) -> None:
    """A browser whose push service is played."""
    from tests.accounts.test_push import Browser

    page.add_init_script(PLAYED.replace("KEYS", json.dumps(Browser().keys)))


def test_pushes_are_turned_on_and_off_in_the_settings(sit: Room, cast: Cast) -> None:
    from accounts.models import PushSubscription

    page = sit(cast.alice, **TELLS)
    play(page)
    page.goto("/settings/notifications/")
    switch = page.locator("push-switch")
    switch.get_by_role("button", name="Turn on push").click()
    expect(switch).to_have_attribute("data-state", "on")
    assert page.evaluate("window.asked.userVisibleOnly")
    assert PushSubscription.objects.get().user == cast.alice
    page.reload()
    expect(switch).to_have_attribute("data-state", "on")
    switch.get_by_role("button", name="Turn off push").click()
    expect(switch).to_have_attribute("data-state", "off")
    assert not PushSubscription.objects.exists()


def test_pushes_end_with_the_session(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, **TELLS)
    play(page)
    page.goto("/settings/notifications/")
    page.locator("push-switch").get_by_role("button", name="Turn on push").click()
    expect(page.locator("push-switch")).to_have_attribute("data-state", "on")
    page.context.clear_cookies()
    page.goto("/accounts/login/")
    expect(page.locator("html[data-left]")).to_be_attached()


def test_pushes_are_offered_when_somebody_writes_and_not_before(sit: Room, cast: Cast) -> None:
    page = sit(cast.alice, service_workers="allow")
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'default' })")
    enter(page, cast.lobby)
    offer = page.locator(".toast--offer")
    expect(offer).to_have_count(0)
    say(cast.bob, open_direct(person=cast.bob, other=cast.alice), "Psst")
    expect(offer).to_be_visible()
    offer.get_by_role("button", name="Not now").click()
    expect(offer).to_have_count(0)
    say(cast.bob, cast.group, "Hello @alice")
    expect(page.locator("conversation-list a.place", has_text="Cartographers")).to_contain_text("Hello")
    expect(offer).to_have_count(0)
