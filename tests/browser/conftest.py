"""People in browsers: each sits at a context of their own, and a complaint of the console fails the test."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from accounts.models import User
from chat.models import Conversation
from tests.cast import Cast, make_cast
from tests.servers import Address, SignedIn

PATIENCE = 10_000
expect.set_options(timeout=PATIENCE)


class Seats:
    """Contexts that nobody sits at any more, emptied of all but the site's files: the next one need not fetch them again."""

    def __init__(self) -> None:
        self.free: dict[str, list[BrowserContext]] = {}
        self.kinds: dict[BrowserContext, str] = {}

    def take(self, browser: Browser, site: Address, options: dict[str, Any]) -> BrowserContext:
        kind = f"{site.url} {sorted(options.items())}"
        free = self.free.setdefault(kind, [])
        context = free.pop() if free else browser.new_context(base_url=site.url, **options)
        if options["service_workers"] == "block" and "permissions" not in options:
            self.kinds[context] = kind
        return context

    def give_back(self, context: BrowserContext, site: Address) -> None:
        kind, pages = self.kinds.get(context), context.pages
        if kind is None or not pages:
            context.close()
            return
        devtools = context.new_cdp_session(pages[0])
        kept = {"origin": site.url, "storageTypes": "local_storage,indexeddb,cache_storage"}
        devtools.send("Storage.clearDataForOrigin", kept)
        for page in pages:
            page.close()
        context.clear_cookies()
        context.clear_permissions()
        context.set_offline(False)
        self.free[kind].append(context)


@dataclass
class Room:
    """Where everybody sits. `forgiven` holds patterns of complaints a test brings about on purpose."""

    browser: Browser
    site: Address
    seats: Seats
    signed_in: SignedIn
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def __call__(self, person: User | None = None, **options: Any) -> Page:
        """A page of `person` (None: a stranger) in a browser of their own; `options` are Playwright's for contexts."""
        usual = {"locale": "en-GB", "timezone_id": "UTC", "service_workers": "block"}
        context = self.seats.take(self.browser, self.site, usual | options)
        if person is not None:
            cookies = self.signed_in(person)
            context.add_cookies([{"name": name, "value": text, "url": self.site.url} for name, text in cookies.items()])
        self.contexts.append(context)
        return self.tab(context)

    def tab(self, context: BrowserContext) -> Page:
        """One more tab of the same person."""
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", self.hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def hear(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(message.text)

    def unforgiven(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.forgiven)]

    def at(self, person: User, conversation: Conversation, **options: Any) -> Page:
        """`person` with `conversation` open, caught up and live."""
        page = self(person, **options)
        enter(page, conversation)
        return page


def enter(page: Page, conversation: Conversation, query: str = "") -> None:
    """Open a conversation and wait until the page is live."""
    page.goto(f"/c/{conversation.pk}/{query}")
    expect(page.locator("message-list[data-live]")).to_be_attached()


@pytest.fixture(scope="session")
def seats() -> Seats:
    return Seats()


@pytest.fixture
def sit(browser: Browser, site: Address, signed_in: SignedIn, seats: Seats) -> Iterator[Room]:
    room = Room(browser, site, seats, signed_in)
    yield room
    for context in room.contexts:
        seats.give_back(context, site)
    assert room.unforgiven() == []


@pytest.fixture
def cast(site: Address) -> Cast:
    return make_cast()
