"""The page of a place's log, but for its frame: what is asked, the entries, and the way to the earlier ones."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.audit import Asked, entries_of
from accounts.forms.log import LogForm
from accounts.log import Kind, LogLine
from accounts.models import AuditEntry, User
from chatter.core.errors import Refused

PER_PAGE = 50


def log_page(
    request: HttpRequest,
    place: UUID,
    kinds: Mapping[str, Kind],
    say: Callable[[Sequence[AuditEntry]], list[LogLine]],
    *,
    is_whole: bool = True,
) -> dict[str, Any]:
    """Newest first; by who did it, to whom, what kind of thing, and when. Where the log is not `is_whole`, only what `kinds` are.
    Raises Refused for what could not be understood."""
    form = LogForm(kinds, request.GET)
    if not form.is_valid():
        raise Refused("invalid", _("This address could not be understood."))
    given = form.cleaned_data
    asked = _asked(place, given, kinds, is_whole=is_whole)
    found = entries_of(asked, PER_PAGE + 1) if asked else []
    lines = say(found[:PER_PAGE])
    return {
        "lines": lines,
        "form": form,
        "kinds": kinds.items(),
        "is_filtered": any(value for name, value in given.items() if name != "before"),
        "next": _onward(given, lines[-1].number) if len(found) > PER_PAGE else "",
    }


def _asked(place: UUID, given: dict[str, Any], kinds: Mapping[str, Kind], *, is_whole: bool) -> Asked | None:
    """None where nobody is called so."""
    keys = {}
    for name in ("actor", "target"):
        if given[name]:
            found = User.objects.filter(username__iexact=given[name].removeprefix("@")).values_list("pk", flat=True)
            keys[name] = found.first()
            if keys[name] is None:
                return None
    chosen = [kinds[given["kind"]]] if given["kind"] else [] if is_whole else list(kinds.values())
    return Asked(
        place=place,
        actions=tuple(action for kind in chosen for action in kind.words),
        since=_midnight(given["since"]) if given["since"] else None,
        until=_midnight(given["until"] + timedelta(days=1)) if given["until"] else None,
        before=given["before"],
        **keys,
    )


def _midnight(day: date) -> datetime:
    """Where the reader is."""
    return timezone.make_aware(datetime.combine(day, time()))


def _onward(given: dict[str, Any], before: int) -> str:
    return urlencode({name: value for name, value in given.items() if value} | {"before": before})
