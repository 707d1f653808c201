"""What forums forget with a person, what becomes of what they owned, and that all counts stay exact."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.data import erase_person
from accounts.models import AuditEntry, User
from chatter.ops.dbcheck import Invariant, check
from forums.actions.comments import create_comment
from forums.actions.forum import create_forum
from forums.actions.members import admit_member
from forums.actions.polls import cast_ballot
from forums.actions.posts import PollWish, create_post
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.invariants import BROKEN_LINES
from forums.models import (
    Ban,
    Comment,
    Draft,
    Forum,
    JoinRequest,
    Member,
    Note,
    PersonFollow,
    PollOption,
    PollVote,
    Post,
    PostFollow,
    Saved,
)
from forums.permissions import Right
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


def erase(person: User) -> None:
    User.objects.filter(pk=person.pk).update(deletion_due_at=timezone.now() - timedelta(seconds=1), is_active=False)
    person.refresh_from_db()
    erase_person(person=person)
    assert [name for name, sql in BROKEN_LINES.items() if check(Invariant(name, sql)).broken] == []


def test_what_they_wrote_and_voted_stays_and_the_rest_goes(cast: Cast, maps: Place) -> None:
    bob, forum = cast.bob, maps.forum
    said = create_comment(author=bob, post_id=maps.post.pk, content="Eleven")
    vote_on_comment(person=cast.alice, comment_id=said.pk, value=1)
    poll = PollWish(options=["Red", "Blue"])
    asked = create_post(author=cast.mod, forum_id=forum.pk, title="Which?", kind=Post.Kind.POLL, poll=poll)
    vote_on_post(person=bob, post_id=asked.pk, value=-1)
    cast_ballot(person=bob, post_id=asked.pk, options=[PollOption.objects.filter(poll__post=asked)[0].pk])
    Draft.objects.create(author=bob, title="x")
    Saved.objects.create(post=asked, user=bob)
    PostFollow.objects.create(post=asked, user=bob)
    PersonFollow.objects.create(follower=bob, user=cast.mod)
    PersonFollow.objects.create(follower=cast.mod, user=bob)
    Note.objects.create(forum=forum, user=bob, author=cast.mod, text="x")
    note = Note.objects.create(forum=forum, user=cast.mallory, author=bob, text="x")
    ban = Ban.objects.create(forum=forum, user=cast.mallory, actor=bob, reason="x")
    JoinRequest.objects.create(forum=forum, user=bob)
    Post.objects.filter(pk=maps.post.pk).update(removal_reason="Of Bob")
    before = Post.objects.values_list("score", "comment_count").get(pk=asked.pk)
    erase(bob)
    assert Post.objects.get(pk=maps.post.pk).content == "All **eleven** of them."
    assert Comment.objects.get(pk=said.pk).author.name == "Deleted user"
    assert Post.objects.values_list("score", "comment_count").get(pk=asked.pk) == before
    assert PollVote.objects.filter(user=bob).count() == 1
    assert not Draft.objects.exists()
    assert not Saved.objects.exists()
    assert not PostFollow.objects.filter(user=bob).exists()
    assert not PersonFollow.objects.exists()
    assert not JoinRequest.objects.filter(user=bob).exists()
    left = Note.objects.get()
    assert (left.pk, left.author) == (note.pk, None)
    ban.refresh_from_db()
    assert ban.actor is None
    assert Post.objects.get(pk=maps.post.pk).removal_reason == ""
    assert not Member.objects.filter(user=bob).exists()


def test_names_in_the_words_of_others_lead_nowhere(cast: Cast, maps: Place) -> None:
    said = create_comment(author=cast.mod, post_id=maps.post.pk, content="Ask @bob or @alice")
    post = create_post(author=cast.mod, forum_id=maps.forum.pk, title="Look", content="@bob knows")
    assert 'data-username="bob"' in said.html
    assert 'data-username="bob"' in post.html
    erase(cast.bob)
    said.refresh_from_db()
    post.refresh_from_db()
    assert "@bob" in said.html
    assert 'data-username="bob"' not in said.html + post.html
    assert 'data-username="alice"' in said.html


def test_what_they_owned_goes_to_who_may_most(cast: Cast, maps: Place) -> None:
    high = make_person(username="high")
    member = admit_member(maps.forum, high)
    Member.objects.filter(pk=member.pk).update(permissions=int(Right.POSTS | Right.FORUM | Right.PEOPLE))
    erase(cast.alice)
    maps.forum.refresh_from_db()
    assert maps.forum.owner == high
    assert AuditEntry.objects.filter(place=maps.forum.pk, action="forum.transferred", actor=None).exists()


def test_to_who_is_there_for_longest_where_nobody_moderates(cast: Cast, maps: Place) -> None:
    Member.objects.update(permissions=0)
    User.objects.filter(pk=cast.bob.pk).update(suspended_at=timezone.now())
    erase(cast.alice)
    maps.forum.refresh_from_db()
    assert maps.forum.owner == cast.mod


def test_what_others_wrote_falls_to_those_who_run_the_site(cast: Cast) -> None:
    forum = create_forum(owner=cast.alice, name="Alone", slug="alone")
    create_post(author=cast.bob, forum_id=forum.pk, title="Mine")
    ruler = make_person(username="ruler", is_staff=True, is_superuser=True)
    erase(cast.alice)
    assert Forum.objects.get(pk=forum.pk).owner == ruler


@pytest.mark.parametrize("wanted", [False, True])
def test_what_nobody_else_is_in_ends(cast: Cast, maps: Place, wanted: bool) -> None:
    forum = create_forum(owner=cast.alice, name="Alone", slug="alone")
    create_post(author=cast.alice, forum_id=forum.pk, title="Mine")
    if wanted:
        admit_member(forum, cast.bob)
        Forum.objects.filter(pk=forum.pk).update(deletion_due_at=timezone.now() + timedelta(days=3))
    erase(cast.alice)
    assert not Forum.objects.filter(pk=forum.pk).exists()


def test_once_more_changes_nothing(cast: Cast, maps: Place) -> None:
    from forums.erasure import forget

    forget(cast.bob)
    members: Any = list(Member.objects.values_list("pk"))
    forget(cast.bob)
    assert list(Member.objects.values_list("pk")) == members
