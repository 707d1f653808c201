"""What a page that somebody linked says of itself, fetched within bounds (chatter.core.outbound). Asks the network: for tasks.

Words come back as plain lines, the picture as bytes for an album, which makes its own of it: nothing of another site is ever
shown as it is, nor loaded from there.
"""

import ipaddress
import string
import zlib
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urljoin, urlsplit, urlunsplit

import idna

from chatter.core.outbound import LONGEST_URL, Answer, NotAllowed, Policy, Unreachable, Unwanted, fetch
from chatter.core.page_head import Head, head_of
from chatter.core.text import one_line

WEB, WEB_PORTS = frozenset({"http", "https"}), frozenset({80, 443})
TITLE_MAX, DESCRIPTION_MAX, SITE_NAME_MAX = 300, 500, 100
PAGES = Policy(
    schemes=WEB,
    ports=WEB_PORTS,
    redirects=3,
    largest=1024 * 1024,
    types=frozenset({"text/html", "application/xhtml+xml"}),
    is_cut=True,
    ends=(b"</head", b"<body"),
)
PICTURES = Policy(schemes=WEB, ports=WEB_PORTS, redirects=3, largest=5 * 1024 * 1024)
# They may come later, or to somebody else.
_LATER = frozenset({408, 425, 429})
# zlib's word for: with a gzip head or a zlib one, whichever there is.
_ANY_HEAD = 47


class NoPreview(Exception):
    """The page or picture could not be had; `again`: trying later may help."""

    def __init__(self, why: str, *, again: bool) -> None:
        super().__init__(why)
        self.again = again


@dataclass(frozen=True)
class Preview:
    """Plain words, "" where unknown. `url` is where the page was found; `image_url` for `picture_of`, never for a page."""

    url: str
    title: str = ""
    description: str = ""
    site_name: str = ""
    image_url: str = ""


class NoAddress(ValueError):
    """Not an address of the web."""


def clean_url(raw: str) -> str:
    """What somebody typed or pasted as an address of the web in ASCII. Raises NoAddress (a ValueError) where it is none.

    Nothing is asked: whether it leads anywhere, or into our own network, is judged when it is fetched.
    """
    try:
        return _cleaned(raw.strip())
    except ValueError as error:
        raise NoAddress(str(error)) from error


def _cleaned(typed: str) -> str:
    if not typed or len(typed) > LONGEST_URL or any(sign <= " " or sign in "\\\x7f" for sign in typed):
        raise ValueError("no address")
    parts = urlsplit(typed if "://" in typed else f"https://{typed}")
    if parts.scheme not in WEB or "@" in parts.netloc or parts.port == 0:
        raise ValueError("no address of the web")
    host = _host(parts.hostname or "")
    port = f":{parts.port}" if parts.port else ""
    rest = (_quoted(part) for part in (parts.path or "/", parts.query, parts.fragment))
    url = urlunsplit((parts.scheme, host + port, *rest))
    if len(url) > LONGEST_URL:
        raise ValueError("too long an address")
    return url


def _host(name: str) -> str:
    """In the form that the network knows. Raises ValueError; names without a dot are of somebody's own network."""
    if ":" in name:
        if "%" in name:
            raise ValueError("an address of one network card")
        return f"[{ipaddress.IPv6Address(name)}]"
    host = name.lower() if name.isascii() else idna.encode(name, uts46=True).decode("ascii")
    letters = set(string.ascii_lowercase + string.digits + "-_.")
    if "." not in host.strip(".") or not set(host) <= letters or len(host) > 253:
        raise ValueError("no name of a host")
    return host


def _quoted(part: str) -> str:
    """Percent signs stay: what is quoted already is not quoted twice."""
    return quote(part.encode("utf-8", "replace"), safe="/%:@!$&'()*+,;=~-._?[]")


def domain_of(url: str) -> str:
    """Whose page it is, for readers: the host without its www. In ASCII, so that no letter passes for another."""
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def preview_of(url: str, policy: Policy = PAGES) -> Preview:
    """Fetch the page and read what it says of itself. Raises NoPreview."""
    answer = _fetched(url, policy, accept="text/html,application/xhtml+xml")
    head = head_of(_unpacked(answer, policy.largest), answer.headers.get("content-type", ""))
    return Preview(
        url=answer.url,
        title=one_line(head.first("og:title", "twitter:title") or head.title, TITLE_MAX),
        description=one_line(head.first("og:description", "twitter:description", "description"), DESCRIPTION_MAX),
        site_name=one_line(head.first("og:site_name", "application-name"), SITE_NAME_MAX),
        image_url=_image_url(head, answer.url),
    )


def picture_of(image_url: str, policy: Policy = PICTURES) -> bytes:
    """The bytes behind `Preview.image_url`, as they came: only for an album, which makes its own picture of them. Raises
    NoPreview."""
    body = _fetched(image_url, policy, accept="image/webp,image/png,image/jpeg,image/*").body
    if not body:
        raise NoPreview("an empty picture", again=False)
    return body


def _fetched(url: str, policy: Policy, *, accept: str) -> Answer:
    try:
        answer = fetch("GET", url, headers={"Accept": accept}, policy=policy)
    except (NotAllowed, Unwanted) as error:
        raise NoPreview(str(error), again=False) from error
    except Unreachable as error:
        raise NoPreview(str(error), again=True) from error
    if answer.status != HTTPStatus.OK:
        raise NoPreview(f"answered {answer.status}", again=answer.status >= 500 or answer.status in _LATER)
    return answer


def _unpacked(answer: Answer, largest: int) -> bytes:
    """Some servers pack what they were asked to send as it is. A little that swells to much is cut like a large page."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding in {"identity", ""}:
        return answer.body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise NoPreview(f"packed as {coding[:20]}", again=False)
    try:
        return zlib.decompressobj(_ANY_HEAD).decompress(answer.body, largest)
    except zlib.error as error:
        raise NoPreview("badly packed", again=False) from error


def _image_url(head: Head, base: str) -> str:
    told = head.first("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src").strip()
    try:
        url = urljoin(base, told)
        return clean_url(url) if told and url.startswith(("http://", "https://")) else ""
    except ValueError:
        return ""
