"""What every template may know of the page itself. Cheap: nothing here asks the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """The chosen theme ("" where the system decides) and whether guests may come in."""
    theme = request.COOKIES.get("theme", "")
    return {
        "theme": theme if theme in THEMES else "",
        "guests_allowed": settings.CHATTER_GUESTS,
    }
