"""Profiles and finding people: who is shown to whom, what is written, and what states of accounts do."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.actions.moderation import lift_suspension, suspend_person, switch_account
from accounts.actions.profile import set_status, update_profile
from accounts.models import Block, User
from accounts.permissions import check_reach
from accounts.search import find_people
from chatter.core.errors import NotFound, Refused
from chatter.core.events import PersonSuspended, PresenceChanged
from tests.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice(client: Client) -> User:
    person: User = make_person(username="alice", display_name="Alice Moreau", bio="Maps.")
    client.force_login(person)
    return person


@pytest.fixture
def bob() -> User:
    return make_person(username="Bob", display_name="Bob Tanaka", bio="<script>alert(1)</script>")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    for module in ("moderation", "profile"):
        monkeypatch.setattr(f"accounts.actions.{module}.publish", events.append)
    return events


def test_a_profile_shows_the_person_and_a_way_to_write(client: Client, alice: User, bob: User) -> None:
    page = client.get("/people/Bob/").content.decode()
    assert "Bob Tanaka" in page
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert 'action="/new/"' in page
    assert str(bob.email) not in page, "an address is nobody's business"


@pytest.mark.parametrize(
    ("fields", "words", "is_seen"),
    [
        ({"status_text": "In a meeting"}, True, True),
        ({"status_text": "In a meeting", "status_expires_at": timezone.now() - timedelta(minutes=1)}, False, True),
        ({"status_text": "In a meeting", "status": "offline"}, False, False),
    ],
)
def test_a_profile_tells_how_somebody_is_unless_they_are_invisible(
    client: Client, alice: User, bob: User, fields: dict[str, Any], words: bool, is_seen: bool
) -> None:
    User.objects.filter(pk=bob.pk).update(last_seen_at=timezone.now() - timedelta(hours=2), **fields)
    page = client.get("/people/Bob/").content.decode()
    assert ("In a meeting" in page, "Last seen" in page) == (words, is_seen)


def test_any_case_leads_to_the_one_address_of_the_page(client: Client, alice: User, bob: User) -> None:
    assert client.get("/people/bOB/")["Location"] == "/people/Bob/"


@pytest.mark.parametrize("name", ["a%00b", "a b", "a.b", "%ED%A0%80", "x" * 51, "é"])
def test_what_no_username_can_be_is_not_found(client: Client, alice: User, name: str) -> None:
    client.force_login(alice)
    assert client.get(f"/people/{name}/").status_code == 404


def test_ones_own_profile_offers_editing(client: Client, alice: User) -> None:
    page = client.get("/people/alice/").content.decode()
    assert "/settings/profile/" in page
    assert 'action="/new/"' not in page


@pytest.mark.parametrize("fields", [{"is_active": False}, {"deleted_at": timezone.now()}])
def test_who_is_gone_is_not_there(client: Client, alice: User, bob: User, fields: dict[str, Any]) -> None:
    User.objects.filter(pk=bob.pk).update(**fields)
    answers = [client.get("/people/Bob/"), client.get("/people/nobody/")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert find_people(alice, "bob") == []


def test_who_blocked_me_is_not_there_whom_i_blocked_is_without_a_way_to_write(
    client: Client, alice: User, bob: User
) -> None:
    block = Block.objects.create(blocker=bob, blocked=alice)
    assert client.get("/people/Bob/").status_code == 404
    block.delete()
    Block.objects.create(blocker=alice, blocked=bob)
    User.objects.filter(pk=bob.pk).update(last_seen_at=timezone.now(), status_text="In a meeting")
    page = client.get("/people/Bob/").content.decode()
    assert "In a meeting" not in page
    assert "Last seen" not in page
    assert "You have blocked this person" in page
    assert 'action="/new/"' not in page


def test_strangers_see_nobody(bob: User) -> None:
    assert Client().get("/people/Bob/")["Location"].startswith("/accounts/login/")


def test_editing_writes_tidy_names(client: Client, alice: User) -> None:
    answer = client.post("/settings/profile/", {"display_name": " Al\u202eice  M. ", "bio": " Maps \n and more "})
    assert answer["Location"] == "/settings/profile/"
    alice.refresh_from_db()
    assert (alice.display_name, alice.bio) == (
        "Alice M.",
        "Maps \n and more".replace("\n", "\r\n").replace("\r\n", "\n"),
    )


@pytest.mark.parametrize("typed", [{"display_name": "x" * 81}, {"bio": "x" * 1001}, {"bio": "a\0b"}])
def test_editing_has_limits(client: Client, alice: User, typed: dict[str, str]) -> None:
    answer = client.post("/settings/profile/", {"display_name": "A", "bio": ""} | typed)
    assert answer.status_code == 200
    assert answer.context["form"].errors
    alice.refresh_from_db()
    assert alice.display_name == "Alice Moreau"


def test_a_form_cannot_write_more_than_a_profile(client: Client, alice: User) -> None:
    client.post("/settings/profile/", {"display_name": "A", "bio": "", "is_staff": "1", "username": "root"})
    alice.refresh_from_db()
    assert (alice.is_staff, alice.username, alice.display_name) == (False, "alice", "A")
    with pytest.raises(ValueError, match="is_staff"):
        update_profile(person=alice, is_staff="1")
    with pytest.raises(ValidationError):
        update_profile(person=alice, display_name="x" * 81)


def test_people_are_found_by_the_beginning_of_what_they_are_called(alice: User, bob: User) -> None:
    rob = make_person(username="rob_b", display_name="Roberta")
    for query in ("b", "BO", "@bob", "tan", "bob t", " Bob "):
        assert find_people(alice, query)[0] == bob, query
    assert find_people(alice, "obe") == [rob], "three letters are looked up inside, too"
    assert find_people(alice, "be") == []


def test_the_best_match_comes_first_and_there_is_an_end(alice: User, bob: User) -> None:
    for number in range(60):
        make_person(username=f"bobby{number:02}")
    found = find_people(alice, "bob", limit=1000)
    assert found[0] == bob
    assert len(found) == 50
    assert len(find_people(alice, "bob")) == 10
    assert len(find_people(alice, "bob", limit=0)) == 1


@pytest.mark.parametrize("query", ["", "  ", "@", "%", "_%", "\\", "'", "x" * 5000, "\0"])
def test_odd_queries_find_nobody(alice: User, bob: User, query: str) -> None:
    assert find_people(alice, query) == []


def test_nobody_finds_themselves_or_a_block(alice: User, bob: User) -> None:
    assert find_people(alice, "alice") == []
    Block.objects.create(blocker=alice, blocked=bob)
    assert find_people(alice, "bob") == find_people(bob, "alice") == []


def test_finding_people_is_one_query(alice: User, bob: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        find_people(alice, "bob")


def test_blocks_close_the_way_both_ways_and_tell_only_who_blocked(alice: User, bob: User) -> None:
    check_reach(alice, bob)
    Block.objects.create(blocker=alice, blocked=bob)
    codes = []
    for one, other in ((alice, bob), (bob, alice)):
        with pytest.raises(Refused) as refusal:
            check_reach(one, other)
        codes.append(refusal.value.code)
    assert codes == ["blocked", "forbidden"]
    User.objects.filter(pk=bob.pk).update(deleted_at=timezone.now())
    bob.refresh_from_db()
    with pytest.raises(NotFound):
        check_reach(alice, bob)


def test_a_status_is_chosen_and_told(alice: User, told: list[Any]) -> None:
    until = timezone.now() + timedelta(hours=1)
    set_status(person=alice, status="dnd", text=" In  a \u202emeeting ", expires_at=until)
    alice.refresh_from_db()
    assert (alice.status, alice.status_text, alice.status_expires_at) == ("dnd", "In a meeting", until)
    assert told == [PresenceChanged(user=alice.pk, status="dnd", text="In a meeting")]
    set_status(person=alice, status="online")
    alice.refresh_from_db()
    assert alice.status_text == "In a meeting", "the words stay until they are changed"


def test_the_status_text_is_set_and_cleared_in_the_settings(client: Client, alice: User, told: list[Any]) -> None:
    User.objects.filter(pk=alice.pk).update(status="dnd")
    for text in ("On a boat", ""):
        client.post("/settings/profile/", {"display_name": "A", "bio": "", "status_text": text})
        alice.refresh_from_db()
        assert (alice.status_text, alice.status) == (text, "dnd")
        assert told.pop() == PresenceChanged(user=alice.pk, status="dnd", text=text)
    client.post("/settings/profile/", {"display_name": "B", "bio": "", "status_text": ""})
    assert told == [], "nothing changed, nobody is told"
    assert 'dir="auto"' in client.get("/settings/profile/").content.decode()


@pytest.mark.parametrize(("status", "text", "code"), [("away", None, "invalid"), ("online", "x" * 121, "too_long")])
def test_other_statuses_are_refused(alice: User, told: list[Any], status: str, text: str | None, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        set_status(person=alice, status=status, text=text)
    assert refusal.value.code == code
    assert told == []


def test_a_suspension_is_told_to_the_sockets_and_can_be_lifted(alice: User, bob: User, told: list[Any]) -> None:
    until = timezone.now() + timedelta(days=1)
    suspend_person(actor=alice, person=bob, reason="Spam", until=until)
    assert bob.is_suspended
    assert (bob.suspended_until, bob.suspended_reason) == (until, "Spam")
    assert told == [PersonSuspended(user=bob.pk)]
    lift_suspension(actor=alice, person=bob)
    after = User.objects.get(pk=bob.pk)
    assert not after.is_suspended
    assert after.suspended_reason == ""


def test_an_account_is_switched_off_and_on(alice: User, bob: User, told: list[Any]) -> None:
    for is_active in (False, True):
        switch_account(actor=alice, person=bob, is_active=is_active)
        assert User.objects.get(pk=bob.pk).is_active == is_active
    assert told == [PersonSuspended(user=bob.pk)]


def test_no_session_comes_back_when_an_account_is_switched_on_again(alice: User, bob: User) -> None:
    """Switched off, it may have been in the wrong hands."""
    browser = Client()
    browser.force_login(bob)
    assert browser.get("/settings/profile/").status_code == 200
    for is_active in (False, True):
        switch_account(actor=alice, person=bob, is_active=is_active)
    assert browser.get("/settings/profile/").status_code == 302


def test_nobody_judges_themselves_or_above_themselves(alice: User, told: list[Any]) -> None:
    root = make_person(username="root_", is_superuser=True)
    for person in (alice, root):
        for judge in (
            lambda person=person: suspend_person(actor=alice, person=person),
            lambda person=person: lift_suspension(actor=alice, person=person),
            lambda person=person: switch_account(actor=alice, person=person, is_active=False),
        ):
            with pytest.raises(Refused):
                judge()
    assert told == []


def test_a_suspension_ends_in_the_future(alice: User, bob: User, told: list[Any]) -> None:
    with pytest.raises(Refused):
        suspend_person(actor=alice, person=bob, until=timezone.now() - timedelta(seconds=1))
    bob.refresh_from_db()
    assert not bob.is_suspended
