"""The pages of the settings: what the list beside them shows, in its order."""

from typing import NamedTuple

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Entry(NamedTuple):
    """A page of the settings. `within` are the URL names of pages that belong to it, or how they begin ("mfa_")."""

    name: str
    label: str | Promise
    icon: str
    within: tuple[str, ...] = ()
    for_guests: bool = False


ENTRIES = (
    Entry("settings_account", _("Account"), "user", ("settings", "settings_username", "account_email")),
    Entry("profile_edit", _("Profile"), "circle-user"),
    Entry("settings_privacy", _("Privacy"), "lock"),
    Entry("settings_appearance", _("Appearance"), "sun", for_guests=True),
    Entry("settings_notifications", _("Notifications"), "bell"),
    Entry("settings_devices", _("Devices"), "smartphone", for_guests=True),
    Entry(
        "settings_security",
        _("Security"),
        "shield",
        ("settings_security_", "account_change_password", "account_set_password", "mfa_", "wallet_", "socialaccount_"),
    ),
    Entry("settings_tokens", _("Programs"), "code", ("settings_tokens_",)),
    Entry("settings_data", _("Your data"), "download", ("settings_data_",), for_guests=True),
)


class Link(NamedTuple):
    """An entry as the list shows it."""

    url: str
    label: str | Promise
    icon: str
    is_here: bool


def links(view_name: str, *, guest: bool) -> list[Link]:
    """The entries that the reader may open; the page called `view_name` belongs to one of them."""
    return [
        Link(reverse(entry.name), entry.label, entry.icon, _belongs(view_name, entry))
        for entry in ENTRIES
        if entry.for_guests or not guest
    ]


def _belongs(view_name: str, entry: Entry) -> bool:
    return view_name == entry.name or any(
        view_name.startswith(name) if name.endswith("_") else view_name == name for name in entry.within
    )
