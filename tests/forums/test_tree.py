"""Which comments are shown, and how: in order, bounded in number and depth however many there are, each as its reader may see it."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Block, User
from forums.actions.comments import create_comment, delete_comment, edit_comment
from forums.actions.votes import vote_on_comment
from forums.models import Comment, Flair, Forum, Member, Post
from forums.permissions import Standing, standing_in
from forums.reading import tree
from forums.reading.comment_html import Sight, tree_html
from forums.reading.tree import LEVELS, SHOWN, Forest, Sort, ancestors_of, forest_of, line_of
from tests.cast import Cast
from tests.forums.cast import Place
from tests.forums.crowd import chain, fill

pytestmark = pytest.mark.django_db


def say(author: User, place: Place, content: str, under: Comment | None = None) -> Comment:
    return create_comment(author=author, post_id=place.post.pk, content=content, parent_id=under.pk if under else None)


def html_of(place: Place, person: User | None, sort: Sort = Sort.BEST, **more: Any) -> str:
    place.post.refresh_from_db()
    standing = standing_in(place.forum.pk, person)
    login = "" if person else "/accounts/login/"
    return tree_html(forest_of(standing, place.post, sort, **more), Sight(standing, place.post, sort, login))


def numbers(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'id="c-(\d+)"', html)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        (Sort.BEST, [3, 2, 4, 1]),
        (Sort.TOP, [3, 2, 4, 1]),
        (Sort.NEW, [4, 3, 2, 1]),
        (Sort.OLD, [1, 2, 3, 4]),
        (Sort.CONTROVERSIAL, [1, 4, 3, 2]),
    ],
)
@pytest.mark.parametrize("is_large", [False, True])
def test_orders(cast: Cast, maps: Place, sort: Sort, order: list[int], is_large: bool) -> None:
    """Small posts are read whole, large ones level by level: the same order."""
    comments = [say(cast.bob, maps, str(number)) for number in range(4)]
    for person, place, value in ((cast.alice, 2, 1), (cast.mod, 2, 1), (cast.alice, 1, 1), (cast.alice, 0, -1)):
        vote_on_comment(person=person, comment_id=comments[place].pk, value=value)
    if is_large:
        # as if the post had more comments than are read whole
        Post.objects.filter(pk=maps.post.pk).update(last_comment_number=SHOWN + 1)
    assert numbers(html_of(maps, cast.charlie, sort)) == order
    assert numbers(html_of(maps, cast.charlie, sort, after=order[1])) == order[2:]


def test_answers_stand_under_what_they_answer(cast: Cast, maps: Place) -> None:
    first = say(cast.bob, maps, "first")
    second = say(cast.alice, maps, "second", first)
    say(cast.charlie, maps, "third", second)
    html = html_of(maps, None)
    assert numbers(html) == [1, 2, 3]
    assert html.count("<ol") == html.count("</ol>") == 2 and html.count("<li") == html.count("</li>") == 3


def test_what_is_not_to_be_read_is_not_there(cast: Cast, maps: Place) -> None:
    words = ("deletedword", "removedword", "heldword")
    deleted, removed, held = (say(cast.charlie, maps, word) for word in words)
    say(cast.bob, maps, "stays", deleted)
    delete_comment(author=cast.charlie, comment_id=deleted.pk)
    Comment.objects.filter(pk=removed.pk).update(removed_at=timezone.now(), removal_reason="reasonword")
    Comment.objects.filter(pk=held.pk).update(held_at=timezone.now())
    for person, seen in (
        (None, ()),
        (cast.bob, ()),
        (cast.charlie, words[1:]),
        (cast.mod, words[1:]),
        (cast.alice, words[1:]),
    ):
        html = html_of(maps, person)
        assert [word for word in words if word in html] == list(seen)
        assert "stays" in html and "reasonword" not in html
        assert ("charlie" in html.lower()) == bool(seen)
    assert numbers(html_of(maps, cast.bob)) == [2, 1, 4] or set(numbers(html_of(maps, cast.bob))) == {1, 2, 4}


def test_comments_of_the_blocked_are_folded(cast: Cast, maps: Place) -> None:
    say(cast.mallory, maps, "unwanted")
    html = html_of(maps, cast.alice)
    assert "comment--folded" in html and '<details class="comment__folded">' in html
    assert "comment--folded" not in html_of(maps, cast.bob)
    Block.objects.all().delete()
    cast.alice.blocked_ids = None
    assert "comment--folded" not in html_of(maps, cast.alice)


def test_people_carry_their_marks(cast: Cast, maps: Place) -> None:
    flair = Flair.objects.create(forum=maps.forum, kind="member", name="<Surveyor>", hue=3)
    Member.objects.filter(forum=maps.forum, user=cast.mod).update(flair=flair)
    for person in (cast.bob, cast.mod, cast.alice, cast.charlie):
        say(person, maps, "x")
    html = html_of(maps, None)
    assert html.count(">author</span>") == html.count(">moderator</span>") == html.count(">owner</span>") == 1
    assert "&lt;Surveyor&gt;" in html and "<Surveyor>" not in html


def test_names_are_words(cast: Cast, maps: Place) -> None:
    User.objects.filter(pk=cast.charlie.pk).update(display_name='<img src=x onerror=alert(1)>"%s %(body)s {{ x }}')
    comment = say(cast.charlie, maps, "100 %s <script>alert(1)</script> %(name)s")
    html = html_of(maps, cast.bob)
    assert "<img src=x" not in html and "<script" not in html
    assert "%(name)s" in html and "%(body)s" in html
    User.objects.filter(pk=cast.charlie.pk).update(deleted_at=timezone.now())
    html = html_of(maps, cast.bob)
    assert "Deleted user" in html and f'data-id="{comment.pk}"' in html and "/people/" not in html


def test_scores_are_hidden_for_a_while(cast: Cast, maps: Place) -> None:
    old, _new = say(cast.bob, maps, "x"), say(cast.bob, maps, "y")
    Forum.objects.filter(pk=maps.forum.pk).update(scores_hidden_minutes=60)
    Comment.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=2))
    for person in (None, cast.bob, cast.mod):
        assert sorted(re.findall(r"votes__score[^>]*>([^<]*)<", html_of(maps, person))) == ["1", "•"]


def test_tools_are_those_one_may_use(cast: Cast, maps: Place) -> None:
    comment = say(cast.bob, maps, "x")
    edit_comment(editor=cast.bob, comment_id=comment.pk, content="y")
    own, others, visitors = (html_of(maps, person) for person in (cast.bob, cast.charlie, None))
    assert 'data-act="edit"' in own and "/report/" not in own
    assert 'data-act="edit"' not in others and f"/report/comment/{comment.pk}/" in others
    assert "<button" not in visitors and "/accounts/login/" in visitors and "csrf" not in visitors
    assert "/f/maps/1/c/1/history/" in visitors


# --- many -------------------------------------------------------------------------------------------------------------


def test_a_chain_of_ten_thousand_is_shown_in_steps(cast: Cast, maps: Place) -> None:
    chain(maps.post, 10_000, cast.bob)
    html = html_of(maps, cast.charlie)
    assert numbers(html) == list(range(1, LEVELS + 1))
    assert 'href="/f/maps/1/c/8/?sort=best"' in html
    standing = standing_in(maps.forum.pk, cast.charlie)
    line = line_of(standing, maps.post, 9_999)
    assert line is not None
    assert [above.number for above in ancestors_of(standing, line)] == [9_996, 9_997, 9_998]
    assert numbers(html_of(maps, cast.charlie, under=line.id)) == [10_000]
    last = create_comment(
        author=cast.bob, post_id=maps.post.pk, content="deeper", parent_id=Comment.objects.get(number=10_000).pk
    )
    assert last.depth == 10_000


@pytest.mark.parametrize("fan", [4, 100_000])
def test_what_is_read_and_sent_does_not_grow(cast: Cast, maps: Place, fan: int, django_assert_num_queries: Any) -> None:
    """Of 5,000 comments as of 50,000: one question, and no more rows and bytes than of the 200 that are shown."""
    fill(maps.post, 50_000 if fan == 4 else 5_000, [cast.alice, cast.bob, cast.mod], fan=fan)
    standing = standing_in(maps.forum.pk, cast.charlie)
    for sort in Sort:
        with django_assert_num_queries(1):
            forest = forest_of(standing, maps.post, sort)
        html = tree_html(forest, Sight(standing, maps.post, sort))
        shown = numbers(html)
        assert SHOWN // 2 <= len(shown) <= SHOWN and len(set(shown)) == len(shown)
        assert len(html) < 2_500 * SHOWN
        assert rows_read(standing, maps, sort) < 15 * SHOWN


def test_more_leads_on_without_gaps_or_repetition(cast: Cast, maps: Place) -> None:
    fill(maps.post, 350, [cast.alice, cast.bob], fan=100_000)
    standing, after, seen = standing_in(maps.forum.pk, cast.charlie), 0, list[int]()
    for _page in range(4):
        forest = forest_of(standing, maps.post, Sort.BEST, after=after)
        seen += [line.number for line in first_of(forest)]
        after = seen[-1]
    assert not forest.has_more and sorted(seen) == list(range(1, 351))


def test_nobodys_first_answer_gives_way_to_anybodys_last(cast: Cast, maps: Place) -> None:
    fill(maps.post, 3_000, [cast.alice, cast.bob], fan=40)
    html = html_of(maps, cast.charlie)
    depths = re.findall(r'<ol class="comments__answers">', html)
    assert len(depths) >= 39 and "more answers" in html


def first_of(forest: Forest) -> list[tree.Line]:
    return forest.answers[forest.roots]


def rows_read(standing: Standing, place: Place, sort: Sort) -> int:
    """How many rows of comments the statement reads, as the database counts them."""
    given = {
        "reader": None,
        "moderates": False,
        "forum": place.forum.pk,
        "post": place.post.pk,
        "roots": place.post.pk,
        "after": 0,
    }
    with connection.cursor() as cursor:
        cursor.execute("explain (analyze, format json) " + tree._picked_sql(sort, LEVELS), given)
        (plan,) = cursor.fetchone()[0]
    return _rows(plan["Plan"])


def _rows(node: dict[str, Any]) -> int:
    own = 0
    if node.get("Relation Name") == "forums_comment":
        own = round((node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"])
    return own + sum(_rows(below) for below in node.get("Plans", []))
