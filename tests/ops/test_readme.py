"""The README's table and the code that reads the environment name the same variables."""

import re

from tests.session import PROJECT

# Said by Chatter to its own processes, not by an operator.
INTERNAL = {"CHATTER_COMMAND", "CHATTER_DATABASE_ROLE"}


def read_by_settings() -> set[str]:
    text = (PROJECT / "chatter" / "settings.py").read_text(encoding="utf-8")
    return set(re.findall(r"env\.\w+\(\s*\"([A-Z_]+)\"", text))


def named_in_table() -> set[str]:
    text = (PROJECT / "README.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row.split("|")[1])}


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert named_in_table() == (read_by_settings() - INTERNAL) | {"HOST", "PORT"}
