"""What every template may know of the page itself. Cheap: nothing here asks the database."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.preferences import setting_of, stored_settings

THEMES = ("light", "dark")


def page(request: HttpRequest) -> dict[str, Any]:
    """How the page looks ("" where the system or the browser decides), and whether guests may come in."""
    return {
        "theme": theme_of(request),
        "guests_allowed": settings.CHATTER_GUESTS,
        **looks(request),
    }


def theme_of(request: HttpRequest) -> str:
    """What the person set, else what this browser remembers."""
    person = getattr(request, "user", None)
    chosen = stored_settings(person).get("theme") if isinstance(person, User) else None
    theme = request.COOKIES.get("theme", "") if chosen is None else chosen
    return theme if theme in THEMES else ""


def looks(request: HttpRequest) -> dict[str, Any]:
    """Density, clock, zone and the key that sends, as the frame of the page tells them to scripts and style."""
    person = getattr(request, "user", None)
    if not isinstance(person, User):
        return {}
    return {
        "density": setting_of(person, "density"),
        "clock": setting_of(person, "clock"),
        "time_zone": setting_of(person, "time_zone"),
        "browser_zone": setting_of(person, "browser_zone"),
        "enter_breaks": not setting_of(person, "send_on_enter"),
    }
