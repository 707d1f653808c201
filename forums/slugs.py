"""Addresses of forums: letters of one script and digits, words joined by "-". Which may be taken, and what a name suggests.

One script in one address is the rule of "single script" of Unicode Technical Standard 39, with the scripts that Chinese, Japanese and
Korean are written in counted as one; and an address in another script that reads as one in Latin letters is none.
"""

import re
import unicodedata

from django.utils.translation import gettext_lazy as _

from accounts.names import ascii_words, tidy_name
from chatter.core.errors import Refused

MAX = 50
MIN = 2
# Would be taken for lists, pages or the site itself.
RESERVED = frozenset(
    {
        *("about", "address", "admin", "administrator", "adult", "all", "api", "atom", "browse", "chatter", "deleted"),
        *("directory", "drafts", "edit", "feed", "feeds", "forum", "forums", "home", "login", "logout", "me", "mod"),
        *("moderator", "moderators", "new", "null", "official", "owner", "popular", "post", "root", "rss", "saved"),
        *("search", "settings", "signup", "sitemap", "static", "submit", "support", "system", "undefined", "vote"),
    }
)
# Letters that nobody tells from Latin ones; an address of nothing else is refused.
LIKE_LATIN = frozenset("аеорсухіјѕһԁԛԝьӏґɡзԍѵүαεικνορτυχωϲϳօսոցհզղյլ")
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "KATAKANA-HIRAGANA", "IDEOGRAPHIC"})
_BETWEEN = re.compile(r"[\s_\-‐-―]+")
_MARKS_MAX = 2
# "·" in Catalan, Hebrew geresh, Arabic tatweel and the like are left out: they only vary what reads the same.
_LETTERS = frozenset({"Ll", "Lo", "Lm"})
_MARKS = frozenset({"Mn", "Mc"})


def normal(raw: str) -> str:
    """`raw` as an address would be kept: small letters, composed, digits as 0–9, words joined by "-". It may be none."""
    text = unicodedata.normalize("NFKC", tidy_name(raw)).casefold()
    text = _BETWEEN.sub("-", unicodedata.normalize("NFKC", text)).strip("-")
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def checked_slug(raw: str) -> str:
    """The address as it is kept. Raises Refused with what is wrong with it; whether it is free, the database says."""
    slug = normal(raw)
    if not MIN <= len(slug) <= MAX:
        raise Refused("invalid", _("An address has 2 to 50 letters or digits."))
    if (
        not all(_is_allowed(char) for char in slug)
        or _has_heaped_marks(slug)
        or unicodedata.category(slug[0]) in _MARKS
    ):
        raise Refused("invalid", _("An address has letters, digits and “-”, nothing else."))
    scripts = scripts_of(slug)
    if not scripts:
        raise Refused("invalid", _("An address has at least one letter."))
    if len(scripts) > 1:
        raise Refused("invalid", _("All letters of an address are of one script: mixed ones are easily mistaken."))
    if scripts != {"LATIN"} and _reads_as_latin(slug):
        raise Refused("invalid", _("This address reads like another one in Latin letters."))
    if slug in RESERVED:
        raise Refused("invalid", _("This address is reserved."))
    return slug


def suggested(name: str) -> str:
    """An address for a forum of that name; "" where none can be made of it."""
    kept = "".join(char if _is_allowed(char) or _BETWEEN.match(char) else " " for char in normal(name))
    for words in (kept, ascii_words(name)):
        slug = normal(words)[:MAX].rstrip("-")
        try:
            return checked_slug(slug)
        except Refused:
            continue
    return ""


def scripts_of(slug: str) -> set[str]:
    """The scripts of its letters, by the first word of their Unicode names; those of East Asia are one."""
    words = {unicodedata.name(char, "").split(" ")[0] for char in slug if unicodedata.category(char) in _LETTERS}
    return {"CJK" if word in _EAST_ASIAN else word for word in words}


def _is_allowed(char: str) -> bool:
    return char == "-" or "0" <= char <= "9" or unicodedata.category(char) in _LETTERS | _MARKS


def _has_heaped_marks(slug: str) -> bool:
    heaped = 0
    for char in slug:
        heaped = heaped + 1 if unicodedata.category(char) in _MARKS else 0
        if heaped > _MARKS_MAX:
            return True
    return False


def _reads_as_latin(slug: str) -> bool:
    return all(char in LIKE_LATIN or not char.isalpha() for char in slug)
