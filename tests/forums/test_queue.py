"""The queue: what waits, in which order, in context, paged; deciding one and many; nothing of other forums."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.reports import report_thing
from accounts.models import Report, User
from forums.actions.comments import create_comment
from forums.actions.counted import change_comment
from forums.actions.moderation import remove_post
from forums.actions.posts import create_post
from forums.models import Comment, Forum, Post, Rule
from forums.queue import Asked, queue_page, waiting_count
from tests.cast import Cast
from tests.corpus import XSS
from tests.factories import make_person
from tests.forums.cast import Place, make_forum
from tests.forums.counting import check_counts

pytestmark = pytest.mark.django_db


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def report(reporter: User, row: Post | Comment, details: str = "") -> None:
    kind = "post" if isinstance(row, Post) else "comment"
    report_thing(reporter=reporter, kind=kind, key=row.pk, reason="spam", details=details)


def fill(cast: Cast, maps: Place, count: int = 6) -> list[Post | Comment]:
    """Reported posts and comments, every third comment held instead; of different ages, the newest first."""
    rows: list[Post | Comment] = []
    for number in range(count):
        row: Post | Comment
        if number % 2:
            row = create_post(author=cast.charlie, forum_id=maps.forum.pk, title=f"Post {number}")
            report(cast.bob, row, details=f"Look at {number}")
        else:
            row = create_comment(author=cast.charlie, post_id=maps.post.pk, content=f"Comment {number}")
            if number % 3:
                report(cast.bob, row)
            else:
                change_comment(row, held_at=timezone.now())
        when = timezone.now() - timedelta(hours=number)
        Report.objects.filter(target_id=row.pk).update(created_at=when)
        Comment.objects.filter(pk=row.pk, held_at__isnull=False).update(held_at=when)
        rows.append(row)
    return rows


def keys(forum: Forum, **asked: Any) -> list[Any]:
    """All of it, two at a time."""
    found, after = [], None
    while True:
        items, after = queue_page(forum, Asked(**asked, after=after), 2)
        found += [item.written.pk for item in items]
        if after is None:
            return found


def test_it_has_what_is_reported_and_held_in_every_order(cast: Cast, maps: Place) -> None:
    rows = fill(cast, maps)
    wanted = [row.pk for row in rows]
    assert keys(maps.forum) == wanted
    assert keys(maps.forum, order="old") == wanted[::-1]
    assert waiting_count(maps.forum) == len(rows)
    assert set(keys(maps.forum, show="held")) == {rows[0].pk}
    assert set(keys(maps.forum, show="reported")) == set(wanted[1:])
    assert set(keys(maps.forum, kind="comment")) == {row.pk for row in rows if isinstance(row, Comment)}
    for reporter in (cast.alice, cast.mallory):
        report(reporter, rows[3])
    report(cast.alice, rows[4])
    assert keys(maps.forum, order="reports", show="reported")[:2] == [rows[3].pk, rows[4].pk]


def test_it_is_of_one_forum_and_holds_nothing_decided(cast: Cast, maps: Place) -> None:
    other = make_forum(cast, slug="other")
    report(cast.charlie, other.post)
    assert keys(maps.forum) == []
    report(cast.charlie, maps.post)
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="x")
    assert keys(maps.forum) == [] and keys(maps.forum, show="removed") == [maps.post.pk]


def test_the_page_shows_context_and_never_who_reported(cast: Cast, maps: Place) -> None:
    above = create_comment(author=cast.bob, post_id=maps.post.pk, content="Which fountain?")
    said = create_comment(author=cast.charlie, post_id=maps.post.pk, content=f"Mine {XSS[0]}", parent_id=above.pk)
    secret = make_person(username="whistle", display_name="Whistleblower")
    for reporter in (cast.bob, secret):
        report(reporter, said, details="Advertising <b>")
    page = browser(cast.mod).get(reverse("forum_queue", args=["maps"])).content.decode()
    assert "Which fountain?" in page and "Fountains of the city" in page and "2 reports" in page
    assert "Spam or advertising" in page and "Advertising &lt;b&gt;" in page
    assert "Whistleblower" not in page and XSS[0] not in page


def test_one_and_many_are_decided_without_scripts(cast: Cast, maps: Place) -> None:
    rows = fill(cast, maps)
    rule = Rule.objects.create(forum=maps.forum, title="No spam")
    mod, queue = browser(cast.mod), reverse("forum_queue", args=["maps"])
    page = mod.get(queue).content.decode()
    chosen = re.findall(r'name="chosen" value="([^"]+)"', page)
    assert len(chosen) == len(rows)
    one = re.findall(r'id="one-1" method="post" action="([^"]+)"', page)[0]
    assert mod.post(one, {"deed": "approve", "next": queue}).headers["Location"] == queue
    assert Comment.objects.get(pk=rows[0].pk).is_shown
    answer = mod.post(queue, {"deed": "approve", "chosen": chosen[1:3]}, follow=True).content.decode()
    assert "2 were approved." in answer
    assert (
        mod.post(queue, {"deed": "remove", "chosen": chosen[3:]}, follow=True).content.decode().count("Not done") == 1
    )
    more = {"deed": "remove", "chosen": chosen[3:], "rule_id": str(rule.pk)}
    assert "3 were removed." in mod.post(queue, more, follow=True).content.decode()
    assert keys(maps.forum) == []
    check_counts()


def test_bad_input_and_other_forums_are_refused(cast: Cast, maps: Place) -> None:
    other = make_forum(cast, slug="other")
    mod, queue = browser(cast.mod), reverse("forum_queue", args=["maps"])
    for query in ({"show": "x"}, {"order": "x"}, {"after": "1_2_3"}, {"after": f"1_2026-01-01_{uuid4()}"}):
        assert mod.get(queue, query).status_code == 400
    for sent in (
        {},
        {"deed": "approve"},
        {"deed": "explode", "chosen": [f"post:{maps.post.pk}"]},
        {"deed": "approve", "chosen": ["post"]},
        {"deed": "approve", "chosen": ["forum:1"]},
        {"deed": "approve", "chosen": [f"post:{uuid4()}" for _number in range(51)]},
    ):
        assert mod.post(queue, sent).status_code == 400
    mod.post(queue, {"deed": "remove", "chosen": [f"post:{other.post.pk}"], "reason": "x"})
    assert Post.objects.get(pk=other.post.pk).removed_at is None
    away = mod.post(queue, {"deed": "approve", "chosen": [f"post:{maps.post.pk}"], "next": "https://evil.example/"})
    assert away.headers["Location"] == queue


def test_it_costs_the_same_however_much_waits(cast: Cast, maps: Place, django_assert_max_num_queries: Any) -> None:
    fill(cast, maps, 20)
    mod, queue = browser(cast.mod), reverse("forum_queue", args=["maps"])
    mod.get(queue)
    with django_assert_max_num_queries(15):
        mod.get(queue)


def test_the_pages_of_one_thing(cast: Cast, maps: Place) -> None:
    said = create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")
    mod = browser(cast.mod)
    of_post, of_comment = reverse("post_moderate", args=["maps", 1]), reverse("comment_moderate", args=["maps", 1, 1])
    assert "Lock" in mod.get(of_post).content.decode() and "July is missing" in mod.get(of_comment).content.decode()
    for deed in ("lock", "pin", "mark", "flair", "unlock", "unpin"):
        assert mod.post(of_post, {"deed": deed, "is_spoiler": "on"}).status_code == 302
    assert Post.objects.get(pk=maps.post.pk).is_spoiler
    assert mod.post(of_post, {"deed": "explode"}).status_code == 400
    remove = reverse("comment_remove", args=["maps", 1, 1])
    assert mod.post(remove, {"reason": ""}).status_code == 400
    assert mod.post(remove, {"reason": "Off topic"}).status_code == 302
    assert Comment.objects.get(pk=said.pk).removed_at is not None
    for address in (of_post, of_comment, remove, reverse("post_remove", args=["maps", 1])):
        assert browser(cast.bob).get(address).status_code == 403
        assert browser(cast.bob).post(address, {"deed": "approve", "reason": "x"}).status_code == 403
    assert mod.get(reverse("comment_moderate", args=["maps", 1, 9])).status_code == 404


def test_a_post_shows_its_tools_to_moderators_and_its_removal_to_its_author(cast: Cast, maps: Place) -> None:
    address = reverse("post_short", args=["maps", 1])
    assert "Tools of moderators" in browser(cast.mod).get(address, follow=True).content.decode()
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="Not a map at all")
    author = browser(cast.bob).get(address, follow=True).content.decode()
    assert "Not a map at all" in author and "Tools of moderators" not in author
    assert "Not a map at all" not in browser(cast.charlie).get(address, follow=True).content.decode()
    assert "Not a map at all" not in Client().get(address, follow=True).content.decode()
