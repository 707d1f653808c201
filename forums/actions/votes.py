"""Votes: up, down, taken back. Counts and ranks change with them, under the lock of what they are about.

Whose vote it is and what it was is read after that lock is held, so that a thousand changes at once are counted exactly. The
statements are written out: nothing is done more often.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from chatter.core.rows import columns, instance, width
from forums import ranking
from forums.models import Comment, Post
from forums.permissions import Standing, check_votes, held_forum_for, may_read
from forums.reading.scores import shown_score
from forums.telling import tell_score

PER_MINUTE = 120

_FORUM_OF_POST = "select forum_id from forums_post where id = %s"
_FORUM_OF_COMMENT = "select p.forum_id from forums_comment c join forums_post p on p.id = c.post_id where c.id = %s"
_HOLD_POST = f"select {columns(Post, 'p')} from forums_post p where p.id = %s for no key update"  # noqa: S608 -- columns
_HOLD_COMMENT = f"""
select {columns(Comment, "c")}, {columns(Post, "p")} from forums_comment c join forums_post p on p.id = c.post_id
 where c.id = %s for no key update of c
"""  # noqa: S608 -- columns
_VOTE = """
insert into forums_{0}vote ({0}_id, user_id, value) values (%s, %s, %s)
on conflict ({0}_id, user_id) do update set value = excluded.value where forums_{0}vote.value <> excluded.value
returning coalesce(old.value, 0)
"""
_TAKE_BACK = "delete from forums_{0}vote where {0}_id = %s and user_id = %s returning value"
_COUNT_POST = (
    "update forums_post set up_count = %s, down_count = %s, score = %s, controversy = %s, hot = %s where id = %s"
)
_COUNT_COMMENT = (
    "update forums_comment set up_count = %s, down_count = %s, score = %s, controversy = %s, best = %s where id = %s"
)


@dataclass(frozen=True)
class Voted:
    """What became of a vote: the score it made, and the one that is shown (None: hidden for now)."""

    score: int
    shown: int | None
    mine: int


def vote_on_post(*, person: User, post_id: UUID, value: int) -> Voted:
    """Vote 1 or -1, or take the vote back (0). Raises NotFound or Refused."""
    _check_value(value)
    with transaction.atomic():
        standing = _hold_forum(_FORUM_OF_POST, post_id, person)
        post = instance(Post, _row(_HOLD_POST, post_id))
        _judge(standing, post, post)
        change_vote("post", post, person, value)
        return _end(standing, post, post, value)


def vote_on_comment(*, person: User, comment_id: UUID, value: int) -> Voted:
    """As `vote_on_post`."""
    _check_value(value)
    with transaction.atomic():
        standing = _hold_forum(_FORUM_OF_COMMENT, comment_id, person)
        row, parted = _row(_HOLD_COMMENT, comment_id), width(Comment)
        comment, post = instance(Comment, row[:parted]), instance(Post, row[parted:])
        _judge(standing, post, comment)
        change_vote("comment", comment, person, value)
        return _end(standing, post, comment, value)


def change_vote(kind: str, target: Post | Comment, person: User, value: int) -> None:
    """Make the person's vote on the locked `target` be `value`, and count it."""
    if value:
        changed = _row_or_none(_VOTE.format(kind), target.pk, person.pk, value)
    else:
        changed = _row_or_none(_TAKE_BACK.format(kind), target.pk, person.pk)
    if changed is None:
        return
    before = changed[0]
    target.up_count += (value == 1) - (before == 1)
    target.down_count += (value == -1) - (before == -1)
    rank(target)
    counted = [target.up_count, target.down_count, target.score, target.controversy]
    with prepared_cursor() as cursor:
        if isinstance(target, Post):
            cursor.execute(_COUNT_POST, [*counted, target.hot, target.pk])
        else:
            cursor.execute(_COUNT_COMMENT, [*counted, target.best, target.pk])


def rank(target: Post | Comment) -> None:
    """Set score and ranks by the counts."""
    up, down = target.up_count, target.down_count
    target.score, target.controversy = up - down, ranking.controversy(up, down)
    if isinstance(target, Post):
        target.hot = ranking.hot(up, down, target.created_at)
    else:
        target.best = ranking.best(up, down)


def check_pace(person: User) -> None:
    """Pages ask it, seeds do not. Raises Refused."""
    check_limit("vote", person.pk, limit=PER_MINUTE, seconds=60)


def _check_value(value: int) -> None:
    if value not in (-1, 0, 1):
        raise Refused("invalid")


def _hold_forum(forum_of: str, key: UUID, person: User) -> Standing:
    (forum_id,) = _row(forum_of, key)
    return held_forum_for(person, forum_id)


def _judge(standing: Standing, post: Post, target: Post | Comment) -> None:
    """Raises NotFound for what the person may not know of, Refused for what nobody votes on (any more)."""
    if not may_read(standing, target) and target.held_at is not None:
        raise NotFound
    if not may_read(standing, post) and post.held_at is not None:
        raise NotFound
    check_votes(standing, post)
    if target.deleted_at is not None or target.removed_at is not None or target.held_at is not None:
        raise Refused("locked", _("This is gone; nobody votes on it any more."))


def _end(standing: Standing, post: Post, target: Post | Comment, value: int) -> Voted:
    """Open pages learn the score, unless it is hidden."""
    shown = shown_score(standing.forum, target)
    if shown is not None:
        tell_score(post, target.pk, shown)
    return Voted(target.score, shown, value)


def _row(sql: str, *given: UUID | int) -> tuple[Any, ...]:
    """The one row of the statement. Raises NotFound."""
    row = _row_or_none(sql, *given)
    if row is None:
        raise NotFound
    return row


def _row_or_none(sql: str, *given: UUID | int) -> tuple[Any, ...] | None:
    with prepared_cursor() as cursor:
        cursor.execute(sql, given)
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
