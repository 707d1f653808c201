"""The log of a group: who did what, for those who may read it."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.audit import Asked, entries_of
from accounts.models import User
from chat.views.access import checked, viewer_of
from groups.forms.log import LogForm
from groups.log import log_lines
from groups.log_words import KINDS
from groups.permissions import Right, check_right, visible_group
from groups.views.shell import settings_shell

PER_PAGE = 50


@require_safe
def log(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """A page of it, newest first; by who did it, to whom, what kind of thing, and when."""
    standing = visible_group(viewer_of(request), group_id)
    check_right(standing, Right.VIEW_AUDIT)
    form = LogForm(request.GET)
    given = checked(form)
    asked = _asked(group_id, given)
    found = entries_of(asked, PER_PAGE + 1) if asked else []
    lines = log_lines(standing, found[:PER_PAGE])
    context = {
        "lines": lines,
        "form": form,
        "kinds": KINDS.items(),
        "is_filtered": any(value for name, value in given.items() if name != "before"),
        "next": _onward(given, lines[-1].number) if len(found) > PER_PAGE else "",
    }
    return render(request, "groups/log.html", settings_shell(request, standing, at="log", **context))


def _asked(group_id: UUID, given: dict[str, Any]) -> Asked | None:
    """None where nobody is called so."""
    keys = {}
    for name in ("actor", "target"):
        if given[name]:
            found = User.objects.filter(username__iexact=given[name].removeprefix("@")).values_list("pk", flat=True)
            keys[name] = found.first()
            if keys[name] is None:
                return None
    kind = KINDS.get(given["kind"])
    return Asked(
        place=group_id,
        actions=tuple(kind.words) if kind else (),
        since=_midnight(given["since"]) if given["since"] else None,
        until=_midnight(given["until"] + timedelta(days=1)) if given["until"] else None,
        before=given["before"],
        **keys,
    )


def _midnight(day: Any) -> datetime:
    """Where the reader is."""
    return timezone.make_aware(datetime.combine(day, time()))


def _onward(given: dict[str, Any], before: int) -> str:
    return urlencode({name: value for name, value in given.items() if value} | {"before": before})
