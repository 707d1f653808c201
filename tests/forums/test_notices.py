"""What people are told of forums: mentions, answers, decisions; with the rights they have when it is shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.account import change_username
from accounts.actions.preferences import set_setting
from accounts.actions.relationships import block_person
from accounts.leaving import leaving
from accounts.models import Delivery, Notification, PushSubscription, QuietException, User
from accounts.notices import offered_kinds, shown
from forums.actions.comments import create_comment, delete_comment, edit_comment
from forums.actions.following import follow_post
from forums.actions.members import part_member
from forums.actions.moderation import approve_comment, approve_post, remove_comment, remove_post
from forums.actions.posts import create_post
from forums.actions.posts_change import delete_post, edit_post
from forums.actions.seen import see_forum, see_post
from forums.models import Comment, Forum, Invitation, JoinRequest, Member, Post
from forums.occasions import (
    notify_ban,
    notify_ban_lifted,
    notify_invitation,
    notify_moderator,
    notify_owner,
    notify_put_out,
    notify_request_decided,
)
from forums.permissions import Right
from tests.cast import Cast
from tests.factories import make_person
from tests.forums.cast import Place
from tests.forums.telling import forget_told, spread, titles, told

pytestmark = pytest.mark.django_db
TITLE = "Fountains of the city"


@pytest.fixture(autouse=True)
def _quiet(maps: Place) -> None:
    forget_told()


def comment(author: User, maps: Place, content: str, **more: Any) -> Comment:
    return create_comment(author=author, post_id=maps.post.pk, content=content, **more)


def post(author: User, maps: Place, content: str) -> Post:
    return create_post(author=author, forum_id=maps.forum.pk, title="Wells", content=content)


# --- mentions ------------------------------------------------------------------------------------------------------------


def test_names_in_posts_and_comments_are_links_and_are_told(cast: Cast, maps: Place) -> None:
    written = post(cast.mod, maps, "What does @Charlie say, and `@alice`?")
    assert '<a class="mention" data-username="charlie" href="/people/charlie/">@' in written.html
    comment(cast.bob, maps, "Ask @charlie, @nobody-such or @charlie")
    assert titles(cast.charlie) == [
        f"{cast.bob.name} mentioned you in “{TITLE}”",
        f"{cast.mod.name} mentioned you in “Wells”",
    ]
    assert told(cast.alice) == [], "what is code names nobody"
    [newest, first] = told(cast.charlie)
    assert newest.url == "/f/maps/1/c/1/"
    assert first.url == "/f/maps/2/wells/"
    assert newest.text == "Ask @charlie, @nobody-such or @charlie"


def test_who_is_named_and_answered_is_told_once(cast: Cast, maps: Place) -> None:
    first = comment(cast.charlie, maps, "July is missing")
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    forget_told()
    comment(cast.mod, maps, "@charlie it is not", parent_id=first.pk)
    assert [notice.kind for notice in told(cast.charlie)] == ["mention"]


def test_in_a_private_forum_only_its_members_are_named(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    written = comment(cast.bob, maps, "@charlie and @mod")
    assert 'data-username="charlie"' not in written.html
    assert told(cast.charlie) == []
    assert len(told(cast.mod)) == 1


def test_who_wants_not_to_be_called_is_answered_still(cast: Cast, maps: Place) -> None:
    User.objects.filter(pk=cast.bob.pk).update(privacy={"mention": "nobody"})
    comment(cast.charlie, maps, "@bob hello")
    assert [notice.kind for notice in told(cast.bob)] == ["forum_reply"]


def test_an_edit_tells_only_who_is_named_anew(cast: Cast, maps: Place) -> None:
    written = comment(cast.bob, maps, "Ask @charlie")
    forget_told()
    edit_comment(editor=cast.bob, comment_id=written.pk, content="Ask @charlie or @mod")
    assert (told(cast.charlie), len(told(cast.mod))) == ([], 1)
    edit_comment(editor=cast.bob, comment_id=written.pk, content="Ask nobody")
    assert told(cast.mod) == [], "it does not name them any more"
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="@alice knows")
    assert len(told(cast.alice)) == 1


def test_a_new_name_is_still_the_same_person(cast: Cast, maps: Place) -> None:
    comment(cast.bob, maps, "Ask @charlie")
    spread()
    change_username(person=cast.charlie, username="carlos")
    assert len(told(cast.charlie)) == 1


def test_many_names_are_looked_up_in_one_question_and_not_all(
    cast: Cast, maps: Place, django_assert_num_queries: Any
) -> None:
    from forums.occasions import NAMES_MAX, mentions_for

    people = [make_person(username=f"many{number}") for number in range(NAMES_MAX + 5)]
    text = " ".join(f"@{person.username}" for person in people)
    with django_assert_num_queries(1):
        assert len(mentions_for(cast.bob, maps.forum, text)) == NAMES_MAX
    with django_assert_num_queries(0):
        assert mentions_for(cast.bob, maps.forum, "nobody at all") == {}


# --- blocks --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turned", [False, True])
def test_nothing_is_told_nor_shown_across_a_block(cast: Cast, maps: Place, turned: bool) -> None:
    first = comment(cast.charlie, maps, "July is missing")
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    comment(cast.mod, maps, "@charlie look")
    comment(cast.mod, maps, "It is not", parent_id=first.pk)
    comment(cast.mod, maps, "By the way")
    assert len(told(cast.charlie)) == 3
    one, other = (cast.mod, cast.charlie) if turned else (cast.charlie, cast.mod)
    block_person(blocker=one, blocked=other)
    assert told(cast.charlie) == []
    Notification.objects.all().delete()
    comment(cast.mod, maps, "@charlie again")
    comment(cast.mod, maps, "By the way again")
    assert told(cast.charlie) == []


def test_of_several_only_those_of_others_are_counted(cast: Cast, maps: Place) -> None:
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    for author in (cast.mod, cast.alice, cast.mallory):
        comment(author, maps, f"By {author.username}")
    assert titles(cast.charlie) == [f"3 new comments on “{TITLE}”"]
    block_person(blocker=cast.charlie, blocked=cast.mallory)
    [notice] = told(cast.charlie)
    assert (notice.title, notice.text) == (f"2 new comments on “{TITLE}”", f"{cast.alice.name}: By alice")


# --- held, removed, deleted ----------------------------------------------------------------------------------------------


def test_what_waits_is_told_when_it_is_approved(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="posts")
    written = post(cast.bob, maps, "@charlie look")
    assert written.held_at is not None
    assert told(cast.charlie) == []
    approve_post(moderator=cast.mod, post_id=written.pk)
    assert titles(cast.charlie) == [f"{cast.bob.name} mentioned you in “Wells”"]
    assert titles(cast.bob) == ["Your post in “Maps” was approved"]


Gone = Callable[[Cast, Comment], object]
WAYS: dict[str, Gone] = {
    "deleted": lambda cast, written: delete_comment(author=written.author, comment_id=written.pk),
    "removed": lambda cast, written: remove_comment(moderator=cast.mod, comment_id=written.pk, reason="No"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("is_spread", [False, True])
def test_what_is_gone_is_taken_back(cast: Cast, maps: Place, way: str, is_spread: bool) -> None:
    written = comment(cast.mallory, maps, "@charlie look")
    if is_spread:
        assert len(told(cast.charlie)) == len(told(cast.bob)) == 1
    WAYS[way](cast, written)
    assert told(cast.charlie) == told(cast.bob) == []
    assert not Notification.objects.filter(recipient__in=[cast.charlie, cast.bob]).exists()
    assert not Delivery.objects.filter(recipient=cast.charlie).exists()


def test_of_several_what_is_left_is_told(cast: Cast, maps: Place) -> None:
    follow_post(person=cast.charlie, post_id=maps.post.pk, on=True)
    kept, gone = (comment(cast.alice, maps, words) for words in ("Kept", "Gone"))
    assert titles(cast.charlie) == [f"2 new comments on “{TITLE}”"]
    delete_comment(author=cast.alice, comment_id=gone.pk)
    [notice] = told(cast.charlie)
    assert (notice.title, notice.text) == (f"{cast.alice.name} commented on “{TITLE}”", "Kept")
    delete_comment(author=cast.alice, comment_id=kept.pk)
    assert told(cast.charlie) == []


def test_a_removed_comment_that_is_approved_is_shown_again_and_told_once(cast: Cast, maps: Place) -> None:
    written = comment(cast.mallory, maps, "Look")
    assert len(told(cast.bob)) == 1
    remove_comment(moderator=cast.mod, comment_id=written.pk, reason="No")
    assert titles(cast.mallory) == ["Your comment was removed from “Maps”"]
    assert told(cast.mallory)[0].text == "Reason: No"
    assert cast.mod.name not in told(cast.mallory)[0].title + told(cast.mallory)[0].text
    approve_comment(moderator=cast.mod, comment_id=written.pk)
    assert "Your comment in “Maps” was approved" in titles(cast.mallory)
    assert told(cast.bob) == []


@pytest.mark.parametrize("way", ["deleted", "removed", "forum"])
def test_with_a_post_all_goes_that_was_told_of_it(cast: Cast, maps: Place, way: str) -> None:
    written = post(cast.bob, maps, "@charlie look")
    follow_post(person=cast.charlie, post_id=written.pk, on=True)
    create_comment(author=cast.alice, post_id=written.pk, content="Deep")
    assert len(told(cast.charlie)) == 2
    if way == "deleted":
        delete_post(author=cast.bob, post_id=written.pk)
    elif way == "removed":
        remove_post(moderator=cast.mod, post_id=written.pk, reason="No")
    else:
        Forum.objects.update(deletion_due_at=timezone.now())
    assert told(cast.charlie) == []
    assert Notification.objects.filter(recipient=cast.charlie).exists() is (way == "forum")


def test_who_leaves_a_private_forum_is_shown_nothing_of_it(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(is_public=False)
    comment(cast.alice, maps, "@mod look")
    assert len(told(cast.mod)) == 1
    [row] = Notification.objects.filter(recipient=cast.mod)
    part_member(maps.forum, Member.objects.get(forum=maps.forum, user=cast.mod))
    assert told(cast.mod) == []
    assert leaving(cast.mod, [row.pk], "email") == [], "nor does a letter say it"


# --- reading -------------------------------------------------------------------------------------------------------------


def test_reading_the_post_reads_what_was_told_of_it(cast: Cast, maps: Place, django_assert_num_queries: Any) -> None:
    comment(cast.alice, maps, "@charlie look")
    other = post(cast.bob, maps, "@charlie here, too")
    spread()
    reader, seen = user_of_session(cast.charlie), Post.objects.get(pk=maps.post.pk)
    assert reader.notification_count == 2
    see_post(reader, seen)
    assert [notice.url for notice in told(cast.charlie)] == [f"/f/maps/{other.number}/wells/"]
    assert reader.notification_count == 1
    see_post(reader, other)
    assert (told(cast.charlie), reader.notification_count) == ([], 0)
    with django_assert_num_queries(0):
        see_post(reader, seen)


def test_what_is_only_sent_out_is_read_too(cast: Cast, maps: Place) -> None:
    set_setting(person=cast.charlie, key="notifications", value={"mention": {"in_app": False, "email": True}})
    comment(cast.alice, maps, "@charlie look")
    spread()
    reader = user_of_session(cast.charlie)
    assert reader.notification_count == 0
    see_post(reader, Post.objects.get(pk=maps.post.pk))
    assert told(cast.charlie) == []


def test_looking_through_a_forum_reads_what_it_told(cast: Cast, maps: Place) -> None:
    Member.objects.filter(user=cast.bob).update(notify="posts")
    for _number in range(2):
        written = post(cast.alice, maps, "Deep")
    assert len(told(cast.bob)) == 1
    see_post(user_of_session(cast.bob), written)
    assert len(told(cast.bob)) == 1, "there is another"
    see_forum(user_of_session(cast.bob), Forum.objects.get(pk=maps.forum.pk))
    assert told(cast.bob) == []


def user_of_session(person: User) -> User:
    from accounts.backends import AccountBackend

    found = AccountBackend().get_user(person.pk)
    assert found is not None
    return found


# --- decisions -----------------------------------------------------------------------------------------------------------


def test_decisions_are_told_in_words(cast: Cast, maps: Place) -> None:
    forum = maps.forum
    member = Member.objects.get(forum=forum, user=cast.bob)
    request = JoinRequest(forum=forum, user=cast.bob, state="accepted")
    deeds: list[tuple[Callable[[], object], str]] = [
        (lambda: notify_ban(forum, cast.bob, until=None, reason="Loud"), "You are banned from the forum “Maps”"),
        (lambda: notify_ban(forum, cast.bob, until=timezone.now() + timedelta(days=3)), "“Maps” until"),
        (lambda: notify_ban_lifted(forum, cast.bob), "not banned from the forum “Maps” any more"),
        (lambda: notify_put_out(forum, cast.bob, reason="Loud"), "You were removed from the forum “Maps”"),
        (lambda: notify_moderator(member, forum), "You do not moderate the forum “Maps” any more"),
        (lambda: notify_owner(forum, cast.bob), "The forum “Maps” is yours now"),
        (lambda: notify_request_decided(request, forum), "You were let into the forum “Maps”"),
    ]
    for deed, words in deeds:
        Notification.objects.all().delete()
        deed()
        [notice] = told(cast.bob)
        assert words in notice.title
        assert notice.url.startswith("/")
    Notification.objects.all().delete()
    member.permissions = int(Right.POSTS)
    notify_moderator(member, forum)
    request.state = "declined"
    notify_request_decided(request, forum)
    assert {"You moderate the forum “Maps” now", "Your request to join the forum “Maps” was declined"} == set(
        titles(cast.bob)
    )


def test_an_invitation_is_shown_while_it_stands(cast: Cast, maps: Place) -> None:
    invitation = Invitation.objects.create(forum=maps.forum, user=cast.charlie, inviter=cast.alice)
    notify_invitation(invitation)
    assert f"{cast.alice.name} invites you to the forum “Maps”" in titles(cast.charlie, "invitation")
    block_person(blocker=cast.charlie, blocked=cast.alice)
    assert titles(cast.charlie) == []
    notify_invitation(invitation)
    invitation.delete()
    assert titles(cast.charlie) == []


# --- ways out ------------------------------------------------------------------------------------------------------------


def test_quiet_hours_let_a_forum_through_that_one_named(cast: Cast, maps: Place) -> None:
    PushSubscription.objects.create(user=cast.charlie, endpoint="https://push.example/1", p256dh="k", auth="a")
    quiet = {"on": True, "from": "00:00", "to": "23:59", "days": list(range(7))}
    set_setting(person=cast.charlie, key="quiet_hours", value=quiet)
    set_setting(person=cast.charlie, key="time_zone", value="UTC")
    User.objects.filter(pk=cast.charlie.pk).update(status="dnd")
    comment(cast.alice, maps, "@charlie look")
    spread()
    assert not Delivery.objects.filter(recipient=cast.charlie, channel="push").exists()
    QuietException.objects.create(user=cast.charlie, place=maps.forum.pk)
    comment(cast.alice, maps, "@charlie again")
    spread()
    assert Delivery.objects.filter(recipient=cast.charlie, channel="push").count() == 1


def test_the_settings_offer_the_kinds_and_the_forums(cast: Cast, maps: Place) -> None:
    assert {"forum_reply", "forum_follow"} <= set(offered_kinds())
    client = Client()
    client.force_login(cast.bob)
    page = client.get("/settings/notifications/").content.decode()
    assert "What I follow in forums" in page
    assert f'<option value="{maps.forum.pk}">Maps</option>' in page


def test_the_page_of_notifications_shows_a_page_of_them_in_few_questions(
    cast: Cast, maps: Place, django_assert_max_num_queries: Any
) -> None:
    first = comment(cast.charlie, maps, "Mine")
    for number in range(4):
        comment(cast.alice, maps, f"@charlie {number}")
        comment(cast.alice, maps, f"Answer {number}", parent_id=first.pk)
        post(cast.alice, maps, "@charlie look")
    spread()
    rows = list(Notification.objects.filter(recipient=cast.charlie))
    assert len(rows) == 9
    with django_assert_max_num_queries(8):
        assert len(shown(cast.charlie, rows)) == 9


def test_the_pages_read_what_was_told(cast: Cast, maps: Place) -> None:
    said = comment(cast.alice, maps, "@charlie look")
    written = post(cast.alice, maps, "@charlie here, too")
    Member.objects.filter(user=cast.bob).update(notify="posts")
    for _number in range(2):
        post(cast.alice, maps, "Deep")
    spread()
    theirs, bobs = Client(), Client()
    theirs.force_login(cast.charlie)
    bobs.force_login(cast.bob)
    assert len(told(cast.charlie)) == 2
    assert theirs.get(f"/f/maps/1/c/{said.number}/").status_code == 200
    assert len(told(cast.charlie)) == 1
    assert theirs.get(f"/f/maps/{written.number}/wells/").status_code == 200
    assert told(cast.charlie) == []
    assert bobs.get("/f/maps/").status_code == 200
    assert [notice.kind for notice in told(cast.bob)] == ["forum_reply"], "what answers Bob's post is there still"
