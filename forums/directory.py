"""Public forums as everybody finds them: the directory, a page at a time. Nothing here tells of a private forum."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.rows import columns, instance
from forums.models import Forum

PAGE = 24
QUERY_MAX = 80
WORDS_MAX = 6
MEMBERS, POSTS, NEWEST = SORTS = ("members", "posts", "newest")
COUNT_MAX = 2**31 - 1

# Each word stands in the name, the address or the description; what is ordered by falls, so does the id.
_BY = {MEMBERS: "f.member_count", POSTS: "f.post_count", NEWEST: "f.created_at"}
_FOUND = f"""
select {columns(Forum, "f")}, exists (select from forums_member m where m.forum_id = f.id and m.user_id = %(viewer)s)
  from forums_forum f
 where f.is_public and f.deletion_due_at is null {{words}} {{onward}}
 order by {{by}} desc, f.id limit %(limit)s
"""  # noqa: S608 -- names of columns
_ONWARD = "and {by} <= %(value)s and ({by} < %(value)s or f.id > %(after)s)"
_WORD = "and (upper(f.name) like upper(%(word{number})s) or upper(f.description) like upper(%(word{number})s) or f.slug like %(slug{number})s)"


class Found(NamedTuple):
    """A public forum, and whether the viewer is in it."""

    forum: Forum
    is_joined: bool


class Page(NamedTuple):
    """Forums, and where the next page begins ("" after the last)."""

    forums: list[Found]
    after: str


def find_forums(
    viewer: User | None, query: str = "", *, sort: str = MEMBERS, after: str = "", limit: int = PAGE
) -> Page:
    """Public forums in which each word of `query` is found, from `after` (a `Page.after`) on (one query)."""
    by = _BY.get(sort, _BY[MEMBERS])
    words = query.replace("\0", "")[:QUERY_MAX].split()[:WORDS_MAX]
    asked: dict[str, Any] = {"viewer": viewer.pk if viewer else None, "limit": limit + 1}
    for number, word in enumerate(words):
        asked |= {f"word{number}": f"%{_literal(word)}%", f"slug{number}": f"%{_literal(word.casefold())}%"}
    onward = _place(after, sort)
    if onward:
        asked |= {"value": onward[0], "after": onward[1]}
    sql = _FOUND.format(
        by=by,
        words=" ".join(_WORD.format(number=number) for number in range(len(words))),
        onward=_ONWARD.format(by=by) if onward else "",
    )
    with prepared_cursor() as cursor:
        cursor.execute(sql, asked)
        rows = cursor.fetchall()
    found = [Found(instance(Forum, row[:-1]), row[-1]) for row in rows[:limit]]
    return Page(found, _token(found[-1].forum, sort) if len(rows) > limit else "")


def _token(forum: Forum, sort: str) -> str:
    said = {POSTS: str(forum.post_count), NEWEST: forum.created_at.isoformat()}.get(sort, str(forum.member_count))
    return f"{said}~{forum.pk}"


def _place(after: str, sort: str) -> tuple[object, UUID] | None:
    """What an address says of where a page begins; nonsense is the beginning."""
    said, _tilde, key = after.partition("~")
    try:
        value = datetime.fromisoformat(said) if sort == NEWEST else max(0, min(int(said), COUNT_MAX))
        return None if isinstance(value, datetime) and value.tzinfo is None else (value, UUID(key))
    except ValueError:
        return None


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
