"""How long ago something was, in words: as the scripts of pages say it (static/js/time.js, "relative")."""

from datetime import datetime
from functools import lru_cache

from django.utils.translation import get_language, gettext, ngettext

MINUTE, HOUR, DAY = 60, 3600, 86_400
MONTH, YEAR = 30 * DAY, 365 * DAY


def ago(then: datetime, now: datetime) -> str:
    """ "5 minutes ago". Costs a microsecond: pages say it hundreds of times."""
    seconds = int((now - then).total_seconds())
    size = next((size for size in (YEAR, MONTH, DAY, HOUR, MINUTE) if seconds >= size), 0)
    return _words(size, seconds // size if size else 0, get_language())


@lru_cache(maxsize=4096)
def _words(size: int, count: int, _language: str | None) -> str:
    if size == 0:
        return gettext("just now")
    if size == MINUTE:
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count}
    if size == HOUR:
        return ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count}
    if size == DAY:
        return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}
    if size == MONTH:
        return ngettext("%(count)d month ago", "%(count)d months ago", count) % {"count": count}
    return ngettext("%(count)d year ago", "%(count)d years ago", count) % {"count": count}


@lru_cache(maxsize=4096)
def comments_counted(count: int, _language: str | None) -> str:
    """ "12 comments"."""
    return ngettext("%(count)d comment", "%(count)d comments", count) % {"count": count}
