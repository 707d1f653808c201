"""Posts: written, changed, deleted by their authors."""

from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from chatter.core.text import clean_text, render
from forums.actions.votes import rank
from forums.models import Forum, Post, PostVote
from forums.permissions import check_posts, locked_forum_for


def create_post(*, author: User, forum_id: UUID, title: str, content: str = "", kind: str = Post.Kind.TEXT) -> Post:
    """A post, with its author's vote. Raises NotFound or Refused."""
    text = clean_text(content)
    rendered = render(text)
    with transaction.atomic():
        standing = locked_forum_for(author, forum_id)
        check_posts(standing)
        forum = standing.forum
        post = Post(
            forum=forum,
            number=forum.last_number + 1,
            author=author,
            kind=kind,
            title=title,
            content=text,
            html=rendered.html,
            excerpt=rendered.plain[:300],
            created_at=timezone.now(),
            up_count=1,
        )
        rank(post)
        post.save(force_insert=True)
        PostVote.objects.create(post=post, user=author, value=1)
        Forum.objects.filter(pk=forum.pk).update(last_number=F("last_number") + 1, post_count=F("post_count") + 1)
    return post
