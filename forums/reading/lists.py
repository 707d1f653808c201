"""Lists of posts: which stand in them, in what order, a page at a time. One query for a page with all that its cards show.

A list is walked by the index of its order; a home list takes the first of each forum and merges them. The statements are few, and
the database plans each once for a connection.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.errors import Refused
from forums.permissions import Standing
from forums.reading import keyset
from forums.reading.cards import CARD_COLUMNS, CARD_TABLES, Card, card_of
from forums.reading.keyset import Cursor

PAGE = 25
PINNED_MAX = 50
INT_MAX = 2**31 - 1
# Ids begin with the time they were made at; clocks of two machines may differ by so much.
CLOCKS = timedelta(minutes=5)


class Sort(StrEnum):
    HOT = "hot"
    NEW = "new"
    TOP = "top"
    CONTROVERSIAL = "controversial"


class Span(StrEnum):
    """How old posts of the orders by votes may be."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    ALL = "all"


SPANS = {
    Span.DAY: timedelta(days=1),
    Span.WEEK: timedelta(days=7),
    Span.MONTH: timedelta(days=30),
    Span.YEAR: timedelta(days=365),
}
SPANNED = frozenset({Sort.TOP, Sort.CONTROVERSIAL})
# So few posts are of these spans that they are looked up by their time, and then sorted.
SHORT = frozenset({Span.DAY, Span.WEEK})
COLUMNS = {Sort.HOT: "p.hot", Sort.TOP: "p.score", Sort.CONTROVERSIAL: "p.controversy"}

LISTED = "p.deleted_at is null and p.removed_at is null and p.held_at is null"
# As forums.permissions.visible_forums, for a reader who may be nobody.
READABLE = (
    "f.deletion_due_at is null and (f.is_public or exists (select from forums_member m"
    " where m.forum_id = f.id and m.user_id = %(reader)s))"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page of a list, in what order."""

    sort: Sort = Sort.HOT
    span: Span = Span.ALL
    after: Cursor | None = None
    flair: UUID | None = None


class Page(NamedTuple):
    """Cards, those that are pinned first, and where the next page begins (None: there is none)."""

    cards: list[Card]
    after: Cursor | None


def posts_in(standing: Standing, asked: Asked) -> Page:
    """Posts of a forum; on the first page what is pinned there comes before."""
    more = {"forum": standing.forum.pk, "flair": asked.flair, "first": asked.after is None}
    return _page("forum", standing.person, asked, more, has_flair=asked.flair is not None)


def posts_at_home(person: User, asked: Asked) -> Page:
    """Posts of the forums that the person subscribes to."""
    return _page("home", person, asked, {})


def posts_everywhere(person: User | None, asked: Asked) -> Page:
    """Posts of all public forums and of those the person is in; who is not known is spared forums for adults."""
    return _page("known" if _reader(person) else "everybody", person, asked, {})


def posts_by(author: User, person: User | None, asked: Asked) -> Page:
    """Posts of one person that the reader may see; oneself sees also what waits or was removed."""
    return _page("person", person, asked, {"author": author.pk})


def posts_saved(person: User, asked: Asked) -> Page:
    """What the person put aside, the last one first, as far as they may still see it."""
    last = int(asked.after.key) if asked.after else 2**53
    return _page("saved", person, Asked(after=asked.after), {"key": last})


def cards_by_id(person: User | None, keys: list[UUID]) -> dict[UUID, Card]:
    """The cards of posts that the caller found for this reader (one query, none for none)."""
    if not keys:
        return {}
    sql = _cards("select id, false, 0::float8 from unnest(%(keys)s::uuid[]) x(id)")
    with prepared_cursor() as cursor:
        cursor.execute(sql, {"reader": _reader(person), "keys": keys})
        return {row[2]: card_of(row[2:]) for row in cursor.fetchall()}


def _reader(person: User | None) -> UUID | None:
    return None if person is None or person.is_guest else person.pk


def _page(scope: str, person: User | None, asked: Asked, more: Mapping[str, Any], *, has_flair: bool = False) -> Page:
    span = asked.span if asked.sort in SPANNED else Span.ALL
    parameters = {"reader": _reader(person), **_start(asked), **_since(span), **more}
    with prepared_cursor() as cursor:
        cursor.execute(_sql(scope, asked.sort, span, has_flair), parameters)
        rows = cursor.fetchall()
    pinned = [card_of(row[2:]) for row in rows if row[0]]
    others = [row for row in rows if not row[0]]
    cards = [card_of(row[2:]) for row in others[:PAGE]]
    after = _after(others[PAGE - 1][1], cards, asked) if len(others) > PAGE else None
    return Page(pinned + cards, after)


def _after(key: float, cards: list[Card], asked: Asked) -> Cursor:
    # What is ordered by time stays where it is.
    shown = [] if asked.sort == Sort.NEW else [card.id for card in cards]
    return keyset.cursor_after(key, cards[-1].id, shown, asked.after)


def _start(asked: Asked) -> dict[str, Any]:
    """Where the page begins. Raises Refused where the order knows no such place."""
    after = asked.after
    if asked.sort != Sort.TOP:
        key: float = after.key if after else float("inf")
    else:
        key = int(after.key) if after else INT_MAX
        if abs(key) > INT_MAX:
            raise Refused("invalid")
    return {"key": key, "id": after.id if after else keyset.START, "seen": list(after.seen) if after else []}


def _since(span: Span) -> dict[str, Any]:
    if span == Span.ALL:
        return {}
    since = timezone.now() - SPANS[span]
    return {"since": since, "floor": UUID(int=int((since - CLOCKS).timestamp() * 1000) << 80)}


@cache
def _sql(scope: str, sort: Sort, span: Span, has_flair: bool) -> str:
    return _cards(_SCOPES[scope](sort, span, has_flair))


@cache
def _cards(pick: str) -> str:
    return (
        f"with picked(id, top, key) as materialized ({pick}) "  # noqa: S608 -- pieces of this package
        f"select k.top, k.key, {CARD_COLUMNS} from picked k join forums_post p on p.id = k.id {CARD_TABLES} "
        "order by k.top desc, k.key desc, k.id desc"
    )


def _order(sort: Sort) -> str:
    return "p.id desc" if sort == Sort.NEW else f"{COLUMNS[sort]} desc, p.id desc"


def _key(sort: Sort) -> str:
    # Ranks of time are all alike: the id decides.
    return "0::float8" if sort == Sort.NEW else f"{COLUMNS[sort]}::float8"


def _where(sort: Sort, span: Span) -> str:
    """After the cursor, within the span."""
    parts = [LISTED]
    if sort == Sort.NEW:
        parts.append("p.id < %(id)s")
    else:
        parts.append(f"({COLUMNS[sort]}, p.id) < (%(key)s, %(id)s) and right(p.id::text, 12) <> all(%(seen)s::text[])")
    if sort == Sort.CONTROVERSIAL:
        parts.append("p.controversy > 0")
    if span != Span.ALL:
        parts.append("p.id >= %(floor)s and p.created_at >= %(since)s")
    return " and ".join(parts)


def _from(span: Span, where: str) -> str:
    """The posts to choose from: for short spans by their time, whatever the order."""
    if span not in SHORT:
        return f"forums_post p where {where}"
    return f"(select p.* from forums_post p where {where} offset 0) p where true"  # noqa: S608


def _forum(sort: Sort, span: Span, has_flair: bool) -> str:
    flair = " and p.flair_id = %(flair)s" if has_flair else ""
    here = f"p.forum_id = %(forum)s{flair} and {{0}}"
    where = here.format(f"p.pinned_at is null and {_where(sort, span)}")
    return (
        f"(select p.id, true, extract(epoch from p.pinned_at)::float8 from forums_post p"  # noqa: S608
        f" where {here.format(LISTED)} and p.pinned_at is not null and %(first)s order by p.pinned_at desc limit {PINNED_MAX})"
        f" union all (select p.id, false, {_key(sort)} from {_from(span, where)} order by {_order(sort)} limit {PAGE + 1})"
    )


def _home(sort: Sort, span: Span, _has_flair: bool) -> str:
    where = f"p.forum_id = m.forum_id and {_where(sort, span)}"
    return (
        "select p.id, false, p.key from forums_member m"  # noqa: S608
        " join forums_forum f on f.id = m.forum_id and f.deletion_due_at is null"
        f" cross join lateral (select p.id, {_key(sort)} as key from {_from(span, where)}"
        f" order by {_order(sort)} limit {PAGE + 1}) p"
        f" where m.user_id = %(reader)s and m.is_subscribed order by p.key desc, p.id desc limit {PAGE + 1}"
    )


def _everywhere(readable: str, sort: Sort, span: Span) -> str:
    return (
        f"select p.id, false, {_key(sort)} from {_from(span, _where(sort, span))}"  # noqa: S608
        f" and exists (select from forums_forum f where f.id = p.forum_id and {readable} offset 0)"
        f" order by {_order(sort)} limit {PAGE + 1}"
    )


def _known(sort: Sort, span: Span, _has_flair: bool) -> str:
    return _everywhere(READABLE, sort, span)


def _everybody(sort: Sort, span: Span, _has_flair: bool) -> str:
    return _everywhere("f.deletion_due_at is null and f.is_public and not f.is_nsfw", sort, span)


def _person(sort: Sort, span: Span, _has_flair: bool) -> str:
    where = _where(sort, span).replace(LISTED, f"p.deleted_at is null and (({LISTED}) or p.author_id = %(reader)s)")
    return (
        f"select p.id, false, {_key(sort)} from forums_post p join forums_forum f on f.id = p.forum_id and {READABLE}"  # noqa: S608
        f" where p.author_id = %(author)s and {where} order by {_order(sort)} limit {PAGE + 1}"
    )


def _saved(_sort: Sort, _span: Span, _has_flair: bool) -> str:
    return (
        "select p.id, false, s.id::float8 from forums_saved s join forums_post p on p.id = s.post_id"  # noqa: S608
        f" join forums_forum f on f.id = p.forum_id and {READABLE}"
        " where s.user_id = %(reader)s and s.id < %(key)s and p.deleted_at is null"
        f" and (({LISTED}) or p.author_id = %(reader)s)"
        f" order by s.id desc limit {PAGE + 1}"
    )


_SCOPES = {
    "forum": _forum,
    "home": _home,
    "known": _known,
    "everybody": _everybody,
    "person": _person,
    "saved": _saved,
}
