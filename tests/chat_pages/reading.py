"""Reads pages as a browser would: what is live markup in them, and what of it should not be. No tests here."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

LIVE_TAGS = {"iframe", "object", "embed", "base", "meta-refresh", "applet", "frame", "marquee"}
ADDRESSES = ("href", "src", "action", "formaction", "poster", "data")
SAFE_SCHEMES = ("/", "#", "?", "http://", "https://", "mailto:")


@dataclass
class Page(HTMLParser):
    """A page: its tags with their attributes, its text, and its complaints."""

    html: str
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.html)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag in LIVE_TAGS or (tag == "script" and not is_ours(given)):
            self.complaints.append(f"<{tag} {given}>")
        self.complaints += [f"<{tag} {name}={value!r}>" for name, value in given.items() if is_live(name, value)]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    def all(self, tag: str, **wanted: str) -> list[dict[str, str]]:
        """The attributes of every `tag` that has what is wanted; `class_` wants one class among others."""
        return [given for name, given in self.tags if name == tag and fits(given, wanted)]


def is_ours(script: dict[str, str]) -> bool:
    """The page's one module, or words for it."""
    return script.get("type") == "application/json" or script.get("src", "").startswith("/static/js/")


def is_live(name: str, value: str) -> bool:
    """Would this attribute do something of its own?"""
    if name.startswith("on") or name in ("style", "srcdoc"):
        return True
    return name in ADDRESSES and bool(value) and not value.lower().startswith(SAFE_SCHEMES)


def fits(given: dict[str, str], wanted: dict[str, str]) -> bool:
    for name, value in wanted.items():
        key = name.rstrip("_").replace("_", "-")
        found = given.get(key)
        if found is None or value not in (found.split() if key == "class" else [found]):
            return False
    return True
