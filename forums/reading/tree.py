"""Which comments of a post are shown, and in which order: a bounded number of bounded depth, however many there are.

Posts of few comments are read whole, in one range of an index. Of the others each level reads the first answers of what the
level above shows, from an index that holds them in that order: what is read is bounded by what is shown. Nothing recurses.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from chatter.core.database import prepared_cursor
from forums.models import Post
from forums.permissions import Right, Standing

# So many comments are shown at first and with each "more"; a post of no more is shown whole.
SHOWN = 200
# So deep; what lies deeper is a page of its own.
LEVELS = 8
# Of each comment at least so many answers are looked at, so that none takes all the room.
ANSWERS = 5
ANCESTORS = 3


class Sort(StrEnum):
    BEST = "best"
    TOP = "top"
    NEW = "new"
    OLD = "old"
    CONTROVERSIAL = "controversial"


class Line(NamedTuple):
    """A comment as it is read for a page: with its author as the forum knows them and the reader's own vote."""

    id: UUID
    number: int
    answered: UUID
    """The comment it answers, else the post."""
    depth: int
    author_id: UUID
    html: str
    score: int
    reply_count: int
    held_at: datetime | None
    removed_at: datetime | None
    removal_reason: str
    edited_at: datetime | None
    deleted_at: datetime | None
    created_at: datetime
    username: str
    display_name: str
    avatar: str
    is_gone: bool
    permissions: int
    flair: str | None
    flair_hue: int | None
    mine: int


@dataclass(frozen=True)
class Forest:
    """The lines to show: `answers` by what they answer, in order; `roots` is what the first ones answer. `has_more` after the
    last root."""

    roots: UUID
    answers: dict[UUID, list[Line]] = field(default_factory=dict)
    has_more: bool = False

    def __len__(self) -> int:
        return sum(map(len, self.answers.values()))


_LINE = """
select c.id, c.number, coalesce(c.parent_id, c.post_id), c.depth, c.author_id, c.html, c.score, c.reply_count, c.held_at, c.removed_at, c.removal_reason,
       c.edited_at, c.deleted_at, c.created_at, u.username, u.display_name, u.avatar, u.deleted_at is not null,
       coalesce(m.permissions, 0), l.name, l.hue, coalesce(v.value, 0)
  from {source}
  join accounts_user u on u.id = c.author_id
  left join forums_member m on m.forum_id = %(forum)s and m.user_id = c.author_id
  left join forums_flair l on l.id = m.flair_id
  left join forums_commentvote v on v.comment_id = c.id and v.user_id = %(reader)s
"""
# What waits for the moderators is shown to them and to who wrote it, to others not even as a gap.
_SEEN = "(c.held_at is null or c.author_id = %(reader)s or %(moderates)s)"
_ANSWERED = "coalesce(c.parent_id, c.post_id)"
# In each order the later of equals stands first (old: the earlier): one direction, so that an index leads through it.
_RANK = {Sort.BEST: "best", Sort.TOP: "score", Sort.CONTROVERSIAL: "controversy"}
_TOP = {Sort.BEST: "'infinity'::float8", Sort.TOP: "2147483647", Sort.CONTROVERSIAL: "'infinity'::float8"}
_FROM_COMMENTS = _LINE.format(source="forums_comment c")
_ABOVE = f"""
with recursive above as (
  select id, parent_id, 1 step from forums_comment where id = %(parent)s
  union all
  select c.id, c.parent_id, above.step + 1 from above join forums_comment c on c.id = above.parent_id where above.step < {ANCESTORS}
)
{_LINE.format(source="above join forums_comment c on c.id = above.id")} where {_SEEN} order by above.step desc
"""  # noqa: S608 -- numbers and names of columns


def forest_of(
    standing: Standing, post: Post, sort: Sort, *, under: UUID | None = None, after: int = 0, levels: int = LEVELS
) -> Forest:
    """The first comments of the post, or of the answers `under` one of them, after the one numbered `after` (one query)."""
    roots = under or post.pk
    if post.last_comment_number <= SHOWN:
        answers = _by_answered(_ask(_whole_sql(sort), standing, post=post.pk))
        return Forest(roots, _reached(answers, roots, after, levels))
    answers = _by_answered(_ask(_picked_sql(sort, levels), standing, post=post.pk, roots=roots, after=after))
    first = answers.get(roots, [])
    if has_more := len(first) > SHOWN // 2:
        answers.pop(first.pop().id, None)
    return Forest(roots, answers, has_more)


def lines_since(standing: Standing, post: Post, number: int) -> list[Line]:
    """The comments after that number, the earliest first, no more than SHOWN (one query)."""
    where = f"where c.post_id = %(post)s and c.number > %(number)s and {_SEEN} order by c.number limit {SHOWN}"
    return _ask(_FROM_COMMENTS + where, standing, post=post.pk, number=number)


def line_of(standing: Standing, post: Post, number: int) -> Line | None:
    """The comment of that number; None where the reader may not know of it (one query)."""
    where = f"where c.post_id = %(post)s and c.number = %(number)s and {_SEEN}"
    return next(iter(_ask(_FROM_COMMENTS + where, standing, post=post.pk, number=number)), None)


def line_with(standing: Standing, post: Post, key: UUID) -> Line | None:
    """As `line_of`, by its id."""
    where = f"where c.post_id = %(post)s and c.id = %(key)s and {_SEEN}"
    return next(iter(_ask(_FROM_COMMENTS + where, standing, post=post.pk, key=key)), None)


def ancestors_of(standing: Standing, line: Line) -> list[Line]:
    """What the comment answers, up to three above it, the highest first (one query; none for one that answers the post)."""
    return _ask(_ABOVE, standing, parent=line.answered) if line.depth else []


@cache
def _whole_sql(sort: Sort) -> str:
    return f"{_FROM_COMMENTS} where c.post_id = %(post)s and {_SEEN} order by {_order(sort)}"


@cache
def _picked_sql(sort: Sort, levels: int) -> str:
    """Level by level: of what the level above shows the first answers, everybody's first before anybody's second. Each level takes
    half of the room that is left, the last what remains."""
    parts = [_first_level(sort)]
    for level in range(1, levels):
        taken = " + ".join(f"(select count(*) from l{above})" for above in range(level))  # noqa: S608 -- numbers
        room = f"greatest({SHOWN} - ({taken}), 0)" + ("" if level == levels - 1 else " / 2")
        parts.append(_next_level(sort, level, room))
    picked = " union all ".join(f"select id from l{level}" for level in range(levels))  # noqa: S608 -- numbers
    source = "picked join forums_comment c on c.id = picked.id"
    return f"with {', '.join(parts)}, picked as ({picked}) {_LINE.format(source=source)} order by {_order(sort)}"


def _first_level(sort: Sort) -> str:
    """One more than is shown tells whether there are more."""
    return f"""l0 as materialized (
      select c.id, row_number() over (order by {_order(sort)}) place from forums_comment c
       where {_ANSWERED} = %(roots)s and {_SEEN} and {_after(sort)} order by {_order(sort)} limit {SHOWN // 2 + 1})"""  # noqa: S608


def _next_level(sort: Sort, level: int, room: str) -> str:
    above = f"l{level - 1}"
    each = f"(select greatest({ANSWERS}, ({room}) / greatest(count(*), 1)) from {above})"  # noqa: S608 -- numbers
    return f"""l{level} as materialized (
      select a.id, row_number() over (order by a.nth, p.place) place from {above} p cross join lateral (
        select c.id, row_number() over (order by {_order(sort)}) nth from forums_comment c
         where {_ANSWERED} = p.id and {_SEEN} order by {_order(sort)} limit {each}) a
       order by a.nth, p.place limit (select {room}))"""  # noqa: S608


def _order(sort: Sort) -> str:
    if sort is Sort.OLD:
        return "c.number"
    rank = _RANK.get(sort)
    return f"c.{rank} desc, c.number desc" if rank else "c.number desc"


def _after(sort: Sort) -> str:
    """Behind the comment numbered `after`, by where it stands now; 0: from the beginning."""
    if sort is Sort.OLD:
        return "c.number > %(after)s"
    if sort is Sort.NEW:
        return "c.number < coalesce(nullif(%(after)s, 0), 2147483647)"
    rank = _RANK[sort]
    standing = f"select o.{rank} from forums_comment o where o.post_id = %(post)s and o.number = %(after)s"  # noqa: S608
    return f"(c.{rank}, c.number) < (coalesce(({standing}), {_TOP[sort]}), %(after)s)"


def _reached(answers: dict[UUID, list[Line]], roots: UUID, after: int, levels: int) -> dict[UUID, list[Line]]:
    """Only what hangs on the first ones behind `after`, `levels` deep."""
    level = answers.get(roots, [])
    level = level[1 + next((place for place, line in enumerate(level) if line.number == after), -1) :]
    reached = {roots: level}
    for _level in range(1, levels):
        below = {line.id: answers[line.id] for line in level if line.id in answers}
        reached |= below
        level = [line for lines in below.values() for line in lines]
    return reached


def _ask(sql: str, standing: Standing, **given: Any) -> list[Line]:
    """The rows of one statement as lines."""
    person = standing.person
    given |= {
        "forum": standing.forum.pk,
        "reader": None if person is None else person.pk,
        "moderates": standing.can(Right.POSTS),
    }
    with prepared_cursor() as cursor:
        cursor.execute(sql, given)
        return [Line._make(row) for row in cursor.fetchall()]


def _by_answered(rows: Iterable[Line]) -> dict[UUID, list[Line]]:
    answers: dict[UUID, list[Line]] = {}
    for line in rows:
        answers.setdefault(line.answered, []).append(line)
    return answers
