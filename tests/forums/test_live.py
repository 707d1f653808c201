"""What open pages are told of votes and comments, and who may watch: exactly who may read the post."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from accounts.models import User
from chatter.core.errors import NotFound
from chatter.core.events import CommentsChanged, Event, ScoresChanged
from forums.actions.comments import create_comment, delete_comment, edit_comment
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.live import may_watch, may_watch_many
from forums.models import Ban, Forum, Post
from forums.permissions import post_for, standing_in
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.django_db
type Capture = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    """What was published, once it is committed."""
    events: list[Event] = []
    monkeypatch.setattr("chatter.core.realtime.announce", lambda some, _source=None: events.extend(some))
    return events


def may_read(person: User, place: Place) -> bool:
    try:
        post_for(standing_in(place.forum.pk, person), place.post.number)
    except NotFound:
        return False
    return True


def test_who_may_read_a_post_may_watch_it(cast: Cast, maps: Place) -> None:
    """The statement says in one question what the pages ask step by step."""
    hidden = make_forum(cast, is_public=False, slug="hidden")
    guest = make_person(username="visitor", is_guest=True)
    people = [cast.alice, cast.bob, cast.charlie, cast.mallory, cast.mod, guest]
    states: list[Callable[[], object]] = [
        lambda: None,
        lambda: Post.objects.update(held_at=timezone.now()),
        lambda: Ban.objects.create(forum=hidden.forum, user=cast.mod, actor=cast.alice, reason="x"),
        lambda: Ban.objects.create(forum=maps.forum, user=cast.mod, actor=cast.alice, reason="x"),
        lambda: Ban.objects.update(until=timezone.now()),
        lambda: Post.objects.update(held_at=None, removed_at=timezone.now()),
        lambda: Forum.objects.filter(pk=maps.forum.pk).update(deletion_due_at=timezone.now()),
    ]
    for change in states:
        change()
        for place in (maps, hidden):
            answers = {person.username: may_watch(person.pk, place.post.pk) == place.forum.pk for person in people}
            assert answers == {person.username: may_read(person, place) for person in people}


def test_many_are_asked_for_at_once(cast: Cast, maps: Place, django_assert_num_queries: Any) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    pairs = [
        (person.pk, post) for person in (cast.bob, cast.charlie) for post in (maps.post.pk, hidden.post.pk, uuid4())
    ]
    with django_assert_num_queries(1):
        places = may_watch_many([*pairs, (uuid4(), maps.post.pk)])
    assert places == {
        (cast.bob.pk, maps.post.pk): maps.forum.pk,
        (cast.charlie.pk, maps.post.pk): maps.forum.pk,
        (cast.bob.pk, hidden.post.pk): hidden.forum.pk,
    }


def test_comments_are_told_after_commit(
    cast: Cast, maps: Place, told: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        first = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
        second = create_comment(author=cast.charlie, post_id=maps.post.pk, content="y", parent_id=first.pk)
        assert told == []
    with django_capture_on_commit_callbacks(execute=True):
        edit_comment(editor=cast.bob, comment_id=first.pk, content="z")
        delete_comment(author=cast.bob, comment_id=first.pk)

    def news(count: int, comment: UUID, parent: UUID | None, change: Any) -> CommentsChanged:
        post, forum = maps.post.pk, maps.forum.pk
        return CommentsChanged(topic=post, place=forum, count=count, comment=comment, parent=parent, change=change)

    assert [event for event in told if isinstance(event, CommentsChanged)] == [
        news(1, first.pk, None, "created"),
        news(2, second.pk, first.pk, "created"),
        news(2, first.pk, None, "edited"),
        news(1, first.pk, None, "deleted"),
    ]


def test_what_waits_is_told_to_nobody(
    cast: Cast, maps: Place, told: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="newcomers")
    with django_capture_on_commit_callbacks(execute=True):
        held = create_comment(author=cast.charlie, post_id=maps.post.pk, content="x")
        edit_comment(editor=cast.charlie, comment_id=held.pk, content="y")
        delete_comment(author=cast.charlie, comment_id=held.pk)
    assert not [event for event in told if isinstance(event, CommentsChanged)]


def test_scores_are_told_unless_they_are_hidden(
    cast: Cast, maps: Place, told: list[Event], django_capture_on_commit_callbacks: Capture
) -> None:
    comment = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    with django_capture_on_commit_callbacks(execute=True):
        vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1)
        vote_on_comment(person=cast.charlie, comment_id=comment.pk, value=-1)
    scores = [event.scores for event in told if isinstance(event, ScoresChanged)]
    assert scores == [{str(maps.post.pk): 2}, {str(comment.pk): 0}]
    assert {(event.topic, event.place) for event in told if isinstance(event, ScoresChanged)} == {
        (maps.post.pk, maps.forum.pk)
    }
    told.clear()
    Forum.objects.filter(pk=maps.forum.pk).update(scores_hidden_minutes=60)
    with django_capture_on_commit_callbacks(execute=True):
        vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=-1)
    assert told == []
