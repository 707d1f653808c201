"""What moderators decide about posts and comments: who may, what becomes of it, who is told, and that counts stay exact."""

from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from accounts.actions.reports import report_thing
from accounts.models import AuditEntry, Notification, Report, User
from accounts.notices import shown
from chatter.core.errors import NotFound, Refused
from forums.actions.comments import create_comment
from forums.actions.counted import change_comment
from forums.actions.marks import PINNED_MAX, flair_post, lock_post, mark_post, pin_post
from forums.actions.moderation import approve_comment, approve_post, remove_comment, remove_post
from forums.actions.posts import create_post
from forums.actions.staff import take_away
from forums.holding import holds, is_newcomer
from forums.models import Ban, Comment, Flair, Forum, Member, Post, Rule
from forums.permissions import Right, may_read, post_for
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place
from tests.forums.counting import check_counts, refuses

pytestmark = pytest.mark.django_db


@pytest.fixture
def said(cast: Cast, maps: Place) -> Comment:
    return create_comment(author=cast.charlie, post_id=maps.post.pk, content="July is missing")


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def deeds(maps: Place, said: Comment) -> list[Any]:
    """Every deed of moderators about something written, as somebody tries it."""
    post = {"post_id": maps.post.pk}
    return [
        lambda who: remove_post(moderator=who, reason="x", **post),
        lambda who: approve_post(moderator=who, **post),
        lambda who: lock_post(moderator=who, is_locked=True, **post),
        lambda who: pin_post(moderator=who, is_pinned=True, **post),
        lambda who: mark_post(moderator=who, is_spoiler=True, is_nsfw=True, **post),
        lambda who: flair_post(moderator=who, flair_id=None, **post),
        lambda who: remove_comment(moderator=who, comment_id=said.pk, reason="x"),
        lambda who: approve_comment(moderator=who, comment_id=said.pk),
    ]


def test_strangers_members_and_the_banned_decide_nothing(cast: Cast, maps: Place, said: Comment) -> None:
    Member.objects.filter(forum=maps.forum, user=cast.mallory).update(permissions=int(Right.PEOPLE))
    for deed in deeds(maps, said):
        # a stranger, the author, a moderator of people only
        for person in (cast.charlie, cast.bob, cast.mallory):
            with pytest.raises(Refused) as refused:
                deed(person)
            assert refused.value.status == 403
    Ban.objects.create(forum=maps.forum, user=cast.mod, actor=cast.alice, reason="x")
    for deed in deeds(maps, said):
        with pytest.raises(Refused):
            deed(cast.mod)
    assert not AuditEntry.objects.filter(action__startswith="forum.post.").exists()


def test_outsiders_of_a_private_forum_learn_nothing(cast: Cast, maps: Place, said: Comment) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    for deed in deeds(maps, said):
        with pytest.raises(NotFound):
            deed(cast.charlie)
    for deed in (remove_post, approve_post):
        with pytest.raises(NotFound):
            deed(moderator=cast.alice, post_id=uuid4())


def test_a_removed_post_is_a_tombstone_to_others_and_its_author_is_told(cast: Cast, maps: Place, said: Comment) -> None:
    rule = Rule.objects.create(forum=maps.forum, title="Maps only")
    remove_post(moderator=cast.mod, post_id=maps.post.pk, rule_id=rule.pk, reason="  This is a fountain. ")
    post = fresh(maps.post)
    assert (post.removed_by, post.removed_for, post.removal_reason) == (cast.mod, rule, "This is a fountain.")
    assert [may_read(maps.standing(who), post) for who in (None, cast.charlie, cast.bob, cast.mod)] == [
        *(False, False),
        *(True, True),
    ]
    assert post_for(maps.standing(None), 1) == post
    assert fresh(maps.forum).post_count == 0
    check_counts()
    (row,) = Notification.objects.filter(recipient=cast.bob, kind="moderation")
    (notice,) = shown(cast.bob, [row])
    assert "Maps only" in f"{notice.title} {notice.text}" and "This is a fountain." in f"{notice.title} {notice.text}"
    assert "Mod" not in f"{notice.title} {notice.text}"
    entry = AuditEntry.objects.get(action="forum.post.removed")
    assert (entry.place, entry.target_id, entry.facts["rule"]) == (maps.forum.pk, post.pk, "Maps only")
    assert "Fountains" not in str(entry.facts)


def test_removing_needs_a_reason_of_this_forum_and_happens_once(cast: Cast, maps: Place) -> None:
    elsewhere = Rule.objects.create(forum=Forum.objects.create(slug="x", name="X", owner=cast.bob), title="Other")
    for why in ({}, {"reason": " \n "}, {"rule_id": elsewhere.pk}, {"rule_id": uuid4()}, {"reason": "x" * 501}):
        with pytest.raises(Refused):
            remove_post(moderator=cast.mod, post_id=maps.post.pk, **why)
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="x")
    with refuses("invalid"):
        remove_post(moderator=cast.alice, post_id=maps.post.pk, reason="y")
    assert fresh(maps.post).removal_reason == "x"


def test_what_was_removed_can_be_restored_but_not_against_the_owner(cast: Cast, maps: Place, said: Comment) -> None:
    remove_comment(moderator=cast.mod, comment_id=said.pk, reason="Off topic")
    assert fresh(maps.post).comment_count == 0
    check_counts()
    approve_comment(moderator=cast.alice, comment_id=said.pk)
    comment = fresh(said)
    assert (comment.removed_at, comment.removal_reason, fresh(maps.post).comment_count) == (None, "", 1)
    remove_post(moderator=cast.alice, post_id=maps.post.pk, reason="Enough")
    with refuses("forbidden"):
        approve_post(moderator=cast.mod, post_id=maps.post.pk)
    approve_post(moderator=cast.alice, post_id=maps.post.pk)
    assert fresh(maps.forum).post_count == 1
    check_counts()
    actions = AuditEntry.objects.filter(place=maps.forum.pk).values_list("action", flat=True)
    assert {"forum.comment.restored", "forum.post.restored"} <= set(actions)


def test_what_the_staff_removed_no_moderator_nor_owner_restores(cast: Cast, maps: Place, said: Comment) -> None:
    root = make_person(username="root_", is_staff=True, is_superuser=True)
    by_owner = create_post(author=cast.alice, forum_id=maps.forum.pk, title="Mine")
    for written in (by_owner, said):
        take_away(actor=root, written=written, reason="Against the law")
    for moderator in (cast.alice, cast.mod):
        with refuses("forbidden"):
            approve_post(moderator=moderator, post_id=by_owner.pk)
        with refuses("forbidden"):
            approve_comment(moderator=moderator, comment_id=said.pk)
    Member.objects.create(forum=maps.forum, user=root, permissions=int(Right.POSTS))
    approve_comment(moderator=cast.alice, comment_id=said.pk)


def test_nobody_removes_what_somebody_above_wrote(cast: Cast, maps: Place) -> None:
    by_owner = create_post(author=cast.alice, forum_id=maps.forum.pk, title="Mine")
    Member.objects.filter(forum=maps.forum, user=cast.bob).update(permissions=int(Right.POSTS))
    for post_id in (by_owner.pk, maps.post.pk):
        for deed in (
            lambda key: remove_post(moderator=cast.mod, post_id=key, reason="x"),
            lambda key: lock_post(moderator=cast.mod, post_id=key, is_locked=True),
        ):
            with refuses("forbidden"):
                deed(post_id)
    remove_post(moderator=cast.alice, post_id=maps.post.pk, reason="x")
    # one's own one may
    own = create_post(author=cast.mod, forum_id=maps.forum.pk, title="Mine too")
    remove_post(moderator=cast.mod, post_id=own.pk, reason="x")
    with refuses("forbidden"):
        approve_post(moderator=cast.mod, post_id=own.pk)


def test_a_held_post_is_listed_when_it_is_approved(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="posts")
    held = create_post(author=cast.charlie, forum_id=maps.forum.pk, title="Benches")
    assert held.held_at is not None and fresh(maps.forum).post_count == 1
    with pytest.raises(NotFound):
        approve_post(moderator=cast.bob, post_id=held.pk)
    approve_post(moderator=cast.mod, post_id=held.pk)
    assert fresh(held).is_listed and fresh(maps.forum).post_count == 2
    check_counts()
    assert Notification.objects.filter(recipient=cast.charlie, kind="moderation").exists()


def test_a_held_comment_that_is_removed_is_never_seen(cast: Cast, maps: Place, said: Comment) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="newcomers")
    held = create_comment(author=cast.mallory, post_id=maps.post.pk, content="Spam", parent_id=said.pk)
    assert held.held_at is not None and (fresh(said).reply_count, fresh(maps.post).comment_count) == (0, 1)
    remove_comment(moderator=cast.mod, comment_id=held.pk, reason="Spam")
    assert fresh(held).held_at is not None and fresh(said).reply_count == 0
    check_counts()
    approve_comment(moderator=cast.mod, comment_id=held.pk)
    assert (fresh(said).reply_count, fresh(maps.post).comment_count) == (1, 2)
    check_counts()


def test_deleted_things_are_not_decided_about(cast: Cast, maps: Place, said: Comment) -> None:
    report = report_thing(reporter=cast.bob, kind="comment", key=said.pk, reason="spam")
    change_comment(said, content="", html="", deleted_at=timezone.now())
    for deed in (approve_comment, remove_comment):
        with refuses("invalid"):
            deed(moderator=cast.mod, comment_id=said.pk)
    report.refresh_from_db()
    assert report.state == Report.State.RESOLVED
    (notice,) = shown(cast.bob, list(Notification.objects.filter(recipient=cast.bob, kind="moderation")))
    assert "deleted it meanwhile" in notice.text
    check_counts()


def test_locks_pins_flairs_and_marks(cast: Cast, maps: Place) -> None:
    key = maps.post.pk
    lock_post(moderator=cast.mod, post_id=key, is_locked=True)
    with refuses("locked"):
        create_comment(author=cast.charlie, post_id=key, content="x")
    lock_post(moderator=cast.mod, post_id=key, is_locked=False)
    flair = Flair.objects.create(forum=maps.forum, name="News", is_for_moderators=True)
    for wrong in (uuid4(), Flair.objects.create(forum=maps.forum, kind="member", name="Wise").pk):
        with pytest.raises(Refused):
            flair_post(moderator=cast.mod, post_id=key, flair_id=wrong)
    flair_post(moderator=cast.mod, post_id=key, flair_id=flair.pk)
    mark_post(moderator=cast.mod, post_id=key, is_spoiler=True, is_nsfw=False)
    mark_post(moderator=cast.mod, post_id=key, is_spoiler=True, is_nsfw=False)
    post = fresh(maps.post)
    assert (post.locked_at, post.flair, post.is_spoiler, post.is_nsfw) == (None, flair, True, False)
    done = AuditEntry.objects.filter(target_id=key).order_by("number").values_list("action", flat=True)
    assert [name.rpartition(".")[2] for name in done] == ["locked", "unlocked", "flaired", "marked"]


def test_few_posts_are_pinned_and_only_those_that_are_seen(cast: Cast, maps: Place) -> None:
    posts = [create_post(author=cast.bob, forum_id=maps.forum.pk, title=f"No {n}") for n in range(PINNED_MAX)]
    for post in posts:
        pin_post(moderator=cast.mod, post_id=post.pk, is_pinned=True)
    with pytest.raises(Refused):
        pin_post(moderator=cast.mod, post_id=maps.post.pk, is_pinned=True)
    remove_post(moderator=cast.mod, post_id=posts[0].pk, reason="x")
    assert fresh(posts[0]).pinned_at is None
    with pytest.raises(Refused):
        pin_post(moderator=cast.mod, post_id=posts[0].pk, is_pinned=True)
    pin_post(moderator=cast.mod, post_id=maps.post.pk, is_pinned=True)
    assert Post.objects.filter(pinned_at__isnull=False).count() == PINNED_MAX


def test_a_newcomer_is_who_has_little_standing_here(cast: Cast, maps: Place, settings: Any) -> None:
    settings.CHATTER_NEWCOMER_DAYS = 0
    settings.CHATTER_NEWCOMER_POSTS = 2
    assert is_newcomer(maps.forum, cast.bob)
    said = create_comment(author=cast.bob, post_id=maps.post.pk, content="And wells")
    assert not is_newcomer(maps.forum, cast.bob)
    remove_comment(moderator=cast.mod, comment_id=said.pk, reason="x")
    assert is_newcomer(maps.forum, cast.bob)
    maps.forum.holding = Forum.Holding.NEWCOMERS
    maps.forum.save()
    asked = [(holds(maps.standing(who), who), holds(maps.standing(who), who, is_comment=True)) for who in watched(cast)]
    assert asked == [(True, True), (False, False), (False, False)]
    maps.forum.holding = Forum.Holding.POSTS
    maps.forum.save()
    asked = [(holds(maps.standing(who), who), holds(maps.standing(who), who, is_comment=True)) for who in watched(cast)]
    assert asked == [(True, False), (False, False), (False, False)]
    settings.CHATTER_NEWCOMER_DAYS = 3
    settings.CHATTER_NEWCOMER_POSTS = 0
    assert is_newcomer(maps.forum, cast.bob)


def watched(cast: Cast) -> tuple[User, ...]:
    return cast.charlie, cast.mod, cast.alice
