"""What the clock does to forums: those whose time has come are deleted with all that was posted there, in steps that are each whole:
what one round does not finish, or is interrupted at, the next goes on with. And files of pictures that no forum has any more go."""

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from accounts.actions.audit import audit
from chat.actions.purge import Budget, purge_conversation, purge_messages
from forums.actions.pictures import BANNERS, ICONS, sweep_pictures
from forums.albums import POSTS
from forums.discussions import sync_discussions
from forums.models import Comment, Forum, Member, Post, PostImage

logger = logging.getLogger(__name__)

FORUMS_AT_ONCE = 20
# Of one step: so many posts, with no more comments than that, except where one post alone has more.
POSTS_AT_ONCE = 100
COMMENTS_AT_ONCE = 5000
MEMBERS_AT_ONCE = 1000
STEPS_PER_ROUND = 300
# Of a room; each is a thousand rows.
ROOM_STEPS = 5


def purge_due() -> int:
    """Go on with everything that is to be deleted by now. Returns how many forums went."""
    due = Forum.objects.filter(deletion_due_at__lte=timezone.now()).order_by("deletion_due_at")[:FORUMS_AT_ONCE]
    gone, steps = 0, STEPS_PER_ROUND
    for forum in due:
        try:
            steps = _go_on(forum, steps)
            gone += steps >= 0
        except Exception:
            logger.exception("a forum that is to be deleted could not be", extra={"id": str(forum.pk)})
        if steps <= 0:
            break
    return gone


def tidy_pictures() -> int:
    """Files of icons and banners that no forum has any more."""
    return sweep_pictures()


def purge_forum(forum: Forum) -> None:
    """Delete a forum that nobody can take back any more, to its end."""
    while _go_on(forum, STEPS_PER_ROUND) < 0:
        pass


def _go_on(forum: Forum, steps: int) -> int:
    """Delete at most so many steps of it, and at last itself. Returns how many are left, -1 where it is not gone."""
    while _forget_rooms(forum) or _forget_posts(forum) or _forget_members(forum):
        steps -= 1
        if steps <= 0:
            return -1
    with transaction.atomic():
        key, icon, banner = forum.pk, forum.icon, forum.banner
        forum.delete()
        for shelf, name in ((ICONS, icon), (BANNERS, banner)):
            if name:
                transaction.on_commit(partial(shelf.delete, name), robust=True)
        audit(actor=None, action="forum.deleted", place=key, target=("forum", key), name=forum.name, slug=forum.slug)
    return steps


def _forget_rooms(forum: Forum) -> bool:
    """One of the rooms of its posts, or a part of what was said there. False where there is none left."""
    post = Post.objects.filter(forum=forum, discussion__isnull=False).first()
    if post is None or post.discussion_id is None:
        return False
    sync_discussions(forum.pk, post_id=post.pk)
    if not purge_messages(post.discussion_id, Budget(ROOM_STEPS)):
        return True
    with transaction.atomic():
        Post.objects.filter(pk=post.pk).update(discussion=None)
        purge_conversation(post.discussion_id)
    return True


@transaction.atomic
def _forget_posts(forum: Forum) -> int:
    """Some of its posts, with all that hangs on them. Nobody comes in any more: no lock is waited for."""
    posts = _few(list(Post.objects.filter(forum=forum).order_by("number")[:POSTS_AT_ONCE]))
    if not posts:
        return 0
    keys = [post.pk for post in posts]
    for name in PostImage.objects.filter(post__in=keys).values_list("key", flat=True):
        transaction.on_commit(partial(POSTS.delete, name), robust=True)
    _forget_comments(keys)
    listed = sum(post.is_listed for post in posts)
    Post.objects.filter(pk__in=keys).delete()
    Forum.objects.filter(pk=forum.pk).update(post_count=F("post_count") - listed)
    return len(posts)


def _few(posts: Sequence[Post]) -> list[Post]:
    """The first of them, as long as they have few comments together; at least one."""
    taken: list[Post] = []
    total = 0
    for post in posts:
        total += post.last_comment_number
        if taken and total > COMMENTS_AT_ONCE:
            break
        taken.append(post)
    return taken


def _forget_comments(posts: Sequence[UUID]) -> None:
    """In one statement, however deep they answer each other: what collects rows one level at a time would not end."""
    for relation in Comment._meta.related_objects:  # noqa: SLF001 -- public by documentation
        if relation.related_model is not Comment:
            _let_go(relation, posts)
    with connection.cursor() as cursor:
        cursor.execute("delete from forums_comment where post_id = any(%s)", [list(posts)])


def _let_go(relation: Any, posts: Sequence[UUID]) -> None:
    field = relation.field
    rows = field.model.objects.filter(**{f"{field.name}__post__in": posts})
    if field.remote_field.on_delete is models.CASCADE:
        rows.delete()
    elif field.remote_field.on_delete is models.SET_NULL:
        rows.update(**{field.name: None})


@transaction.atomic
def _forget_members(forum: Forum) -> int:
    # Its owner is in to the end.
    others = Member.objects.filter(forum=forum).exclude(user=forum.owner_id)
    keys = list(others.values_list("pk", flat=True)[:MEMBERS_AT_ONCE])
    Member.objects.filter(pk__in=keys).delete()
    Forum.objects.filter(pk=forum.pk).update(member_count=F("member_count") - len(keys))
    return len(keys)
