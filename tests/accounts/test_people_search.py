"""Finding people: whose wishes it obeys, in which order, and that it asks the index however many people there are."""

import json
from typing import Any

import pytest
from django.db import connection

from accounts.models import Block, Friendship, User
from accounts.search import CANDIDATES, INSIDE_MIN, _sql, find_people, parameters
from tests.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_person(username="alice")


def crowd(count: int, privacy: dict[str, str], prefix: str = "bob") -> None:
    """So many people at once, named in order."""
    User.objects.bulk_create(
        User(username=f"{prefix}{number:05}", password="!", privacy=privacy) for number in range(count)
    )


def test_wishes_decide_who_is_found(alice: User) -> None:
    friends_only = make_person(username="bob_friends", privacy={"find": "friends"})
    make_person(username="bob_nobody", privacy={"find": "nobody"})
    everyone = make_person(username="bob_all")
    assert find_people(alice, "bob") == [everyone]
    row = Friendship.objects.create(requester=friends_only, addressee=alice)
    assert find_people(alice, "bob") == [everyone], "a request is no friendship"
    row.state = Friendship.State.ACCEPTED
    row.save()
    assert find_people(alice, "bob") == [everyone, friends_only]


def test_wishes_hold_for_the_whole_name_too(alice: User) -> None:
    make_person(username="bob", privacy={"find": "nobody"})
    assert find_people(alice, "bob") == []


def test_people_whom_nobody_may_find_do_not_hide_the_others(alice: User) -> None:
    crowd(3 * CANDIDATES, {"find": "nobody"})
    last = make_person(username="bobzz")
    assert find_people(alice, "bob") == [last]


def test_whole_names_come_first_then_beginnings_then_insides(alice: User) -> None:
    inside = make_person(username="zz", display_name="Anna Bob")
    shown = make_person(username="yy", display_name="Bobby")
    longer = make_person(username="boba", display_name="Zed")
    exact = make_person(username="BOB", display_name="Yan")
    assert find_people(alice, "bob") == [exact, longer, shown, inside]


def test_a_crowd_of_namesakes_costs_no_more_and_the_whole_name_stays_first(alice: User) -> None:
    crowd(3 * CANDIDATES, {}, prefix="a")
    exact = make_person(username="a")
    found = find_people(alice, "a", limit=50)
    assert (found[0], len(found)) == (exact, 50)


@pytest.mark.parametrize("words", ["bob%", "bo_", "b\\b", "100%", "_b"])
def test_signs_of_patterns_are_only_letters(alice: User, words: str) -> None:
    make_person(username="bob", display_name="A 100 b")
    assert find_people(alice, words) == []
    named = make_person(username="other", display_name=f"So {words} it is")
    assert find_people(alice, words) == [named]


@pytest.mark.parametrize("words", ["ä", "𐍈x", "\U0010fffd", "שלום", "ﬀ"])
def test_every_script_is_found_by_its_beginning(alice: User, words: str) -> None:
    named = make_person(username="other", display_name=f"{words} zz")
    assert find_people(alice, words) == [named]


@pytest.mark.parametrize("words", ["b", "bo", "bob", "fischer", "bob fischer"])
def test_candidates_come_from_the_indexes(alice: User, words: str) -> None:
    crowd(2000, {})
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain (format json) {_sql()}", {"viewer": alice.pk, "limit": 10, **parameters(words)})
        plan = cursor.fetchone()[0]
    nodes = list(walk(json.loads(plan) if isinstance(plan, str) else plan))
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert {"user_username_letters", "user_display_name_letters"} <= used
    assert "user_display_name_trigrams" in used
    assert "user_username_trigrams" in used or len(words) < INSIDE_MIN
    assert not [node for node in nodes if node["Node Type"] == "Seq Scan" and node["Relation Name"] == "accounts_user"]


def walk(plan: Any) -> Any:
    for node in plan:
        yield node.get("Plan", node)
        yield from walk(node.get("Plan", node).get("Plans", []))


def test_a_search_is_one_query_and_asks_the_rule_of_few(alice: User, django_assert_num_queries: Any) -> None:
    crowd(500, {})
    with django_assert_num_queries(1):
        assert len(find_people(alice, "bob", limit=20)) == 20


def test_blocks_hide_both_ways(alice: User) -> None:
    bob = make_person(username="bob")
    Block.objects.create(blocker=bob, blocked=alice)
    assert find_people(alice, "bob") == find_people(bob, "alice") == []
