"""What all of forums stands on: who sees one, votes that count exactly, numbers, the history that the database keeps."""

import pytest
from django.db import DatabaseError, transaction

from chatter.core.errors import NotFound, Refused
from forums.actions.comments import create_comment
from forums.actions.forum import create_forum
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.models import Ban, Post, PostVote, Revision
from forums.permissions import Right, forum_for, standing_in, visible_forums
from tests.cast import Cast
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db


def test_everybody_reads_a_public_forum(cast: Cast, maps: Place) -> None:
    assert forum_for(None, "maps").rights == Right(0)
    assert forum_for(cast.charlie, "maps").member is None
    assert forum_for(cast.mod, "maps").can(Right.POSTS)
    assert not forum_for(cast.mod, "maps").can(Right.FORUM)
    assert forum_for(cast.alice, "maps").can(Right.MODERATORS)


def test_outsiders_do_not_know_of_a_private_forum(cast: Cast) -> None:
    hidden = create_forum(owner=cast.alice, name="Hidden", slug="hidden", is_public=False)
    for person in (None, cast.charlie, cast.mod):
        with pytest.raises(NotFound):
            forum_for(person, "hidden")
        assert hidden not in visible_forums(person)
    assert forum_for(cast.alice, "hidden").is_owner
    assert hidden in visible_forums(cast.alice)


def test_a_ban_takes_a_moderators_rights(cast: Cast, maps: Place) -> None:
    Ban.objects.create(forum=maps.forum, user=cast.mod, actor=cast.alice, reason="x")
    assert maps.standing(cast.mod).rights == Right(0)
    with pytest.raises(Refused, match="banned"):
        vote_on_post(person=cast.mod, post_id=maps.post.pk, value=1)


def test_votes_are_counted_once_and_taken_back(cast: Cast, maps: Place) -> None:
    assert (maps.post.number, maps.post.score) == (1, 1)
    for value, score in ((1, 2), (1, 2), (-1, 0), (0, 1)):
        assert vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=value).score == score
    assert PostVote.objects.filter(post=maps.post).count() == 1


def test_comments_are_a_tree_with_numbers(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    second = create_comment(author=cast.bob, post_id=maps.post.pk, content="Maintenance", parent_id=first.pk)
    assert [(each.number, each.depth) for each in (first, second)] == [(1, 0), (2, 1)]
    assert vote_on_comment(person=cast.alice, comment_id=second.pk, value=-1).score == 0
    first.refresh_from_db()
    assert (first.reply_count, Post.objects.get(pk=maps.post.pk).comment_count) == (1, 2)


def test_the_database_keeps_what_was_said_and_lets_nobody_rewrite_it(cast: Cast, maps: Place) -> None:
    Post.objects.filter(pk=maps.post.pk).update(title="Wells of the city")
    revision = Revision.objects.get(post=maps.post)
    assert (revision.title, revision.content) == ("Fountains of the city", "All **eleven** of them.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Revision.objects.filter(pk=revision.pk).update(title="x")
    maps.forum.delete()
    assert not Revision.objects.exists()


def test_a_private_forum_is_not_told_from_a_missing_one(cast: Cast, maps: Place) -> None:
    maps.forum.is_public = False
    maps.forum.save()
    with pytest.raises(NotFound):
        vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=1)
    with pytest.raises(NotFound):
        standing_in(maps.forum.pk, None)
