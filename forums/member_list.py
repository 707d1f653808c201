"""Who is in a forum, as its list of members shows it: a page at a time, the last to come first, or the best a search finds."""

from datetime import datetime

from django.db.models import Q
from django.utils import timezone

from accounts.search import parameters
from chatter.core.database import prepared_cursor
from forums.models import Forum, Member

PER_PAGE = 50
FOUND_MAX = 100

# So many are looked at of each kind of name, by its own index: a search costs the same in a forum of any size.
_SEARCH = """
(select m.id from accounts_user u join forums_member m on m.user_id = u.id and m.forum_id = %(forum)s
  where upper(u.username) like upper(%(inside)s) limit %(candidates)s)
union
(select m.id from accounts_user u join forums_member m on m.user_id = u.id and m.forum_id = %(forum)s
  where upper(u.display_name) like upper(%(inside)s) or upper(u.display_name) like upper(%(word)s) limit %(candidates)s)
"""


def members_page(forum: Forum, *, words: str = "", moderate: bool = False, after: str = "") -> tuple[list[Member], str]:
    """A page of members with their people and flairs, and what the next begins after ("" where there is none). Of a search the
    first FOUND_MAX."""
    rows = Member.objects.filter(forum=forum).select_related("user", "flair", "invited_by")
    if moderate:
        rows = rows.filter(Q(permissions__gt=0) | Q(user=forum.owner_id))
    if words:
        rows = rows.filter(pk__in=called(forum, words))
    if place := _place(after):
        rows = rows.filter(created_at__lte=place[0]).filter(Q(created_at__lt=place[0]) | Q(pk__lt=place[1]))
    most = FOUND_MAX if words else PER_PAGE
    found = list(rows.order_by("-created_at", "-pk")[: most + 1])
    has_more = len(found) > most and not words
    last = found[most - 1] if has_more else None
    return found[:most], f"{last.created_at.isoformat()}~{last.pk}" if last else ""


def called(forum: Forum, words: str) -> list[int]:
    """Members whose names hold the words (one query)."""
    wanted = " ".join(words.replace("\0", "").split()).removeprefix("@")
    if not wanted:
        return []
    patterns = parameters(wanted)
    with prepared_cursor() as cursor:
        asked = {name: patterns[name] for name in ("word", "inside", "candidates")}
        cursor.execute(_SEARCH, {"forum": forum.pk, **asked})
        return [row[0] for row in cursor.fetchall()]


def _place(after: str) -> tuple[datetime, int] | None:
    said, _tilde, key = after.partition("~")
    try:
        moment, last = datetime.fromisoformat(said), int(key)
    except ValueError:
        return None
    return None if timezone.is_naive(moment) else (moment, min(last, 2**62))
