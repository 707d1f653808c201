"""What waits for the moderators before others see it: judged once, when it is written."""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from forums.models import Comment, Forum, Post
from forums.models.post import LISTED
from forums.permissions import Standing

# Whoever writes elsewhere is not looked through: so many of their latest comments count.
RECENT = 500


def holds(standing: Standing, author: User, *, is_comment: bool = False) -> bool:
    """Does what `author` writes now wait for approval? Never what moderators write; of comments only those of newcomers."""
    holding = standing.forum.holding
    if holding == Forum.Holding.NOTHING or standing.is_moderator:
        return False
    if holding == Forum.Holding.POSTS and not is_comment:
        return True
    return holding == Forum.Holding.NEWCOMERS and is_newcomer(standing.forum, author)


def is_newcomer(forum: Forum, author: User) -> bool:
    """Somebody whose account is younger than CHATTER_NEWCOMER_DAYS, or of whom fewer than CHATTER_NEWCOMER_POSTS posts and
    comments stand in the forum: what was removed, or still waits, earns no trust."""
    if timezone.now() - author.created_at < timedelta(days=settings.CHATTER_NEWCOMER_DAYS):
        return True
    wanted = settings.CHATTER_NEWCOMER_POSTS
    stands = Post.objects.filter(LISTED, forum=forum, author=author)[:wanted].count()
    if stands < wanted:
        latest = Comment.objects.filter(author=author).order_by("-pk").values("pk")[:RECENT]
        stands += Comment.objects.filter(LISTED, pk__in=latest, post__forum=forum)[:wanted].count()
    return stands < wanted
