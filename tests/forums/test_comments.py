"""Comments: written once, in open posts, across no block; changed and deleted by their authors; never in the wrong place."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.models import Block, Notification
from chatter.core.errors import NotFound, Refused
from forums.actions.comments import COMMENT_MAX, create_comment, delete_comment, edit_comment
from forums.models import Ban, Comment, CommentVote, Forum, Post, Revision
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum

pytestmark = pytest.mark.django_db


@contextmanager
def refusing(code: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert caught.value.code == code


def counts(post: Post) -> tuple[int, int]:
    post.refresh_from_db()
    return post.comment_count, post.last_comment_number


def test_a_comment_begins_with_its_authors_vote(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="**July** is missing")
    assert (comment.number, comment.depth, comment.score, comment.up_count) == (1, 0, 1, 1)
    assert "<strong>July</strong>" in comment.html
    assert CommentVote.objects.get(comment=comment).user == cast.charlie
    assert counts(maps.post) == (1, 1)


def test_sent_twice_it_is_one(cast: Cast, maps: Place) -> None:
    key = uuid4()
    first, again = (
        create_comment(author=cast.charlie, post_id=maps.post.pk, content="x", client_id=key) for _time in range(2)
    )
    assert first == again and counts(maps.post) == (1, 1)
    create_comment(author=cast.bob, post_id=maps.post.pk, content="x", client_id=key)
    assert counts(maps.post) == (2, 2)


@pytest.mark.parametrize(
    ("content", "code"), [("", "invalid"), (" \n\u200b", "invalid"), ("a\0b", "invalid"), ("\ud800", "invalid")]
)
def test_nothing_is_no_comment(cast: Cast, maps: Place, content: str, code: str) -> None:
    with refusing(code):
        create_comment(author=cast.charlie, post_id=maps.post.pk, content=content)


def test_a_comment_has_an_end(cast: Cast, maps: Place) -> None:
    create_comment(author=cast.charlie, post_id=maps.post.pk, content="x" * COMMENT_MAX)
    with refusing("too_long"):
        create_comment(author=cast.charlie, post_id=maps.post.pk, content="x" * (COMMENT_MAX + 1))


def test_nobody_writes_under_what_is_gone_or_locked(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    second = create_comment(author=cast.bob, post_id=maps.post.pk, content="y")
    delete_comment(author=cast.bob, comment_id=first.pk)
    Comment.objects.filter(pk=second.pk).update(removed_at=timezone.now())
    for gone in (first, second):
        with refusing("locked"):
            create_comment(author=cast.charlie, post_id=maps.post.pk, content="z", parent_id=gone.pk)
    for mark in ("locked_at", "removed_at"):
        Post.objects.filter(pk=maps.post.pk).update(**{mark: timezone.now()})
        with refusing("locked"):
            create_comment(author=cast.charlie, post_id=maps.post.pk, content="z")
        Post.objects.filter(pk=maps.post.pk).update(**{mark: None})


def test_moderators_write_under_a_locked_post(cast: Cast, maps: Place) -> None:
    Post.objects.filter(pk=maps.post.pk).update(locked_at=timezone.now())
    assert create_comment(author=cast.mod, post_id=maps.post.pk, content="Locked: see rule 2").number == 1


def test_an_answer_stands_under_the_same_post(cast: Cast, maps: Place) -> None:
    elsewhere = make_forum(cast, slug="other")
    foreign = create_comment(author=cast.bob, post_id=elsewhere.post.pk, content="x")
    for parent in (foreign.pk, uuid4()):
        with pytest.raises(NotFound):
            create_comment(author=cast.charlie, post_id=maps.post.pk, content="y", parent_id=parent)


def test_strangers_guests_and_the_banned_write_nothing(cast: Cast, maps: Place) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    for key in (hidden.post.pk, uuid4()):
        with pytest.raises(NotFound):
            create_comment(author=cast.charlie, post_id=key, content="x")
    Ban.objects.create(forum=maps.forum, user=cast.charlie, actor=cast.alice, reason="x")
    for person in (cast.charlie, make_person(username="visitor", is_guest=True)):
        with refusing("forbidden"):
            create_comment(author=person, post_id=maps.post.pk, content="x")


def test_nobody_answers_across_a_block(cast: Cast, maps: Place) -> None:
    """Alice blocks Mallory. Who moderates answers everybody."""
    said = create_comment(author=cast.alice, post_id=maps.post.pk, content="x")
    with refusing("forbidden"):
        create_comment(author=cast.mallory, post_id=maps.post.pk, content="y", parent_id=said.pk)
    theirs = create_comment(author=cast.mallory, post_id=maps.post.pk, content="y")
    assert create_comment(author=cast.alice, post_id=maps.post.pk, content="z", parent_id=theirs.pk).depth == 1
    Block.objects.create(blocker=cast.bob, blocked=cast.charlie)
    with refusing("forbidden"):
        create_comment(author=cast.charlie, post_id=maps.post.pk, content="on the post of who blocks me")


def test_what_a_newcomer_writes_waits(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="newcomers")
    first = create_comment(author=cast.mod, post_id=maps.post.pk, content="x")
    held = create_comment(author=cast.charlie, post_id=maps.post.pk, content="y", parent_id=first.pk)
    assert held.held_at is not None and counts(maps.post) == (1, 2)
    first.refresh_from_db()
    assert first.reply_count == 0
    with pytest.raises(NotFound):
        create_comment(author=cast.bob, post_id=maps.post.pk, content="z", parent_id=held.pk)
    with refusing("locked"):
        create_comment(author=cast.mod, post_id=maps.post.pk, content="z", parent_id=held.pk)


def test_mentions_of_the_private_reach_members_only(cast: Cast) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    comment = create_comment(author=cast.bob, post_id=hidden.post.pk, content="@mod @charlie look")
    assert 'data-username="mod"' in comment.html and "charlie</a>" not in comment.html
    assert not Notification.objects.filter(recipient=cast.charlie, kind="mention").exists()


# --- changed and deleted ----------------------------------------------------------------------------------------------


def test_what_it_said_before_is_kept(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="June")
    edit_comment(editor=cast.charlie, comment_id=comment.pk, content="June")
    comment.refresh_from_db()
    assert comment.edited_at is None and not Revision.objects.exists()
    edit_comment(editor=cast.charlie, comment_id=comment.pk, content="July")
    comment.refresh_from_db()
    assert (comment.content, comment.edited_at is None) == ("July", False)
    assert [each.content for each in Revision.objects.filter(comment=comment)] == ["June"]


def test_only_its_author_changes_and_deletes_it(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="x")
    for person in (cast.bob, cast.alice, cast.mod):
        with refusing("forbidden"):
            edit_comment(editor=person, comment_id=comment.pk, content="y")
        with refusing("forbidden"):
            delete_comment(author=person, comment_id=comment.pk)
    with pytest.raises(NotFound):
        edit_comment(editor=cast.charlie, comment_id=uuid4(), content="y")


def test_a_tombstone_keeps_the_tree(cast: Cast, maps: Place) -> None:
    first = create_comment(author=cast.charlie, post_id=maps.post.pk, content="secret")
    second = create_comment(author=cast.bob, post_id=maps.post.pk, content="y", parent_id=first.pk)
    delete_comment(author=cast.charlie, comment_id=first.pk)
    first.refresh_from_db()
    assert (first.content, first.html, first.reply_count) == ("", "", 1)
    assert Comment.objects.get(pk=second.pk).parent == first and counts(maps.post) == (1, 2)
    for deed in (
        lambda: delete_comment(author=cast.charlie, comment_id=first.pk),
        lambda: edit_comment(editor=cast.charlie, comment_id=first.pk, content="again"),
    ):
        with pytest.raises(NotFound):
            deed()
    delete_comment(author=cast.bob, comment_id=second.pk)
    first.refresh_from_db()
    assert first.reply_count == 1 and counts(maps.post) == (0, 2)


def test_one_may_take_back_what_one_wrote_where_nobody_writes_any_more(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="x")
    Post.objects.filter(pk=maps.post.pk).update(locked_at=timezone.now())
    Ban.objects.create(forum=maps.forum, user=cast.charlie, actor=cast.alice, reason="x")
    with refusing("forbidden"):
        edit_comment(editor=cast.charlie, comment_id=comment.pk, content="y")
    delete_comment(author=cast.charlie, comment_id=comment.pk)
    assert counts(maps.post)[0] == 0


def test_what_moderators_removed_is_not_changed(cast: Cast, maps: Place) -> None:
    comment = create_comment(author=cast.charlie, post_id=maps.post.pk, content="x")
    Comment.objects.filter(pk=comment.pk).update(removed_at=timezone.now())
    with refusing("locked"):
        edit_comment(editor=cast.charlie, comment_id=comment.pk, content="y")


def test_a_comment_costs_a_bounded_number_of_statements(
    cast: Cast, maps: Place, django_assert_max_num_queries: object
) -> None:
    first = create_comment(author=cast.bob, post_id=maps.post.pk, content="x")
    with django_assert_max_num_queries(22):  # type: ignore[operator]
        create_comment(
            author=cast.charlie, post_id=maps.post.pk, content="@bob y", parent_id=first.pk, client_id=uuid4()
        )
