"""Posts and comments come into sight and go out of it here, so that what is counted is always what is seen.

`Forum.post_count` counts posts that are listed, `Post.comment_count` comments that are shown, `Comment.reply_count` direct replies
that do not wait for approval (tombstones stay in the tree). What was reported ends with what its author deletes.
"""

from typing import Any

from django.db.models import F

from accounts.actions.reports import close_reports
from accounts.models import Report
from forums.discussions import follow_post
from forums.models import Comment, Forum, Post


def change_post(post: Post, **fields: Any) -> None:
    """Write `fields` of the post; it and its forum are locked by the caller."""
    before = post.is_listed
    _write(post, fields)
    if change := post.is_listed - before:
        Forum.objects.filter(pk=post.forum_id).update(post_count=F("post_count") + change)
    follow_post(post)


def change_comment(comment: Comment, **fields: Any) -> None:
    """Write `fields` of the comment; its post, what it answers and it are locked by the caller, in this order."""
    was_shown, was_placed = comment.is_shown, comment.held_at is None
    _write(comment, fields)
    if change := comment.is_shown - was_shown:
        Post.objects.filter(pk=comment.post_id).update(comment_count=F("comment_count") + change)
    if comment.parent_id and (change := (comment.held_at is None) - was_placed):
        Comment.objects.filter(pk=comment.parent_id).update(reply_count=F("reply_count") + change)


def _write(row: Post | Comment, fields: dict[str, Any]) -> None:
    if fields.get("deleted_at"):
        close_reports(moderator=None, target=row, state=Report.State.RESOLVED)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))
