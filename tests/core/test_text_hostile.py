"""Nothing that people type becomes live markup, and nothing they type takes long."""

import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from chatter.core import text
from chatter.core.highlight import CLASSES
from chatter.core.text import Rendered, clean_text, render
from tests.corpus import HOSTILE_MARKDOWN, NAMES, XSS, hostile_markdown

PEOPLE = {"alice": "1", "a": "2", "bob": "3"}
# A slow machine under load included; honest texts take a thousandth of it.
BUDGET_SECONDS = 2.0
ATTRIBUTES = {
    "a": {"href", "rel", "target", "class", "data-username"},
    "blockquote": {"dir"},
    "br": set(),
    "code": {"class"},
    "div": {"class", "tabindex"},
    "em": set(),
    "hr": set(),
    "li": {"dir"},
    "ol": {"dir", "start"},
    "p": {"dir", "class"},
    "pre": {"dir", "tabindex"},
    "s": set(),
    "span": {"class", "role", "tabindex"},
    "strong": set(),
    "table": set(),
    "tbody": set(),
    "td": {"class", "dir"},
    "th": {"class", "dir"},
    "thead": set(),
    "tr": set(),
    "ul": {"dir"},
}
CLASS_NAMES = {
    "mention",
    "spoiler",
    "heading",
    "heading--1",
    "heading--2",
    "heading--3",
    "jumbo",
    "table",
    "cell--center",
    "cell--end",
    *CLASSES,
}
VOID = {"br", "hr"}


class Inspector(HTMLParser):
    """Reads html as strictly as it is promised: known elements and attributes only, all closed in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in ATTRIBUTES, tag
        assert {name for name, _value in attrs} <= ATTRIBUTES[tag], attrs
        values = {name: value or "" for name, value in attrs}
        assert len(values) == len(attrs), attrs
        for name in values.get("class", "").split():
            assert name in CLASS_NAMES or re.fullmatch(r"language-[a-z0-9+#._-]+", name), name
        if tag == "a":
            assert "a" not in self.open
            self.check_link(values)
        if tag not in VOID:
            self.open.append(tag)

    def check_link(self, values: dict[str, str]) -> None:
        if values.get("class") == "mention":
            assert values["data-username"] in PEOPLE
            assert values["href"] == f"/people/{values['data-username']}/"
        else:
            assert re.match(r"(https?://[^/@]|mailto:[^@]+@[^@])", values["href"], re.IGNORECASE), values
            assert values["rel"] == "noopener noreferrer nofollow ugc"
            assert values["target"] == "_blank"

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    def handle_decl(self, decl: str) -> None:
        raise AssertionError(decl)

    def handle_pi(self, data: str) -> None:
        raise AssertionError(data)


def inspected(rendered: Rendered) -> str:
    """The words of the html, which must be as promised."""
    inspector = Inspector()
    inspector.feed(rendered.html)
    inspector.close()
    assert inspector.open == []
    assert len(rendered.plain) <= text.PREVIEW_LENGTH
    assert "\n" not in rendered.plain
    return "".join(inspector.words)


@pytest.mark.parametrize(
    "frame", ["{}", "**{}**", "> {}", "- {}", "||{}||", "[{}](https://example.org)", "a\n\n{}\n", "`{}`"]
)
def test_nothing_typed_becomes_live_markup(frame: str) -> None:
    """The whole corpus in each frame: what fails stands in the traceback."""
    for source in XSS:
        inspected(render(frame.format(source) if frame != "{}" else source, mentions=PEOPLE))


@pytest.mark.parametrize("name", NAMES)
def test_odd_names_are_only_words(name: str) -> None:
    words = inspected(render(name, mentions=PEOPLE))
    assert words.split() == name.split()


@pytest.mark.parametrize("attack", HOSTILE_MARKDOWN)
@pytest.mark.parametrize("length", [4_000, 20_000])
def test_hostile_markdown_stays_inside_the_budget(attack: str, length: int) -> None:
    source = hostile_markdown(length)[attack][:length]
    started = time.thread_time()
    rendered = render(source, mentions=PEOPLE)
    assert time.thread_time() - started < BUDGET_SECONDS
    assert len(rendered.html) <= max(text.LONGEST_HTML, 6 * length)
    inspected(rendered)


def test_beyond_the_cap_nothing_is_parsed() -> None:
    source = "[" * 1_000_000
    started = time.thread_time()
    assert len(render(source).html) < len(source) + 100
    assert time.thread_time() - started < BUDGET_SECONDS


MARKS = """
* ** _ ~~ | || ` ``` > - 1. # [ ]( ) ! < & " : \\ @alice @bob :tada: https://a.example www.a.example javascript: data: a é 漢 🎉
<script> </p> <!-- --> onerror= &#x6a; %00
"""
BLANKS = [" ", "\t", "\n", "\n\n", "\r", "> ", "- ", "# ", "```python\n", "```html\n<a "]
ODDITIES = ["\x00", "\x1b", "\u0301", "\u200b", "\u2028", "\u202e", "\ufeff", "\U0001f468\u200d"]
PIECES = st.sampled_from([*MARKS.split(), *BLANKS, *ODDITIES])
TEXTS = st.one_of(
    st.lists(PIECES, max_size=60).map("".join), st.text(max_size=300), st.lists(st.sampled_from(XSS)).map("".join)
)


@given(TEXTS)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example("[*](http://[::1)")
@example("<http://a\u202e>")
def test_any_text_comes_out_as_promised(source: str) -> None:
    inspected(render(source, mentions=PEOPLE))


PLAIN = st.text(st.characters(codec="utf-8", categories=("L", "M", "N", "P", "S", "Zs")), max_size=80)


@given(st.lists(PLAIN, max_size=4).map("\n".join))
@settings(max_examples=400, deadline=None)
@example("a\n b")
@example("\xa0a\xa0\n\xa0b\xa0")
@example("a - b\n=c=")
def test_the_short_cut_for_plain_text_changes_nothing(source: str) -> None:
    quick = render(source, mentions=PEOPLE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "_MARKUP", re.compile(""))
        thorough = render(source, mentions=PEOPLE)
    assert inspected(quick).split() == inspected(thorough).split()
    assert re.findall("<[^>]+>", quick.html) == re.findall("<[^>]+>", thorough.html) or source.strip() == ""
    assert (quick.plain, quick.mentioned) == (thorough.plain, thorough.mentioned)


@given(st.text(st.characters(), max_size=200))
@settings(max_examples=200, deadline=None)
def test_cleaning_refuses_or_settles(raw: str) -> None:
    try:
        cleaned = clean_text(raw)
    except ValueError:
        assert "\x00" in raw or any("\ud800" <= character <= "\udfff" for character in raw)
    else:
        assert clean_text(cleaned) == cleaned
        cleaned.encode()
        assert "\r" not in cleaned
