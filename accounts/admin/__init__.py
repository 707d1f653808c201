"""The tables of people in the administration; one file for each part of an account."""

from accounts.admin import (  # noqa: F401 -- registers them
    audit,
    devices,
    notifications,
    people,
    preferences,
    reports,
    security,
    ways,
)
