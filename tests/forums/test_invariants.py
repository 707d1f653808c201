"""`manage.py dbcheck` sees what is not as it must be in forums; and finds nothing after whatever people did."""

import random
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from chatter.core.errors import Refused
from chatter.ops.dbcheck import Invariant, check
from forums import ranking
from forums.actions.coming import join_forum, leave_forum
from forums.actions.comments import create_comment, delete_comment, edit_comment
from forums.actions.discussions import enter_discussion
from forums.actions.forum import create_forum
from forums.actions.moderation import approve_comment, approve_post, remove_comment, remove_post
from forums.actions.polls import cast_ballot
from forums.actions.posts import PollWish, create_post
from forums.actions.posts_change import delete_post
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.invariants import BEST, BROKEN_LINES, CONTROVERSY, HOT
from forums.models import Comment, Flair, Forum, PollOption, Post
from tests.cast import Cast
from tests.forums.cast import Place

pytestmark = pytest.mark.django_db

BREAKAGES = [
    ("a forum counts the posts", "update forums_forum set post_count = post_count + 1"),
    ("a forum counts the posts", "update forums_forum set last_number = 0"),
    ("a forum counts the posts", "update forums_post set held_at = now() where number = 1"),
    ("a forum counts its members", "update forums_forum set member_count = member_count - 1"),
    (
        "a forum counts its members",
        "update forums_forum set owner_id = (select id from accounts_user where username = 'charlie')",
    ),
    ("a post counts the comments", "update forums_post set comment_count = comment_count + 1"),
    ("a post counts the comments", "update forums_post set last_comment_number = 0"),
    ("a post counts the comments", "update forums_comment set removed_at = now()"),
    ("a comment counts the answers", "update forums_comment set reply_count = reply_count + 1"),
    ("a comment counts the answers", "update forums_comment set held_at = now() where depth = 1"),
    ("an answer stands", "update forums_comment set depth = 7 where depth = 1"),
    ("an answer stands", "update forums_comment set number = 0 where depth = 1"),
    (
        "an answer stands",
        "update forums_comment set post_id = (select id from forums_post where number = 2), number = 9 where depth = 1",
    ),
    ("posts count their votes", "update forums_post set up_count = up_count + 1"),
    ("posts count their votes", "update forums_post set score = 9"),
    ("posts count their votes", "delete from forums_postvote"),
    ("comments count their votes", "update forums_comment set down_count = down_count + 1"),
    ("comments count their votes", "update forums_commentvote set value = -value"),
    ("posts rank", "update forums_post set hot = hot + 0.001"),
    ("posts rank", "update forums_post set controversy = 1"),
    ("comments rank", "update forums_comment set best = best + 0.001"),
    ("comments rank", "update forums_comment set controversy = 1"),
    ("polls count", "update forums_poll set voter_count = voter_count + 1"),
    ("polls count", "update forums_polloption set vote_count = vote_count + 1"),
    (
        "polls count",
        """insert into forums_pollvote (poll_id, option_id, user_id, created_at)
           select b.poll_id, o.id, b.user_id, now() from forums_pollvote b
             join forums_polloption o on o.poll_id = b.poll_id and o.id <> b.option_id""",
    ),
    ("flairs and rules", "update forums_flair set kind = 'member'"),
    (
        "who is in a discussion",
        "update chat_membership set role = 'owner' where conversation_id in (select discussion_id from forums_post)",
    ),
    ("who is in a discussion", "update forums_forum set is_public = false where slug = 'maps'"),
    ("discussions are closed", "update forums_post set locked_at = now() where discussion_id is not null"),
    (
        "nobody follows",
        """insert into forums_personfollow (follower_id, user_id, created_at)
           select blocker_id, blocked_id, now() from accounts_block""",
    ),
    ("what was edited", "update forums_comment set edited_at = now()"),
]


def broken() -> list[str]:
    return [name for name, sql in BROKEN_LINES.items() if check(Invariant(name, sql)).broken]


@pytest.fixture
def full(cast: Cast, maps: Place) -> Place:
    """A forum with something of everything that is counted."""
    first = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    create_comment(author=cast.bob, post_id=maps.post.pk, content="Maintenance", parent_id=first.pk)
    vote_on_comment(person=cast.bob, comment_id=first.pk, value=-1)
    vote_on_post(person=cast.charlie, post_id=maps.post.pk, value=-1)
    poll = PollWish(options=["Red", "Blue"])
    asked = create_post(author=cast.bob, forum_id=maps.forum.pk, title="Which?", kind=Post.Kind.POLL, poll=poll)
    cast_ballot(person=cast.mod, post_id=asked.pk, options=[PollOption.objects.filter(poll__post=asked)[0].pk])
    enter_discussion(person=cast.bob, post_id=asked.pk)
    enter_discussion(person=cast.charlie, post_id=asked.pk)
    flair = Flair.objects.create(forum=maps.forum, name="Question")
    Post.objects.filter(pk=asked.pk).update(flair=flair)
    return maps


@pytest.mark.parametrize(("start", "breakage"), BREAKAGES)
def test_dbcheck_notices(full: Place, start: str, breakage: str) -> None:
    assert broken() == []
    with connection.cursor() as cursor:
        cursor.execute(breakage)
    assert any(name.startswith(start) for name in broken())


def test_every_invariant_is_seen_to_fail() -> None:
    assert all(any(name.startswith(start) for start, _sql in BREAKAGES) for name in BROKEN_LINES)


@settings(max_examples=60, deadline=None)
@given(
    up=st.integers(0, 1_000_000),
    down=st.integers(0, 1_000_000),
    at=st.integers(1_500_000_000, 2_500_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)
def test_the_database_ranks_as_the_product_does(up: int, down: int, at: datetime) -> None:
    row = "select %s::int up_count, %s::int down_count, %s::timestamptz created_at"
    with connection.cursor() as cursor:
        cursor.execute(f"select {HOT}, {BEST}, {CONTROVERSY} from ({row}) t", [up, down, at])
        said = cursor.fetchone()
    wanted = ranking.hot(up, down, at), ranking.best(up, down), ranking.controversy(up, down)
    assert said == pytest.approx(wanted, rel=1e-9, abs=1e-9)


# --- a walk ------------------------------------------------------------------------------------------------------------


class Walk:
    """People who do at random whatever changes what is counted. Some of it is refused; none of it may leave a drift."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.chance = random.Random(seed)
        self.cast = cast
        self.forum = create_forum(owner=cast.alice, name="Walk", slug=f"walk-{seed}")
        Forum.objects.filter(pk=self.forum.pk).update(holding=self.chance.choice(Forum.Holding.values))
        self.people = [cast.bob, cast.charlie, cast.mod, cast.mallory, cast.alice]
        self.steps: list[Callable[[], object]] = [
            *[self.write] * 3,
            *[self.answer] * 6,
            *[self.vote, self.vote, self.vote_below, self.vote_below, self.edit],
            *[self.remove, self.remove_below, self.approve, self.approve_below, self.delete, self.delete_below],
            *[self.come, self.go],
        ]

    def person(self) -> User:
        return self.chance.choice(self.people)

    def post(self) -> Post:
        return self.chance.choice(list(Post.objects.filter(forum=self.forum)))

    def comment(self) -> Comment:
        return self.chance.choice(list(Comment.objects.filter(post__forum=self.forum)))

    def value(self) -> int:
        return self.chance.choice([-1, 0, 1])

    def write(self) -> object:
        return create_post(author=self.person(), forum_id=self.forum.pk, title="Title", content="Text")

    def answer(self) -> object:
        post = self.post()
        above = self.chance.choice([None, *Comment.objects.filter(post=post).values_list("pk", flat=True)])
        return create_comment(author=self.person(), post_id=post.pk, content="Text", parent_id=above)

    def vote(self) -> object:
        return vote_on_post(person=self.person(), post_id=self.post().pk, value=self.value())

    def vote_below(self) -> object:
        return vote_on_comment(person=self.person(), comment_id=self.comment().pk, value=self.value())

    def edit(self) -> object:
        comment = self.comment()
        return edit_comment(editor=comment.author, comment_id=comment.pk, content=f"Text {self.chance.random()}")

    def remove(self) -> object:
        return remove_post(moderator=self.cast.alice, post_id=self.post().pk, reason="No")

    def remove_below(self) -> object:
        return remove_comment(moderator=self.cast.alice, comment_id=self.comment().pk, reason="No")

    def approve(self) -> object:
        return approve_post(moderator=self.cast.alice, post_id=self.post().pk)

    def approve_below(self) -> object:
        return approve_comment(moderator=self.cast.alice, comment_id=self.comment().pk)

    def delete(self) -> None:
        post = self.post()
        delete_post(author=post.author, post_id=post.pk)

    def delete_below(self) -> object:
        comment = self.comment()
        return delete_comment(author=comment.author, comment_id=comment.pk)

    def come(self) -> object:
        return join_forum(person=self.person(), forum_id=self.forum.pk)

    def go(self) -> None:
        leave_forum(person=self.person(), forum_id=self.forum.pk)

    def step(self) -> bool:
        try:
            self.chance.choice(self.steps)()
        except (Refused, IndexError):
            return False
        return True


@pytest.mark.parametrize("seed", range(3))
def test_whatever_people_do_every_count_stays_exact(cast: Cast, seed: int) -> None:
    walk = Walk(cast, seed)
    done = sum(walk.step() for _step in range(120))
    assert done > 30
    assert broken() == []
