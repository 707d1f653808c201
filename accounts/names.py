"""What people may call themselves: reserved usernames, usernames made from names, and names that would mislead."""

import re
import secrets
import unicodedata

# Would speak for the site, call everybody when mentioned, or hide a page (/people/search/).
RESERVED = frozenset(
    {
        "admin",
        "administrator",
        "all",
        "channel",
        "chatter",
        "deleted",
        "everyone",
        "guest",
        "here",
        "me",
        "moderator",
        "root",
        "search",
        "support",
        "system",
    }
)
GUEST_PREFIX = "guest-"
# Latin letters that no accent can be taken from.
PLAIN = str.maketrans(
    {"ł": "l", "Ł": "L", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "Æ": "Ae"}
    | {"œ": "oe", "Œ": "Oe", "ı": "i", "ħ": "h"}
)
# Letters and symbols by category, yet nothing to see (Hangul fillers, the blank Braille pattern).
BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
USERNAME_MAX = 50
# They hold emoji and Indic clusters together; every other format character only misleads.
JOINERS = "\u200c\u200d"


def is_reserved(username: str) -> bool:
    """May nobody choose `username` for themselves? Names that begin like a guest's are kept for guests."""
    lowered = username.lower()
    return lowered in RESERVED or lowered.startswith(GUEST_PREFIX)


def ascii_words(name: str) -> str:
    """`name` in the letters of a username, words joined by "-": "Zoë Łęcka" → "Zoe-Lecka"; "" where none is left."""
    plain = unicodedata.normalize("NFKD", name.translate(PLAIN)).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")


def guest_username(name: str) -> str:
    """A username that tells of the guest `name`, in any script, and is hardly ever taken: "guest-zoe-3fa2"."""
    suffix = secrets.token_hex(2)
    words = ascii_words(name)[: USERNAME_MAX - len(GUEST_PREFIX) - len(suffix) - 1].strip("-").lower()
    return f"{GUEST_PREFIX}{words}-{suffix}" if words else f"{GUEST_PREFIX}{suffix}"


def tidy_name(name: str) -> str:
    """`name` without what cannot be seen: controls, direction marks and zero-width characters go, blanks fold to one."""
    visible = (" " if char.isspace() else char for char in name if char.isspace() or _is_visible(char))
    return " ".join("".join(visible).split())


def _is_visible(char: str) -> bool:
    if char in JOINERS:
        return True
    return char not in BLANKS and unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def likeness(name: str) -> str:
    """Two names of the same likeness read the same: width, case and joiners do not count. "" when nothing is seen."""
    folded = unicodedata.normalize("NFKC", tidy_name(name)).casefold()
    return folded.translate(dict.fromkeys(map(ord, JOINERS))).strip()
