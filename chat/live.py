"""What the live side needs to know of messages: how one looks, and what one says when a note names only its id."""

from typing import Any
from uuid import UUID

from chat.reading import shown_messages, small_places_of
from chat.rendering import Shown, article
from chatter.core import realtime


def render(wire: dict[str, Any], body: str) -> str:
    return article(Shown(wire, body))


def messages(ids: list[UUID]) -> dict[UUID, tuple[dict[str, Any], str]]:
    """(wire, body) of those that exist, for nobody in particular."""
    return {key: (shown.wire, shown.body) for key, shown in shown_messages(ids, None).items()}


def register() -> None:
    realtime.register(render=render, messages=messages, small_places=small_places_of)
