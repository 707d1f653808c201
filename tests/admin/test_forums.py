"""Forums in the administration: to be looked at, never saved around the actions; private words only where somebody reported them,
ballots nowhere."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, Notification, Report, User
from chatter.core.administration import ReadOnlyAdmin
from chatter.core.errors import Refused
from forums.actions.bans import ban_person
from forums.actions.comments import create_comment, edit_comment
from forums.actions.polls import cast_ballot
from forums.actions.posts import PollWish, create_post
from forums.actions.staff import close_forum, forgive_ban, give_back, reopen_forum, take_away
from forums.models import (
    Ban,
    Comment,
    CommentVote,
    Flair,
    FormerSlug,
    Forum,
    ForumDay,
    Invitation,
    JoinRequest,
    Member,
    Note,
    PersonFollow,
    Poll,
    PollOption,
    Post,
    PostFollow,
    PostImage,
    PostVote,
    Revision,
    Rule,
    Sweep,
)
from tests.admin.conftest import reads, tables
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place, make_forum
from tests.forums.telling import titles

pytestmark = pytest.mark.django_db
SECRET = "xyzzysecret"


@pytest.fixture
def maps(cast: Cast) -> Place:
    return make_forum(cast)


@pytest.fixture
def hidden(cast: Cast) -> Place:
    """The same words in a private forum."""
    place = make_forum(cast, is_public=False, slug="hidden")
    fill(place, cast)
    return place


def fill(place: Place, cast: Cast) -> dict[str, Any]:
    """One row of every table, each with the secret word where words are."""
    forum, wish = place.forum, PollWish(options=[f"{SECRET} red", "Blue"])
    post = create_post(author=cast.bob, forum_id=forum.pk, title=f"{SECRET} title", kind=Post.Kind.POLL, poll=wish)
    comment = create_comment(author=cast.mod, post_id=post.pk, content=f"{SECRET} first")
    edit_comment(editor=cast.mod, comment_id=comment.pk, content=f"{SECRET} second")
    cast_ballot(person=cast.mod, post_id=post.pk, options=[PollOption.objects.filter(poll__post=post)[0].pk])
    ban_person(moderator=cast.alice, forum_id=forum.pk, person_id=cast.mallory.pk, reason="Noise")
    return {
        "forum": forum,
        "formerslug": FormerSlug.objects.create(forum=forum, slug=f"{forum.slug}-old"),
        "rule": Rule.objects.create(forum=forum, title="Be kind"),
        "flair": Flair.objects.create(forum=forum, name="Question"),
        "forumday": ForumDay.objects.filter(forum=forum).first() or ForumDay.objects.create(forum=forum, day=today()),
        "member": Member.objects.get(forum=forum, user=cast.mod),
        "joinrequest": JoinRequest.objects.create(forum=forum, user=cast.charlie),
        "invitation": Invitation.objects.create(forum=forum, user=cast.charlie, inviter=cast.alice),
        "ban": Ban.objects.get(forum=forum),
        "note": Note.objects.create(forum=forum, user=cast.bob, author=cast.mod, text="Watch"),
        "sweep": Sweep.objects.create(forum=forum, user=cast.mallory, since=timezone.now()),
        "personfollow": PersonFollow.objects.get_or_create(follower=cast.bob, user=cast.mod)[0],
        "postfollow": PostFollow.objects.create(post=post, user=cast.alice),
        "post": post,
        "comment": comment,
        "revision": Revision.objects.get(comment=comment),
        "postimage": PostImage.objects.create(post=post, position=0, key=uuid4().hex, width=1, height=1, alt=SECRET),
        "poll": Poll.objects.get(post=post),
        "postvote": PostVote.objects.get(post=post),
        "commentvote": CommentVote.objects.get(comment=comment),
    }


def today() -> Any:
    return timezone.now().date()


WRITTEN = {"post", "comment", "revision", "postimage", "poll", "postvote", "commentvote", "postfollow"}


def lists() -> dict[str, str]:
    return {label.split(".")[1]: address for label, address in tables().items() if label.startswith("forums.")}


def report(thing: Post | Comment, reporter: User) -> None:
    kind = ContentType.objects.get_for_model(type(thing))
    Report.objects.create(reporter=reporter, target_type=kind, target_id=thing.pk, reason="spam", snapshot={})


def test_every_table_is_there_and_can_only_be_looked_at(office: Client, cast: Cast, maps: Place) -> None:
    found = fill(maps, cast)
    assert set(lists()) == set(found)
    for model, table in admin.site._registry.items():
        if model._meta.app_label == "forums":
            assert isinstance(table, ReadOnlyAdmin), model
    for name, row in found.items():
        one = f"{lists()[name]}{row.pk}"
        assert office.get(f"{one}/change/").status_code == 200, name
        assert office.get(f"{one}/history/").status_code == 200, name
        assert office.post(f"{one}/change/", {"name": "Hijacked", "up_count": 7}).status_code == 403, name
        assert office.post(f"{one}/delete/", {"post": "yes"}).status_code == 403, name
        assert office.get(f"{lists()[name]}add/").status_code == 403, name


def test_what_is_secret_or_ones_own_is_no_table() -> None:
    labels = {model._meta.model_name for model in admin.site._registry if model._meta.app_label == "forums"}
    assert not labels & {"pollvote", "draft", "saved", "feedkey", "upload", "linklook", "origin"}


def test_ballots_are_nowhere(office: Client, cast: Cast, maps: Place) -> None:
    found = fill(maps, cast)
    page = office.get(f"{lists()['poll']}{found['poll'].pk}/change/").content.decode()
    assert f"{SECRET} red" in page, "what could be chosen"
    assert str(cast.mod.pk) not in page, "not who did"
    for lookup in ("ballots__user__username", "poll__ballots__user__username", "options__ballots__user"):
        assert office.get(f"{lists()['post']}?{lookup}=mod").status_code == 400
        assert office.get(f"{lists()['poll']}?{lookup}=mod").status_code == 400


def test_words_are_found(office: Client, cast: Cast, maps: Place) -> None:
    fill(maps, cast)
    for name in ("post", "comment", "revision", "postimage", "poll"):
        assert "0 results" not in office.get(f"{lists()[name]}?q={SECRET}").content.decode(), name
        assert "0 results" in office.get(f"{lists()[name]}?q=nowhere").content.decode(), name
    for name in ("forum", "member", "rule", "flair", "ban", "note", "invitation", "joinrequest", "sweep", "forumday"):
        assert "0 results" not in office.get(f"{lists()[name]}?q=Maps").content.decode(), name


def test_no_list_search_or_id_shows_what_private_forums_say(office: Client, cast: Cast, hidden: Place) -> None:
    for name in WRITTEN:
        for query in ("", f"?q={SECRET}", "?q=bob", f"?forum__id__exact={hidden.forum.pk}"):
            assert SECRET not in office.get(lists()[name] + query).content.decode().replace(f"q={SECRET}", "").replace(
                f'value="{SECRET}"', ""
            ), (name, query)
    for name, row in rows_of(hidden).items():
        for view in ("change", "history"):
            assert office.get(f"{lists()[name]}{row.pk}/{view}/").status_code == 404, (name, view)
    asked = {"app_label": "forums", "model_name": "postimage", "field_name": "post", "term": SECRET}
    assert SECRET not in office.get("/admin/autocomplete/", asked).content.decode()


def rows_of(place: Place) -> dict[str, Any]:
    post = Post.objects.get(forum=place.forum, kind="poll")
    comment = Comment.objects.get(post=post)
    return {
        "post": post,
        "comment": comment,
        "revision": Revision.objects.get(comment=comment),
        "postimage": PostImage.objects.get(post=post),
        "poll": Poll.objects.get(post=post),
        "postvote": PostVote.objects.get(post=post),
        "commentvote": CommentVote.objects.get(comment=comment),
    }


def test_what_was_reported_is_shown_and_nothing_beside_it(office: Client, cast: Cast, hidden: Place) -> None:
    found = rows_of(hidden)
    report(found["comment"], cast.bob)
    page = office.get(f"{lists()['comment']}{found['comment'].pk}/change/").content.decode()
    assert f"{SECRET} second" in page
    assert f"{SECRET} title" not in page, "not the post it stands under"
    assert office.get(f"{lists()['post']}{found['post'].pk}/change/").status_code == 404
    report(found["post"], cast.bob)
    assert f"{SECRET} title" in office.get(f"{lists()['post']}{found['post'].pk}/change/").content.decode()


def test_posts_and_comments_are_taken_away_and_given_back(office: Client, root: User, cast: Cast, maps: Place) -> None:
    found = fill(maps, cast)
    for name, counted, author in (("post", "post_count", cast.bob), ("comment", "comment_count", cast.mod)):
        row, chosen = found[name], {"_selected_action": [str(found[name].pk)]}
        report(row, cast.alice)
        place: Any = Forum.objects if name == "post" else Post.objects.filter(pk=found["post"].pk)
        before = place.values_list(counted, flat=True).get()
        for _twice in range(2):
            office.post(lists()[name], chosen | {"action": "take_away"})
            row.refresh_from_db()
            assert row.removed_by == root
            assert place.values_list(counted, flat=True).get() == before - 1
        assert any("was removed from “Maps”" in title for title in titles(author, "moderation"))
        for _twice in range(2):
            office.post(lists()[name], chosen | {"action": "give_back"})
            row.refresh_from_db()
            assert row.is_listed if name == "post" else row.is_shown
            assert place.values_list(counted, flat=True).get() == before
    told = AuditEntry.objects.filter(actor=root, place=maps.forum.pk).values_list("action", flat=True)
    assert sorted(told) == [f"forum.{kind}.{deed}" for kind in ("comment", "post") for deed in ("removed", "restored")]
    assert not Report.objects.filter(state="pending").exists()


def test_a_forum_is_ended_and_restored_and_a_ban_lifted(office: Client, root: User, cast: Cast, maps: Place) -> None:
    ban = fill(maps, cast)["ban"]
    chosen = {"_selected_action": [str(maps.forum.pk)]}
    for _twice in range(2):
        office.post(lists()["forum"], chosen | {"action": "close"})
        assert Client().get("/f/maps/").status_code == 404
    for _twice in range(2):
        office.post(lists()["forum"], chosen | {"action": "reopen"})
        assert Client().get("/f/maps/").status_code == 200
    office.post(lists()["ban"], {"action": "lift", "_selected_action": [str(ban.pk)]})
    assert not Ban.objects.exists()
    assert Notification.objects.filter(recipient=cast.mallory, payload__event="forum_ban_lifted").exists()
    told = AuditEntry.objects.filter(actor=root, place=maps.forum.pk).order_by("pk").values_list("action", flat=True)
    assert list(told) == ["forum.deletion.requested", "forum.deletion.withdrawn", "forum.ban.lifted"]


def test_staff_who_may_only_look_and_people_who_are_no_staff_do_nothing(cast: Cast, maps: Place) -> None:
    found = fill(maps, cast)
    clerk = make_person(username="clerk", is_staff=True)
    looks = ["view_forum", "view_post", "view_comment", "view_ban"]
    clerk.user_permissions.add(*Permission.objects.filter(codename__in=looks, content_type__app_label="forums"))
    browser = Client()
    browser.force_login(clerk)
    for name, deed in (("forum", "close"), ("post", "take_away"), ("comment", "take_away"), ("ban", "lift")):
        assert f'value="{deed}"' not in browser.get(lists()[name]).content.decode()
        browser.post(lists()[name], {"action": deed, "_selected_action": [str(found[name].pk)]})
    assert browser.get(lists()["note"]).status_code == 403
    for actor in (clerk, cast.alice, cast.charlie):
        for act in (
            lambda actor=actor: close_forum(actor=actor, forum=maps.forum),
            lambda actor=actor: reopen_forum(actor=actor, forum=maps.forum),
            lambda actor=actor: take_away(actor=actor, written=found["post"], reason="x"),
            lambda actor=actor: give_back(actor=actor, written=found["comment"]),
            lambda actor=actor: forgive_ban(actor=actor, ban=found["ban"]),
        ):
            with pytest.raises(Refused):
                act()
    assert not AuditEntry.objects.filter(action__contains="removed").exists()


def populate(maps: Place, count: int, before: int = 0) -> None:
    """`count` more rows in every table of the forum."""
    forum, past = maps.forum, timezone.now()
    for number in range(before, before + count):
        person = make_person(username=f"member{number}")
        flair = Flair.objects.create(forum=forum, name=f"Flair {number}")
        rule = Rule.objects.create(forum=forum, title=f"Rule {number}")
        Member.objects.create(forum=forum, user=person, flair=flair, invited_by=forum.owner)
        FormerSlug.objects.create(forum=forum, slug=f"former-{number}")
        ForumDay.objects.create(forum=forum, day=today() - timedelta(days=number + 1))
        JoinRequest.objects.create(forum=forum, user=person, decided_by=forum.owner)
        Invitation.objects.create(forum=forum, user=person, inviter=forum.owner)
        Ban.objects.create(forum=forum, user=person, actor=forum.owner, reason="x")
        Note.objects.create(forum=forum, user=person, author=forum.owner, text="x")
        Sweep.objects.create(forum=forum, user=person, actor=forum.owner, since=past)
        PersonFollow.objects.create(follower=person, user=forum.owner)
        marks = {"flair": flair, "removed_by": forum.owner, "removed_for": rule}
        post = Post.objects.create(forum=forum, number=number + 100, author=person, title=f"A {number}", **marks)
        comment = Comment.objects.create(post=post, number=1, author=person, content="A")
        Comment.objects.filter(pk=comment.pk).update(content=f"A {number}")
        PostFollow.objects.create(post=post, user=person)
        PostImage.objects.create(post=post, position=0, key=uuid4().hex, width=1, height=1, alt="a")
        poll = Poll.objects.create(post=post)
        PollOption.objects.create(poll=poll, position=0, text="A")
        PostVote.objects.create(post=post, user=person, value=1)
        CommentVote.objects.create(comment=comment, user=person, value=1)


@pytest.mark.parametrize("query", ["", "?q=a"])
def test_lists_cost_the_same_for_few_rows_and_many(office: Client, maps: Place, query: str) -> None:
    def costs() -> dict[str, int]:
        counted = {}
        for name, address in lists().items():
            with CaptureQueriesContext(connection) as queries:
                office.get(address + query)
            counted[name] = reads(queries)
        return counted

    populate(maps, 3)
    costs()
    few = costs()
    populate(maps, 30, before=3)
    assert costs() == few
    assert max(few.values()) <= 12, few
