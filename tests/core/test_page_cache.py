"""Visitors' pages from memory: shared where the application says so, never somebody's own, never older than the bound."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template import Context, Template
from django.urls import path

from chatter import urls
from chatter.core import page_cache, page_key
from chatter.core.page_cache import MARK, Memory, PageCache, share, shareable
from chatter.core.pages import PageHandler
from tests.cast import Cast, make_cast

# --- pages of this test, behind all the middleware ---------------------------------------------------------------------

seen: list[str] = []


@shareable
def shared(request: HttpRequest) -> HttpResponse:
    seen.append(request.path)
    theme, language = request.COOKIES.get("theme", ""), request.LANGUAGE_CODE
    return HttpResponse(f"{theme}|{language}|{request.META['QUERY_STRING']}|{request.user.is_authenticated}")


def own(request: HttpRequest) -> HttpResponse:
    seen.append(request.path)
    return HttpResponse("own")


@shareable
def with_form(request: HttpRequest) -> HttpResponse:
    seen.append(request.path)
    return HttpResponse(f"form {get_token(request)}")


@shareable
def with_cookie(request: HttpRequest) -> HttpResponse:
    seen.append(request.path)
    response = HttpResponse("cookie")
    response.set_cookie("taste", "sweet")
    return response


@shareable
def gone(request: HttpRequest) -> HttpResponse:
    seen.append(request.path)
    return HttpResponse("gone", status=404)


def language_form(request: HttpRequest) -> HttpResponse:
    page = Template('{% include "components/_language.html" %}{% include "components/_theme.html" %}')
    return share(request, HttpResponse(page.render(Context({"user": request.user, "theme": ""}))))


urlpatterns = [
    *(
        path(f"{view.__name__}/", login_not_required(view))
        for view in (shared, own, with_form, with_cookie, gone, language_form)
    ),
    *urls.urlpatterns,
]


class Answer:
    def __init__(self, messages: list[Any]) -> None:
        start = messages[0]
        self.status: int = start["status"]
        self.headers = {name.decode().lower(): value.decode() for name, value in start["headers"]}
        self.body = b"".join(message.get("body", b"") for message in messages[1:]).decode()


async def ask(app: Any, path: str = "/shared/", *, method: str = "GET", query: str = "", **headers: str) -> Answer:
    """One request, as a server hands it over."""
    told = {"host": "localhost", **{name.replace("_", "-"): value for name, value in headers.items()}}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "scheme": "http",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "client": ("127.0.0.1", 1),
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
        "server": ("localhost", 80),
    }
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    await app(scope, receive, send)
    return Answer(messages)


@pytest.fixture
def cache(settings: Any) -> PageCache:
    settings.ROOT_URLCONF = __name__
    seen.clear()
    return PageCache(PageHandler(), Memory(1024 * 1024))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the time of the memory."""
    now = [1000.0]
    monkeypatch.setattr("chatter.core.page_cache.time.monotonic", lambda: now[0])

    def move(seconds: float) -> None:
        now[0] += seconds

    return move


# --- what is shared ----------------------------------------------------------------------------------------------------


async def test_a_shared_page_is_made_once(cache: PageCache) -> None:
    first, second = await ask(cache), await ask(cache)
    assert (first.status, first.body, second.body) == (200, "|en||False", first.body)
    assert seen == ["/shared/"]
    assert MARK.lower() not in first.headers | second.headers
    assert second.headers["cache-control"] == "public, max-age=0, must-revalidate"
    assert "Cookie" in second.headers["vary"] and "Accept-Language" in second.headers["vary"]
    assert "default-src 'none'" in second.headers["content-security-policy"]
    assert int(second.headers["content-length"]) == len(second.body)


async def test_each_answer_has_an_id_of_its_own_and_is_counted(cache: PageCache) -> None:
    from prometheus_client import REGISTRY

    def answered() -> float:
        return REGISTRY.get_sample_value("chatter_requests_total", {"method": "GET", "status": "2xx"}) or 0.0

    before = answered()
    ids = {(await ask(cache)).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3 and answered() == before + 3


async def test_nothing_is_older_than_it_may_be(cache: PageCache, clock: Callable[[float], None]) -> None:
    await ask(cache)
    clock(9.9)
    await ask(cache)
    assert len(seen) == 1
    clock(0.2)
    await ask(cache)
    assert len(seen) == 2


async def test_its_age_counts_from_the_beginning_of_the_request(clock: Callable[[float], None]) -> None:
    """What a slow view read first is as old as the request."""
    made = []

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        made.append(1)
        clock(8)
        await send({"type": "http.response.start", "status": 200, "headers": [(MARK.encode(), b"60")]})
        await send({"type": "http.response.body", "body": b"x"})

    cache = PageCache(slow, Memory(1024 * 1024))
    await ask(cache)
    clock(1.9)
    await ask(cache)
    assert len(made) == 1
    clock(0.2)
    await ask(cache)
    assert len(made) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"host": "localhost"}, {"host": "127.0.0.1"}),
        ({"cookie": "theme=dark"}, {"cookie": "theme=light"}),
        ({"cookie": "django_language=de"}, {}),
        ({"accept_language": "ar"}, {"accept_language": "de;q=0.9"}),
        ({"accept": "application/json"}, {"accept": "text/html"}),
        ({"x_fragment": "places"}, {}),
        ({"query": "page=2"}, {"query": "page=3"}),
        ({"path": "/shared/"}, {"path": "/gone/"}),
        ({"x_forwarded_proto": "https"}, {"x_forwarded_proto": "http"}),
    ],
)
async def test_what_makes_another_page_is_kept_apart(
    cache: PageCache, one: dict[str, str], other: dict[str, str]
) -> None:
    first = await ask(cache, **one)
    second = await ask(cache, **other)
    assert len(seen) == 2
    assert (await ask(cache, **one)).body == first.body
    assert (await ask(cache, **other)).body == second.body


@pytest.mark.parametrize(
    "other",
    [
        {"cookie": "csrftoken=abc; _tracked=1"},
        {"cookie": "theme=purple"},
        {"accept_language": "en-GB,en;q=0.8"},
        {"user_agent": "w3m"},
        {"cookie": "django_language=xx"},
    ],
)
async def test_what_makes_no_difference_shares(cache: PageCache, other: dict[str, str]) -> None:
    await ask(cache)
    await ask(cache, **other)
    assert len(seen) == 1


async def test_a_cookie_of_a_page_is_heeded_when_it_says_so(cache: PageCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_key, "_heeded", dict(page_key._heeded))
    page_key.heed("view", ("card", "compact"))
    for cookie in ("view=card", "view=compact", "view=odd", "theme=dark; view=card"):
        await ask(cache, cookie=cookie)
    await ask(cache)
    assert len(seen) == 4


# --- what is not -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=abc"},
        {"cookie": "theme=dark; sessionid="},
        {"cookie": "messages=abc"},
        {"authorization": "Bearer abc"},
        {"range": "bytes=0-1"},
        {"hx_request": "true"},
        {"accept_language": "en," * 400},
        {"method": "POST"},
    ],
)
@pytest.mark.django_db
async def test_whoever_brings_something_of_their_own_neither_reads_nor_fills(
    cache: PageCache, headers: dict[str, str]
) -> None:
    await ask(cache, **headers)
    assert not cache.memory.pages
    await ask(cache)
    count = len(seen)
    await ask(cache, **headers)
    assert len(seen) == count + (0 if headers.get("method") == "POST" else 1)


@pytest.mark.parametrize("page", ["/own/", "/with_form/", "/with_cookie/", "/gone/"])
async def test_what_is_not_everybodys_is_not_kept(cache: PageCache, page: str) -> None:
    """Not marked; or marked by mistake: with a token for forms, a cookie, another status."""
    for _ in range(2):
        answer = await ask(cache, page)
        assert MARK.lower() not in answer.headers
    assert seen == [page, page] and not cache.memory.pages


@pytest.mark.parametrize(
    "headers",
    [
        [(b"set-cookie", b"a=b")],
        [(b"vary", b"User-Agent")],
        [(b"vary", b"*")],
        [(b"content-encoding", b"gzip")],
        [(b"content-security-policy", b"script-src 'nonce-abc'")],
    ],
)
async def test_the_layer_does_not_believe_the_mark_alone(headers: list[tuple[bytes, bytes]]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(MARK.encode(), b"10"), *headers]})
        await send({"type": "http.response.body", "body": b"x"})

    cache = PageCache(app, Memory(1024 * 1024))
    assert (await ask(cache)).body == "x"
    assert not cache.memory.pages


def request_of(**extra: Any) -> HttpRequest:
    request = HttpRequest()
    request.method = "GET"
    request.user = AnonymousUser()
    for name, value in extra.items():
        setattr(request, name, value)
    return request


@pytest.mark.django_db
def test_share_refuses_whoever_is_signed_in() -> None:
    cast: Cast = make_cast()
    assert share(request_of(), HttpResponse()).has_header(MARK)
    for mine in (
        request_of(user=cast.alice),
        request_of(COOKIES={"sessionid": "x"}),
        request_of(COOKIES={"messages": "x"}),
        request_of(META={"HTTP_AUTHORIZATION": "Bearer x"}),
        request_of(META={"CSRF_COOKIE_NEEDS_UPDATE": True}),
        request_of(method="POST"),
    ):
        answer = share(mine, HttpResponse())
        assert not answer.has_header(MARK) and not answer.has_header("Cache-Control")
    assert share(request_of(), HttpResponse(), seconds=3600)[MARK] == "10.0"
    for said in ("private, no-store", "no-store"):
        kept_back = share(request_of(), HttpResponse(headers={"Cache-Control": said}))
        assert not kept_back.has_header(MARK)
        assert kept_back["Cache-Control"] == said


async def test_language_and_theme_need_no_token_of_visitors_and_leave_pages_shared(cache: PageCache) -> None:
    page = await ask(cache, "/language_form/")
    assert "csrfmiddlewaretoken" not in page.body and "theme-switch" in page.body
    assert len(cache.memory.pages) == 1


# --- many at once, much at once ----------------------------------------------------------------------------------------


class Slow:
    """An application whose answers wait until they are let go."""

    def __init__(self, *headers: tuple[bytes, bytes], body: bytes = b"page", status: int = 200) -> None:
        self.headers, self.body, self.status = list(headers), body, status
        self.asked = 0
        self.go = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        await self.go.wait()
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        half = len(self.body) // 2
        await send({"type": "http.response.body", "body": self.body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[half:]})


async def together(app: Slow, cache: PageCache, count: int) -> list[Answer]:
    asking: list[Awaitable[Answer]] = [asyncio.ensure_future(ask(cache)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    app.go.set()
    return list(await asyncio.gather(*asking))


async def test_a_hundred_who_miss_ask_once() -> None:
    app = Slow((MARK.encode(), b"10"))
    answers = await together(app, PageCache(app, Memory(1024 * 1024)), 100)
    assert app.asked == 1
    assert {answer.body for answer in answers} == {"page"}


async def test_nobody_gets_what_was_not_shared() -> None:
    """Those who waited ask for themselves, and the next ones do not wait at all."""
    app = Slow()
    cache = PageCache(app, Memory(1024 * 1024))
    await together(app, cache, 10)
    assert app.asked == 10
    app.go.clear()
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(3)]
    await asyncio.sleep(0)
    assert app.asked == 13
    app.go.set()
    await asyncio.gather(*asking)


async def test_who_waited_for_one_that_failed_asks_again() -> None:
    class Failing(Slow):
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
            if not self.asked:
                self.asked += 1
                await self.go.wait()
                raise RuntimeError
            await super().__call__(scope, receive, send)

    app = Failing((MARK.encode(), b"10"))
    cache = PageCache(app, Memory(1024 * 1024))
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(5)]
    await asyncio.sleep(0)
    app.go.set()
    results = await asyncio.gather(*asking, return_exceptions=True)
    assert [type(result).__name__ for result in results] == ["RuntimeError", *["Answer"] * 4]
    assert not cache.flights


async def test_who_gives_up_waiting_leaves_the_others_alone() -> None:
    app = Slow((MARK.encode(), b"10"))
    cache = PageCache(app, Memory(1024 * 1024))
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(3)]
    await asyncio.sleep(0)
    asking[1].cancel()
    await asyncio.sleep(0)
    app.go.set()
    assert [(await asking[at]).body for at in (0, 2)] == ["page", "page"]
    assert app.asked == 1


async def test_what_is_too_large_passes_and_is_not_kept() -> None:
    app = Slow((MARK.encode(), b"10"), body=b"x" * (page_cache.BODY_MAX + 1))
    cache = PageCache(app, Memory(64 * 1024 * 1024))
    app.go.set()
    assert len((await ask(cache)).body) == page_cache.BODY_MAX + 1
    assert not cache.memory.pages and cache.memory.size == 0


async def test_the_memory_is_bounded_and_the_oldest_goes_first() -> None:
    app = Slow((MARK.encode(), b"10"), body=b"x" * 10_000)
    app.go.set()
    cache = PageCache(app, Memory(50_000))
    for number in range(20):
        await ask(cache, query=f"n={number}")
        await ask(cache, query="n=0")
        assert cache.memory.size <= 50_000
    assert app.asked == 20, "n=0, always asked for, stayed"
    assert len(cache.memory.pages) == 3
    assert cache.memory.size == sum(page.size for page in cache.memory.pages.values())


async def test_what_is_remembered_of_pages_that_are_not_shared_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_cache, "ALONE_MAX", 5)
    app = Slow()
    app.go.set()
    cache = PageCache(app, Memory(50_000))
    for number in range(20):
        await ask(cache, query=f"n={number}")
    assert len(cache.alone) == 5


async def test_what_was_asked_for_before_all_was_forgotten_is_not_kept() -> None:
    """A forum became private while its page was made: whoever waited had asked before, nobody who asks after it gets the page."""
    app = Slow((MARK.encode(), b"10"))
    cache = PageCache(app, Memory(1024 * 1024))
    before = [asyncio.ensure_future(ask(cache)) for _ in range(2)]
    await asyncio.sleep(0)
    assert app.asked == 1
    cache.memory.clear()
    after = [asyncio.ensure_future(ask(cache)) for _ in range(2)]
    await asyncio.sleep(0)
    assert app.asked == 2
    app.go.set()
    await asyncio.gather(*before, *after)
    assert len(cache.memory.pages) == 1 and not cache.flights


async def test_off_is_off(cache: PageCache) -> None:
    cache.memory.most = 0
    for _ in range(2):
        assert MARK.lower() not in (await ask(cache)).headers
    assert len(seen) == 2


# --- HEAD and 304 ------------------------------------------------------------------------------------------------------


async def test_head_reads_and_does_not_fill(cache: PageCache) -> None:
    before = await ask(cache, method="HEAD")
    assert not cache.memory.pages
    page = await ask(cache)
    after = await ask(cache, method="HEAD")
    assert (after.status, after.body, after.headers["content-length"]) == (200, "", str(len(page.body)))
    assert before.headers["content-length"] == after.headers["content-length"]
    assert len(seen) == 2


async def test_a_browser_that_has_the_page_is_told_so(cache: PageCache) -> None:
    etag = (await ask(cache)).headers["etag"]
    for told in (etag, f'W/{etag}, "other"'):
        again = await ask(cache, if_none_match=told)
        assert (again.status, again.body, again.headers["etag"]) == (304, "", etag)
        assert "content-length" not in again.headers
    assert (await ask(cache, if_none_match='"other"')).status == 200
    other = await ask(cache, query="a", if_none_match=etag)
    assert (other.status, other.headers["etag"] != etag) == (200, True)


# --- forms of visitors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/theme/", "/language/"])
@pytest.mark.django_db
def test_only_visitors_and_our_own_pages_need_no_token(address: str) -> None:
    from django.test import Client

    cast: Cast = make_cast()
    client = Client(enforce_csrf_checks=True)
    form = {"theme": "dark", "language": "de"}
    assert client.post(address, form).status_code == 302
    assert client.post(address, form, headers={"Origin": "http://testserver"}).status_code == 302
    for elsewhere in ({"Origin": "http://evil.test"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert client.post(address, form, headers=elsewhere).status_code == 403
    client.force_login(cast.alice)
    assert client.post(address, form, headers={"Origin": "http://testserver"}).status_code == 403
    client.cookies.clear()
    client.cookies["sessionid"] = "none"
    assert client.post(address, form).status_code == 403
