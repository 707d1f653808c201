"""Comments: written, changed, deleted by their authors. A comment is written under the lock of its post, which numbers it."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import check_not_blocked
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from chatter.core.text import Rendered, clean_text, render
from forums.actions.counted import change_comment
from forums.actions.votes import rank
from forums.holding import holds
from forums.models import Comment, CommentVote, Forum, Post
from forums.occasions import mentions_for, note_comment, note_edit, note_gone
from forums.permissions import Standing, check_comments, held_forum_for, may_read
from forums.telling import tell_comment

COMMENT_MAX = 10_000
PER_MINUTE = 20


def create_comment(
    *, author: User, post_id: UUID, content: str, parent_id: UUID | None = None, client_id: UUID | None = None
) -> Comment:
    """A comment, with its author's vote: on the post, or on another comment of it. Sent again with the same `client_id` it is
    the one that was written. Raises NotFound or Refused."""
    text = checked_content(content)
    forum = _forum_of(post_id)
    rendered = _rendered(author, forum, text)
    with transaction.atomic():
        standing, post = _held_post(author, forum.pk, post_id)
        if client_id and (earlier := post.comments.filter(author=author, client_id=client_id).first()):
            return earlier
        parent = _parent(standing, post, parent_id)
        _judge(standing, post, parent)
        held_at = timezone.now() if holds(standing, author, is_comment=True) else None
        comment = _written(
            post, parent, author=author, content=text, html=rendered.html, client_id=client_id, held_at=held_at
        )
        if held_at is None:
            note_comment(comment)
            tell_comment(comment, "created")
    return comment


def edit_comment(*, editor: User, comment_id: UUID, content: str) -> Comment:
    """What it says is changed; what it said before stays to be read. Raises NotFound or Refused."""
    text = checked_content(content)
    named = _named(comment_id)
    rendered = _rendered(editor, named.post.forum, text)
    with transaction.atomic():
        standing, post, comment = _held_comment(editor, named)
        check_own(comment, editor)
        check_comments(standing, post)
        if comment.removed_at is not None:
            raise Refused("locked", _("The moderators removed this; it cannot be changed."))
        if comment.content == text:
            return comment
        before = comment.html
        change_comment(comment, content=text, html=rendered.html, edited_at=timezone.now())
        if comment.held_at is None:
            note_edit(comment, before)
            tell_comment(comment, "edited")
    return comment


def delete_comment(*, author: User, comment_id: UUID) -> Comment:
    """A tombstone stays, and all that answers it. One may always take back what one wrote. Raises NotFound or Refused."""
    named = _named(comment_id)
    with transaction.atomic():
        _standing, _post, comment = _held_comment(author, named)
        check_own(comment, author)
        change_comment(comment, content="", html="", edited_at=None, deleted_at=timezone.now())
        note_gone(comment)
        if comment.held_at is None:
            tell_comment(comment, "deleted")
    return comment


def check_pace(author: User) -> None:
    """Pages ask it, seeds do not. Raises Refused."""
    check_limit("comment", author.pk, limit=PER_MINUTE, seconds=60)


def checked_content(raw: str) -> str:
    """What somebody typed, as it is stored. Raises Refused."""
    try:
        text = clean_text(raw)
    except ValueError:
        raise Refused("invalid") from None
    if not text:
        raise Refused("invalid", _("Write something first."))
    if len(text) > COMMENT_MAX:
        raise Refused("too_long", _("This comment is too long."))
    return text


def check_own(comment: Comment, person: User) -> None:
    """Raises Refused to everybody but who wrote it."""
    if comment.author_id != person.pk:
        raise Refused("forbidden", _("Only who wrote a comment can change it."))


def _forum_of(post_id: UUID) -> Forum:
    forum = Forum.objects.filter(posts=post_id).first()
    if forum is None:
        raise NotFound
    return forum


def _rendered(author: User, forum: Forum, text: str) -> Rendered:
    """Made before anything is locked."""
    return render(text, mentions=mentions_for(author, forum, text))


def _held_post(person: User, forum_id: UUID, post_id: UUID) -> tuple[Standing, Post]:
    """The post, locked, in a forum in which the person keeps their rights meanwhile. Raises NotFound."""
    standing = held_forum_for(person, forum_id)
    post = Post.objects.select_for_update(no_key=True).filter(pk=post_id, forum=standing.forum).first()
    if post is None or (post.held_at is not None and not may_read(standing, post)):
        raise NotFound
    post.forum = standing.forum
    return standing, post


def _parent(standing: Standing, post: Post, parent_id: UUID | None) -> Comment | None:
    """What is answered, locked. Raises NotFound, and Refused where it is gone."""
    if parent_id is None:
        return None
    parent = Comment.objects.select_for_update(no_key=True).filter(post=post, pk=parent_id).first()
    if parent is None or (parent.held_at is not None and not may_read(standing, parent)):
        raise NotFound
    if not parent.is_shown:
        raise Refused("locked", _("This comment is gone; nobody can answer it."))
    return parent


def _judge(standing: Standing, post: Post, parent: Comment | None) -> None:
    """Raises Refused to who may not write there, and across a block; moderators answer everybody."""
    person = check_comments(standing, post)
    if post.held_at is not None:
        raise Refused("locked", _("This post waits for approval; nobody can write under it yet."))
    answered = parent.author_id if parent else post.author_id
    if answered != person.pk and not standing.is_moderator:
        check_not_blocked(person.pk, answered)


def _written(post: Post, parent: Comment | None, **fields: Any) -> Comment:
    """The new comment, numbered and counted under the post's lock."""
    comment = Comment(
        post=post,
        number=post.last_comment_number + 1,
        parent=parent,
        depth=parent.depth + 1 if parent else 0,
        created_at=timezone.now(),
        up_count=1,
        **fields,
    )
    rank(comment)
    comment.save(force_insert=True)
    CommentVote.objects.create(comment=comment, user=comment.author, value=1)
    shown = int(comment.held_at is None)
    Post.objects.filter(pk=post.pk).update(last_comment_number=comment.number, comment_count=F("comment_count") + shown)
    if parent is not None and shown:
        Comment.objects.filter(pk=parent.pk).update(reply_count=F("reply_count") + 1)
    return comment


def _named(comment_id: UUID) -> Comment:
    comment = Comment.objects.select_related("post__forum").filter(pk=comment_id).first()
    if comment is None:
        raise NotFound
    return comment


def _held_comment(person: User, named: Comment) -> tuple[Standing, Post, Comment]:
    """The comment, locked after its post and what it answers. Raises NotFound where the person may not know of it."""
    standing, post = _held_post(person, named.post.forum_id, named.post_id)
    keys = [key for key in (named.parent_id, named.pk) if key]
    # In the order of their numbers: what is answered stands before what answers it.
    rows = {row.pk: row for row in post.comments.select_for_update(no_key=True).filter(pk__in=keys).order_by("number")}
    comment = rows.get(named.pk)
    if comment is None or comment.deleted_at is not None:
        raise NotFound
    if comment.held_at is not None and not may_read(standing, comment):
        raise NotFound
    comment.post = post
    return standing, post, comment
