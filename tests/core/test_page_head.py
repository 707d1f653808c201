"""The head of pages that strangers send: every usual way of saying what a page is, any bytes at all, in bounded work."""

import random

import pytest

from chatter.core.page_head import METAS_MAX, head_of, text_of
from chatter.core.text import one_line
from tests.corpus import XSS

HTML = "text/html; charset=utf-8"


def test_title_and_metas_are_read() -> None:
    page = """<!DOCTYPE html><html><head><meta charset="utf-8"><TITLE
      lang=en>A &amp; B &#128512;</TITLE>
      <meta property="og:title" content="The &quot;title&quot;"/>
      <META CONTENT='It&#39;s here' NAME=Description>
      <meta content=plain name=og:site_name>
      <meta property=og:image content=https://example.org/a.png>
      <meta property="og:image" content="second">
      </head><body><meta property="og:title" content="late"><title>late</title>"""
    head = head_of(page.encode(), HTML)
    assert head.title.strip() == "A & B 😀"
    assert head.metas == {
        "og:title": 'The "title"',
        "description": "It's here",
        "og:site_name": "plain",
        "og:image": "https://example.org/a.png",
    }
    assert head.first("twitter:title", "og:title") == 'The "title"'
    assert head.first("nothing") == ""


@pytest.mark.parametrize(
    "around",
    [
        "<!-- {} -->",
        "<script>{}</script>",
        "<style type=x>{}</style >",
        "<template>{}</template>",
        "<svg viewBox='0'>{}</svg>",
        "<textarea>{}</textarea>",
        "<script>'<!--' {} ",
        "<!-- {} ",
    ],
)
def test_words_within_other_elements_are_not_the_pages(around: str) -> None:
    inside = "<title>no</title><meta property='og:title' content='no'>"
    head = head_of(("<head>" + around.format(inside) + "<title>yes</title>").encode(), HTML)
    assert head.title in {"yes", ""} and "og:title" not in head.metas


def test_a_head_may_be_cut_anywhere() -> None:
    page = '<head><meta property="og:title" content="Über"><title>Größe</title></head>'.encode()
    for end in range(len(page) + 1):
        head = head_of(page[:end], HTML)
        assert head.title in {"", "Größe"} and head.metas.get("og:title", "Über") == "Über"


@pytest.mark.parametrize(
    ("codec", "content_type", "meta"),
    [
        ("utf-8", "text/html; charset=UTF-8", ""),
        ("utf-8", "text/html", ""),
        ("utf-8-sig", "text/html; charset=iso-8859-1", ""),
        ("utf-16", "text/html", ""),
        ("utf-16-le", "text/html; charset=utf-16le", ""),
        ("cp1252", "text/html", ""),
        ("cp1252", "text/html; charset=iso-8859-1", ""),
        ("iso8859-15", 'text/html;charset="ISO-8859-15"', ""),
        ("cp1250", "text/html", "<meta charset=windows-1250>"),
        ("cp1252", "text/html", '<meta http-equiv="Content-Type" content="text/html; charset=latin1">'),
        ("utf-8", "text/html; charset=made-up", "<meta charset='utf-8'>"),
        ("utf-8", "text/html", "<meta charset=utf-16>"),
    ],
)
def test_letters_are_read_by_whatever_names_them(codec: str, content_type: str, meta: str) -> None:
    assert head_of(f"<head>{meta}<title>Größe</title>".encode(codec), content_type).title == "Größe"


@pytest.mark.parametrize(
    ("codec", "label", "word"),
    [
        ("shift_jis", "Shift_JIS", "日本語"),
        ("euc_jp", "euc-jp", "日本語"),
        ("iso2022_jp", "iso-2022-jp", "日本語"),
        ("gbk", "gb2312", "中文"),
        ("big5", "big5", "中文"),
        ("euc_kr", "euc-kr", "한국어"),
        ("koi8-r", "koi8-r", "Русский"),
        ("cp1251", "windows-1251", "Русский"),
        ("cp1256", "windows-1256", "عربي"),
    ],
)
def test_the_worlds_encodings(codec: str, label: str, word: str) -> None:
    assert head_of(f"<title>{word}</title>".encode(codec), f"text/html; charset={label}").title == word


@pytest.mark.parametrize(
    "label", ["utf-7", "zip", "hex", "rot13", "idna", "punycode", "unicode_escape", "base64", "x" * 99]
)
def test_what_only_python_calls_an_encoding_is_none(label: str) -> None:
    body = b"<title>+ADw-script+AD4-\\u003c</title>"
    assert text_of(body, f"text/html; charset={label}") == body.decode()
    assert text_of(b"<meta charset=" + label.encode() + b">" + body, "text/html").endswith(body.decode())


def test_garbage_is_no_error() -> None:
    draw = random.Random(5)
    pieces = [
        b"<",
        b">",
        b"<meta ",
        b"content=",
        b"'",
        b'"',
        b"<title>",
        b"</title",
        b"<!--",
        b"-->",
        b"\x00",
        b"\xff\xfe",
    ]
    for _each in range(300):
        body = b"".join(draw.choice([*pieces, draw.randbytes(draw.randrange(6))]) for _piece in range(60))
        for label in ("utf-8", "iso-2022-jp", "gb18030", "utf-16", "big5", "nonsense"):
            head_of(body, f"text/html; charset={label}")
        head_of(body, "text/html")


HOSTILE = {
    "open tags": "<meta " * 150_000,
    "open attributes": "<meta a" + ' a="' * 200_000,
    "open quotes": "<meta content='" * 60_000,
    "long attribute": "<meta content=" + "a" * 900_000,
    "long name": "<meta " + "a" * 900_000,
    "blanks": "<meta " + " " * 900_000,
    "blanks before nothing": ("<meta a" + " " * 4000) * 200,
    "equals": "<meta a" + "= " * 400_000,
    "open comments": "<!-- " * 180_000,
    "closed comments": "<!-- -->" * 110_000,
    "open titles": "<title>" * 120_000,
    "closed titles": "<title></title>" * 60_000,
    "open scripts": "<script " * 110_000,
    "scripts": "<script></script>" * 50_000,
    "smaller": "<" * 900_000,
    "no tags": "a" * 900_000,
    "entities": "<title>" + "&" * 900_000,
    "entities in metas": "<meta name=a content='" + "&#" * 1900 + "'>" * 400,
    "charsets": "<meta " + "charset" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_work_is_bounded(name: str) -> None:
    """Every character is looked at a few times at most, however the page is made."""
    page = HOSTILE[name]
    head = head_of(page.encode(), "text/html")
    assert head.looked_at <= 2 * len(page) + 10
    assert len(head.title) <= 2000 and len(head.metas) <= METAS_MAX


@pytest.mark.parametrize("words", XSS)
def test_markup_comes_back_as_words(words: str) -> None:
    """Nothing is markup here; the template escapes. What the page says is what is read, on one line."""
    from html import escape

    page = f'<meta property="og:title" content="{escape(words)}"><title>{words}</title>'
    line = one_line(head_of(page.encode("utf-8", "replace"), HTML).metas["og:title"], 300)
    assert "\n" not in line and len(line) <= 300


def test_one_line() -> None:
    assert one_line("  a\r\n\tb\u2028c\x00d\x1b[31m ", 50) == "a b cd[31m"
    assert one_line("\u202egnp.exe\u2066x\u200b\ufeff\ud800\U000e0041", 50) == "gnp.exex"
    assert one_line("👩\u200d💻 می\u200cخواهم", 50) == "👩\u200d💻 می\u200cخواهم"
    assert one_line("\u3164\u2800\u200b \u00ad", 50) == ""
    assert one_line("a" * 60, 50) == "a" * 49 + "…"
