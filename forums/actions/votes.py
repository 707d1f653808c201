"""Votes: up, down, taken back. Counts and ranks change with them, under the lock of what they are about."""

from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums import ranking
from forums.models import Comment, CommentVote, Post, PostVote
from forums.permissions import check_takes_part, held_forum_for


def vote_on_post(*, person: User, post_id: UUID, value: int) -> Post:
    """Vote 1 or -1, or take the vote back (0). Returns the post with its new score. Raises NotFound or Refused."""
    with transaction.atomic():
        post = _held(Post, person, post_id, forum_of=Post.objects.filter(pk=post_id).values_list("forum_id", flat=True))
        change_vote(post, PostVote, {"post": post, "user": person}, checked_value(value))
    return post


def vote_on_comment(*, person: User, comment_id: UUID, value: int) -> Comment:
    """As `vote_on_post`."""
    forum_of = Comment.objects.filter(pk=comment_id).values_list("post__forum_id", flat=True)
    with transaction.atomic():
        comment = _held(Comment, person, comment_id, forum_of=forum_of)
        change_vote(comment, CommentVote, {"comment": comment, "user": person}, checked_value(value))
    return comment


def checked_value(value: int) -> int:
    if value not in (-1, 0, 1):
        raise Refused("invalid")
    return value


def change_vote(target: Any, votes: Any, whose: dict[str, Any], value: int) -> None:
    """Make the vote of one person on the locked `target` be `value`."""
    present = votes.objects.filter(**whose).first()
    before = present.value if present else 0
    if before == value:
        return
    if present is None:
        votes.objects.create(**whose, value=value)
    elif value:
        votes.objects.filter(pk=present.pk).update(value=value)
    else:
        present.delete()
    target.up_count += (value == 1) - (before == 1)
    target.down_count += (value == -1) - (before == -1)
    rank(target)
    target.save(update_fields=RANKED[type(target)])


def rank(target: Post | Comment) -> None:
    """Set score and ranks by the counts."""
    up, down = target.up_count, target.down_count
    target.score, target.controversy = up - down, ranking.controversy(up, down)
    if isinstance(target, Post):
        target.hot = ranking.hot(up, down, target.created_at)
    else:
        target.best = ranking.best(up, down)


RANKED: dict[type, list[str]] = {
    Post: ["up_count", "down_count", "score", "controversy", "hot"],
    Comment: ["up_count", "down_count", "score", "controversy", "best"],
}


def _held(model: Any, person: User, key: UUID, *, forum_of: Any) -> Any:
    """The row, locked, of a forum in which the person may vote. Raises NotFound where they may not see it, Refused where it is
    gone or locked."""
    forum_id = forum_of.first()
    if forum_id is None:
        raise NotFound
    standing = held_forum_for(person, forum_id)
    row = model.objects.select_for_update(no_key=True).filter(pk=key).first()
    if row is None or (row.held_at is not None and row.author_id != person.pk):
        raise NotFound
    check_takes_part(standing)
    if row.deleted_at is not None or row.removed_at is not None:
        raise Refused("locked")
    return row
