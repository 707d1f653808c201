"""What a web page says of itself in its head: title and meta elements, out of bytes that a stranger sends. Pure.

No general parser is let near it: one pass over the text finds the few elements that count, and every step is bounded.
"""

import codecs
import html
import re
from dataclasses import dataclass, field

TAGS_MAX = 3000
METAS_MAX = 300
ATTRIBUTES_MAX = 12
TITLE_MAX = 2000
PRESCAN_BYTES = 4096

_TAG = re.compile(
    r"<(?:(!--)|(/head|body|title|meta|script|style|template|textarea|svg|iframe)(?=[\s/>]))", re.IGNORECASE
)
_COMMENT_END = re.compile("-->")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>="'<]{1,60})(?:\s*+=\s*+(?:"([^"]{0,4000})"|'([^']{0,4000})'|([^\s"'>]{1,4000})))?"""
)
# What is within these is not the page's own words about itself.
_SKIPPED = {
    name: re.compile(f"</{name}(?=[\\s/>])", re.IGNORECASE)
    for name in ("title", "script", "style", "template", "textarea", "svg", "iframe")
}
_TOLD = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_IN_TYPE = re.compile(r"charset\s{0,9}=\s{0,9}[\"']?\s{0,9}([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# The encodings that browsers know, by the names pages call them, and Python's names of them. Python knows others that are no
# encodings of characters, or take long.
_CODECS = {
    "utf-8": "utf-8 utf8 unicode-1-1-utf-8",
    "cp1252": "windows-1252 cp1252 iso-8859-1 iso8859-1 latin1 us-ascii ascii",
    "cp1254": "windows-1254 iso-8859-9 latin5",
    "cp874": "windows-874 iso-8859-11 tis-620",
    "koi8-r": "koi8-r koi8",
    "koi8-u": "koi8-u",
    "gb18030": "gb18030 gbk gb2312 x-gbk",
    "big5hkscs": "big5 big5-hkscs",
    "euc_jp": "euc-jp",
    "cp932": "shift_jis shift-jis sjis windows-31j",
    "iso2022_jp": "iso-2022-jp",
    "cp949": "euc-kr ks_c_5601-1987",
    "mac_roman": "macintosh",
    "cp866": "ibm866",
    "utf-16-le": "utf-16 utf-16le",
    "utf-16-be": "utf-16be",
    **{f"cp{number}": f"windows-{number}" for number in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso8859-{part}": f"iso-8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
}
_ENCODINGS = {label: codec for codec, labels in _CODECS.items() for label in labels.split()}


@dataclass
class Head:
    """`metas`: what each property or name says first. `looked_at` counts characters, for those who must bound them."""

    title: str = ""
    metas: dict[str, str] = field(default_factory=dict)
    looked_at: int = 0

    def first(self, *names: str) -> str:
        """What the first of `names` says that says anything."""
        return next((self.metas[name] for name in names if self.metas.get(name, "").strip()), "")


def head_of(body: bytes, content_type: str) -> Head:
    """The head of an HTML page, which may be cut anywhere. Never raises."""
    return _Scan(text_of(body, content_type)).read()


def text_of(body: bytes, content_type: str) -> str:
    """The page as text: by its mark, what its server says, what it says itself, else what it looks like."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    told, inside = _IN_TYPE.search(content_type), _TOLD.search(body[:PRESCAN_BYTES])
    if told and told[1].lower() in _ENCODINGS:
        return body.decode(_ENCODINGS[told[1].lower()], "replace")
    label = inside[1].decode("ascii").lower() if inside else ""
    # Who could read the label did not read UTF-16.
    if label in _ENCODINGS and not label.startswith("utf"):
        return body.decode(_ENCODINGS[label], "replace")
    try:
        # The last character may be cut.
        return codecs.getincrementaldecoder("utf-8")("strict").decode(body)
    except UnicodeDecodeError:
        return body.decode("utf-8" if label else "cp1252", "replace")


class _Scan:
    """One pass from the beginning to the end of the head."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.head = Head()
        self.metas = 0

    def read(self) -> Head:
        for _tag in range(TAGS_MAX):
            tag = self.find(_TAG)
            if tag is None or not self.take(tag[1] or tag[2].lower()):
                break
        return self.head

    def find(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Go on behind the next match; None, and at the end, where there is none."""
        found = pattern.search(self.text, self.at)
        behind = found.end() if found else len(self.text)
        self.head.looked_at += behind - self.at
        self.at = behind
        return found

    def take(self, tag: str) -> bool:
        """Read or skip one element; False where the head ends, or what follows is all inside of this one."""
        if tag in {"/head", "body"}:
            return False
        if tag == "!--":
            return self.find(_COMMENT_END) is not None
        if tag == "meta":
            self.metas += 1
            self.take_meta(self.attributes())
            return self.metas < METAS_MAX
        self.attributes()
        if self.text[self.at : self.at + 1] == ">":
            self.at += 1
        begin = self.at
        end = self.find(_SKIPPED[tag])
        if tag == "title" and not self.head.title and end is not None:
            self.head.title = html.unescape(self.text[begin : min(end.start(), begin + TITLE_MAX)])
        return end is not None

    def attributes(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _each in range(ATTRIBUTES_MAX):
            one = _ATTRIBUTE.match(self.text, self.at)
            if one is None:
                break
            self.head.looked_at += one.end() - self.at
            self.at = one.end()
            found.setdefault(one[1].lower(), one[2] or one[3] or one[4] or "")
        return found

    def take_meta(self, told: dict[str, str]) -> None:
        for kind in ("property", "name", "itemprop"):
            name = told.get(kind, "").strip().lower()
            if name and told.get("content"):
                self.head.metas.setdefault(name, html.unescape(told["content"]))
