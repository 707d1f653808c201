"""Bans: who may, whom, for how long; what they take away at once and what goes in the background; races; notes; the page of a person."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actions.reports import report_thing
from accounts.models import AuditEntry, Notification, Report, User
from chatter.core.errors import NotFound, Refused
from chatter.ops.worker import Worker
from forums.actions.bans import ban_person, end_bans, lift_ban
from forums.actions.coming import join_forum
from forums.actions.comments import create_comment, edit_comment
from forums.actions.discussions import enter_discussion
from forums.actions.flairs import wear_flair
from forums.actions.notes import add_note, delete_note
from forums.actions.posts import PollWish, create_post
from forums.actions.posts_change import edit_post
from forums.actions.sweeping import EVER, sweep_written
from forums.actions.votes import vote_on_comment, vote_on_post
from forums.models import Ban, Comment, Forum, Member, Note, Post, Rule, Sweep
from forums.permissions import Right
from forums.reading.surroundings import about
from tests.cast import Cast
from tests.corpus import XSS
from tests.factories import make_person
from tests.forums.cast import Place
from tests.forums.counting import check_counts, refuses

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def ban(moderator: User, maps: Place, person: User, **more: Any) -> Ban:
    return ban_person(moderator=moderator, forum_id=maps.forum.pk, person_id=person.pk, reason="Spam", **more)


def test_a_banned_person_takes_no_part_until_it_ends(cast: Cast, maps: Place) -> None:
    made = ban(cast.mod, maps, cast.bob, lasts=DAY, note="Third time")
    assert not Member.objects.filter(forum=maps.forum, user=cast.bob).exists()
    maps.forum.refresh_from_db()
    assert maps.forum.member_count == Member.objects.filter(forum=maps.forum).count()
    for deed in (
        lambda: create_post(author=cast.bob, forum_id=maps.forum.pk, title="x"),
        lambda: create_comment(author=cast.bob, post_id=maps.post.pk, content="x"),
        lambda: vote_on_post(person=cast.bob, post_id=maps.post.pk, value=0),
    ):
        with refuses("forbidden"):
            deed()
    notice = Notification.objects.get(recipient=cast.bob, kind="moderation")
    assert "Third time" not in str(notice.payload) and "Mod" not in str(notice.payload)
    Ban.objects.filter(pk=made.pk).update(until=timezone.now() - DAY)
    create_comment(author=cast.bob, post_id=maps.post.pk, content="Back again")
    assert end_bans() == 1 and end_bans() == 0
    assert AuditEntry.objects.filter(action="forum.ban.ended", actor=None).count() == 1


def test_who_looked_after_the_forum_is_not_named_beside_it_any_more(cast: Cast, maps: Place) -> None:
    maps.forum.refresh_from_db()
    assert cast.mod.pk in {person.pk for person in about(maps.forum).people}
    ban(cast.alice, maps, cast.mod)
    maps.forum.refresh_from_db()
    assert cast.mod.pk not in {person.pk for person in about(maps.forum).people}


def test_who_bans_whom(cast: Cast, maps: Place) -> None:
    for person in (cast.charlie, cast.bob, cast.mallory):
        with refuses("forbidden"):
            ban(person, maps, cast.mallory if person != cast.mallory else cast.bob)
    Member.objects.filter(forum=maps.forum, user=cast.bob).update(permissions=int(Right.FORUM))
    # the owner, a colleague, oneself
    for person in (cast.alice, cast.bob, cast.mod):
        with refuses("forbidden"):
            ban(cast.mod, maps, person)
    for wrong in (uuid4(), make_person(username="guest-1", is_guest=True).pk):
        with pytest.raises(NotFound):
            ban_person(moderator=cast.mod, forum_id=maps.forum.pk, person_id=wrong, reason="x")
    bad: list[dict[str, Any]] = [{"reason": " "}, {"reason": "x" * 501}, {"reason": "x", "lasts": timedelta(hours=3)}]
    for given in bad:
        with refuses("too_long" if given["reason"] == "x" * 501 else "invalid"):
            ban_person(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.charlie.pk, **given)
    ban(cast.alice, maps, cast.bob)
    assert maps.standing(cast.bob).rights == Right(0)
    Forum.objects.update(is_public=False)
    with pytest.raises(NotFound):
        ban(cast.charlie, maps, cast.bob)


def test_a_ban_puts_out_of_a_private_forum_and_lifting_lets_nobody_in(cast: Cast, maps: Place) -> None:
    Forum.objects.update(is_public=False)
    ban(cast.mod, maps, cast.bob)
    with pytest.raises(NotFound):
        maps.standing(cast.bob)
    lift_ban(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.bob.pk)
    with pytest.raises(NotFound):
        maps.standing(cast.bob)
    with pytest.raises(NotFound):
        lift_ban(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.bob.pk)


def test_banned_again_the_latest_word_counts(cast: Cast, maps: Place) -> None:
    ban(cast.mod, maps, cast.charlie, lasts=DAY)
    ban(cast.alice, maps, cast.charlie)
    row = Ban.objects.get()
    assert (row.until, row.actor) == (None, cast.alice)


def test_what_they_wrote_is_removed_in_the_background(cast: Cast, maps: Place) -> None:
    rule = Rule.objects.create(forum=maps.forum, title="No spam")
    old = create_post(author=cast.charlie, forum_id=maps.forum.pk, title="Long ago")
    Post.objects.filter(pk=old.pk).update(created_at=timezone.now() - 10 * DAY)
    comments = [create_comment(author=cast.charlie, post_id=maps.post.pk, content=f"Pills {n}") for n in range(3)]
    answer = create_comment(author=cast.bob, post_id=maps.post.pk, content="No", parent_id=comments[0].pk)
    post = create_post(author=cast.charlie, forum_id=maps.forum.pk, title="Pills")
    report_thing(reporter=cast.bob, kind="post", key=post.pk, reason="spam")
    ban(cast.mod, maps, cast.charlie, sweep=7 * DAY, rule_id=rule.pk)
    sweep = Sweep.objects.get()
    sweep_written.call(str(sweep.pk))
    sweep_written.call(str(sweep.pk))
    sweep.refresh_from_db()
    assert (sweep.found_count, sweep.done_count, sweep.finished_at is not None) == (4, 4, True)
    removed: list[Any] = [*Post.objects.exclude(removed_at=None), *Comment.objects.exclude(removed_at=None)]
    assert {row.pk for row in removed} == {post.pk, *(comment.pk for comment in comments)}
    assert all((row.removed_for, row.removed_by, row.removal_reason) == (rule, cast.mod, "Spam") for row in removed)
    assert Comment.objects.get(pk=answer.pk).is_shown
    assert Report.objects.get().state == "resolved"
    check_counts()
    assert AuditEntry.objects.get(action="forum.person.swept").facts["removed"] == 4
    # told once: of the ban
    assert Notification.objects.filter(recipient=cast.charlie, kind="moderation").count() == 1


def test_sweeps_of_made_up_spans_are_refused(cast: Cast, maps: Place) -> None:
    for wrong in (timedelta(hours=1), -DAY, timedelta(0)):
        with refuses("invalid"):
            ban(cast.mod, maps, cast.charlie, sweep=wrong)
    ban(cast.mod, maps, cast.charlie, sweep=EVER)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_written_after_a_ban_is_committed(cast: Cast, maps: Place) -> None:
    """Somebody writes as fast as they can while they are banned: what was let through came before."""
    started, stop, refused = threading.Event(), threading.Event(), threading.Event()

    def write() -> None:
        try:
            while not stop.is_set():
                try:
                    create_comment(author=cast.bob, post_id=maps.post.pk, content="Quick")
                    started.set()
                except Refused:
                    refused.set()
                    return
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    assert started.wait(20)
    ban(cast.mod, maps, cast.bob)
    count = Comment.objects.count()
    assert refused.wait(20)
    stop.set()
    writer.join(20)
    assert Comment.objects.count() == count
    check_counts()


@pytest.mark.django_db(transaction=True)
def test_two_who_ban_at_once_leave_one_ban(cast: Cast, maps: Place) -> None:
    def act(moderator: User) -> None:
        try:
            ban(moderator, maps, cast.bob)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(who,)) for who in (cast.mod, cast.alice)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert Ban.objects.count() == 1
    maps.forum.refresh_from_db()
    assert maps.forum.member_count == Member.objects.filter(forum=maps.forum).count()


def test_notes_are_for_the_others(cast: Cast, maps: Place) -> None:
    where = {"forum_id": maps.forum.pk}
    note = add_note(moderator=cast.mod, person_id=cast.bob.pk, text=" Argues a lot ", **where)
    assert note.text == "Argues a lot"
    for moderator, person in ((cast.mod, cast.mod), (cast.mod, cast.alice), (cast.bob, cast.charlie)):
        with refuses("forbidden"):
            add_note(moderator=moderator, person_id=person.pk, text="x", **where)
    for text in (" ", "\0"):
        with refuses("invalid"):
            add_note(moderator=cast.mod, person_id=cast.bob.pk, text=text, **where)
    with refuses("forbidden"):
        delete_note(moderator=cast.bob, note_id=note.pk, **where)
    with pytest.raises(NotFound):
        delete_note(moderator=cast.mod, note_id=uuid4(), **where)
    delete_note(moderator=cast.alice, note_id=note.pk, **where)
    assert not Note.objects.exists()
    assert not AuditEntry.objects.filter(facts__icontains="Argues").exists()


def test_the_pages_without_scripts(cast: Cast, maps: Place) -> None:
    mod = browser(cast.mod)
    bans, new = reverse("forum_bans", args=["maps"]), reverse("forum_ban_new", args=["maps"])
    assert "Nobody is banned" in mod.get(bans).content.decode()
    assert mod.post(new, {"username": "nobody", "reason": "x", "lasts": "0"}).status_code == 400
    assert mod.post(new, {"username": "alice", "reason": "x", "lasts": "0"}).status_code == 403
    assert mod.post(new, {"username": "bob", "reason": "", "lasts": "0"}).status_code == 400
    answer = mod.post(new, {"username": "@Bob", "reason": XSS[0], "note": "n", "lasts": "86400", "sweep": "86400"})
    assert answer.status_code == 302
    Worker().run_once()
    page = mod.get(bans).content.decode()
    assert XSS[0] not in page and "@bob" in page and "1 post or comment was removed" in page
    assert mod.get(bans, {"q": "charlie"}).content.decode().count("ban__name") == 0
    lift = reverse("forum_ban_lift", args=["maps", cast.bob.pk])
    assert mod.post(lift, {"reason": "Sorry"}).status_code == 302
    assert mod.get(lift).status_code == 404


def test_the_page_of_a_person(cast: Cast, maps: Place, django_assert_max_num_queries: Any) -> None:
    mod = browser(cast.mod)
    address = reverse("forum_person", args=["maps", "bob"])
    assert mod.post(address, {"text": "Knows <i>fountains</i>"}).status_code == 302
    for number in range(5):
        create_comment(author=cast.bob, post_id=maps.post.pk, content=f"Comment {number}")
    with django_assert_max_num_queries(35):
        page = mod.get(address).content.decode()
    assert "Knows &lt;i&gt;fountains" in page and "Comment 4" in page and "Fountains of the city" in page
    # of oneself and of those above nobody reads notes
    Note.objects.create(forum=maps.forum, user=cast.mod, author=cast.alice, text="Too strict")
    assert "Too strict" not in mod.get(reverse("forum_person", args=["maps", "mod"])).content.decode()
    assert mod.get(reverse("forum_person", args=["maps", "BOB"])).status_code == 302
    assert mod.get(reverse("forum_person", args=["maps", "nobody"])).status_code == 404


@pytest.mark.parametrize("name", ["forum_bans", "forum_ban_new", "forum_queue", "forum_log"])
def test_pages_of_moderators_are_theirs(cast: Cast, maps: Place, name: str) -> None:
    address = reverse(name, args=["maps"])
    assert [browser(who).get(address).status_code for who in (cast.bob, cast.charlie, cast.mod, cast.alice)] == [
        *(403, 403),
        *(200, 200),
    ]
    Forum.objects.update(is_public=False)
    assert browser(cast.charlie).get(address).status_code == 404


def test_the_banned_are_kept_out_at_every_door(cast: Cast, maps: Place) -> None:
    said = create_comment(author=cast.bob, post_id=maps.post.pk, content="Mine")
    other = create_comment(author=cast.charlie, post_id=maps.post.pk, content="Theirs")
    ban(cast.mod, maps, cast.bob)
    forum, post = maps.forum.pk, maps.post.pk
    doors: list[Callable[[], object]] = [
        lambda: join_forum(person=cast.bob, forum_id=forum),
        lambda: create_post(author=cast.bob, forum_id=forum, title="x"),
        lambda: create_post(author=cast.bob, forum_id=forum, title="x", kind="poll", poll=PollWish(options=["a", "b"])),
        lambda: create_comment(author=cast.bob, post_id=post, content="x", parent_id=other.pk),
        lambda: edit_comment(editor=cast.bob, comment_id=said.pk, content="x"),
        lambda: edit_post(editor=cast.bob, post_id=post, title="x", content="x"),
        lambda: vote_on_post(person=cast.bob, post_id=post, value=-1),
        lambda: vote_on_comment(person=cast.bob, comment_id=other.pk, value=1),
        lambda: report_thing(reporter=cast.bob, kind="comment", key=other.pk, reason="spam"),
        lambda: enter_discussion(person=cast.bob, post_id=post),
        lambda: wear_flair(actor=cast.bob, forum_id=forum, flair_id=None),
    ]
    for number, door in enumerate(doors):
        with pytest.raises(Refused) as refused:
            door()
        assert refused.value.status in (403, 404), number
    assert Comment.objects.get(pk=said.pk).content == "Mine" and Post.objects.count() == 1
