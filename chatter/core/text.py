"""What people write: cleaned for storing, rendered to safe HTML, shortened to a line. Pure, no database.

The dialect is chatter.core.markdown; here is decided what may come out, and how fast and plain a text is shown.
"""

import logging
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import escape

import nh3
import regex

from chatter.core.emoji import is_emoji
from chatter.core.highlight import CLASSES
from chatter.core.markdown import COMMON_CALLS, MENTION, Findings, TooDeep, spellings, to_html

logger = logging.getLogger(__name__)

PREVIEW_LENGTH = 200
# Callers cap messages long before; what is longer is shown as it was typed, whatever it holds.
LONGEST_MARKUP = 20_000
# Markup can be many times as long as what was typed; every member is sent it.
LONGEST_HTML = 100_000
MOST_BIG_EMOJI = 12

# Whatever could make a text more than plain lines. Generous: a false alarm only costs the time of a parse.
_MARKUP = re.compile(
    r"[\\`*_]|~~|\|\||\]\(|<[A-Za-z]|@\S|:[a-z0-9_+-]+:|://|[Ww][Ww][Ww]\.|\n[ \t]*\n"
    r"|^[ \t]*(?:[#>+|:-]|[0-9]{1,9}[.)])",
    re.MULTILINE,
)
_GRAPHEME = regex.compile(r"\X")
_CALL = re.compile(r"(?<![A-Za-z0-9@/.+-])@(?=[^\s@])")
_CALLED = re.compile(r'<span class="mention" data-(?:call|role)="([^"]+)">')
_BIDI_CONTROLS = re.compile(r"[\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile(r"[\t-\r\x1c-\x1f\x85\u2028\u2029]")
# Control characters, marks of direction, invisible operators and tags, surrogates, what is no character. Joiners stay: scripts
# and emoji are made with them.
_CONTROLS = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    r"\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff\U000e0000-\U000e0fff]"
)
# Characters that show nothing, beside white space: a message of these alone is empty.
_INVISIBLE = re.compile(
    r"[\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]*"
)
_SURROGATE = re.compile(r"[\ud800-\udfff]")

_cleaner = nh3.Cleaner(
    tags={"a", "blockquote", "br", "code", "em", "hr", "li", "ol", "p", "pre", "s", "span", "strong", "ul"}
    | {"div", "table", "tbody", "td", "th", "thead", "tr"},
    clean_content_tags={"script", "style"},
    attributes={
        "*": {"dir"},
        "a": {"href", "rel", "target", "data-username"},
        "code": {"class"},
        "div": {"tabindex"},
        "ol": {"start"},
        "p": set(),
        "pre": {"tabindex"},
        "span": {"role", "tabindex", "data-call", "data-role"},
    },
    allowed_classes={
        "a": {"mention"},
        "p": {"heading", "heading--1", "heading--2", "heading--3"},
        "span": {"spoiler", "mention", *CLASSES},
        "div": {"table"},
        "td": {"cell--center", "cell--end"},
        "th": {"cell--center", "cell--end"},
    },
    url_schemes={"http", "https", "mailto"},
    link_rel=None,
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text made safe: `html` for the page, who it mentions (usernames, lower-case), one line of plain words, and what
    else it calls (keys)."""

    html: str
    mentioned: tuple[str, ...]
    plain: str
    called: tuple[str, ...] = ()


def clean_text(raw: str) -> str:
    """`raw` as it is stored: newlines are \\n, blank lines around it are gone; empty where nothing would be seen.

    Raises ValueError for NUL and lone surrogates, which neither PostgreSQL nor UTF-8 can hold.
    """
    if "\x00" in raw or _SURROGATE.search(raw):
        raise ValueError("NUL or a lone surrogate")
    text = raw.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    if _INVISIBLE.fullmatch(text):
        return ""
    indented = text.lstrip()
    return text[: len(text) - len(indented)].rpartition("\n")[2] + indented


def one_line(raw: str, longest: int) -> str:
    """Words of somebody else (of a page that was linked) as one plain line of at most `longest` characters: nothing that
    controls, hides or turns about what stands around it. "" where nothing would be seen."""
    line = " ".join(_CONTROLS.sub("", _BREAKS.sub(" ", raw)).split())
    if _INVISIBLE.fullmatch(line):
        return ""
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def mention_candidates(source: str) -> list[str]:
    """Names (lower-case) that `source` may mention, to be looked up before it is rendered; some may stand in code."""
    names = (name.lower() for typed in MENTION.findall(source) for name in spellings(typed))
    return list(dict.fromkeys(names)) if "@" in source else []


def may_call(source: str) -> bool:
    """Does anything follow an @ that is not in the middle of a word?"""
    return "@" in source and _CALL.search(source) is not None


def has_unknown_names(source: str, known: Collection[str]) -> bool:
    """Is anything called in `source` besides the people `known` (lower-case usernames) and @everyone and @here?"""
    for match in _CALL.finditer(source):
        person = MENTION.match(source, match.start())
        names = spellings(person[1]) if person else []
        if not any(name.lower() in known or name.lower() in COMMON_CALLS for name in names):
            return True
    return False


def calls_in(html: str) -> set[str]:
    """The keys of what a rendered text calls besides people."""
    return set(_CALLED.findall(html)) if 'class="mention"' in html else set()


def render(source: str, *, mentions: Mapping[str, str] = {}, calls: Mapping[str, str] = {}) -> Rendered:
    """`source` as safe HTML. `mentions`: who may be mentioned, lower-case username → id; `calls`: what else may be called,
    case-folded name → key. Never raises.

    Linear but for bounded parts; a text that exceeds a bound is shown as it was typed.
    """
    if len(source) > LONGEST_MARKUP or _MARKUP.search(source) is None:
        return _as_typed(source)
    findings = Findings(mentions, calls)
    try:
        html, plain = to_html(source, findings)
        html = _cleaner.clean(html)
    except TooDeep:
        return _as_typed(source)
    except Exception:
        # A message must never be lost to a fault in a parser: it is shown without its markup.
        logger.exception("A text of %d characters could not be rendered", len(source))
        return _as_typed(source.encode("utf-8", "replace").decode())
    if len(html) > LONGEST_HTML:
        return _as_typed(source)
    return Rendered(_enlarged(html, plain), tuple(findings.mentioned), _shortened(plain), tuple(findings.called))


def _as_typed(source: str) -> Rendered:
    """Plain lines."""
    text = source.strip()
    lines = escape(text, quote=False)
    if "\n" in lines:
        lines = "<br>\n".join(line.strip() for line in lines.split("\n"))
    plain = " ".join(text.split())
    return Rendered(_enlarged(f'<p dir="auto">{lines}</p>', plain), (), _shortened(plain))


def _shortened(plain: str) -> str:
    """At most PREVIEW_LENGTH characters that cannot turn the text around them about."""
    if not plain.isascii():
        plain = _BIDI_CONTROLS.sub("", plain)
    return plain if len(plain) <= PREVIEW_LENGTH else plain[: PREVIEW_LENGTH - 1].rstrip() + "…"


def _enlarged(html: str, plain: str) -> str:
    """A few emoji and nothing else are shown big."""
    if plain[:1].isalpha() or plain.isascii() or html.count("<") != 2 or len(plain) > MOST_BIG_EMOJI * 10:
        return html
    emojis = _GRAPHEME.findall(plain.replace(" ", ""))
    if len(emojis) > MOST_BIG_EMOJI or not all(map(is_emoji, emojis)):
        return html
    return html.replace('<p dir="auto">', '<p dir="auto" class="jumbo">', 1)
