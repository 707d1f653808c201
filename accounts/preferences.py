"""What a person can set for themselves: keys, the shape of each value (JSON Schema 2020-12), and what holds until then.

Whom they let reach them is `accounts.privacy`; how they are shown to others is their profile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from django.conf import settings
from django.utils import timezone, translation
from jsonschema import Draft202012Validator

from accounts.models import Notification, Setting, User
from chatter.core.clock import clock_in_use
from chatter.core.errors import Refused

type Settings = dict[str, Any]

_ZONE: dict[str, Any] = {"enum": ["", *sorted(available_timezones())]}
_TIME = {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z"}
_CHANNELS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {channel: {"type": "boolean"} for channel in ("in_app", "email", "push")},
}


class Preference(NamedTuple):
    """One key of the catalogue."""

    schema: dict[str, Any]
    default: Any


CATALOGUE: dict[str, Preference] = {
    "theme": Preference({"enum": ["system", "light", "dark"]}, "system"),
    "density": Preference({"enum": ["comfortable", "compact"]}, "comfortable"),
    # "" stands for what the browser asks for.
    "language": Preference({"enum": ["", *(code for code, _name in settings.LANGUAGES)]}, ""),
    # "" stands for the zone of the browser, which tells it as `browser_zone`.
    "time_zone": Preference(_ZONE, ""),
    "browser_zone": Preference(_ZONE, ""),
    "clock": Preference({"enum": ["auto", "12", "24"]}, "auto"),
    "send_on_enter": Preference({"type": "boolean"}, True),
    # How lists of posts look; chosen above each of them.
    "forum_view": Preference({"enum": ["card", "compact"]}, "card"),
    "notifications": Preference(
        {
            "type": "object",
            "additionalProperties": False,
            "properties": dict.fromkeys(Notification.Kind.values, _CHANNELS),
        },
        {},
    ),
    "email_pace": Preference({"enum": ["soon", "hourly", "daily", "off"]}, "soon"),
    "quiet_hours": Preference(
        {
            "type": "object",
            "additionalProperties": False,
            "required": ["on", "from", "to", "days"],
            "properties": {
                "on": {"type": "boolean"},
                "from": _TIME,
                "to": _TIME,
                "days": {
                    "type": "array",
                    "items": {"type": "integer", "minimum": 0, "maximum": 6},
                    "uniqueItems": True,
                    "maxItems": 7,
                },
            },
        },
        {"on": False, "from": "22:00", "to": "07:00", "days": [0, 1, 2, 3, 4, 5, 6]},
    ),
}


@cache
def _validator(key: str) -> Draft202012Validator:
    return Draft202012Validator(CATALOGUE[key].schema)


def checked_setting(key: str, value: Any) -> Any:
    """`value`, if it is one that `key` may have. Raises Refused("invalid") for unknown keys and wrong shapes."""
    if key not in CATALOGUE or not _validator(key).is_valid(value):
        raise Refused("invalid")
    return value


def settings_of(person: User) -> Settings:
    """Every key with the person's value or the default. No query for who was loaded by their session."""
    return {key: preference.default for key, preference in CATALOGUE.items()} | stored_settings(person)


def stored_settings(person: User) -> Settings:
    """Only what the person set themselves."""
    if person.preferences is None:
        person.preferences = dict(Setting.objects.filter(user=person.pk).values_list("key", "value"))
    return person.preferences


def setting_of(person: User, key: str) -> Any:
    """The person's value of `key`, or the default."""
    return stored_settings(person).get(key, CATALOGUE[key].default)


def theme_of(person: User | None, remembered: str) -> str:
    """The theme that the person set, else the one their browser remembers from before they were known, else "system"."""
    chosen = stored_settings(person).get("theme") if person else None
    themes: list[str] = CATALOGUE["theme"].schema["enum"]
    return next((theme for theme in themes if theme == (chosen or remembered)), "system")


def zone_of(person: User) -> ZoneInfo:
    """The time zone the person lives by: the one they chose, else that of their browser, else UTC."""
    return zone_called(setting_of(person, "time_zone") or setting_of(person, "browser_zone"))


@lru_cache(maxsize=1024)
def zone_called(name: str) -> ZoneInfo:
    """The zone, or UTC where this machine knows none of that name (any more)."""
    try:
        return ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


@contextmanager
def as_read_by(person: User) -> Iterator[None]:
    """Write in the language, the zone and the clock of `person`: for what is made away from their requests."""
    language = setting_of(person, "language") or settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zone_of(person)), clock_in_use(setting_of(person, "clock")):
        yield
