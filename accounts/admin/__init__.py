"""The tables of people in the administration; one file for each part of an account."""

from accounts.admin import devices, notifications, people, preferences, reports, security, ways  # noqa: F401 -- registers them
