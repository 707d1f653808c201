"""The dialect of Markdown people write in: markdown-it with our rules for mentions, emoji, spoilers, bare links.

Parses and renders; what may come out is decided by chatter.core.text, the only caller.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import nh3
import regex
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

from chatter.core.emoji import shortcodes
from chatter.core.highlight import highlight, known_language, patience

# Quotes, lists and emphasis one inside the other. Past its own limit (a little higher) markdown-it drops text without a
# word, so such a message is refused here and shown as it was typed.
DEEPEST = 16
_PARSER_LIMIT = DEEPEST + 4
# Each "[" may scan to the end of its paragraph: after so many they are just brackets.
_MOST_BRACKETS = 120
# A short line may end a row of many cells: tables larger than this are lines as they were typed.
_MOST_CELLS, _MOST_TABLES = 1500, 20
_UNDER_A_HEAD = re.compile(r"[ \t]{0,3}[|:-][|:\- \t]*$")
_SPOILER = ord("|")
# What calls many in every place; other keys are ids of what a place knows.
COMMON_CALLS = ("everyone", "here")
_HIDDEN = "▒▒▒"

_INSIDE_WORD = re.compile(r"[A-Za-z0-9@/.+-]")
MENTION = re.compile(r"(?<![A-Za-z0-9@/.+-])@([A-Za-z0-9_-]{1,50})(?![A-Za-z0-9_@-]|[./][A-Za-z0-9])")
# Names of any script may follow an @ that calls many. Where words are not written apart, no blank ends one.
_GOES_ON = regex.compile(r"[\p{L}\p{M}\p{N}_@]|-[\p{L}\p{M}\p{N}]|[./][A-Za-z0-9]")
LONGEST_CALL = 100
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_SHORTCODE = re.compile(r"(?<![A-Za-z0-9]):([a-z0-9_+-]{1,50}):")
# Quotation marks, spoiler bars and invisible characters (bidirectional controls among them) end a bare address.
_BARE_ADDRESS = re.compile(
    r"(?<![A-Za-z0-9@./])(?:https?://|www\.(?=[a-z0-9-]+\.))"
    r"[^\s<>|\"`\x00-\x1f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+",
    re.IGNORECASE,
)
# No names or passwords before the host: they only serve to hide it.
_ALLOWED_ADDRESS = re.compile(r"https?://[^/?#\s@]+(?:[/?#]|\Z)|mailto:[^\s@]+@[^\s@]+", re.IGNORECASE)
_addresses = nh3.Cleaner(tags={"a"}, attributes={"a": {"href"}}, link_rel=None)
_SENTENCE_ENDS = ".,:;!?*_~'’”»…。，！？、)]}"
_OPENING = {")": "(", "]": "[", "}": "{"}
_DIRECTED = {
    "paragraph_open",
    "heading_open",
    "blockquote_open",
    "bullet_list_open",
    "ordered_list_open",
    "list_item_open",
    "th_open",
    "td_open",
}
# Columns of tables, by what the parser says of them.
_SIDES = {"text-align:center": "cell--center", "text-align:right": "cell--end"}


class TooDeep(Exception):
    """Quotes, lists or emphasis are nested more deeply than anybody means."""


@dataclass(slots=True)
class Findings:
    """What a parse is told (who may be mentioned, by lower-case username; what calls many, by its case-folded name) and
    what it finds."""

    mentions: Mapping[str, str]
    calls: Mapping[str, str] = field(default_factory=dict)
    mentioned: dict[str, None] = field(default_factory=dict)
    called: dict[str, None] = field(default_factory=dict)
    brackets: int = 0
    tables: int = 0
    deadline: float = field(default_factory=patience)


def to_html(source: str, findings: Findings) -> tuple[str, str]:
    """HTML of `source`, not yet sanitised, and its words as one line of plain text. Raises TooDeep."""
    env: EnvType = {"findings": findings}
    tokens = _parser.parse(_as_meant(source), env)
    if any(token.level >= DEEPEST for block in tokens for token in (block, *(block.children or ()))):
        raise TooDeep
    for token in tokens:
        _arrange(token)
    html: str = _parser.renderer.render(tokens, _parser.options, env)
    return html.rstrip("\n"), " ".join(" ".join(map(_words, tokens)).split())


def spellings(name: str) -> list[str]:
    """A name as typed after an @, and without each of the trailing - and _ that may belong to the sentence."""
    shortest = max(len(name.rstrip("-_")), 1)
    return [name[:end] for end in range(len(name), shortest - 1, -1)]


def call_at(source: str, start: int, calls: Mapping[str, str]) -> tuple[str, str] | None:
    """What is called after the @ before `start`: its name as it is typed and its key; the longest of several. None where
    nothing is called so."""
    ahead = source[start : start + LONGEST_CALL].casefold()
    if not ahead.startswith(tuple(calls)):
        return None
    for name in sorted(filter(ahead.startswith, calls), key=len, reverse=True):
        # Case-folding may have changed its length ("ß", "ss").
        lengths = (length for length in (len(name), *range(1, len(name))) if fold(source, start, length) == name)
        typed = source[start : start + next(lengths, 0)]
        if typed and (_UNSPACED.match(typed[-1]) or not _GOES_ON.match(source, start + len(typed))):
            return typed, calls[name]
    return None


def fold(source: str, start: int, length: int) -> str:
    return source[start : start + length].casefold()


# --- Lines ----------------------------------------------------------------------------------------------------------


def _as_meant(source: str) -> str:
    """Lines as people in a chat mean them, where CommonMark differs.

    A quote ends with its last ">" line; a fence may close at the end of a line of code; what follows an opening fence
    is code unless it names a language.
    """
    if ">" not in source and "```" not in source and "~~~" not in source:
        return source
    lines: list[str] = []
    fence = ""
    for line in source.split("\n"):
        text = line.strip()
        if fence:
            closes = text.endswith(fence)
            lines += [line.rstrip()[: -len(fence)], fence] if closes and text.strip(fence[0]) else [line]
            fence = "" if closes else fence
            continue
        if lines and lines[-1].lstrip().startswith(">") and text and not text.startswith(">"):
            lines.append("")
        fence = _opening_fence(text)
        code = text[len(fence) :].strip()
        lines += [fence, code] if fence and code and not known_language(code) else [line]
    return "\n".join(lines)


def _opening_fence(line: str) -> str:
    """The backticks or tildes that open a block of code on this line, or nothing."""
    for mark in "`~":
        run = len(line) - len(line.lstrip(mark))
        if run >= 3 and not (mark == "`" and mark in line[run:]):
            return mark * run
    return ""


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table that somebody wrote, within bounds."""
    findings: Findings = state.env["findings"]
    if start + 1 >= end or not _UNDER_A_HEAD.match(_line(state, start + 1)) or findings.tables >= _MOST_TABLES:
        return False
    most = _MOST_CELLS // (_line(state, start).count("|") + 1)
    if not any(state.isEmpty(line) for line in range(start + 1, min(start + most, end))) and start + most < end:
        return False
    if not table(state, start, end, silent):
        return False
    findings.tables += not silent
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] : state.eMarks[number]]


# --- Rules inside a line --------------------------------------------------------------------------------------------


def _mention(state: StateInline, silent: bool) -> bool:
    """@name of somebody who may be mentioned here, or of what calls many: people come first, but for a longer name."""
    if state.src[state.pos] != "@" or state.linkLevel or _INSIDE_WORD.match(state.src[state.pos - 1 : state.pos]):
        return False
    findings: Findings = state.env["findings"]
    match = MENTION.match(state.src, state.pos)
    names = spellings(match[1]) if match else ()
    name = next((name for name in names if name.lower() in findings.mentions), "")
    call = call_at(state.src, state.pos + 1, findings.calls) if findings.calls else None
    if call and len(call[0]) > len(name):
        name, key = call
        if not silent:
            findings.called[key] = None
            token = state.push("call", "span", 0)
            token.content, token.meta = name, {"key": key}
    elif not name:
        return False
    elif not silent:
        findings.mentioned[name.lower()] = None
        state.push("mention", "a", 0).content = name
    state.pos += 1 + len(name)
    return True


def _shortcode(state: StateInline, silent: bool) -> bool:
    """:name: of an emoji."""
    match = _SHORTCODE.match(state.src, state.pos) if state.src[state.pos] == ":" else None
    if match is None or match[1] not in shortcodes():
        return False
    if not silent:
        state.append_pending(shortcodes()[match[1]])
    state.pos = match.end()
    return True


def _bare_address(state: StateInline, silent: bool) -> bool:
    """https://… and www.… as they are typed, without the punctuation of the sentence around them.

    Silently, while the end of a link's label is looked for, an address is only text, lest it swallow that end.
    """
    if silent or state.linkLevel or state.src[state.pos] not in ":.":
        return False
    for start in ("https", "http", "www"):
        begin = state.pos - len(start)
        match = _BARE_ADDRESS.match(state.src, begin, state.posMax) if begin >= 0 else None
        if match and len(state.pending) >= len(start):
            break
    else:
        return False
    typed = _without_sentence_end(match[0])
    href = state.md.normalizeLink(typed if ":" in typed[:6] else f"http://{typed}")
    if not state.md.validateLink(href):
        return False
    state.pending = state.pending[: -len(start)]
    state.push("link_open", "a", 1).attrs = {"href": href}
    state.push("text", "", 0).content = typed
    state.push("link_close", "a", -1)
    state.pos = begin + len(typed)
    return True


def _without_sentence_end(address: str) -> str:
    """`address` without what ends the sentence; a closing bracket stays where the address opens it."""
    end = len(address)
    surplus = {close: address.count(close) - address.count(opening) for close, opening in _OPENING.items()}
    while end and (last := address[end - 1]) in _SENTENCE_ENDS:
        if last in surplus:
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        end -= 1
    return address[:end]


def _link(state: StateInline, silent: bool) -> bool:
    return _worth_a_scan(state, "[") and link(state, silent)


def _image(state: StateInline, silent: bool) -> bool:
    return _worth_a_scan(state, "![") and image(state, silent)


def _worth_a_scan(state: StateInline, opening: str) -> bool:
    """Keeps thousands of brackets from costing their square."""
    if not state.src.startswith(opening, state.pos) or state.src.find("](", state.pos) < 0:
        return False
    findings: Findings = state.env["findings"]
    findings.brackets += 1
    return findings.brackets <= _MOST_BRACKETS


def _spoiler(state: StateInline, silent: bool) -> bool:
    """Pairs of bars; which of them open and close is found out when all are known, as with ~~."""
    if silent or not state.src.startswith("||", state.pos):
        return False
    scanned = state.scanDelims(state.pos, True)
    if scanned.length % 2:
        state.push("text", "", 0).content = "|"
    for _pair in range(scanned.length // 2):
        state.push("text", "", 0).content = "||"
        place = len(state.tokens) - 1
        state.delimiters.append(Delimiter(_SPOILER, 0, place, -1, scanned.can_open, scanned.can_close))
    state.pos += scanned.length
    return True


def _pair_spoilers(state: StateInline) -> None:
    nested = [meta["delimiters"] for meta in state.tokens_meta if meta and "delimiters" in meta]
    for delimiters in (state.delimiters, *nested):
        for opening in delimiters:
            if opening.marker != _SPOILER or opening.end == -1:
                continue
            for place, kind, nesting in ((opening.token, "open", 1), (delimiters[opening.end].token, "close", -1)):
                token = state.tokens[place]
                token.type, token.tag, token.nesting, token.content = f"spoiler_{kind}", "span", nesting, ""


# --- From tokens to HTML and words ----------------------------------------------------------------------------------


def _arrange(token: Token) -> None:
    """Each block finds its own direction; headings are paragraphs that look bigger (the page has its own outline)."""
    if token.type == "heading_open":
        token.attrs["class"] = f"heading heading--{min(int(token.tag[1]), 3)}"
    if token.type in ("heading_open", "heading_close"):
        token.tag = "p"
    if token.type in ("th_open", "td_open") and (side := _SIDES.get(str(token.attrs.pop("style", "")))):
        token.attrs["class"] = side
    if token.type in _DIRECTED:
        token.attrs["dir"] = "auto"
    if token.children:
        token.children = list(_arranged(token.children))


def _arranged(tokens: Sequence[Token]) -> Iterator[Token]:
    """Inline tokens without links to nowhere, links inside links, spoilers inside spoilers; pictures as links."""
    kept: dict[str, list[bool]] = {"link": [], "spoiler": []}
    spoiler: Token | None = None
    for token in _with_pictures_as_links(tokens):
        family = token.type.partition("_")[0]
        if family in kept and token.nesting == 1:
            kept[family].append(not any(kept[family]) and (family == "spoiler" or bool(token.attrs["href"])))
        if family not in kept or (kept[family][-1] if token.nesting == 1 else kept[family].pop()):
            yield token
            spoiler = token if token.type == "spoiler_open" else None if token.type == "spoiler_close" else spoiler
            if spoiler and token.type in ("link_open", "mention"):
                # A button must not hold other things to press.
                spoiler.meta["holds_links"] = True


def _with_pictures_as_links(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        if token.type != "image":
            yield token
            continue
        href = str(token.attrs["src"])
        yield Token("link_open", "a", 1, attrs={"href": href})
        yield Token("text", "", 0, content=token.content or href)
        yield Token("link_close", "a", -1)


def _words(token: Token) -> str:
    """The words of a block; what a spoiler hides stays hidden."""
    if token.type == "fence":
        return token.content
    words = []
    hidden = False
    for child in token.children or ():
        if child.type.startswith("spoiler_"):
            hidden = child.nesting == 1
            words.append(_HIDDEN if hidden else "")
        elif child.type in ("softbreak", "hardbreak"):
            words.append(" ")
        elif not hidden:
            words.append(f"@{child.content}" if child.type in ("mention", "call") else child.content)
    return "".join(words)


class _Renderer(RendererHTML):
    def fence(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        language = known_language(token.info.strip())
        code = (
            highlight(token.content, language, env["findings"].deadline)
            if language
            else escape(token.content, quote=False)
        )
        css = f' class="language-{escape(language.lower())}"' if language else ""
        # Long lines scroll, and what scrolls must be reachable by keyboard.
        return f'<pre dir="ltr" tabindex="0"><code{css}>{code}</code></pre>\n'

    def table_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        # As long lines of code.
        return '<div class="table" tabindex="0"><table>\n'

    def table_close(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return "</table></div>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        href = escape(str(tokens[idx].attrs["href"]))
        return f'<a href="{href}" rel="noopener noreferrer nofollow ugc" target="_blank">'

    def mention(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        name = tokens[idx].content
        return f'<a class="mention" data-username="{name.lower()}" href="/people/{name.lower()}/">@{name}</a>'

    def call(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        name, key = tokens[idx].content, tokens[idx].meta["key"]
        what = "call" if key in COMMON_CALLS else "role"
        return f'<span class="mention" data-{what}="{escape(key)}">@{escape(name, quote=False)}</span>'

    def spoiler_open(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        role = "" if tokens[idx].meta.get("holds_links") else ' role="button"'
        return f'<span class="spoiler"{role} tabindex="0">'


class _Parser(MarkdownIt):
    def normalizeLink(self, url: str) -> str:  # noqa: N802 (markdown-it's name)
        try:
            return super().normalizeLink(url)
        except ValueError:
            return ""

    def validateLink(self, url: str) -> bool:  # noqa: N802 (markdown-it's name)
        """Web and mail addresses only (no other scheme, nothing relative to this site) that a browser would take."""
        return _ALLOWED_ADDRESS.match(url) is not None and "href" in _addresses.clean(f'<a href="{escape(url)}"></a>')


def _build() -> _Parser:
    parser = _Parser("commonmark", {"html": False, "breaks": True, "maxNesting": _PARSER_LIMIT}, renderer_cls=_Renderer)
    parser.enable(["strikethrough", "table"])
    # No raw HTML, no entities (what is typed is what is seen), no code by indentation, no "===" headings, no footnotes.
    parser.disable(["html_block", "html_inline", "entity", "code", "lheading", "reference"])
    rules, pairs = parser.inline.ruler, parser.inline.ruler2
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    rules.at("link", _link)
    rules.at("image", _image)
    rules.before("escape", "bare_address", _bare_address)
    rules.before("escape", "mention", _mention)
    rules.before("escape", "shortcode", _shortcode)
    rules.before("emphasis", "spoiler", _spoiler)
    pairs.before("fragments_join", "spoiler", _pair_spoilers)
    for character in ".|":
        parser.inline.add_terminator_char(character)
    return parser


_parser = _build()
