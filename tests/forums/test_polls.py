"""Polls: counted exactly, closed in time, secret."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chatter.core.errors import NotFound, Refused
from forums.actions.polls import cast_ballot
from forums.actions.posts import PollWish, create_post
from forums.actions.posts_change import delete_post
from forums.models import Ban, Forum, Poll, PollOption, PollVote, Post
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place
from tests.forums.counting import refuses

pytestmark = pytest.mark.django_db


def poll_in(
    place: Place, author: User, options: tuple[str, ...] = ("Robinson", "Equal Earth", "None"), **more: Any
) -> Post:
    wish = PollWish(options, **more)
    return create_post(author=author, forum_id=place.forum.pk, title="Which?", kind="poll", poll=wish)


def keys(post: Post) -> list[UUID]:
    return list(PollOption.objects.filter(poll=post.pk).order_by("position").values_list("pk", flat=True))


def counts(post: Post) -> tuple[list[int], int]:
    """Counted, which is what a slow count gives, too."""
    options = PollOption.objects.filter(poll=post.pk).order_by("position")
    assert all(option.vote_count == PollVote.objects.filter(option=option).count() for option in options)
    poll = Poll.objects.get(pk=post.pk)
    assert poll.voter_count == PollVote.objects.filter(poll=poll).values("user").distinct().count()
    return [option.vote_count for option in options], poll.voter_count


def vote(person: User, post: Post, *options: UUID) -> None:
    cast_ballot(person=person, post_id=post.pk, options=options)


def test_a_vote_is_counted_once_changed_and_taken_back(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    one, two, _three = keys(post)
    for options, expected in (
        ((one,), [1, 0, 0]),
        ((one,), [1, 0, 0]),
        ((two,), [0, 1, 0]),
        ((), [0, 0, 0]),
        ((), [0, 0, 0]),
    ):
        vote(cast.charlie, post, *options)
        assert counts(post) == (expected, sum(expected))


def test_several_where_several_may_be_chosen(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob, is_multiple=True)
    one, two, three = keys(post)
    vote(cast.charlie, post, one, two)
    vote(cast.alice, post, two)
    vote(cast.charlie, post, two, three)
    assert counts(post) == ([0, 2, 1], 2)
    single = poll_in(maps, cast.bob)
    with refuses("invalid"):
        vote(cast.charlie, single, *keys(single)[:2])
    assert counts(single) == ([0, 0, 0], 0)


def test_a_vote_that_stays(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob, may_change=False)
    one, two, _three = keys(post)
    vote(cast.charlie, post, one)
    vote(cast.charlie, post, one)
    for otherwise in ((two,), ()):
        with refuses("forbidden"):
            vote(cast.charlie, post, *otherwise)
    assert counts(post) == ([1, 0, 0], 1)


def test_options_of_another_poll_are_none(cast: Cast, maps: Place) -> None:
    post, other = poll_in(maps, cast.bob, is_multiple=True), poll_in(maps, cast.bob)
    for wrong in ((keys(other)[0],), (keys(post)[0], keys(other)[0]), (uuid4(),)):
        with refuses("invalid"):
            vote(cast.charlie, post, *wrong)
    assert counts(post) == ([0, 0, 0], 0)


def test_nobody_votes_after_it_closed(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob, closes_at=timezone.now() + timedelta(hours=1))
    vote(cast.charlie, post, keys(post)[0])
    Poll.objects.filter(pk=post.pk).update(closes_at=timezone.now() - timedelta(seconds=1))
    for person in (cast.alice, cast.charlie):
        with refuses("locked"):
            vote(person, post, keys(post)[1])
    assert counts(post) == ([1, 0, 0], 1)


@pytest.mark.parametrize("mark", ["locked_at", "removed_at", "held_at"])
def test_nor_where_nobody_writes(cast: Cast, maps: Place, mark: str) -> None:
    post = poll_in(maps, cast.bob)
    Post.objects.filter(pk=post.pk).update(**{mark: timezone.now()})
    with pytest.raises(Refused):
        vote(cast.charlie, post, keys(post)[0])
    assert counts(post) == ([0, 0, 0], 0)


def test_who_may_not_take_part_does_not_vote(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    Ban.objects.create(forum=maps.forum, user=cast.mallory, actor=cast.alice, reason="x")
    with refuses("forbidden"):
        vote(cast.mallory, post, keys(post)[0])
    with pytest.raises(NotFound):
        vote(cast.charlie, maps.post, uuid4())
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    with pytest.raises(NotFound):
        vote(cast.charlie, post, keys(post)[0])
    option = keys(post)[0]
    delete_post(author=cast.bob, post_id=post.pk)
    with pytest.raises(Refused):
        vote(cast.alice, post, option)


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("One",), "invalid"),
        (("One", " ", "\u200b"), "invalid"),
        (("One", "one"), "invalid"),
        (tuple(map(str, range(11))), "invalid"),
        (("One", "x" * 151), "too_long"),
    ],
)
def test_options_can_be_told_apart(cast: Cast, maps: Place, options: tuple[str, ...], code: str) -> None:
    with refuses(code):
        poll_in(maps, cast.bob, options)


@pytest.mark.parametrize("span", [timedelta(seconds=1), timedelta(days=-1), timedelta(days=367)])
def test_a_poll_closes_at_a_sensible_time(cast: Cast, maps: Place, span: timedelta) -> None:
    with refuses("invalid"):
        poll_in(maps, cast.bob, closes_at=timezone.now() + span)


def test_ballots_are_secret(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    vote(cast.charlie, post, keys(post)[0])
    for person in (cast.bob, cast.mod, cast.alice):
        client = Client()
        client.force_login(person)
        page = client.get(f"/f/maps/{post.number}/which/").content.decode()
        assert "1 person voted" in page
        assert "charlie" not in page.lower()
    assert "charlie" not in str(PollVote.objects.get()).lower()


def test_voting_without_scripts(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    url, (one, two, _three) = f"/f/maps/{post.number}/poll/", keys(post)
    client = Client()
    assert client.post(url, {"option": str(one)}).status_code in {302, 403}
    assert counts(post) == ([0, 0, 0], 0)
    client.force_login(cast.charlie)
    answer = client.post(url, {"option": str(one)})
    assert (answer.status_code, answer["Location"]) == (302, f"/f/maps/{post.number}/which/#poll")
    page = client.get(f"/f/maps/{post.number}/which/").content.decode()
    assert f'value="{one}" checked' in page
    assert f'value="{two}" checked' not in page
    client.post(url, {"option": str(one), "back": "1"})
    assert counts(post) == ([0, 0, 0], 0)
    assert client.post(url, {"option": "nonsense"}).status_code == 302
    told = client.post(url, {"option": str(two)}, headers={"Accept": "application/json"}).json()
    assert (told["votes"][str(two)], told["voters"], told["mine"]) == (1, 1, [str(two)])


def test_visitors_see_the_results(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    page = Client().get(f"/f/maps/{post.number}/which/").content.decode()
    assert "<progress" in page
    assert 'name="option"' not in page
    assert "csrfmiddlewaretoken" not in page


# at once


@pytest.mark.django_db(transaction=True)
def test_one_person_voting_twice_at_once_counts_once(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    options = keys(post)

    def send(number: int) -> None:
        try:
            vote(cast.charlie, post, options[number % 2])
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, range(12)))
    votes, voters = counts(post)
    assert (sum(votes), voters) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_many_people_at_once_are_all_counted(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob, is_multiple=True)
    one, two, three = keys(post)
    people = [make_person(username=f"voter{number}") for number in range(12)]

    def send(person: User) -> None:
        try:
            vote(person, post, one, two)
            vote(person, post, two, three)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(send, people))
    assert counts(post) == ([0, 12, 12], 12)


@pytest.mark.django_db(transaction=True)
def test_votes_while_the_post_is_deleted(cast: Cast, maps: Place) -> None:
    post = poll_in(maps, cast.bob)
    option = keys(post)[0]

    def send(person: User | None) -> None:
        try:
            if person is None:
                delete_post(author=cast.bob, post_id=post.pk)
            else:
                vote(person, post, option)
        except Refused:
            pass
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(send, [cast.alice, None, cast.charlie, cast.mod]))
    assert not Poll.objects.exists()
    assert not PollVote.objects.exists()
