"""Forums of a large community: copied past the product, and yet as it would have made them."""

import random

import pytest
from django.db import connection

from accounts.models import User
from chatter.ops import large_posts
from chatter.ops.bulk import as_owner, bare, escaped, timed_id
from chatter.ops.dbcheck import find_violations
from chatter.ops.seed_large_forums import ForumsSize, make_large_forums
from forums.models import Comment, CommentVote, Forum, Post, PostVote

SIZE = ForumsSize(forums=3, posts=60, comments=600, votes=2_500)


@pytest.mark.django_db(transaction=True)
def test_counters_ranks_and_trees_are_exact() -> None:
    people = [User.objects.create_user(f"person-{number}") for number in range(60)]
    before = indexes()
    told: list[tuple[int, int]] = []
    make_large_forums(people, SIZE, lambda done, total: told.append((done, total)))
    assert [found for found in find_violations() if found.broken] == []
    assert Forum.objects.count() == SIZE.forums
    assert (Post.objects.count(), Comment.objects.count()) == (SIZE.posts, SIZE.comments)
    assert PostVote.objects.count() + CommentVote.objects.count() == SIZE.votes
    assert told[-1] == (SIZE.rows, SIZE.rows)
    assert told == sorted(told)
    # Nothing that keeps the data in order is missing afterwards.
    assert indexes() == before
    # More of them beside the first ones.
    make_large_forums(people, ForumsSize(forums=1, posts=3, comments=5, votes=20), lambda *_: None)
    assert Forum.objects.count() == SIZE.forums + 1


@pytest.mark.django_db(transaction=True)
def test_whoever_is_interrupted_leaves_everything_as_it_was() -> None:
    before = indexes()
    with pytest.raises(RuntimeError), as_owner() as owner, bare(owner, ["forums_post", "forums_comment"]):
        raise RuntimeError
    assert indexes() == before


def indexes() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexname, indexdef from pg_indexes where tablename like 'forums_%' union all "
            "select conname, pg_get_constraintdef(oid) from pg_constraint where conrelid::regclass::text like 'forums_%'"
        )
        return set(cursor.fetchall())


def test_ids_are_of_their_time() -> None:
    chance = random.Random(1)
    keys = [timed_id(1_700_000_000_000 + step, chance.getrandbits(74)) for step in range(100)]
    assert keys == sorted(keys)
    assert {(key.version, key.variant) for key in keys} == {(7, "specified in RFC 4122")}
    assert keys[5].int >> 80 == 1_700_000_000_005


def test_shares_keep_within_their_bounds() -> None:
    chance = random.Random(2)
    for total, most in ((1000, [50] * 40), (10, [5] * 4), (500, [3] * 10), (0, [9, 9])):
        given = large_posts.shares(total, most, chance, least=1)
        assert all(share <= limit for share, limit in zip(given, most, strict=True))
        assert sum(given) == max(min(total, sum(most)), len(most))


def test_trees_answer_what_was_said_before() -> None:
    nodes = large_posts.tree(500, random.Random(3))
    for number, node in enumerate(nodes):
        assert node.parent < number
        assert node.depth == (0 if node.parent < 0 else nodes[node.parent].depth + 1)
    assert large_posts.chain(10_000)[-1] == (9_998, 9_999)


def test_around_somebody_are_others() -> None:
    ring = large_posts.Ring([f"p{number}" for number in range(20)], random.Random(4))
    for count in (1, 5, 20, 90):
        found = ring.around("p7", count, random.Random(5))
        assert found[0] == "p7"
        assert len(set(found)) == len(found) == min(count, 20)


def test_texts_are_one_field_each() -> None:
    assert escaped("a\tb\nc\\d\re") == "a\\tb\\nc\\\\d\\re"
