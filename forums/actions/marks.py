"""What moderators set on a post beside what its author wrote: locked, pinned, flair, spoiler and NSFW."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.audit import audit
from accounts.models import User
from chatter.core.errors import Refused
from forums.actions.moderation import check_removable, judged_post
from forums.discussions import follow_post
from forums.models import Flair, Post
from forums.permissions import Standing
from forums.telling import tell_post

# More would hide the posts below them.
PINNED_MAX = 3


def lock_post(*, moderator: User, post_id: UUID, is_locked: bool) -> Post:
    """Let nobody write under the post any more but moderators, or let everybody again. Raises NotFound or Refused."""
    with transaction.atomic():
        standing, post = judged_post(moderator, post_id)
        _check_there(post)
        if (post.locked_at is not None) != is_locked:
            check_removable(standing, post.author_id)
            _set(standing, post, "locked" if is_locked else "unlocked", locked_at=timezone.now() if is_locked else None)
    return post


def pin_post(*, moderator: User, post_id: UUID, is_pinned: bool) -> Post:
    """Let the post stand on top of the forum's list, one of PINNED_MAX, or no longer. Raises NotFound or Refused."""
    with transaction.atomic():
        standing, post = judged_post(moderator, post_id)
        if is_pinned and not post.is_listed:
            raise Refused("invalid", _("Only what is to be seen can be pinned."))
        if (post.pinned_at is not None) != is_pinned:
            if is_pinned and Post.objects.filter(forum=standing.forum, pinned_at__isnull=False).count() >= PINNED_MAX:
                words = _("There are %(count)s pinned posts already. Unpin one of them first.")
                raise Refused("invalid", words % {"count": PINNED_MAX})
            _set(standing, post, "pinned" if is_pinned else "unpinned", pinned_at=timezone.now() if is_pinned else None)
    return post


def flair_post(*, moderator: User, post_id: UUID, flair_id: UUID | None) -> Post:
    """Give the post a flair of its forum, also one that is for moderators only, or none. Raises NotFound or Refused."""
    with transaction.atomic():
        standing, post = judged_post(moderator, post_id)
        _check_there(post)
        flair = post_flair(standing, flair_id)
        if post.flair_id != (flair.pk if flair else None):
            _set(standing, post, "flaired", facts={"flair": flair.name if flair else ""}, flair=flair)
    return post


def mark_post(*, moderator: User, post_id: UUID, is_spoiler: bool, is_nsfw: bool) -> Post:
    """Say that the post is a spoiler, not safe for work, both or neither. Raises NotFound or Refused."""
    marks = {"is_spoiler": is_spoiler, "is_nsfw": is_nsfw}
    with transaction.atomic():
        standing, post = judged_post(moderator, post_id)
        _check_there(post)
        before = {name: getattr(post, name) for name in marks}
        if before != marks:
            changes = {name: [before[name], value] for name, value in marks.items() if before[name] != value}
            _set(standing, post, "marked", facts={"changes": changes}, **marks)
    return post


def post_flair(standing: Standing, flair_id: UUID | None) -> Flair | None:
    """A flair for posts of the forum. Raises Refused where it has none such."""
    flair = Flair.objects.filter(forum=standing.forum, kind=Flair.Kind.POST, pk=flair_id).first() if flair_id else None
    if flair_id and flair is None:
        raise Refused("invalid", _("The forum has no such flair (any more)."))
    return flair


def _check_there(post: Post) -> None:
    if post.deleted_at is not None:
        raise Refused("invalid", _("Who wrote this has deleted it already."))


def _set(standing: Standing, post: Post, deed: str, *, facts: dict[str, Any] | None = None, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(post, name, value)
    post.save(update_fields=list(fields))
    if "locked_at" in fields:
        follow_post(post)
    tell_post(post.pk, post.forum_id)
    audit(
        actor=standing.person,
        action=f"forum.post.{deed}",
        place=standing.forum.pk,
        target=post,
        number=post.number,
        author=post.author_id,
        **(facts or {}),
    )
