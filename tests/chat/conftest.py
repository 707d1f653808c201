"""The cast in every test of talk, and what was published while it ran."""

import pytest

from chatter.core import events
from tests.cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def published(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> list[events.Event]:
    """Every event that an action publishes from here on, in order."""
    seen: list[events.Event] = []
    for module in ("send", "change", "read", "conversation", "membership"):
        monkeypatch.setattr(f"chat.actions.{module}.publish", lambda *given: seen.extend(given))
    return seen
