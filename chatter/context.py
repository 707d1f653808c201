"""What every template may know of the page itself. Cheap: nothing here asks the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.preferences import setting_of, theme_of

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """How the page looks ("" where the system or the browser decides), and whether guests may come in."""
    user = getattr(request, "user", None)
    person = user if isinstance(user, User) else None
    theme = theme_of(person, request.COOKIES.get("theme", ""))
    return {
        "theme": theme if theme in THEMES else "",
        "guests_allowed": settings.CHATTER_GUESTS,
        **(looks(person) if person else {}),
    }


def looks(person: User) -> dict[str, Any]:
    """Density, clock, zone and the key that sends, as the frame of the page tells them to scripts and style."""
    return {
        "density": setting_of(person, "density"),
        "clock": setting_of(person, "clock"),
        "time_zone": setting_of(person, "time_zone"),
        "browser_zone": setting_of(person, "browser_zone"),
        "enter_breaks": not setting_of(person, "send_on_enter"),
    }
