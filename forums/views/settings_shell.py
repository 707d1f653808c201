"""The frame of a forum's settings: which pages of them the reader may open, in the list beside the open one."""

from typing import Any, NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from chatter.core.addresses import address
from chatter.core.errors import NotFound
from forums.actions.coming import pending_requests
from forums.permissions import Right, Standing
from forums.queue import waiting_count
from forums.views.shell import forum_page


class Entry(NamedTuple):
    """A page of the settings: what `at` calls it, its address by name, and who may open it: whoever has one of `rights`, or every
    moderator where there are none."""

    key: str
    page: str
    label: str | Promise
    icon: str
    rights: Right = Right(0)


ENTRIES = (
    Entry("overview", "forum_overview", _("Overview"), "info", Right.FORUM),
    Entry("options", "forum_options", _("Options"), "sliders-horizontal", Right.FORUM),
    Entry("rules", "forum_rules", _("Rules"), "list", Right.FORUM),
    Entry("flairs", "forum_flairs", _("Flairs"), "palette", Right.FORUM),
    Entry("members", "forum_members", _("Members"), "users"),
    Entry("requests", "forum_requests", _("Requests"), "hand", Right.PEOPLE),
    Entry("moderators", "forum_moderators", _("Moderators"), "shield"),
    Entry("queue", "forum_queue", _("Queue"), "flag", Right.POSTS),
    Entry("bans", "forum_bans", _("Bans"), "ban", Right.PEOPLE),
    Entry("log", "forum_log", _("Log"), "history"),
    Entry("statistics", "forum_statistics", _("Statistics"), "chart-column"),
    Entry("transfer", "forum_transfer", _("Hand over"), "crown"),
    Entry("delete", "forum_delete", _("Delete"), "trash-2"),
)
OF_OWNERS = frozenset({"transfer", "delete"})


class Link(NamedTuple):
    """An entry as the list shows it, with what waits there."""

    url: str
    label: str | Promise
    icon: str
    is_here: bool
    waiting: int = 0


def settings_shell(request: HttpRequest, standing: Standing, at: str = "", **more: Any) -> dict[str, Any]:
    """What `forums/_settings.html` needs: the forum, the reader's standing, the links, the one of `at` marked. `more` joins it."""
    links = [
        Link(url, entry.label, entry.icon, entry.key == at, _waiting(standing, entry))
        for entry in ENTRIES
        if may_open(standing, entry) and (url := address(entry.page, standing.forum.slug))
    ]
    return forum_page(request, standing, at="settings", bare=True, shell_links=links, **more)


def settings_page(
    request: HttpRequest, standing: Standing, template: str, at: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(request, template, settings_shell(request, standing, at, **more), status=status)


def may_open(standing: Standing, entry: Entry) -> bool:
    if entry.key in OF_OWNERS:
        return standing.is_owner
    if entry.key == "members" and not standing.forum.is_public:
        return standing.member is not None
    return standing.can(entry.rights) if entry.rights else standing.is_moderator


def _waiting(standing: Standing, entry: Entry) -> int:
    """How many ask to come in; how much was reported or is held."""
    if entry.key == "queue":
        return waiting_count(standing.forum)
    return pending_requests(standing.forum).count() if entry.key == "requests" and not standing.forum.is_public else 0


def check_moderates(standing: Standing) -> None:
    """Raises NotFound for who has nothing to do with the settings: what they do not see is not there."""
    if not standing.is_moderator:
        raise NotFound
