"""Statistics of forums: counted days equal a slow count, and the page says it to moderators."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from chatter.ops.schedule import jobs
from forums.actions.comments import create_comment
from forums.actions.days import JOB, count_forum_day, count_forum_days
from forums.actions.moderation import remove_post
from forums.actions.posts import create_post
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.models import Comment, CommentVote, ForumDay, Post, PostVote
from forums.statistics import statistics_of
from tests.cast import Cast
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.django_db


def today() -> date:
    return datetime.now(UTC).date()


def slow(forum_id: UUID, day: date) -> tuple[int, int, int, int]:
    """posts, comments, votes, active: one row after the other."""
    did: dict[str, list[UUID]] = defaultdict(list)
    rows: list[tuple[str, Any, UUID, UUID]] = [
        *(("post", row.created_at, row.author_id, row.forum_id) for row in Post.objects.all()),
        *(("comment", row.created_at, row.author_id, row.post.forum_id) for row in Comment.objects.all()),
        *(
            ("vote", row.created_at, row.user_id, row.post.forum_id)
            for row in PostVote.objects.all()
            if row.user_id != row.post.author_id
        ),
        *(
            ("vote", row.created_at, row.user_id, row.comment.post.forum_id)
            for row in CommentVote.objects.all()
            if row.user_id != row.comment.author_id
        ),
    ]
    for what, when, who, where in rows:
        if when.astimezone(UTC).date() == day and where == forum_id:
            did[what].append(who)
    return (
        len(did["post"]),
        len(did["comment"]),
        len(did["vote"]),
        len({who for people in did.values() for who in people}),
    )


def act(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    create_comment(author=cast.bob, post_id=maps.post.pk, content="Maintenance", parent_id=first.pk)
    vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1)
    vote_on_comment(person=cast.alice, comment_id=first.pk, value=-1)
    create_post(author=cast.mod, forum_id=maps.forum.pk, title="Benches")


def age(days: int) -> None:
    """All that was done until now was done `days` ago."""
    with connection.cursor() as cursor:
        for table in ("forums_postvote", "forums_commentvote"):
            cursor.execute(f"update {table} set created_at = created_at - make_interval(days => %s)", [days])


def test_counted_days_equal_a_slow_count(cast: Cast, maps: Place) -> None:
    other = make_forum(cast, slug="other")
    act(cast, maps)
    assert count_forum_day(today()) == 2
    assert count_forum_day(today()) == 0, "the same again changes nothing"
    for forum in (maps.forum, other.forum):
        row = ForumDay.objects.get(forum=forum, day=today())
        assert (row.posts, row.comments, row.votes, row.active) == slow(forum.pk, today())
        # comings were counted as they happened
        assert (row.joined, row.left) == (4, 0)
    assert ForumDay.objects.get(forum=maps.forum).votes == 2
    remove_post(moderator=cast.alice, post_id=maps.post.pk, reason="x")
    assert count_forum_day(today()) == 0, "what was written counts also once it is removed"


def test_votes_count_on_their_own_day(cast: Cast, maps: Place) -> None:
    act(cast, maps)
    age(3)
    count_forum_days()
    assert ForumDay.objects.get(forum=maps.forum, day=today()).votes == 0
    assert ForumDay.objects.get(forum=maps.forum, day=today() - timedelta(days=3)).votes == 2
    assert JOB in {job.name for job in jobs()} and "forum-bans" in {job.name for job in jobs()}


def test_the_span_before_is_what_trends_compare_with(cast: Cast, maps: Place) -> None:
    for back, posts in ((0, 3), (6, 1), (7, 5), (13, 3), (14, 9)):
        day, _made = ForumDay.objects.get_or_create(forum=maps.forum, day=today() - timedelta(days=back))
        ForumDay.objects.filter(pk=day.pk).update(posts=posts, active=1)
    numbers = statistics_of(maps.forum, 7)
    assert (numbers.posts.value, numbers.posts.trend, numbers.active.value) == (4, -50, round(2 / 7, 1))
    assert [day.posts for day in numbers.days] == [1, 0, 0, 0, 0, 0, 3]
    assert not statistics_of(maps.forum, 30).has_trends, "the forum is younger"


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_page(cast: Cast, maps: Place, django_assert_max_num_queries: Any) -> None:
    address = reverse("forum_statistics", args=["maps"])
    mod = browser(cast.mod)
    act(cast, maps)
    count_forum_days()
    mod.get(address)
    with django_assert_max_num_queries(15):
        page = mod.get(address, {"days": "7"}).content.decode()
    assert page.count("<chart-plot") == 4 and page.count('<tr><th scope="row"') == 4 * 7
    assert 'data-value="2"' in page
    assert mod.get(address, {"days": "365"}).status_code == 200
    assert mod.get(address, {"days": "8"}).status_code == 400
    assert browser(cast.bob).get(address).status_code == 403
    assert Client().get(address).status_code == 302
