"""Colours for code blocks: Pygments' tokens as a few classes (their colours: static/css/highlight.css)."""

import time
from collections.abc import Iterable, Iterator
from functools import cache
from html import escape
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import Token, _TokenType

LONGEST_HIGHLIGHTED = 4_000
# Seconds of this thread's own CPU time (so that a busy machine changes nothing) that one text's code may take.
PATIENCE = 0.1

# Lexers are programs made of regular expressions, and people choose the input. These give their tokens one by one and
# quickly enough to be stopped in time (tests/core/test_highlight.py); other languages are shown without colours.
_OFFERED = """
bash batch c clojure cmake console cpp csharp css dart diff docker elixir erlang fsharp go graphql groovy haskell
hcl html http ini java javascript json json5 jsx julia kotlin latex less lua make markdown nginx nix
objective-c perl php postgresql powershell properties protobuf python pycon pytb r rst ruby rust sass scala
scheme scss sql swift terraform text toml tsx typescript vim xml yaml zig
"""
LANGUAGES = frozenset(_OFFERED.split())
_CLASSES: dict[_TokenType, str] = {
    Token.Comment: "comment",
    Token.Comment.Preproc: "keyword",
    Token.Keyword: "keyword",
    Token.Keyword.Type: "type",
    Token.Keyword.Constant: "literal",
    Token.Operator.Word: "keyword",
    Token.Literal: "literal",
    Token.String: "string",
    Token.Number: "literal",
    Token.Name.Attribute: "attribute",
    Token.Name.Builtin: "builtin",
    Token.Name.Class: "type",
    Token.Name.Constant: "literal",
    Token.Name.Decorator: "attribute",
    Token.Name.Exception: "type",
    Token.Name.Function: "function",
    Token.Name.Namespace: "type",
    Token.Name.Tag: "keyword",
    Token.Name.Variable: "variable",
    Token.Generic.Deleted: "deleted",
    Token.Generic.Inserted: "inserted",
    Token.Generic.Heading: "keyword",
    Token.Generic.Subheading: "comment",
    Token.Generic.Prompt: "comment",
}
CLASSES = frozenset(f"hl-{name}" for name in _CLASSES.values())


def known_language(info: str) -> str | None:
    """The language that the words after a fence name, as they name it, or None."""
    return info if info.lower() in _allowed_names() else None


def patience() -> float:
    """The `deadline` of a text whose rendering begins now, in this thread."""
    return time.thread_time() + PATIENCE


def highlight(code: str, language: str, deadline: float) -> str:
    """`code` as escaped HTML, its tokens in `<span class="hl-…">`; without them where it is long or takes too long."""
    if len(code) > LONGEST_HIGHLIGHTED:
        return escape(code, quote=False)
    lexer: Lexer = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    parts = []
    try:
        for css, tokens in groupby(_before(deadline, lexer.get_tokens(code)), key=lambda token: _class_of(token[0])):
            text = escape("".join(text for _kind, text in tokens), quote=False)
            parts.append(f'<span class="hl-{css}">{text}</span>' if css else text)
    except TimeoutError:
        return escape(code, quote=False)
    return "".join(parts)


def _before(deadline: float, tokens: Iterable[tuple[_TokenType, str]]) -> Iterator[tuple[_TokenType, str]]:
    for token in tokens:
        if time.thread_time() > deadline:
            raise TimeoutError
        yield token


@cache
def _allowed_names() -> frozenset[str]:
    """Every name of the allowed lexers, in lower case."""
    families = ({alias.lower() for alias in aliases} for _, aliases, _, _ in get_all_lexers(plugins=False))
    return frozenset().union(*(names for names in families if names & LANGUAGES))


@cache
def _class_of(kind: _TokenType) -> str:
    """The class of a token type: its own or its nearest ancestor's; empty for none."""
    while kind is not Token:
        if kind in _CLASSES:
            return _CLASSES[kind]
        kind = kind.parent
    return ""
