"""Comments: written, changed, deleted by their authors."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from chatter.core.text import clean_text, render
from forums.actions.votes import rank
from forums.models import Comment, CommentVote, Post
from forums.permissions import check_comments, held_forum_for


def create_comment(*, author: User, post_id: UUID, content: str, parent_id: UUID | None = None) -> Comment:
    """A comment, with its author's vote: on the post, or on another comment of it. Raises NotFound or Refused."""
    text = clean_text(content)
    if not text:
        raise Refused("invalid")
    rendered = render(text)
    forum_id = Post.objects.filter(pk=post_id).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    with transaction.atomic():
        standing = held_forum_for(author, forum_id)
        post = Post.objects.select_for_update(no_key=True).get(pk=post_id)
        check_comments(standing, post)
        parent = Comment.objects.filter(post=post, pk=parent_id).first() if parent_id else None
        if parent_id and (parent is None or parent.deleted_at or parent.removed_at):
            raise NotFound
        comment = Comment(
            post=post,
            number=post.last_comment_number + 1,
            parent=parent,
            depth=parent.depth + 1 if parent else 0,
            author=author,
            content=text,
            html=rendered.html,
            created_at=timezone.now(),
            up_count=1,
        )
        rank(comment)
        comment.save(force_insert=True)
        CommentVote.objects.create(comment=comment, user=author, value=1)
        Post.objects.filter(pk=post.pk).update(last_comment_number=comment.number, comment_count=F("comment_count") + 1)
        if parent is not None:
            Comment.objects.filter(pk=parent.pk).update(reply_count=F("reply_count") + 1)
    return comment
