"""The frame of a group's settings: which pages of them the member may open, in the list beside the open one."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from groups.models import Group
from groups.permissions import Right, Standing


class Entry(NamedTuple):
    """A page of the settings: what `at` calls it, its address by name, and who may open it: whoever has one of `rights`, or
    every member where there are none."""

    key: str
    page: str
    label: str | Promise
    icon: str
    rights: Right = Right(0)


ENTRIES = (
    Entry("overview", "group_overview", _("Overview"), "info"),
    Entry("channels", "group_channels", _("Channels"), "hash", Right.MANAGE_CHANNELS | Right.MANAGE_ROLES),
    Entry("roles", "group_roles", _("Roles"), "shield", Right.MANAGE_ROLES),
    Entry("members", "group_members", _("Members"), "users"),
    Entry("invites", "group_invites", _("Invitations"), "link", Right.INVITE | Right.MANAGE_GROUP),
    Entry("bans", "group_bans", _("Bans"), "ban", Right.BAN),
    Entry("why", "group_why", _("Who may what"), "circle-question-mark"),
    Entry("log", "group_log", _("Log"), "history", Right.VIEW_AUDIT),
    Entry("statistics", "group_statistics", _("Statistics"), "chart-column", Right.MANAGE_GROUP | Right.VIEW_AUDIT),
    Entry("transfer", "group_transfer", _("Hand over"), "crown"),
    Entry("delete", "group_delete", _("Delete"), "trash-2"),
)
OF_OWNERS = frozenset({"transfer", "delete"})


class Link(NamedTuple):
    """An entry as the list shows it."""

    url: str
    label: str | Promise
    icon: str
    is_here: bool


def settings_shell(request: HttpRequest, standing: Standing, at: str = "", **more: Any) -> dict[str, Any]:
    """What `groups/_settings.html` needs: the group, the reader's standing, the links, the one of `at` marked. `more` joins it."""
    group = standing.group
    return {
        "group": group,
        "at_group": group.pk,
        "standing": standing,
        "shell_links": [
            Link(url, entry.label, entry.icon, entry.key == at)
            for entry in ENTRIES
            if may_open(standing, entry) and (url := address(entry.page, group))
        ],
        "shell_back": address("group", group) or reverse("home"),
        **more,
    }


def may_open(standing: Standing, entry: Entry) -> bool:
    if entry.key in OF_OWNERS:
        return standing.is_owner
    return not entry.rights or standing.can(entry.rights)


def address(page: str, group: Group) -> str:
    """Where the page of the group lies; "" while there is no such page."""
    try:
        return reverse(page, args=[group.pk])
    except NoReverseMatch:
        return ""
