"""What people put aside for later, for themselves alone."""

from uuid import UUID

from accounts.models import User
from accounts.permissions import check_member
from chatter.core.errors import NotFound
from forums.models import Post, Saved
from forums.permissions import may_read, seen_posts, standing_in


def save_post(*, person: User, post_id: UUID) -> None:
    """Put a post aside, however often. Raises NotFound where the person may not read it."""
    check_member(person)
    forum_id = Post.objects.filter(pk=post_id).values_list("forum_id", flat=True).first()
    if forum_id is None:
        raise NotFound
    standing = standing_in(forum_id, person)
    post = seen_posts(standing).filter(pk=post_id).first()
    if post is None or not may_read(standing, post):
        raise NotFound
    Saved.objects.bulk_create([Saved(post=post, user=person)], ignore_conflicts=True)


def unsave_post(*, person: User, post_id: UUID) -> None:
    """Take it back: also what one may not read any more."""
    Saved.objects.filter(post=post_id, user=person).delete()
