"""What is looked for, as the database understands it and as the page marks it. Words of others are escaped first, then marked."""

import re
from functools import lru_cache
from typing import NamedTuple

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from chatter.core import text
from chatter.core.markdown import Findings, TooDeep, to_html

QUERY_MAX = 200
TERMS_MAX = 12
# Beginnings of one letter stand in nearly every text.
PREFIX_MIN = 2
EXCERPT = 240
BEFORE = 60
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_WORD = re.compile(r"\w+")


class Term(NamedTuple):
    """A word, or some in a row; `is_open`: it may go on, since somebody is still typing."""

    words: tuple[str, ...]
    is_open: bool = False


class Wanted(NamedTuple):
    """What is looked for: `query` for to_tsquery('simple', …), `titles` the same in titles alone, `pattern` for the marks."""

    query: str
    titles: str
    pattern: re.Pattern[str]


def wanted(raw: str) -> Wanted | None:
    """ "quoted words" stand in a row, the last word may go on. None where nothing is looked for."""
    terms = _terms(raw.replace("\0", "")[:QUERY_MAX])
    if not terms:
        return None
    pattern = re.compile("|".join(map(_pattern_of, terms)), re.IGNORECASE)
    return Wanted(" & ".join(map(_query_of, terms)), " & ".join(_query_of(term, "A") for term in terms), pattern)


def _terms(raw: str) -> list[Term]:
    found: list[Term] = []
    for match in list(_TERM.finditer(raw))[:TERMS_MAX]:
        quoted, bare = match.groups()
        words = tuple(_WORD.findall(quoted if bare is None else bare))
        is_last = match.end() == len(raw)
        if words:
            found.append(Term(words, bare is not None and is_last and len(words[-1]) >= PREFIX_MIN))
    return found


def _query_of(term: Term, weight: str = "") -> str:
    # Words are letters, digits and "_": nothing that to_tsquery reads as its own could be left in them.
    marks = [weight for _word in term.words]
    marks[-1] += "*" if term.is_open else ""
    words = (f"'{word}':{mark}" if mark else f"'{word}'" for word, mark in zip(term.words, marks, strict=True))
    return " <-> ".join(words)


def _pattern_of(term: Term) -> str:
    words = r"[\W_]+".join(re.escape(word) for word in term.words)
    return rf"(?<!\w){words}\w*" if term.is_open else rf"(?<!\w){words}(?!\w)"


def marked(plain: str, pattern: re.Pattern[str]) -> SafeString:
    """`plain` escaped, with the matches in <mark>."""
    pieces: list[str] = []
    end = 0
    for match in pattern.finditer(plain):
        pieces += [escape(plain[end : match.start()]), "<mark>", escape(match[0]), "</mark>"]
        end = match.end()
    return mark_safe("".join([*pieces, escape(plain[end:])]))  # noqa: S308 -- each piece is escaped


def excerpt(plain: str, pattern: re.Pattern[str]) -> SafeString:
    """The part of `plain` around the first match, marked."""
    found = pattern.search(plain)
    start = max(0, found.start() - BEFORE) if found else 0
    if start:
        start = plain.find(" ", start, start + BEFORE) + 1 or start
    part = plain[start : start + EXCERPT]
    head, tail = "…" if start else "", "…" if start + EXCERPT < len(plain) else ""
    return mark_safe(f"{head}{marked(part, pattern)}{tail}")  # noqa: S308 -- marked() escapes


@lru_cache(maxsize=2048)
def plain_of(content: str) -> str:
    """The words of a text in Markdown, as one line; what a spoiler hides stays hidden."""
    try:
        return to_html(content[: text.LONGEST_MARKUP], Findings({}, {}))[1]
    except (TooDeep, ValueError):
        return " ".join(content.split())
