"""What is counted of forums equals a slow count; what is refused is refused for the right reason."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from chatter.core.errors import Refused
from forums.models import Comment, Forum, Post
from forums.models.post import LISTED


def check_counts() -> None:
    for forum in Forum.objects.all():
        assert forum.post_count == Post.objects.filter(LISTED, forum=forum).count()
    for post in Post.objects.all():
        assert post.comment_count == Comment.objects.filter(LISTED, post=post).count()
    for comment in Comment.objects.all():
        assert comment.reply_count == Comment.objects.filter(parent=comment, held_at=None).count()


@contextmanager
def refuses(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as refused:
        yield
    assert refused.value.code == code
