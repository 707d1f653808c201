"""What makes a visitor's page: the parts of a request that decide how the page looks to somebody who is not signed in."""

from collections.abc import Collection
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils.translation import get_language_from_request

MESSAGES_COOKIE = "messages"
ADDRESS_MAX = 2000
HEADER_MAX = 500
# What an answer may say it varies on and still be shared: the key holds each of them, and no answer is compressed.
KNOWN_VARY = frozenset(
    {b"accept", b"accept-encoding", b"accept-language", b"cookie", b"host", b"origin", b"x-fragment"}
)
# With one of these it is no plain question for a page.
_OTHER = frozenset({b"authorization", b"content-length", b"range", b"transfer-encoding"})
_READ = frozenset(
    {
        *(b"accept", b"accept-language", b"cookie", b"host", b"if-none-match", b"x-forwarded-host"),
        *(b"x-forwarded-proto", b"x-fragment", b"x-request-id"),
    }
)
# Cookies that change how a visitor's page looks, and the values they may have.
_heeded: dict[str, frozenset[str]] = {"theme": frozenset({"light", "dark"})}

Key = tuple[str | bytes | bool, ...]


class Asked(NamedTuple):
    """A request that the memory may answer."""

    key: Key
    method: str
    if_none_match: bytes
    request_id: str


def heed(cookie: str, values: Collection[str]) -> None:
    """Visitors' pages look otherwise with one of these `values` in `cookie` (any other value: as without it)."""
    _heeded[cookie] = frozenset(values)


def asked_of(scope: Any) -> Asked | None:
    """What is asked for, or None where the memory has nothing to do with it: somebody's own, or no page."""
    path: str = scope["path"]
    query: bytes = scope.get("query_string", b"")
    if scope["method"] not in {"GET", "HEAD"} or len(path) + len(query) > ADDRESS_MAX:
        return None
    headers = headers_of(scope)
    if headers is None or path.startswith(f"/{settings.STATIC_URL.strip('/')}/"):
        return None
    looks = looks_of(headers.get(b"cookie", b""), headers.get(b"accept-language", b""))
    if looks is None:
        return None
    key = (
        *(scope.get("scheme", "http"), headers.get(b"x-forwarded-proto", b"")),
        *(headers.get(b"host", b""), headers.get(b"x-forwarded-host", b"")),
        *(path, query, b"application/json" in headers.get(b"accept", b""), headers.get(b"x-fragment", b"")),
        *looks,
    )
    given = headers.get(b"x-request-id", b"").decode("latin-1")
    return Asked(key, scope["method"], headers.get(b"if-none-match", b""), given)


def headers_of(scope: Any) -> dict[bytes, bytes] | None:
    """The headers that matter; None where one says that this is no plain question for a page."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in _OTHER or name.startswith(b"hx-"):
            return None
        if name in _READ:
            if name in found or (len(value) > HEADER_MAX and name != b"cookie"):
                return None
            found[name] = value
    return found


def looks_of(cookies: bytes, languages: bytes) -> tuple[str, ...] | None:
    """Language and whatever else cookies choose; None where there is a session, or a message waits for the next page."""
    jar = parse_cookie(cookies.decode("latin-1")) if cookies else {}
    if settings.SESSION_COOKIE_NAME in jar or MESSAGES_COOKIE in jar:
        return None
    chosen = jar.get(settings.LANGUAGE_COOKIE_NAME, "")
    if len(chosen) > HEADER_MAX:
        return None
    shown = (jar.get(name, "") for name in _heeded)
    return (
        language_of(chosen, languages.decode("latin-1")),
        *(value if value in known else "" for value, known in zip(shown, _heeded.values(), strict=True)),
    )


@lru_cache(maxsize=1000)
def language_of(chosen: str, told: str) -> str:
    """The language Django speaks to whoever sends this cookie and this Accept-Language."""
    cookies = {settings.LANGUAGE_COOKIE_NAME: chosen} if chosen else {}
    asked: Any = SimpleNamespace(COOKIES=cookies, META={"HTTP_ACCEPT_LANGUAGE": told})
    return get_language_from_request(asked)
