"""Which texts are one emoji, and what people call them."""

import json
from pathlib import Path

import pytest
from django.conf import settings

from chatter.core.emoji import canonical_emoji, is_emoji, shortcodes

TABLES = Path(settings.BASE_DIR) / "static" / "vendor" / "emojibase"


@pytest.mark.parametrize(
    "text", ["👍", "👍🏽", "❤️", "🇩🇪", "👨‍👩‍👧‍👦", "🏳️‍🌈", "1️⃣", "#️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "©️", "🧑🏻‍❤️‍💋‍🧑🏿", "☺️", "⌚"]
)
def test_one_emoji_is_one(text: str) -> None:
    assert canonical_emoji(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a",
        "1",
        "#",
        "👍👍",
        "👍 ",
        "🇩",
        "🏽",
        "\ufe0f",
        "\u200d",
        "👍\u200d",
        "a\ufe0f",
        ":tada:",
        "<b>",
        "❤\ufe0e",
    ],
)
def test_nothing_else_is(text: str) -> None:
    assert not is_emoji(text)


@pytest.mark.parametrize(
    ("typed", "stored"), [("❤", "❤️"), ("👍\ufe0f", "👍"), ("🏳\u200d🌈", "🏳️\u200d🌈"), ("1\u20e3", "1️⃣")]
)
def test_the_spellings_of_one_emoji_are_counted_together(typed: str, stored: str) -> None:
    assert canonical_emoji(typed) == stored


def test_spellings_without_selectors_are_unique() -> None:
    rows = json.loads((TABLES / "en.json").read_text(encoding="utf-8"))
    emojis = [emoji["emoji"] for row in rows for emoji in (row, *row.get("skins", ()))]
    assert len({emoji.replace("\ufe0f", "") for emoji in emojis}) == len(emojis) > 3_900


@pytest.mark.parametrize(
    ("name", "emoji"), [("+1", "👍"), ("tada", "🎉"), ("heart", "❤️"), ("joy", "😂"), ("flag-de", "🇩🇪")]
)
def test_the_usual_names_are_known(name: str, emoji: str) -> None:
    assert shortcodes()[name] == emoji


def test_every_name_means_one_canonical_emoji() -> None:
    assert all(canonical_emoji(emoji) == emoji for emoji in shortcodes().values())
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789_+-") for name in shortcodes())


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_picker_sends_canonical_emoji(language: str) -> None:
    rows = json.loads((TABLES / f"{language}.json").read_text(encoding="utf-8"))
    assert all(canonical_emoji(row["emoji"]) == row["emoji"] for row in rows)
