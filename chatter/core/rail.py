"""What stands on the rail of every page besides the main places: each application that has something registers how to draw it."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpRequest

Draw = Callable[[HttpRequest, UUID | None], str]
_drawn: list[Draw] = []


def register(draw: Draw) -> None:
    """Have `draw(request, current)` add its html: places of the person, the `current` one marked."""
    _drawn.append(draw)


def rail(request: HttpRequest, current: UUID | None) -> str:
    """The html of all, for somebody who is signed in."""
    return "".join(draw(request, current) for draw in _drawn)
