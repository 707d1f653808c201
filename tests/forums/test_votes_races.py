"""Votes and comments at the same time: counted exactly, numbered without gaps, refused where a lock came first."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.utils import timezone

from chatter.core.errors import Refused
from forums.actions.comments import create_comment
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.models import Ban, Comment, CommentVote, Post, PostVote
from forums.permissions import shut_forum_for
from forums.ranking import best, hot
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 8


def at_once(deeds: list[Callable[[], object]]) -> list[BaseException]:
    """Run them all in a few threads; what they raised."""
    with ThreadPoolExecutor(THREADS) as pool:
        done = [pool.submit(deed) for deed in deeds]
        errors = [error for each in done if (error := each.exception())]
        _close_connections(pool)
    return errors


def _close_connections(pool: ThreadPoolExecutor) -> None:
    """Those of all its threads: each waits for the others, so that each closes one."""
    barrier = threading.Barrier(THREADS)

    def close() -> None:
        barrier.wait()
        connection.close()

    for closed in [pool.submit(close) for _thread in range(THREADS)]:
        closed.result()


def test_a_thousand_changes_are_counted_exactly(cast: Cast, maps: Place) -> None:
    """Twenty people change their minds on a post and on a comment, in eight threads; each also in two tabs at once."""
    people = [make_person(username=f"voter{number}") for number in range(20)]
    comment = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    random = Random(5)
    deeds: list[Callable[[], object]] = []
    for _change in range(500):
        given: dict[str, Any] = {"person": random.choice(people), "value": random.choice([-1, 0, 1])}
        deeds.append(partial(vote_on_post, post_id=maps.post.pk, **given))
        deeds.append(partial(vote_on_comment, comment_id=comment.pk, **given))
    assert at_once(deeds) == []
    post, comment = Post.objects.get(pk=maps.post.pk), Comment.objects.get(pk=comment.pk)
    for target, votes in (
        (post, PostVote.objects.filter(post=post)),
        (comment, CommentVote.objects.filter(comment=comment)),
    ):
        ups, downs = votes.filter(value=1).count(), votes.filter(value=-1).count()
        assert (target.up_count, target.down_count, target.score) == (ups, downs, ups - downs)
    assert post.hot == pytest.approx(hot(post.up_count, post.down_count, post.created_at))
    assert comment.best == pytest.approx(best(comment.up_count, comment.down_count))


def test_comments_at_once_are_numbered_without_gaps(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    key = uuid4()
    deeds = [
        lambda: create_comment(author=cast.charlie, post_id=maps.post.pk, content="y", parent_id=first.pk),
        lambda: create_comment(author=cast.alice, post_id=maps.post.pk, content="once", client_id=key),
        lambda: vote_on_comment(person=cast.charlie, comment_id=first.pk, value=1),
    ]
    assert at_once(deeds * 10) == []
    post = Post.objects.get(pk=maps.post.pk)
    assert list(post.comments.order_by("number").values_list("number", flat=True)) == list(range(1, 13))
    first.refresh_from_db()
    assert (post.comment_count, first.reply_count, first.score) == (12, 10, 2)


def test_a_comment_in_the_instant_of_the_lock_is_refused(cast: Cast, maps: Place) -> None:
    refused = waits_while(
        lambda: Post.objects.select_for_update(no_key=True).filter(pk=maps.post.pk).update(locked_at=timezone.now()),
        lambda: create_comment(author=cast.charlie, post_id=maps.post.pk, content="x"),
    )
    assert isinstance(refused, Refused) and refused.code == "locked"
    assert not Comment.objects.exists()


def test_an_answer_in_the_instant_of_the_removal_is_refused(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    refused = waits_while(
        lambda: Comment.objects.select_for_update(no_key=True).filter(pk=first.pk).update(removed_at=timezone.now()),
        lambda: create_comment(author=cast.charlie, post_id=maps.post.pk, content="y", parent_id=first.pk),
    )
    assert isinstance(refused, Refused) and refused.code == "locked"


def test_a_vote_in_the_instant_of_the_ban_is_refused(cast: Cast, maps: Place) -> None:
    def ban() -> None:
        shut_forum_for(cast.alice, maps.forum.pk)
        Ban.objects.create(forum=maps.forum, user=cast.charlie, actor=cast.alice, reason="x")

    refused = waits_while(ban, lambda: vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1))
    assert isinstance(refused, Refused) and refused.code == "forbidden"
    assert PostVote.objects.count() == 1


def waits_while(first: Callable[[], object], second: Callable[[], object]) -> BaseException | None:
    """Begin `second` after `first` was done but not yet committed; commit once it waits. What `second` raised."""

    def run() -> None:
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            done = pool.submit(run)
            while not _somebody_waits():
                assert not done.done(), "it did not wait"
        return done.exception()


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select exists (select from pg_locks where not granted)")
        return bool(cursor.fetchone()[0])
