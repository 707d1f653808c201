"""The end of an account: asked for, taken back, carried out; what they said stays, as by a deleted user."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import erasure
from accounts.actions.data import erase_due, erase_person, keep_account, request_deletion
from accounts.actions.moderation import switch_account
from accounts.actions.tokens import family_of_bearer, make_token
from accounts.models import (
    ApiToken,
    Device,
    PushSubscription,
    User,
)
from accounts.permissions import reach, visible_people
from accounts.privacy import Way
from accounts.search import find_people
from chat.actions.change import add_reaction
from chat.actions.conversation import create_group
from chat.models import Change, Conversation, Membership, Mention, Message
from chat.reading import conversation_for, page_of
from chat.rendering import article
from chatter.core.errors import Refused
from tests.cast import Cast, make_cast, say
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "secret-of-alice"


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def due(person: User) -> User:
    User.objects.filter(pk=person.pk).update(deletion_due_at=timezone.now() - timedelta(seconds=1), is_active=False)
    person.refresh_from_db()
    return person


# --- Asked for, taken back ---------------------------------------------------------------------------------------------


def test_only_with_the_username(cast: Cast) -> None:
    for typed in ("", "bob", "alice2"):
        with pytest.raises(Refused):
            request_deletion(person=cast.alice, username=typed)
    cast.alice.refresh_from_db()
    assert cast.alice.deletion_due_at is None
    request_deletion(person=cast.alice, username=" @ALICE ")
    cast.alice.refresh_from_db()
    assert cast.alice.deletion_due_at is not None


def test_from_then_on_nobody_sees_finds_or_reaches_them(cast: Cast, settings: Any) -> None:
    settings.CHATTER_DELETION_DAYS = 3
    when = request_deletion(person=cast.alice, username="alice")
    assert timedelta(days=2, hours=23) < when - timezone.now() <= timedelta(days=3)
    assert all(reach(cast.bob.pk, cast.alice.pk, way) == "missing" for way in Way)
    assert not find_people(cast.bob, "alice")
    assert not visible_people(cast.bob).filter(pk=cast.alice.pk).exists()
    with pytest.raises(Refused):
        say(cast.bob, cast.direct)
    assert not Mention.objects.filter(message=say(cast.bob, cast.group, "@alice?").id).exists()


def test_they_are_logged_out_everywhere(client: Client, cast: Cast) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert Device.objects.filter(user=cast.alice).exists()
    token = make_token(person=User.objects.get(pk=cast.alice.pk), name="Robot", scope="read").access_token
    PushSubscription.objects.create(user=cast.alice, endpoint="https://push.example/1", p256dh="x", auth="y")
    request_deletion(person=cast.alice, username="alice")
    assert client.get("/settings/data/").status_code == 302
    assert family_of_bearer(token=token, address="") is None
    assert not ApiToken.objects.filter(user=cast.alice, revoked_at=None).exists()
    assert not PushSubscription.objects.filter(user=cast.alice).exists()
    assert not Session.objects.exists()


def test_asking_twice_changes_nothing(cast: Cast) -> None:
    first = request_deletion(person=cast.alice, username="alice")
    assert request_deletion(person=cast.alice, username="alice") == first


def test_the_last_superuser_stays(cast: Cast) -> None:
    User.objects.filter(pk__in=[cast.alice.pk, cast.bob.pk]).update(is_superuser=True, is_staff=True)
    for person in (cast.alice, cast.bob):
        person.refresh_from_db()
    request_deletion(person=cast.alice, username="alice")
    with pytest.raises(Refused):
        request_deletion(person=cast.bob, username="bob")


def test_guests_end_theirs_at_once(client: Client) -> None:
    """They could not come back to keep it."""
    guest = make_person(is_guest=True, display_name="Passing Through")
    client.force_login(guest)
    assert "Take your data along" not in client.get("/settings/data/").content.decode()
    assert 'name="username"' not in client.get("/settings/data/delete/").content.decode()
    assert client.post("/settings/data/delete/").headers["Location"] == "/accounts/login/"
    assert "_auth_user_id" not in client.session
    assert erase_due() == 1
    guest.refresh_from_db()
    assert guest.deleted_at and "Passing" not in guest.display_name


def test_who_forgot_the_password_can_still_keep_it(client: Client, cast: Cast, mailoutbox: list[Any]) -> None:
    EmailAddress.objects.create(user=cast.alice, email="alice@example.org", primary=True, verified=True)
    request_deletion(person=cast.alice, username="alice")
    mailoutbox.clear()
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    link = re.search(r"https?://[^/]+(/\S*password\S+)", str(mailoutbox[0].body))
    assert link
    form = client.get(link[1], follow=True).redirect_chain[-1][0]
    typed = "another-horse-battery"
    client.post(form, {"password1": typed, "password2": typed})
    waiting = client.post("/accounts/login/", {"login": "alice", "password": typed})
    assert waiting.status_code == 403 and "Keep my account" in waiting.content.decode()


def test_nobody_else_who_is_switched_off_gets_a_new_password(client: Client, cast: Cast, mailoutbox: list[Any]) -> None:
    EmailAddress.objects.create(user=cast.alice, email="alice@example.org", primary=True, verified=True)
    User.objects.filter(pk=cast.alice.pk).update(is_active=False)
    client.post("/accounts/password/reset/", {"email": "alice@example.org"})
    assert not any("/password/reset/key" in str(letter.body) for letter in mailoutbox)


def test_who_is_switched_on_again_is_not_erased(cast: Cast) -> None:
    request_deletion(person=cast.alice, username="alice")
    switch_account(actor=make_person(is_superuser=True, is_staff=True), person=cast.alice, is_active=True)
    assert cast.alice.deletion_due_at is None


def test_the_whole_way_on_pages(client: Client, cast: Cast, mailoutbox: list[Any]) -> None:
    EmailAddress.objects.create(user=cast.alice, email="alice@example.org", primary=True, verified=True)
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert client.get("/settings/data/delete/").status_code == 200
    wrong = client.post("/settings/data/delete/", {"username": "bob"})
    assert wrong.status_code == 200
    assert "This is not your username" in wrong.content.decode()
    answer = client.post("/settings/data/delete/", {"username": "alice"}, follow=True)
    assert "will be deleted on" in answer.content.decode()
    assert any("deletion of your account" in str(letter.body) for letter in mailoutbox)
    waiting = client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert waiting.status_code == 403
    page = waiting.content.decode()
    assert "Keep my account" in page
    assert "_auth_user_id" not in client.session
    token = page.split('name="token" value="')[1].split('"')[0]
    assert client.post("/accounts/keep/", {"token": token}).headers["Location"] == "/accounts/login/"
    cast.alice.refresh_from_db()
    assert (cast.alice.deletion_due_at, cast.alice.is_active) == (None, True)
    assert client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 302
    request_deletion(person=cast.alice, username="alice")
    client.post("/accounts/keep/", {"token": token})
    cast.alice.refresh_from_db()
    assert cast.alice.deletion_due_at is not None, "the page of an earlier request keeps nothing"


def test_nobody_keeps_the_accounts_of_others(client: Client, cast: Cast) -> None:
    request_deletion(person=cast.alice, username="alice")
    for token in ("", "x", str(cast.alice.pk), "W10:x:y", "null"):
        client.post("/accounts/keep/", {"token": token})
    assert client.post("/accounts/login/", {"login": "alice", "password": "wrong"}).status_code == 200
    cast.alice.refresh_from_db()
    assert cast.alice.deletion_due_at is not None


def test_too_late_is_too_late(cast: Cast) -> None:
    with pytest.raises(Refused):
        keep_account(person=due(cast.alice))
    with pytest.raises(Refused):
        keep_account(person=cast.bob)


def test_the_page_asks_to_confirm_first(client: Client, cast: Cast) -> None:
    client.force_login(cast.alice)
    assert "reauthenticate" in client.get("/settings/data/delete/").headers["Location"]
    assert "reauthenticate" in client.post("/settings/data/delete/", {"username": "alice"}).headers["Location"]
    cast.alice.refresh_from_db()
    assert cast.alice.deletion_due_at is None


# --- Carried out -------------------------------------------------------------------------------------------------------


def test_only_what_is_due_is_erased(cast: Cast) -> None:
    request_deletion(person=cast.alice, username="alice")
    due(cast.bob)
    assert erase_due() == 1
    assert set(User.objects.exclude(deleted_at=None)) == {cast.bob}
    assert erase_due() == 0


def test_one_that_fails_holds_nobody_up_and_is_tried_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    due(cast.alice)
    due(cast.bob)

    def fail(person: User) -> None:
        if person.username == "alice":
            raise OSError("no")

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "_erasers", {**erasure._erasers, "bad": fail})
        assert erase_due() == 1
    cast.alice.refresh_from_db()
    assert (cast.alice.username, cast.alice.deleted_at) == ("alice", None)
    assert erase_due() == 1


def test_it_may_be_done_again(cast: Cast) -> None:
    erase_person(person=due(cast.alice))
    name, when = cast.alice.username, cast.alice.deleted_at
    erase_person(person=cast.alice)
    assert cast.alice.deleted_at == when
    assert cast.alice.username.startswith("deleted-") and name.startswith("deleted-")


def test_what_they_said_stays_as_by_a_deleted_user(cast: Cast) -> None:
    said = say(cast.alice, cast.group, "Here are the maps")
    add_reaction(person=cast.alice, message_id=say(cast.bob, cast.group, "Thanks").id, emoji="👍")
    erase_person(person=due(cast.alice))
    shown = page_of(conversation_for(cast.bob.pk, cast.group.pk)).messages
    mine = next(each for each in shown if each.wire["id"] == str(said.id))
    assert mine.wire["sender"] == {"id": str(cast.alice.pk), "username": "", "display_name": "Deleted user"}
    assert "Here are the maps" in article(mine)
    assert "/people/alice/" not in "".join(article(each) for each in shown)
    assert any(each.wire["reactions"] == {"👍": 1} for each in shown)
    assert [each.wire["metadata"]["actor"] for each in shown if each.wire["kind"] == "system"] == ["Deleted user"] * 2


def test_they_leave_and_their_groups_go_on(cast: Cast) -> None:
    erase_person(person=due(cast.alice))
    cast.group.refresh_from_db()
    assert cast.group.owner == cast.mod
    places = Membership.objects.active().filter(user=cast.alice).values_list("conversation__kind", flat=True)
    assert set(places) == {"direct"}
    assert Conversation.objects.get(pk=cast.group.pk).member_count == 2


def test_open_pages_call_them_otherwise_at_once(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr("accounts.actions.pictures.publish", told.append)
    erase_person(person=due(cast.alice))
    event = told[-1]
    assert (event.user, event.display_name, event.avatar) == (cast.alice.pk, "Deleted user", "")
    assert {cast.group.pk, cast.direct.pk} <= set(event.conversations)


def test_the_username_is_free_again(cast: Cast) -> None:
    erase_person(person=due(cast.alice))
    again = make_person(username="alice", email="alice@example.org")
    assert again.pk != cast.alice.pk


@pytest.mark.parametrize("username", ["zoe-lecka", "zoe_lecka", "1e5", "x", "10-4", "a_b-c_"])
def test_mentions_of_them_lead_nowhere(cast: Cast, username: str) -> None:
    User.objects.filter(pk=cast.alice.pk).update(username=username, display_name="Someone")
    cast.alice.refresh_from_db()
    first = say(cast.bob, cast.group, f"Ask @{username}, or @mod, about **maps**")
    second = say(cast.bob, cast.group, f"@{username} or (@{username})")
    assert 'class="mention"' in Message.objects.get(pk=first.id).html
    Mention.objects.filter(message=second.id).delete()
    erase_person(person=due(cast.alice))
    html = Message.objects.get(pk=first.id).html
    assert f"@{username}" in html
    assert f"/people/{username}/" not in html
    assert "/people/mod/" in html
    assert "/people/" not in Message.objects.get(pk=second.id).html


def test_words_that_look_like_a_mention_stay_and_hold_nothing_up(cast: Cast) -> None:
    """Quotation marks stand in html as they were written: this once was found again and again, for ever."""
    sent = say(cast.bob, cast.group, 'alice is data-username="alice" and @alice')
    erase_person(person=due(cast.alice))
    html = Message.objects.get(pk=sent.id).html
    assert 'data-username="alice"' in html and 'class="mention"' not in html


def test_groups_called_after_their_people_are_called_otherwise(cast: Cast) -> None:
    group = create_group(owner=cast.bob, title="", members=[cast.alice, cast.mod])
    assert "Alice" in group.title
    named = create_group(owner=cast.bob, title="Alice in Wonderland", members=[cast.alice])
    erase_person(person=due(cast.alice))
    group.refresh_from_db()
    named.refresh_from_db()
    assert group.title == "Bob, Mod"
    assert named.title == "Alice in Wonderland"
    assert not Change.objects.filter(conversation=group, detail__title__contains="Alice").exists()


def test_names_written_down_before_there_were_ids_go_too(cast: Cast) -> None:
    note = Message.objects.get(conversation=cast.group, kind="system")
    old = {"event": "added", "actor": "Bob", "people": ["Alice", "Mod"]}
    Message.objects.filter(pk=note.pk).update(metadata=old)
    shown = page_of(conversation_for(cast.bob.pk, cast.group.pk)).messages[0]
    assert shown.wire["metadata"] == old
    erase_person(person=due(cast.alice))
    note.refresh_from_db()
    assert note.metadata == {"event": "added", "actor": "Bob", "people": ["Deleted user", "Mod"]}


def test_system_messages_call_people_as_they_are_called_now(cast: Cast) -> None:
    User.objects.filter(pk=cast.alice.pk).update(display_name="Alicia")
    shown = page_of(conversation_for(cast.bob.pk, cast.group.pk)).messages[0]
    assert shown.wire["metadata"]["actor"] == "Alicia"
