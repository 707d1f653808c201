"""The protocol's page, the catalogue of events, the parser of frames and the scripts of the pages tell one story."""

import re

import pytest

from chatter.core.errors import STATUS
from chatter.core.events import EVENTS
from chatter.frames import COMMANDS
from tests.session import PROJECT

PAGE = (PROJECT / "docs" / "protocol.md").read_text(encoding="utf-8")
SCRIPTS = list((PROJECT / "static" / "js").rglob("*.js"))
# Hubs obey these; no client hears of them.
CONTROL = {name for name, event in EVENTS.items() if event.audience == "control"}


def table(heading: str) -> set[str]:
    """The names in the first column of the table under the row that begins with `heading`."""
    rows = PAGE.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row.split("|")[1])}


def test_every_event_is_described_and_nothing_else() -> None:
    assert table("event") == set(EVENTS) - CONTROL


def test_every_command_is_described_and_nothing_else() -> None:
    assert table("cmd") == set(COMMANDS)


def test_every_refusal_is_described_and_nothing_else() -> None:
    assert table("refusal code") == set(STATUS)


@pytest.mark.parametrize("name", sorted(set(EVENTS) - CONTROL))
def test_every_event_has_a_listener_in_the_page(name: str) -> None:
    spoken = re.compile(rf"""["'`]{re.escape(name)}["'`]""")
    assert [path.name for path in SCRIPTS if spoken.search(path.read_text(encoding="utf-8"))]


def test_events_are_frozen() -> None:
    assert [name for name, event in EVENTS.items() if not event.__dataclass_params__.frozen] == []  # type: ignore[attr-defined]
