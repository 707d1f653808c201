"""What authors do to their posts: change what they say, delete them. What moderators do: moderation."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.actions.counted import change_post
from forums.actions.posts import checked_alt, checked_content, checked_title, chosen_flair, put_text
from forums.albums import POSTS
from forums.holding import holds
from forums.models import Flair, Poll, Post, PostImage
from forums.occasions import note_edit, note_gone
from forums.permissions import Right, Standing, check_open, check_takes_part, locked_forum_for, seen_posts
from forums.telling import tell_gone, tell_post

# Who answers a post, links or votes for it does so by its title: afterwards it stays.
TITLE_CHANGES = timedelta(hours=24)
SAYS = ("title", "content", "html", "excerpt")


def may_change_title(post: Post) -> bool:
    return timezone.now() - post.created_at < TITLE_CHANGES


def edit_post(
    *,
    editor: User,
    post_id: UUID,
    content: str,
    title: str | None = None,
    flair_id: UUID | None = None,
    is_spoiler: bool = False,
    is_nsfw: bool = False,
    alts: Mapping[UUID, str] = {},
) -> Post:
    """The post as its author wants it now; what it said before is kept. Where changes need approval it waits for it again.
    Raises NotFound or Refused."""
    text = checked_content(content)
    with transaction.atomic():
        standing, post = own_post(editor, post_id)
        check_takes_part(standing)
        check_open(standing, post)
        before = {name: getattr(post, name) for name in SAYS}
        put_text(post, text)
        post.title = _checked_change(post, title)
        changes: dict[str, Any] = {name: getattr(post, name) for name in SAYS}
        if changes == before:
            changes = {}
        changes |= {"is_spoiler": is_spoiler, "is_nsfw": is_nsfw}
        if flair_id != post.flair_id:
            changes["flair"] = _checked_flair(standing, post, flair_id)
        _describe(post, alts)
        _write(standing, editor, post, changes, before)
    return post


def delete_post(*, author: User, post_id: UUID) -> None:
    """What it said is gone, for its author may take their words back, banned or not; its place and the comments stay. Moderators
    still read its history. Raises NotFound or Refused."""
    with transaction.atomic():
        _standing, post = own_post(author, post_id)
        if post.deleted_at is not None:
            return
        keys = list(post.images.values_list("key", flat=True))
        PostImage.objects.filter(post=post).delete()
        Poll.objects.filter(post=post).delete()
        blank = dict.fromkeys((*SAYS, "url"), "")
        change_post(post, deleted_at=timezone.now(), preview={}, flair=None, **blank)
        note_gone(post)
        tell_post(post.pk, post.forum_id)
        tell_gone(post.forum_id)
        transaction.on_commit(lambda: _forget_files(keys), robust=True)


def own_post(author: User, post_id: UUID) -> tuple[Standing, Post]:
    """The author's post, locked after its forum. Raises NotFound where they may not see it, Refused where it is another's."""
    forum_id = Post.objects.filter(pk=post_id).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    standing = locked_forum_for(author, forum_id)
    post = seen_posts(standing).select_for_update(no_key=True, of=("self",)).filter(pk=post_id).first()
    if post is None:
        raise NotFound
    if post.author_id != author.pk:
        raise Refused("forbidden", _("Only who wrote a post can change it."))
    post.forum, post.author = standing.forum, author
    return standing, post


def _checked_change(post: Post, raw: str | None) -> str:
    """The title as it shall be. Raises Refused."""
    title = post.title if raw is None else checked_title(raw)
    if title != post.title and not may_change_title(post):
        raise Refused("forbidden", _("The title of a post stays as it is after 24 hours."))
    return title


def _checked_flair(standing: Standing, post: Post, flair_id: UUID | None) -> Flair | None:
    """The flair that the author wants; what moderators gave, they alone take away. Raises Refused."""
    if post.flair is not None and post.flair.is_for_moderators and not standing.can(Right.POSTS):
        raise Refused("forbidden", _("This flair is given by moderators."))
    return chosen_flair(standing, flair_id)


def _describe(post: Post, alts: Mapping[UUID, str]) -> None:
    """Say anew what the pictures show."""
    if not alts:
        return
    images = list(PostImage.objects.filter(post=post, pk__in=list(alts)))
    for image in images:
        image.alt = checked_alt(alts[image.pk])
    PostImage.objects.bulk_update(images, ["alt"])


def _write(standing: Standing, editor: User, post: Post, changes: dict[str, Any], before: dict[str, str]) -> None:
    says_more = "content" in changes
    if says_more:
        changes["edited_at"] = timezone.now()
    hides = says_more and post.is_listed and holds(standing, editor)
    if hides:
        # Else whoever waits for nobody's approval with the second version would not need the first one's.
        changes |= {"held_at": timezone.now(), "approved_at": None}
    change_post(post, **changes)
    if hides:
        note_gone(post)
        tell_gone(post.forum_id)
    elif says_more and post.is_listed:
        note_edit(post, before["html"])
    tell_post(post.pk, post.forum_id)


def _forget_files(keys: list[str]) -> None:
    for key in keys:
        POSTS.delete(key)
