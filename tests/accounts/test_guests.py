"""Guests: a name is enough for the lobby, for nothing else, and can become an account with everything said."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage
from django.test import Client

from accounts.actions.signup import claim_guest, enter_as_guest
from accounts.models import Block, User
from accounts.permissions import check_member, check_reach, visible_people
from accounts.search import find_people
from chat.models import Conversation, Membership
from chatter.core.errors import NotFound, Refused
from chatter.core.events import SessionRenewed, SessionsEnded
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PASSWORD = "long-and-unlike-7"
MEMBERSHIP = {"username": "zed", "email": "zed@example.org", "password1": PASSWORD, "password2": PASSWORD}


def come_in(client: Client, name: str = "Zed") -> Any:
    return client.post("/guest/", {"name": name})


@pytest.mark.parametrize("name", ["Zed", "Zoë Łęcka", "王小明", "عليّ", "🦊", "a" * 50])
def test_a_name_in_any_script_is_enough(client: Client, name: str) -> None:
    answer = come_in(client, name)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    guest = User.objects.get()
    assert (guest.is_guest, guest.display_name, guest.email) == (True, name, None)
    assert not guest.has_usable_password()
    assert client.session["_auth_user_id"] == str(guest.pk)


def test_a_guest_is_in_the_lobby_and_nowhere_else(client: Client) -> None:
    come_in(client)
    assert [row.conversation.kind for row in Membership.objects.select_related("conversation")] == ["lobby"]


def test_two_guests_may_have_one_name_but_not_one_username() -> None:
    come_in(Client())
    come_in(Client())
    assert len({guest.username for guest in User.objects.filter(display_name="Zed")}) == 2


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u202e", "\u3164", "x" * 51])
def test_a_name_has_something_to_read_and_an_end(client: Client, name: str) -> None:
    answer = come_in(client, name)
    assert answer.status_code == 200
    assert "name" in answer.context["form"].errors
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["alice", "ALICE", "Ａlice", "Al\u200bice", "Alice Moreau", "alice  moreau", "admin"])
def test_a_guest_is_not_taken_for_a_member(client: Client, name: str) -> None:
    make_person(username="alice", display_name="Alice Moreau")
    answer = come_in(client, name)
    assert answer.status_code == 200
    assert "A member has this name" in answer.content.decode()


def test_where_guests_are_not_wanted_there_is_no_such_page(client: Client, settings: Any) -> None:
    settings.CHATTER_GUESTS = False
    assert client.get("/guest/").status_code == 404
    assert come_in(client).status_code == 404
    with pytest.raises(NotFound):
        enter_as_guest(name="Zed")
    assert not User.objects.exists()


def test_who_is_in_already_stays_who_they_are(client: Client) -> None:
    alice = make_person(username="alice")
    client.force_login(alice)
    assert come_in(client)["Location"] == "/"
    assert not User.objects.filter(is_guest=True).exists()


def test_the_session_key_changes_when_a_guest_comes_in(client: Client) -> None:
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies["sessionid"] = planted = str(session.session_key)
    come_in(client)
    assert client.session.session_key != planted


def test_a_guest_reaches_nobody_and_is_reached_by_nobody() -> None:
    guest, alice = enter_as_guest(name="Zed"), make_person(username="alice")
    with pytest.raises(Refused) as refusal:
        check_member(guest)
    assert refusal.value.code == "forbidden"
    for one, other in ((guest, alice), (alice, guest)):
        with pytest.raises(Refused) as refusal:
            check_reach(one, other)
        assert refusal.value.code == "forbidden"
    assert list(visible_people(guest)) == [guest]
    assert find_people(guest, "alice") == []
    assert find_people(alice, "zed") == []


def test_pages_of_members_are_closed_to_guests(client: Client) -> None:
    make_person(username="alice")
    come_in(client)
    assert client.get("/people/alice/").status_code == 404
    for path in ("/settings/profile/", "/accounts/email/", "/accounts/login/", "/accounts/signup/"):
        assert client.get(path)["Location"] == "/claim/", path


def test_a_guest_gets_a_password_only_by_keeping_the_account(client: Client) -> None:
    """Else there would be accounts that one can log in to, with a name that nobody chose and the rights of a guest."""
    come_in(client)
    typed = {"password1": "long-and-unlike-7", "password2": "long-and-unlike-7"}
    assert client.post("/accounts/password/set/", typed)["Location"] == "/claim/"
    assert not User.objects.get(is_guest=True).has_usable_password()


def test_claiming_keeps_id_name_and_history(client: Client, mailoutbox: list[EmailMessage]) -> None:
    come_in(client)
    guest = User.objects.get()
    before, joined = client.session.session_key, Membership.objects.get().pk
    answer = client.post("/claim/", MEMBERSHIP)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    member = User.objects.get()
    assert (member.pk, member.username, member.display_name, member.is_guest) == (guest.pk, "zed", "Zed", False)
    assert member.email == "zed@example.org"
    assert member.check_password(PASSWORD)
    assert Membership.objects.get().pk == joined
    assert client.session["_auth_user_id"] == str(member.pk)
    assert client.session.session_key != before
    assert [mail.to for mail in mailoutbox] == [["zed@example.org"]]
    assert "/accounts/confirm-email/" in mailoutbox[0].body


def test_other_browsers_of_the_guest_are_out_after_claiming(client: Client) -> None:
    come_in(client)
    other = Client()
    other.cookies["sessionid"] = str(client.session.session_key)
    client.post("/claim/", MEMBERSHIP)
    assert other.get("/settings/profile/")["Location"].startswith("/accounts/login/")


def test_claiming_ends_other_sockets_and_keeps_those_of_this_browser(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("accounts.actions.sessions.publish", told.append)
    come_in(client)
    formerly = client.session.session_key
    client.post("/claim/", MEMBERSHIP)
    zed, key = User.objects.get(username=MEMBERSHIP["username"]), client.session.session_key
    renewed, ended = told
    assert key and formerly
    assert renewed == SessionRenewed(user=zed.pk, session_key=key, formerly=formerly)
    assert ended == SessionsEnded(user=zed.pk, keep=key, auth_hash=zed.get_session_auth_hash())


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"username": "Alice"}, "username"),
        ({"username": "guest-zed"}, "username"),
        ({"username": "a b"}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password2": "another-one-9"}, "password2"),
    ],
)
def test_claiming_asks_what_registering_asks(client: Client, typed: dict[str, str], field: str) -> None:
    make_person(username="alice")
    come_in(client)
    answer = client.post("/claim/", MEMBERSHIP | typed)
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.filter(is_guest=True).count() == 1


def test_claiming_with_a_taken_address_looks_like_with_a_free_one(client: Client) -> None:
    owner = make_person(username="owner", email="zed@example.org")
    EmailAddress.objects.create(user=owner, email="zed@example.org", verified=True, primary=True)
    come_in(client)
    assert client.post("/claim/", MEMBERSHIP)["Location"] == "/"
    assert User.objects.get(username="zed").email is None


def test_only_guests_claim(client: Client) -> None:
    alice = make_person(username="alice")
    client.force_login(alice)
    assert client.post("/claim/", MEMBERSHIP)["Location"] == "/"
    with pytest.raises(Refused):
        claim_guest(guest=alice, username="zed", email="zed@example.org", password=PASSWORD)
    alice.refresh_from_db()
    assert alice.username == "alice"


def test_strangers_claim_nothing(client: Client) -> None:
    assert client.get("/claim/")["Location"].startswith("/accounts/login/")


def test_a_guest_who_leaves_is_warned(client: Client) -> None:
    come_in(client)
    assert "cannot come back" in client.get("/accounts/logout/").content.decode()


def test_members_find_no_guests_but_those_who_blocked_them_are_hidden_too() -> None:
    alice, bob = make_person(username="alice"), make_person(username="bob")
    Block.objects.create(blocker=bob, blocked=alice)
    assert find_people(alice, "bob") == find_people(bob, "alice") == []
    assert Conversation.objects.count() == 0
