"""Previews of linked pages: read within bounds, from the whole world and nothing of ours, words plain, pictures our own."""

import gzip
import socket
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from chatter.core.link_preview import (
    PAGES,
    PICTURES,
    NoAddress,
    NoPreview,
    Preview,
    clean_url,
    domain_of,
    picture_of,
    preview_of,
)
from chatter.core.outbound import Policy, is_public
from chatter.core.pictures import Album
from tests.core.test_outbound import PRIVATE
from tests.corpus import XSS

PAGE = """<html><head><title>Title</title>
<meta property="og:title" content="Open title">
<meta property="og:description" content="Described">
<meta property="og:site_name" content="The site">
<meta property="og:image" content="/picture.png">
</head><body>"""


class Site(BaseHTTPRequestHandler):
    """Answers what `pages` says: (status, headers, body) by path."""

    pages: dict[str, tuple[int, dict[str, str], bytes]] = {}  # noqa: RUF012 -- filled by the tests
    seen: list[str] = []  # noqa: RUF012

    def do_GET(self) -> None:
        self.seen.append(self.path)
        if self.path == "/drip":
            self.drip()
            return
        status, headers, body = self.pages.get(self.path, (404, {}, b""))
        self.send_response(status)
        for name, value in ({"Content-Type": "text/html; charset=utf-8"} | headers).items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            # Nobody reads more than they want.
            self.close_connection = True

    def drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
        try:
            while not self.server.ended.wait(0.01):  # type: ignore[attr-defined]  # set by the fixture
                self.wfile.write(b"<meta>")
        except OSError:
            pass

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    made.ended = threading.Event()  # type: ignore[attr-defined]
    Site.pages = {"/": (200, {}, PAGE.encode())}
    Site.seen.clear()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.ended.set()  # type: ignore[attr-defined]
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def base(server: ThreadingHTTPServer) -> str:
    return f"http://127.0.0.1:{server.server_port}"


@pytest.fixture
def pages(server: ThreadingHTTPServer) -> Policy:
    """As pages are read, from the test's own server and from no other private address."""
    return near(PAGES, server)


def near(policy: Policy, server: ThreadingHTTPServer) -> Policy:
    return replace(
        policy,
        ports=policy.ports | {server.server_port},
        allows=lambda address: str(address) == "127.0.0.1" or is_public(address),
        seconds=5,
    )


def refused(action: Callable[..., object], *args: object) -> NoPreview:
    with pytest.raises(NoPreview) as caught:
        action(*args)
    return caught.value


def test_a_page_says_what_it_is(base: str, pages: Policy) -> None:
    assert preview_of(f"{base}/", pages) == Preview(
        f"{base}/", "Open title", "Described", "The site", f"{base}/picture.png"
    )


def test_the_bounds() -> None:
    for policy in (PAGES, PICTURES):
        assert (set(policy.schemes), set(policy.ports)) == ({"http", "https"}, {80, 443})
        assert policy.redirects <= 3 and policy.seconds <= 10 and policy.allows is is_public
    assert (PAGES.largest, PICTURES.largest) == (1024**2, 5 * 1024**2)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<title> Only\n a   title </title>", ("Only a title", "", "", "")),
        ("<meta name=twitter:title content=T><meta name=description content=D><title>x</title>", ("T", "D", "", "")),
        ("<meta property=og:title content=' '><title>x</title>", ("x", "", "", "")),
        ("", ("", "", "", "")),
        ("<meta property=og:image content='data:image/png;base64,AAAA'>", ("", "", "", "")),
        ("<meta property=og:image content='javascript:alert(1)'>", ("", "", "", "")),
        ("<meta property=og:image content='file:///etc/passwd'>", ("", "", "", "")),
        ("<meta property=og:image content='https://user:secret@example.org/a.png'>", ("", "", "", "")),
        ("<meta property=og:image content='http://[::1'>", ("", "", "", "")),
        (
            "<meta property=og:image content='//cdn.example.org/ä b.png'>",
            ("", "", "", "http://cdn.example.org/%C3%A4b.png"),
        ),
    ],
)
def test_what_pages_leave_out_or_get_wrong(
    base: str, pages: Policy, head: str, expected: tuple[str, str, str, str]
) -> None:
    Site.pages["/x"] = (200, {}, f"<head>{head}</head>".replace("ä b", "äb").encode())
    found = preview_of(f"{base}/x", pages)
    assert (found.title, found.description, found.site_name, found.image_url) == expected


@pytest.mark.parametrize("words", XSS)
def test_words_are_plain_and_short(base: str, pages: Policy, words: str) -> None:
    from html import escape

    told = escape(words + "\n\u202e\x1b" + "x" * 1000)
    metas = "".join(f'<meta property="og:{name}" content="{told}">' for name in ("title", "description", "site_name"))
    Site.pages["/x"] = (200, {}, f"<head>{metas}</head>".encode("utf-8", "replace"))
    found = preview_of(f"{base}/x", pages)
    for line, longest in ((found.title, 300), (found.description, 500), (found.site_name, 100)):
        assert 0 < len(line) <= longest
        assert not {"\n", "\u202e", "\x1b", "\x00"} & set(line)


@pytest.mark.parametrize("address", PRIVATE)
def test_our_own_network_is_never_asked(address: str) -> None:
    host = f"[{address}]" if ":" in address else address
    for scheme in ("http", "https"):
        for ask in (preview_of, picture_of):
            assert not refused(ask, f"{scheme}://{host}/").again


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org/", "file:///etc/passwd", "http://example.org:8080/", "https://u:p@example.org/", "gopher://x"],
)
def test_other_ways_than_the_web_are_refused(url: str) -> None:
    assert not refused(preview_of, url).again


@pytest.mark.parametrize(
    "where", ["http://10.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/", "file:///etc/passwd"]
)
def test_a_redirect_into_our_network_is_not_followed(base: str, pages: Policy, where: str) -> None:
    Site.pages["/away"] = (302, {"Location": where}, b"")
    assert not refused(preview_of, f"{base}/away", pages).again


def test_redirects_are_followed_a_little(base: str, pages: Policy) -> None:
    for number in range(4):
        Site.pages[f"/{number}"] = (301, {"Location": f"/{number + 1}", "Content-Type": "text/plain"}, b"x")
    Site.pages["/4"] = (200, {}, PAGE.encode())
    assert preview_of(f"{base}/1", pages).url == f"{base}/4"
    assert refused(preview_of, f"{base}/0", pages).again


def test_a_redirect_in_its_own_letters(base: str, pages: Policy) -> None:
    Site.pages["/away"] = (302, {"Location": "/größe".encode().decode("latin-1")}, b"")
    Site.pages["/gr%C3%B6%C3%9Fe"] = (200, {}, PAGE.encode())
    assert preview_of(f"{base}/away", pages).title == "Open title"


def test_a_name_that_changes_its_mind(
    server: ThreadingHTTPServer, pages: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rebinding: it is asked once, and what was judged is where the line goes; the next request judges anew."""
    answers = ["127.0.0.1", "10.0.0.1"]

    def getaddrinfo(host: str, port: int, *_more: Any, **_named: Any) -> list[Any]:
        if host != "rebinding.test":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (answers.pop(0), port))]

    monkeypatch.setattr("chatter.core.outbound.socket.getaddrinfo", getaddrinfo)
    url = f"http://rebinding.test:{server.server_port}/"
    assert preview_of(url, pages).title == "Open title"
    assert not refused(preview_of, url, pages).again


def test_of_a_huge_page_the_beginning_is_read(base: str, pages: Policy) -> None:
    Site.pages["/x"] = (200, {}, PAGE.encode().replace(b"</head><body>", b"") + b"<!-- " + b"x" * 3_000_000)
    assert preview_of(f"{base}/x", pages).title == "Open title"
    late = b"<!--" + b"x" * pages.largest + b"-->" + PAGE.encode()
    Site.pages["/late"] = (200, {}, late)
    assert preview_of(f"{base}/late", pages).title == ""


def test_reading_ends_with_the_head(base: str, pages: Policy) -> None:
    """Whatever follows it: the answer is given although the body never ends."""
    Site.pages["/x"] = (200, {"Content-Length": "900000000"}, PAGE.encode() + b"x" * 40_000)
    assert preview_of(f"{base}/x", pages).title == "Open title"


def test_a_server_that_drips_is_cut_off(base: str, pages: Policy) -> None:
    assert refused(preview_of, f"{base}/drip", replace(pages, seconds=0.3)).again


@pytest.mark.parametrize(
    "kind", ["application/zip", "image/png", "text/plain", "application/json", "", "text/html2", "video/mp4"]
)
def test_only_pages_are_read(base: str, pages: Policy, kind: str) -> None:
    Site.pages["/x"] = (200, {"Content-Type": kind}, PAGE.encode())
    assert not refused(preview_of, f"{base}/x", pages).again


@pytest.mark.parametrize("kind", ["text/html", "TEXT/HTML;charset=x", "application/xhtml+xml"])
def test_pages_by_their_other_names(base: str, pages: Policy, kind: str) -> None:
    Site.pages["/x"] = (200, {"Content-Type": kind}, PAGE.encode())
    assert preview_of(f"{base}/x", pages).title == "Open title"


@pytest.mark.parametrize(
    ("status", "again"), [(404, False), (403, False), (410, False), (429, True), (500, True), (503, True)]
)
def test_pages_that_are_not_there(base: str, pages: Policy, status: int, again: bool) -> None:
    Site.pages["/x"] = (status, {}, PAGE.encode())
    assert refused(preview_of, f"{base}/x", pages).again is again


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_packed_pages(base: str, pages: Policy, coding: str, pack: Callable[[bytes], bytes]) -> None:
    Site.pages["/x"] = (200, {"Content-Encoding": coding}, pack(PAGE.encode()))
    Site.pages["/bomb"] = (200, {"Content-Encoding": coding}, pack(PAGE.encode() + bytes(50_000_000)))
    Site.pages["/bad"] = (200, {"Content-Encoding": coding}, b"not packed")
    assert preview_of(f"{base}/x", pages).title == "Open title"
    assert preview_of(f"{base}/bomb", pages).title == "Open title"
    assert not refused(preview_of, f"{base}/bad", pages).again
    Site.pages["/br"] = (200, {"Content-Encoding": "br"}, b"\x0b")
    assert not refused(preview_of, f"{base}/br", pages).again


def test_nobody_answers(pages: Policy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert refused(preview_of, f"http://127.0.0.1:{port}/", replace(pages, ports=frozenset({port}))).again


def test_the_picture_is_one_of_ours(server: ThreadingHTTPServer, base: str, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    out = BytesIO()
    Image.new("RGB", (400, 200), (200, 30, 30)).save(out, "PNG")
    Site.pages["/picture.png"] = (200, {"Content-Type": "binary/octet-stream"}, out.getvalue())
    stored = Album("previews", edges=(320,)).put(picture_of(f"{base}/picture.png", near(PICTURES, server)))
    assert (stored.width, stored.height) == (320, 160)


def test_pictures_have_bounds(server: ThreadingHTTPServer, base: str) -> None:
    policy = near(PICTURES, server)
    Site.pages["/large"] = (200, {}, bytes(policy.largest + 1))
    Site.pages["/empty"] = (200, {}, b"")
    for path in ("/large", "/empty", "/missing"):
        assert not refused(picture_of, base + path, policy).again


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://example.org", "https://example.org/"),
        ("  http://Example.org/a?b=c#d ", "http://example.org/a?b=c#d"),
        ("example.org/x", "https://example.org/x"),
        ("HTTPS://example.org:8443/", "https://example.org:8443/"),
        ("https://exämple.org/größe?ä=ö", "https://xn--exmple-cua.org/gr%C3%B6%C3%9Fe?%C3%A4=%C3%B6"),
        ("https://straße.de/", "https://xn--strae-oqa.de/"),
        ("https://例え.jp/%E3%81%82", "https://xn--r8jz45g.jp/%E3%81%82"),
        ("https://example.org/\u202egnp", "https://example.org/%E2%80%AEgnp"),
        ('https://example.org/"><script>', "https://example.org/%22%3E%3Cscript%3E"),
        ("http://[2606:4700::1111]/", "http://[2606:4700::1111]/"),
    ],
)
def test_addresses_as_people_type_them(typed: str, url: str) -> None:
    assert clean_url(typed) == url
    assert clean_url(url) == url


@pytest.mark.parametrize(
    "typed",
    [
        *("", "   ", "javascript:alert(1)", "data:text/html,x", "ftp://example.org", "file:///etc/passwd", "https://"),
        *(
            "https://user:secret@example.org",
            "https://user@example.org",
            "mailto:a@example.org",
            "https://exa mple.org",
        ),
        *("https://example.org\\@evil.test", "https://example.org/\nx", "http://localhost/", "intranet", "https://.."),
        *("https://example.org:99999/", "https://example.org:x/", "https://[::1", "https://[fe80::1%25eth0]/"),
        *(
            "https://exam\u202eple.org/",
            "https://ex<b>.org/",
            "https://example.org/" + "a" * 2000,
            "https://-\u0301.org",
        ),
        *("https://" + "ä" * 700 + ".org", "//example.org/", "https:///x.y", "vbscript://example.org"),
    ],
)
def test_what_is_no_address_of_the_web(typed: str) -> None:
    with pytest.raises(NoAddress):
        clean_url(typed)


def test_whose_page_it_is() -> None:
    assert domain_of("https://www.example.org/x") == "example.org"
    assert domain_of("https://xn--80ak6aa92e.com/") == "xn--80ak6aa92e.com"
    assert domain_of("https://[::1") == ""
