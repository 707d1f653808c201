"""Deeds of moderators that meet: one of two happens, counts stay exact, and nobody waits for ever."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from chatter.core.errors import Refused
from forums.actions.comments import create_comment, delete_comment
from forums.actions.moderation import approve_comment, remove_comment, remove_post
from forums.models import Comment, Post
from tests.cast import Cast
from tests.forums.cast import Place
from tests.forums.counting import check_counts

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], object]) -> int:
    """Do them as different people would, in the same instant. Returns how many were refused."""
    ready, refused, broken = threading.Barrier(len(deeds)), [], []

    def act(deed: Callable[[], object]) -> None:
        try:
            ready.wait(20)
            deed()
        except Refused as refusal:
            refused.append(refusal)
        except Exception as error:  # noqa: BLE001 -- a deadlock, say: the test tells
            broken.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert broken == []
    return len(refused)


def test_two_moderators_remove_the_same_post_once(cast: Cast, maps: Place) -> None:
    deeds = [
        lambda who=who: remove_post(moderator=who, post_id=maps.post.pk, reason=who.username)
        for who in (cast.alice, cast.mod)
    ]
    assert at_once(*deeds) == 1
    post = Post.objects.select_related("removed_by").get(pk=maps.post.pk)
    assert post.removed_by and post.removal_reason == post.removed_by.username
    check_counts()


def test_removing_approving_deleting_and_answering_at_once(cast: Cast, maps: Place) -> None:
    above = create_comment(author=cast.charlie, post_id=maps.post.pk, content="Above")
    said = create_comment(author=cast.bob, post_id=maps.post.pk, content="Said", parent_id=above.pk)
    at_once(
        lambda: remove_comment(moderator=cast.mod, comment_id=said.pk, reason="x"),
        lambda: approve_comment(moderator=cast.alice, comment_id=said.pk),
        lambda: remove_comment(moderator=cast.alice, comment_id=above.pk, reason="y"),
        lambda: delete_comment(author=cast.bob, comment_id=said.pk),
        lambda: create_comment(author=cast.mod, post_id=maps.post.pk, content="Answer", parent_id=said.pk),
        lambda: remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="z"),
    )
    assert Post.objects.get(pk=maps.post.pk).removed_at is not None
    assert Comment.objects.get(pk=above.pk).removed_at is not None
    check_counts()
