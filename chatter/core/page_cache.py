"""Pages that are the same for every visitor, kept in a web process's memory for at most SECONDS: a layer in front of Django.

What may be kept, the application says (`share`). Whoever brings a session, a token or a message for the next page neither
reads from this memory nor fills it. A visitor's page is thus at most SECONDS old, however many processes there are.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping
from functools import wraps
from hashlib import blake2b
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from prometheus_client import Counter

from chatter import observe
from chatter.core.page_key import KNOWN_VARY, MESSAGES_COOKIE, Asked, Key, asked_of
from chatter.core.servers import Receive, Send

SECONDS = 10.0
BODY_MAX = 512 * 1024
# What a page takes beside its body, roughly: headers, key, the objects around them.
OVERHEAD = 4096
# Keys of which it is remembered that their answers are not shared, so that nobody waits for somebody else's.
ALONE_MAX = 2000
# How the application says that an answer is the same for every visitor, and for how long. No client sees it.
MARK = "X-Chatter-Shared"
_MARK = MARK.lower().encode()
_VARY = ("Accept", "Accept-Language", "Cookie", "X-Fragment")
# Each answer has its own.
_PERSONAL = {b"x-request-id", _MARK}

shared_total = Counter("chatter_shared_pages_total", "Pages for visitors, by where they came from.", ["source"])

type Headers = list[tuple[bytes, bytes]]
type Message = MutableMapping[str, Any]
type App = Callable[[Any, Receive, Send], Any]


def share[R: HttpResponseBase](request: HttpRequest, response: R, seconds: float = SECONDS) -> R:
    """Let all visitors have this answer for so long (at most SECONDS). Does nothing where it may be somebody's own."""
    if _is_for_everybody(request, response):
        response.headers[MARK] = str(min(seconds, SECONDS))
        # Browsers ask each time whether it is still the same: they must not add seconds of their own.
        response.headers["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, _VARY)
    return response


def shareable(view: Callable[..., Any] | None = None, *, seconds: float = SECONDS) -> Any:
    """A view whose answers to visitors are shared: `@shareable` or `@shareable(seconds=5)`."""

    def decorate(inner: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(inner)
        def sharing(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return share(request, inner(request, *args, **kwargs), seconds)

        return sharing

    return decorate if view is None else decorate(view)


def _is_for_everybody(request: HttpRequest, response: HttpResponseBase) -> bool:
    if request.method not in {"GET", "HEAD"} or response.status_code != 200 or response.streaming:
        return False
    if {"private", "no-store"} & {word.strip() for word in response.headers.get("Cache-Control", "").split(",")}:
        return False
    user = getattr(request, "user", None)
    if (user is not None and user.is_authenticated) or "Authorization" in request.headers:
        return False
    if settings.SESSION_COOKIE_NAME in request.COOKIES or MESSAGES_COOKIE in request.COOKIES:
        return False
    # A form with a token in it, a cookie, a session that begins: this visitor's.
    session = getattr(request, "session", None)
    begins = session is not None and session.modified
    return not (begins or response.cookies or request.META.get("CSRF_COOKIE_NEEDS_UPDATE"))


class Page(NamedTuple):
    """An answer as it is kept; `until` (monotonic) it may be given away."""

    headers: Headers
    body: bytes
    etag: bytes
    until: float

    @property
    def size(self) -> int:
        return len(self.body) + OVERHEAD


class Memory:
    """The pages of this process. What was asked for longest ago goes first where they would take more than `most` bytes."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.size = 0
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        # Counts the times that all was forgotten: what was asked for before one of them is not kept after it.
        self.generation = 0

    def find(self, key: Key) -> Page | None:
        page = self.pages.get(key)
        if page is None:
            return None
        if page.until <= time.monotonic():
            self.drop(key)
            return None
        self.pages.move_to_end(key)
        return page

    def keep(self, key: Key, page: Page) -> None:
        self.drop(key)
        self.pages[key] = page
        self.size += page.size
        while self.size > self.most:
            self.drop(next(iter(self.pages)))

    def drop(self, key: Key) -> None:
        page = self.pages.pop(key, None)
        if page is not None:
            self.size -= page.size

    def clear(self) -> None:
        """Forget everything: somebody may not see any more what is kept here."""
        self.generation += 1
        self.pages.clear()
        self.size = 0


memory = Memory(settings.CHATTER_PAGE_CACHE * 1024 * 1024)


class PageCache:
    """`app` with the memory in front. Of many who ask for the same missing page one asks `app`, the others wait for it."""

    def __init__(self, app: App, kept: Memory = memory) -> None:
        self.app = app
        self.memory = kept
        self.flights: dict[tuple[int, Key], asyncio.Future[Page | None]] = {}
        self.alone: OrderedDict[Key, float] = OrderedDict()

    async def __call__(self, scope: Any, receive: Receive, send: Send) -> None:
        asked = asked_of(scope) if self.memory.most else None
        if asked is None:
            await self.app(scope, receive, Unmarked(send))
            return
        started = time.perf_counter()
        page = self.memory.find(asked.key) or await self.awaited(asked)
        if page is not None:
            await answer(page, asked, send, started)
        elif asked.method == "HEAD" or self.is_alone(asked.key):
            # What a HEAD is answered may lack the body: it may read, not fill.
            await self.app(scope, receive, Unmarked(send))
        else:
            await self.fetch(asked, scope, receive, send)

    async def awaited(self, asked: Asked) -> Page | None:
        """What another request for the same page brings, if one is on its way and it is shared. One from before all was
        forgotten is nobody's any more who asks after it."""
        flight = self.flights.get((self.memory.generation, asked.key))
        if flight is None:
            return None
        await asyncio.wait([flight])
        return flight.result()

    def is_alone(self, key: Key) -> bool:
        return (self.memory.generation, key) in self.flights or self.alone.get(key, 0.0) > time.monotonic()

    async def fetch(self, asked: Asked, scope: Any, receive: Receive, send: Send) -> None:
        place = (self.memory.generation, asked.key)
        flight = self.flights[place] = asyncio.get_running_loop().create_future()
        taker = Taker(self, asked, send, flight)
        try:
            await self.app(scope, receive, taker)
        finally:
            self.flights.pop(place, None)
            if not flight.done():
                flight.set_result(None)

    def note_alone(self, key: Key) -> None:
        self.alone[key] = time.monotonic() + SECONDS
        self.alone.move_to_end(key)
        while len(self.alone) > ALONE_MAX:
            self.alone.popitem(last=False)


class Unmarked:
    """`send`, without the mark."""

    __slots__ = ("send",)

    def __init__(self, send: Send) -> None:
        self.send = send

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != _MARK]
        await self.send(message)


class Taker:
    """`send` of the request that asks for everybody: holds a shared answer until it is whole, lets others pass at once."""

    def __init__(self, cache: PageCache, asked: Asked, send: Send, flight: asyncio.Future[Page | None]) -> None:
        self.cache = cache
        self.asked = asked
        self.send = send
        self.flight = flight
        # The page is as old as the reading it was made of may be.
        self.began = time.monotonic()
        self.generation = cache.memory.generation
        self.seconds = 0.0
        self.held: Message | None = None
        self.body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self.begin(message)
        elif self.held is None:
            await self.send(message)
        else:
            await self.collect(message)

    async def begin(self, message: Message) -> None:
        headers: Headers = [(name.lower(), value) for name, value in message["headers"]]
        self.seconds = seconds_of(message["status"], headers)
        message["headers"] = [pair for pair in headers if pair[0] != _MARK]
        if self.seconds:
            self.held = message
            return
        if message["status"] < 500:
            self.cache.note_alone(self.asked.key)
        self.flight.set_result(None)
        await self.send(message)

    async def collect(self, message: Message) -> None:
        assert self.held is not None
        self.body += message.get("body", b"")
        if len(self.body) > BODY_MAX:
            await self.give_up(more=message.get("more_body", False))
        elif not message.get("more_body", False):
            await self.finish(self.held["headers"])

    async def give_up(self, *, more: bool) -> None:
        """Too large to keep."""
        assert self.held is not None
        held, self.held = self.held, None
        self.cache.note_alone(self.asked.key)
        self.flight.set_result(None)
        await self.send(held)
        await self.send({"type": "http.response.body", "body": bytes(self.body), "more_body": more})

    async def finish(self, headers: Headers) -> None:
        body = bytes(self.body)
        page = page_of(headers, body, self.began + self.seconds)
        if self.generation == self.cache.memory.generation:
            self.cache.memory.keep(self.asked.key, page)
        self.flight.set_result(page)
        shared_total.labels("made").inc()
        mine = next((value for name, value in headers if name == b"x-request-id"), b"")
        await send_page(page, self.asked, self.send, mine)


def seconds_of(status: int, headers: Headers) -> float:
    """How long the answer may be kept; 0 where it may not, whatever its mark says."""
    told = dict(headers)
    if status != 200 or b"set-cookie" in told or b"nonce-" in told.get(b"content-security-policy", b""):
        return 0.0
    varies = {name.strip().lower() for name in told.get(b"vary", b"").split(b",")} - {b""}
    if varies - KNOWN_VARY or b"content-encoding" in told:
        return 0.0
    return min(float(told.get(_MARK, b"0")), SECONDS)


def page_of(headers: Headers, body: bytes, until: float) -> Page:
    kept = [pair for pair in headers if pair[0] not in _PERSONAL]
    etag = next((value for name, value in kept if name == b"etag"), b"")
    if not etag:
        etag = f'"{blake2b(body, digest_size=16).hexdigest()}"'.encode()
        kept.append((b"etag", etag))
    return Page(kept, body, etag, until)


async def answer(page: Page, asked: Asked, send: Send, started: float) -> None:
    """From memory: seen and counted like every other answer."""
    own = observe.id_for(asked.request_id)
    status = await send_page(page, asked, send, own.encode())
    observe.count(asked.method, status, time.perf_counter() - started)
    shared_total.labels("kept").inc()


async def send_page(page: Page, asked: Asked, send: Send, request_id: bytes) -> int:
    """The page, or that it is the one the browser has. Returns the status."""
    headers = [*page.headers, (b"x-request-id", request_id)]
    if is_same(page.etag, asked.if_none_match):
        headers = [pair for pair in headers if not pair[0].startswith(b"content-")]
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body"})
        return 304
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else page.body})
    return 200


def is_same(etag: bytes, told: bytes) -> bool:
    return bool(told) and etag in {each.strip().removeprefix(b"W/") for each in told.split(b",")}
