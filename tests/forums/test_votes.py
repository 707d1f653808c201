"""Votes: up, down, taken back; what nobody votes on; the form of pages, with and without scripts; hidden scores."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.actions.comments import create_comment, delete_comment
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.models import Ban, Comment, CommentVote, Forum, Post, PostVote
from forums.ranking import best, hot
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.django_db


@contextmanager
def refusing(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code


def test_counts_and_ranks_follow_the_votes(cast: Cast, maps: Place) -> None:
    for value, score in ((1, 2), (1, 2), (-1, 0), (-1, 0), (0, 1), (0, 1)):
        assert vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=value).score == score
        post = Post.objects.get(pk=maps.post.pk)
        ups, downs = (PostVote.objects.filter(post=post, value=value).count() for value in (1, -1))
        assert (post.up_count, post.down_count, post.score) == (ups, downs, score)
        assert post.hot == pytest.approx(hot(ups, downs, post.created_at))


def test_votes_on_a_comment_rank_it(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    assert (comment.score, comment.best) == (1, best(1, 0))
    vote_on_comment(person=cast.bob, comment_id=comment.pk, value=-1)
    comment.refresh_from_db()
    assert (comment.up_count, comment.down_count, comment.score) == (1, 1, 0)
    assert comment.best == best(1, 1) and comment.controversy > 0


def test_one_may_take_ones_own_vote_back(cast: Cast, maps: Place) -> None:
    assert vote_on_post(person=cast.bob, post_id=maps.post.pk, value=0).score == 0
    assert not PostVote.objects.exists()


@pytest.mark.parametrize("value", [2, -2, 100])
def test_a_vote_weighs_one(cast: Cast, maps: Place, value: int) -> None:
    with pytest.raises(Refused):
        vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=value)


def test_nobody_votes_on_what_is_gone(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    delete_comment(author=cast.bob, comment_id=comment.pk)
    with refusing("locked"):
        vote_on_comment(person=cast.charlie, comment_id=comment.pk, value=1)
    for mark in ("removed_at", "deleted_at"):
        other = create_comment(author=cast.bob, post_id=maps.post.pk, content="y")
        Comment.objects.filter(pk=other.pk).update(removed_at=timezone.now())
        with refusing("locked"):
            vote_on_comment(person=cast.charlie, comment_id=other.pk, value=1)
        blank = {"title": "", "content": "", "html": "", "excerpt": ""} if mark == "deleted_at" else {}
        Post.objects.filter(pk=maps.post.pk).update(**{mark: timezone.now(), **blank})
        with refusing("locked"):
            vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1)
        with refusing("locked"):
            vote_on_comment(person=cast.charlie, comment_id=other.pk, value=1)
        Post.objects.filter(pk=maps.post.pk).update(removed_at=None)
    assert CommentVote.objects.exclude(user=cast.bob).count() == 0


def test_what_waits_for_approval_is_voted_on_by_nobody_and_known_to_few(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    Comment.objects.filter(pk=comment.pk).update(held_at=timezone.now())
    Post.objects.filter(pk=maps.post.pk).update(held_at=timezone.now())
    for person, answer in ((cast.charlie, NotFound), (cast.bob, Refused), (cast.mod, Refused)):
        with pytest.raises(answer):
            vote_on_post(person=person, post_id=maps.post.pk, value=1)
        with pytest.raises(answer):
            vote_on_comment(person=person, comment_id=comment.pk, value=1)


def test_a_locked_post_is_voted_on(cast: Cast, maps: Place) -> None:
    Post.objects.filter(pk=maps.post.pk).update(locked_at=timezone.now())
    assert vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1).score == 2


def test_a_block_hides_nobodys_vote(cast: Cast, maps: Place) -> None:
    """A number tells nobody whose it is."""
    comment = create_comment(author=cast.alice, post_id=maps.post.pk, content="x")
    assert vote_on_comment(person=cast.mallory, comment_id=comment.pk, value=-1).score == 0


def test_who_is_banned_or_a_guest_votes_on_nothing(cast: Cast, maps: Place) -> None:
    guest = make_person(username="visitor", is_guest=True)
    Ban.objects.create(forum=maps.forum, user=cast.charlie, actor=cast.alice, reason="x")
    for person in (guest, cast.charlie):
        with pytest.raises(Refused):
            vote_on_post(person=person, post_id=maps.post.pk, value=1)


def test_a_private_forum_is_not_known_by_its_votes(cast: Cast) -> None:
    place = make_forum(cast, is_public=False, slug="hidden")
    comment = create_comment(author=cast.bob, post_id=place.post.pk, content="x")
    for key in (place.post.pk, uuid4()):
        with pytest.raises(NotFound):
            vote_on_post(person=cast.charlie, post_id=key, value=1)
    for key in (comment.pk, uuid4()):
        with pytest.raises(NotFound):
            vote_on_comment(person=cast.charlie, comment_id=key, value=1)


def test_hidden_scores_are_counted_and_shown_to_nobody(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(scores_hidden_minutes=60)
    voted = vote_on_post(person=cast.mod, post_id=maps.post.pk, value=1)
    assert (voted.score, voted.shown) == (2, None)
    Post.objects.filter(pk=maps.post.pk).update(created_at=timezone.now() - timedelta(hours=2))
    assert vote_on_post(person=cast.mod, post_id=maps.post.pk, value=-1).shown == 0


# --- the form ---------------------------------------------------------------------------------------------------------


def page(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_without_scripts_the_page_comes_back_where_the_arrow_was(cast: Cast, maps: Place) -> None:
    vote = {"vote": f"post.{maps.post.pk}.1", "next": "/f/maps/?sort=new#old"}
    answer = page(cast.charlie).post("/f/vote/", vote)
    assert (answer.status_code, answer["Location"]) == (302, f"/f/maps/?sort=new#v-{maps.post.pk}")
    assert PostVote.objects.get(user=cast.charlie).value == 1


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example", ""]
)
def test_a_vote_leads_nowhere_else(cast: Cast, maps: Place, where: str) -> None:
    answer = page(cast.charlie).post("/f/vote/", {"vote": f"post.{maps.post.pk}.1", "next": where})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_scripts_read_the_score(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    asked = {"vote": f"comment.{comment.pk}.-1"}
    answer = page(cast.charlie).post("/f/vote/", asked, headers={"Accept": "application/json"})
    assert answer.json() == {"score": 0, "mine": -1}
    answer = page(cast.charlie).post(
        "/f/vote/", {"vote": f"comment.{uuid4()}.1"}, headers={"Accept": "application/json"}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    "vote",
    ["", "post", "post..1", "post.x.1", "post.{}.2", "post.{}.", "user.{}.1", "post.{}.1.1", "x" * 5000, "post.{}.١"],
)
def test_nonsense_is_refused(cast: Cast, maps: Place, vote: str) -> None:
    answer = page(cast.charlie).post("/f/vote/", {"vote": vote.format(maps.post.pk)})
    assert answer.status_code == 400
    assert not PostVote.objects.exclude(user=cast.bob).exists()


def test_strangers_are_asked_to_log_in(maps: Place) -> None:
    answer = Client().post("/f/vote/", {"vote": f"post.{maps.post.pk}.1"})
    assert answer.status_code == 302 and "login" in answer["Location"]
    assert PostVote.objects.count() == 1
    assert page(maps.post.author).get("/f/vote/").status_code == 405


def test_a_vote_costs_few_statements(cast: Cast, maps: Place, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(8):  # type: ignore[operator]
        vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1)
