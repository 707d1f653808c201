"""What an emoji is and what people call it, from the tables in static/vendor/emojibase. Nothing is rendered here."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

_TABLES = Path(__file__).resolve().parents[2] / "static" / "vendor" / "emojibase"
_VARIATION_SELECTOR = "\ufe0f"


def canonical_emoji(text: str) -> str | None:
    """The one spelling of the emoji that `text` is, or None where it is not exactly one.

    Emoji are Unicode's RGI set (UTS #51: ZWJ sequences, flags, keycaps, skin tones), spelled fully-qualified. Keyboards
    differ in the variation selectors they send, and reactions must be counted together.
    """
    return _spellings().get(text.replace(_VARIATION_SELECTOR, ""))


def is_emoji(text: str) -> bool:
    """Is `text` exactly one emoji, in any spelling?"""
    return canonical_emoji(text) is not None


@cache
def shortcodes() -> Mapping[str, str]:
    """Emoji by the names people type between colons, without the colons."""
    return {name: emoji for emoji, names in _table("shortcodes") for name in names}


@cache
def _spellings() -> Mapping[str, str]:
    """Canonical spellings by the text without variation selectors, which is unique (a test proves it)."""
    emojis = (emoji["emoji"] for row in _table("en") for emoji in (row, *row.get("skins", ())))
    return {emoji.replace(_VARIATION_SELECTOR, ""): emoji for emoji in emojis}


def _table(name: str) -> list[Any]:
    table: list[Any] = json.loads((_TABLES / f"{name}.json").read_text(encoding="utf-8"))
    return table
