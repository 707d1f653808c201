"""The rooms of posts: who opens, joins and loses them, and that nobody is in one who may not read its post."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import AuditEntry, User
from chat.actions.membership import leave_conversation
from chat.models import Conversation, Membership
from chat.permissions import Permission
from chatter.core.errors import NotFound, Refused
from chatter.ops.dbcheck import find_violations
from forums import discussions
from forums.actions.bans import ban_person
from forums.actions.coming import leave_forum, put_out_member
from forums.actions.discussions import enter_discussion
from forums.actions.ending import request_forum_deletion, transfer_forum
from forums.actions.forum import edit_forum
from forums.actions.marks import lock_post
from forums.actions.moderation import approve_post, remove_post
from forums.actions.moderators import resign
from forums.actions.posts import create_post
from forums.actions.posts_change import delete_post, edit_post
from forums.models import Forum, Post
from forums.tasks import purge_forum
from tests.admin.test_hostile import Skeleton
from tests.cast import Cast, say
from tests.corpus import XSS
from tests.forums.cast import Place, make_forum
from tests.forums.test_posts_pages import as_

pytestmark = pytest.mark.django_db


def inside(room: Conversation) -> set[str]:
    rows = Membership.objects.active().filter(conversation=room)
    return set(rows.values_list("user__username", flat=True))


def row_of(person: User, room: Conversation) -> Membership:
    return Membership.objects.get(conversation=room, user=person)


@pytest.fixture
def room(cast: Cast, maps: Place) -> Conversation:
    """Of Bob's post; Bob, Mod and Charlie, a stranger to the forum, are in it."""
    for person in (cast.bob, cast.mod, cast.charlie):
        found = enter_discussion(person=person, post_id=maps.post.pk)
    return found


def test_its_author_opens_it_and_others_join(cast: Cast, maps: Place, room: Conversation) -> None:
    assert inside(room) == {"bob", "mod", "charlie"}
    room.refresh_from_db()
    assert (room.kind, room.title, room.member_count) == ("discussion", maps.post.title, 3)
    say(cast.charlie, room, "Here!")
    assert not row_of(cast.charlie, room).permissions & Permission.MANAGE_MESSAGES
    assert row_of(cast.mod, room).permissions & Permission.MANAGE_MESSAGES
    assert row_of(cast.mod, room).role == "moderator"
    assert enter_discussion(person=cast.bob, post_id=maps.post.pk) == room
    assert [found.name for found in find_violations() if found.broken] == []


def test_a_stranger_does_not_open_one_and_a_moderator_is_written_down(cast: Cast, maps: Place) -> None:
    with pytest.raises(Refused):
        enter_discussion(person=cast.charlie, post_id=maps.post.pk)
    assert not Conversation.objects.filter(kind="discussion").exists()
    enter_discussion(person=cast.mod, post_id=maps.post.pk)
    assert AuditEntry.objects.filter(action="forum.post.discussed", place=maps.forum.pk).count() == 1


def test_nobody_joins_who_may_not_read_or_take_part(cast: Cast, maps: Place, room: Conversation) -> None:
    ban_person(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.mallory.pk, reason="Spam")
    with pytest.raises(Refused):
        enter_discussion(person=cast.mallory, post_id=maps.post.pk)
    User.objects.filter(pk=cast.charlie.pk).update(is_guest=True)
    cast.charlie.refresh_from_db()
    with pytest.raises(Refused):
        enter_discussion(person=cast.charlie, post_id=maps.post.pk)
    with pytest.raises(NotFound):
        enter_discussion(person=cast.bob, post_id=uuid4())
    hidden = make_forum(cast, is_public=False, slug="hidden")
    with pytest.raises(NotFound):
        enter_discussion(person=cast.charlie, post_id=hidden.post.pk)


def _ban(cast: Cast, maps: Place) -> None:
    ban_person(moderator=cast.mod, forum_id=maps.forum.pk, person_id=cast.charlie.pk, reason="Spam")


def _make_private(cast: Cast, maps: Place) -> None:
    edit_forum(actor=cast.alice, forum_id=maps.forum.pk, is_public=False)


def _remove(cast: Cast, maps: Place) -> None:
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="No")


def _delete(cast: Cast, maps: Place) -> None:
    delete_post(author=cast.bob, post_id=maps.post.pk)


def _hold(cast: Cast, maps: Place) -> None:
    Forum.objects.filter(pk=maps.forum.pk).update(holding="posts")
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="Other words")


def _end(cast: Cast, maps: Place) -> None:
    request_forum_deletion(actor=cast.alice, forum_id=maps.forum.pk, name="Maps")


LOSSES: list[tuple[Callable[[Cast, Place], None], set[str]]] = [
    (_ban, {"bob", "mod"}),
    (_make_private, {"bob", "mod"}),
    (_remove, {"bob", "mod"}),
    (_hold, {"bob", "mod"}),
    (_delete, set()),
    (_end, set()),
]


@pytest.mark.parametrize(("deed", "left"), LOSSES)
def test_who_may_not_read_is_out_at_once(
    cast: Cast, maps: Place, room: Conversation, deed: Callable[[Cast, Place], None], left: set[str]
) -> None:
    before = Conversation.objects.get(pk=room.pk).access_version
    deed(cast, maps)
    assert inside(room) == left
    found = Conversation.objects.get(pk=room.pk)
    assert found.member_count == len(left) and found.access_version > before
    assert row_of(cast.charlie, room).permissions == 0
    with pytest.raises(Refused):
        say(cast.charlie, room, "Still here?")
    assert as_(cast.charlie).get(f"/c/{room.pk}/").status_code == 404
    assert [broken.name for broken in find_violations() if broken.broken] == []


def test_members_of_a_private_forum_go_with_their_membership(cast: Cast) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    for person in (cast.bob, cast.mod, cast.mallory):
        room = enter_discussion(person=person, post_id=hidden.post.pk)
    put_out_member(actor=cast.mod, forum_id=hidden.forum.pk, person_id=cast.mallory.pk)
    assert inside(room) == {"bob", "mod"}
    leave_forum(person=cast.bob, forum_id=hidden.forum.pk)
    assert inside(room) == {"mod"}


def test_who_leaves_a_public_forum_stays_as_a_reader(cast: Cast, maps: Place, room: Conversation) -> None:
    leave_forum(person=cast.mod, forum_id=maps.forum.pk)
    row = row_of(cast.mod, room)
    assert row.left_at is None and row.role == "member"
    assert not row.permissions & Permission.MANAGE_MESSAGES


def test_moderators_there_are_those_of_the_forum(cast: Cast, maps: Place, room: Conversation) -> None:
    resign(person=cast.mod, forum_id=maps.forum.pk)
    assert row_of(cast.mod, room).role == "member"
    transfer_forum(actor=cast.alice, forum_id=maps.forum.pk, person_id=cast.bob.pk, name="Maps")
    assert row_of(cast.bob, room).role == "moderator"
    assert [broken.name for broken in find_violations() if broken.broken] == []


def test_a_locked_post_closes_the_room_and_unlocked_opens_it(cast: Cast, maps: Place, room: Conversation) -> None:
    lock_post(moderator=cast.mod, post_id=maps.post.pk, is_locked=True)
    with pytest.raises(Refused):
        say(cast.charlie, room, "Hello?")
    assert as_(cast.charlie).get(f"/c/{room.pk}/").status_code == 200
    lock_post(moderator=cast.mod, post_id=maps.post.pk, is_locked=False)
    say(cast.charlie, room, "Hello!")


def test_a_removed_post_is_closed_and_a_restored_one_open(cast: Cast, maps: Place, room: Conversation) -> None:
    _remove(cast, maps)
    with pytest.raises(Refused):
        say(cast.bob, room, "Hello?")
    approve_post(moderator=cast.mod, post_id=maps.post.pk)
    say(cast.bob, room, "Hello!")
    enter_discussion(person=cast.charlie, post_id=maps.post.pk)
    say(cast.charlie, room, "Back")


def test_the_room_is_called_as_the_post(cast: Cast, maps: Place, room: Conversation) -> None:
    edit_post(editor=cast.bob, post_id=maps.post.pk, content="x", title="W" * 200)
    room.refresh_from_db()
    assert len(room.title) == 100 and room.title.endswith("…")
    _delete(cast, maps)
    room.refresh_from_db()
    assert room.title == ""


def test_one_leaves_and_comes_back(cast: Cast, maps: Place, room: Conversation) -> None:
    count = Conversation.objects.get(pk=room.pk).message_count
    page = as_(cast.charlie).post(f"/c/{room.pk}/leave/")
    assert page.status_code == 302
    assert "charlie" not in inside(room)
    assert Conversation.objects.get(pk=room.pk).message_count == count
    enter_discussion(person=cast.charlie, post_id=maps.post.pk)
    assert "charlie" in inside(room)
    leave_conversation(person=cast.charlie, conversation_id=room.pk)


def test_many_follow_in_the_background(
    cast: Cast, maps: Place, room: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discussions, "ROWS_AT_ONCE", 2)
    _make_private(cast, maps)
    assert "charlie" in inside(room)
    discussions.sync_many.func(str(maps.forum.pk), None)
    assert inside(room) == {"bob", "mod"}


def test_the_room_goes_with_its_forum(cast: Cast, maps: Place, room: Conversation) -> None:
    say(cast.bob, room, "Soon gone")
    _end(cast, maps)
    purge_forum(Forum.objects.get(pk=maps.forum.pk))
    assert not Conversation.objects.filter(pk=room.pk).exists()
    assert not Forum.objects.filter(pk=maps.forum.pk).exists()


def test_dbcheck_sees_who_should_not_be_there(cast: Cast, maps: Place, room: Conversation) -> None:
    with connection.cursor() as cursor:
        cursor.execute("update forums_forum set is_public = false")
    broken = [found.name for found in find_violations() if found.broken]
    assert any("discussion" in name for name in broken)


def test_dbcheck_sees_an_open_room_of_a_locked_post(cast: Cast, maps: Place, room: Conversation) -> None:
    Post.objects.update(locked_at=timezone.now() - timedelta(days=1))
    assert any("closed" in found.name for found in find_violations() if found.broken)


def test_the_ways_there_and_back(cast: Cast, maps: Place) -> None:
    post, door = f"/f/maps/{maps.post.number}/fountains-of-the-city/", f"/f/maps/{maps.post.number}/discussion/"
    assert door in as_(cast.bob).get(post).content.decode()
    assert door not in as_(cast.charlie).get(post).content.decode()
    assert door not in Client().get(post).content.decode()
    assert "Open the discussion" not in as_(cast.charlie).get(door).content.decode()
    assert as_(cast.charlie).post(door).status_code == 403
    opened = as_(cast.bob).post(door)
    room = Post.objects.get(pk=maps.post.pk).discussion
    assert room is not None and opened["Location"] == f"/c/{room.pk}/"
    assert "Live discussion · 1 here" in as_(cast.charlie).get(post).content.decode()
    assert as_(cast.bob).get(door)["Location"] == f"/c/{room.pk}/"
    page = as_(cast.bob).get(f"/c/{room.pk}/").content.decode()
    assert f'href="{post}"' in page and "Live discussions" in page
    assert as_(cast.charlie).get(f"/c/{room.pk}/").status_code == 404
    signed_out = Client().get(door)
    assert signed_out.status_code == 302 and "login" in signed_out["Location"]


def test_addresses_of_nothing(cast: Cast, maps: Place) -> None:
    hidden = make_forum(cast, is_public=False, slug="hidden")
    enter_discussion(person=cast.bob, post_id=hidden.post.pk)
    for client, address in (
        (as_(cast.bob), "/f/maps/999/discussion/"),
        (as_(cast.bob), f"/f/maps/{2**40}/discussion/"),
        (as_(cast.charlie), "/f/hidden/1/discussion/"),
        (as_(cast.charlie), "/f/nowhere/1/discussion/"),
    ):
        assert client.get(address).status_code == client.post(address).status_code == 404
    remove_post(moderator=cast.mod, post_id=maps.post.pk, reason="No")
    assert as_(cast.charlie).get("/f/maps/1/discussion/").status_code == 404


def test_the_pages_of_a_room_ask_little(cast: Cast, maps: Place, room: Conversation) -> None:
    bob = as_(cast.bob)
    bob.get(f"/c/{room.pk}/")
    for address in (f"/c/{room.pk}/", f"/f/maps/{maps.post.number}/discussion/"):
        with CaptureQueriesContext(connection) as asked:
            bob.get(address)
        assert len(asked) <= 15, "\n".join(query["sql"][:120] for query in asked)


def test_what_is_told_of_it_names_the_forum(cast: Cast, maps: Place, room: Conversation) -> None:
    assert discussions.names_of([room.pk]) == {room.pk: "Fountains of the city · Maps"}


def test_a_title_is_only_words_there(cast: Cast, maps: Place) -> None:
    for title in XSS[::8]:
        post = create_post(author=cast.bob, forum_id=maps.forum.pk, title=f"x {title}"[:200].replace("\0", ""))
        room = enter_discussion(person=cast.bob, post_id=post.pk)
    page = Skeleton(as_(cast.bob).get(f"/c/{room.pk}/").content.decode())
    assert not {tag for tag, _name in page.parts} & {"iframe", "object", "embed", "base"}
    assert not [name for _tag, name in page.parts if name.startswith("on")]


def test_moderators_let_somebody_only_read(cast: Cast, maps: Place, room: Conversation) -> None:
    page, hour = f"/f/maps/{maps.post.number}/discussion/people/", {"person": str(cast.charlie.pk), "minutes": "60"}
    assert page in as_(cast.mod).get(f"/c/{room.pk}/").content.decode()
    assert page not in as_(cast.charlie).get(f"/c/{room.pk}/").content.decode()
    assert "Charlie" in as_(cast.mod).get(page).content.decode()
    assert as_(cast.mod).post(page, hour).status_code == 302
    with pytest.raises(Refused) as refusal:
        say(cast.charlie, room, "But")
    assert refusal.value.code == "timed_out"
    # Going out and in again does not help.
    leave_conversation(person=cast.charlie, conversation_id=room.pk)
    enter_discussion(person=cast.charlie, post_id=maps.post.pk)
    with pytest.raises(Refused):
        say(cast.charlie, room, "But")
    assert as_(cast.mod).post(page, hour | {"minutes": "0"}).status_code == 302
    say(cast.charlie, room, "Thanks")
    assert AuditEntry.objects.filter(action__startswith="forum.person.", target_id=cast.charlie.pk).count() == 2
    assert [broken.name for broken in find_violations() if broken.broken] == []


def test_whom_nobody_quiets(cast: Cast, maps: Place, room: Conversation) -> None:
    page = f"/f/maps/{maps.post.number}/discussion/people/"
    assert as_(cast.charlie).get(page).status_code == as_(cast.bob).get(page).status_code == 403
    assert as_(cast.mallory).get(page).status_code == 404
    enter_discussion(person=cast.alice, post_id=maps.post.pk)
    for person, minutes in ((cast.alice, "60"), (cast.mod, "60"), (cast.mallory, "60"), (cast.bob, "7")):
        answer = as_(cast.mod).post(page, {"person": str(person.pk), "minutes": minutes})
        assert answer.status_code in {400, 403, 404}
    assert not Membership.objects.filter(conversation=room).exclude(timed_out_until=None).exists()
