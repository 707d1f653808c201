"""What stands around the talk where another application knows it, as the group does around a channel.

Registered by the kind of the conversation when that application is ready. What is around the others, chat draws itself.
"""

from collections.abc import Callable
from typing import Any, Protocol

from django.http import HttpRequest
from django.utils.safestring import SafeString

from chat.reading import Room


class Around(Protocol):
    """What the pages of one place show besides its messages, for whoever asks for them. Each part is made when it is asked for."""

    @property
    def name(self) -> str:
        """What the field writes to: "#general"."""

    @property
    def tab(self) -> str:
        """What the tab says: "#general · Open Atlas"."""

    def side(self) -> dict[str, Any]:
        """What layouts/app.html needs for its side bar: `head` and `places` (html), `at_group` (an id)."""

    def bar(self) -> SafeString:
        """The head of the talk: sign, name, topic, tools."""

    def members(self) -> SafeString:
        """Who is here, for the details pane: a `<member-list>`."""


Maker = Callable[[HttpRequest, Room], Around]
_makers: dict[str, Maker] = {}


def register(kind: str, maker: Maker) -> None:
    """Have `maker` say what stands around conversations of `kind`."""
    _makers[kind] = maker


def around(request: HttpRequest, room: Room) -> Around | None:
    """What stands around the room; None where chat knows it by itself."""
    maker = _makers.get(room.conversation.kind)
    return maker(request, room) if maker else None
