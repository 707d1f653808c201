"""Usernames that change, with the links of the old ones; phone numbers and names."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actions.account import change_username, set_phone
from accounts.actions.signup import claim_guest, enter_as_guest, register_person
from accounts.former_names import NAME_KEPT, person_called
from accounts.models import Block, FormerName, User
from chatter.core.errors import Refused
from tests.factories import make_person

pytestmark = pytest.mark.django_db
TYPED = {"first_name": "", "last_name": "", "phone": ""}


@pytest.fixture
def alice(client: Client) -> User:
    person: User = make_person(username="alice", display_name="Alice Moreau")
    client.force_login(person)
    return person


@pytest.fixture
def bob() -> User:
    person: User = make_person(username="bob")
    return person


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


def pass_days(days: float) -> None:
    """As if every change had happened so long ago."""
    for former in FormerName.objects.all():
        FormerName.objects.filter(pk=former.pk).update(given_up_at=former.given_up_at - timedelta(days=days))


def refusal_of(**asked: Any) -> Refused:
    with pytest.raises(Refused) as refusal:
        change_username(**asked)
    return refusal.value


def test_a_username_is_changed_on_the_page_and_old_links_lead_on(client: Client, alice: User, bob: User) -> None:
    assert client.post("/settings/username/", {"username": "Alice_M"})["Location"] == "/settings/account/"
    assert fresh(alice).username == "Alice_M"
    assert person_called(bob, "ALICE") == alice
    client.force_login(bob)
    assert client.get("/people/aLice/")["Location"] == "/people/Alice_M/"
    assert client.get("/people/Alice_M/").status_code == 200
    assert client.login(username="alice_m", password="secret-of-alice")
    assert not client.login(username="alice", password="secret-of-alice")


@pytest.mark.parametrize(
    "username", ["", " ", "a b", "é", "x" * 51, "admin", "Guest-zoe", "everyone", "BOB", "bob\0", "../bob", "a\n"]
)
def test_what_may_not_be_a_username_is_said_beside_it(client: Client, alice: User, bob: User, username: str) -> None:
    answer = client.post("/settings/username/", {"username": username})
    # Blanks around a name are a slip of the pen, as everywhere.
    if username == "a\n":
        assert fresh(alice).username == "a"
        return
    assert (answer.status_code, set(answer.context["username_form"].errors)) == (200, {"username"})
    assert (fresh(alice).username, FormerName.objects.count()) == ("alice", 0)
    assert refusal_of(person=alice, username=username).code == "invalid"


def test_once_a_day_and_letters_of_another_case_at_any_time(alice: User) -> None:
    change_username(person=alice, username="al")
    refusal = refusal_of(person=alice, username="ali")
    assert refusal.code == "rate_limited"
    assert refusal.retry_after is not None
    assert 0 < refusal.retry_after <= 24 * 3600
    change_username(person=alice, username="AL")
    assert fresh(alice).username == "AL"
    pass_days(1)
    change_username(person=alice, username="ali")
    assert set(FormerName.objects.values_list("username", flat=True)) == {"alice", "AL"}
    assert refusal_of(person=alice, username="alice").code == "rate_limited", "the way back counts, too"


def test_a_refusal_of_the_pace_is_said_beside_the_field(client: Client, alice: User) -> None:
    client.post("/settings/username/", {"username": "al"})
    page = client.post("/settings/username/", {"username": "ali"}).content.decode()
    assert "once a day" in page
    assert fresh(alice).username == "al"


def test_nobody_passes_for_somebody_by_a_name_just_given_up(alice: User, bob: User) -> None:
    change_username(person=alice, username="al")
    assert refusal_of(person=bob, username="Alice").code == "invalid"
    guest = enter_as_guest(name="Zoë")
    for enter in (
        lambda: register_person(username="ALICE", email="x@example.org", password="long-and-unlike-7"),
        lambda: claim_guest(guest=guest, username="alice", email="x@example.org", password="long-and-unlike-7"),
    ):
        with pytest.raises(Refused):
            enter()
    pass_days(NAME_KEPT.days)
    change_username(person=bob, username="Alice")
    assert person_called(alice, "alice") == bob
    assert not FormerName.objects.filter(username__iexact="alice").exists()
    pass_days(NAME_KEPT.days)
    change_username(person=bob, username="bob2")
    assert person_called(alice, "alice") == bob, "the last who was called so"
    assert person_called(alice, "BOB") == bob


def test_ones_own_name_can_be_taken_back(alice: User) -> None:
    change_username(person=alice, username="al")
    pass_days(1)
    change_username(person=alice, username="alice")
    assert fresh(alice).username == "alice"
    assert list(FormerName.objects.values_list("username", flat=True)) == ["al"]


def test_old_names_hide_whom_a_block_hides(alice: User, bob: User) -> None:
    change_username(person=alice, username="al")
    Block.objects.create(blocker=alice, blocked=bob)
    assert person_called(bob, "alice") is None
    assert person_called(bob, "al") is None
    assert person_called(enter_as_guest(name="Zoë"), "alice") is None
    User.objects.filter(pk=alice.pk).update(deleted_at=timezone.now())
    assert person_called(make_person(username="charlie"), "alice") is None


def test_guests_have_no_username_to_change() -> None:
    assert refusal_of(person=enter_as_guest(name="Zoë"), username="zoe").code == "forbidden"


@pytest.mark.django_db(transaction=True)
def test_two_who_want_one_name_at_once_do_not_both_get_it() -> None:
    people = [make_person(username="one"), make_person(username="two")]
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def want(person: User) -> None:
        start.wait()
        try:
            change_username(person=person, username="wanted")
            outcomes.append("got it")
        except Refused as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["got it", "invalid"]
    assert User.objects.filter(username="wanted").count() == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("+49 170 1234567", "+491701234567"),
        ("0049 (170) 123-45-67", "+491701234567"),
        ("+1.202.555.0123", "+12025550123"),
        (" ", ""),
        ("", ""),
    ],
)
def test_a_phone_number_is_stored_in_one_shape(client: Client, alice: User, typed: str, stored: str) -> None:
    answer = client.post("/settings/account/", TYPED | {"first_name": " Al\u202eice ", "phone": typed})
    assert answer["Location"] == "/settings/account/"
    assert (fresh(alice).phone, fresh(alice).first_name) == (stored, "Alice")


@pytest.mark.parametrize(
    "typed",
    ["170 1234567", "+0170123456", "+49", "+1234567890123456", "call me", "+49<b>1</b>", "+٤٩١٧٠١٢٣٤٥٦٧", "+1\0"],
)
def test_what_is_no_phone_number_is_refused(client: Client, alice: User, typed: str) -> None:
    answer = client.post("/settings/account/", TYPED | {"first_name": "A", "phone": typed})
    assert set(answer.context["form"].errors) == {"phone"}
    assert (fresh(alice).phone, fresh(alice).first_name) == ("", "")


def test_a_form_writes_nothing_but_its_fields(client: Client, alice: User) -> None:
    client.post("/settings/account/", TYPED | {"username": "root", "is_staff": "1", "email": "x@example.org"})
    person = fresh(alice)
    assert (person.username, person.is_staff, person.email) == ("alice", False, "alice@example.org")


def test_the_action_of_the_phone_has_a_limit_too(alice: User) -> None:
    with pytest.raises(Exception, match="32"):
        set_phone(person=alice, number="+" + "1" * 40)


@pytest.mark.parametrize("way", ["register", "claim"])
def test_a_name_given_up_while_somebody_takes_it_stays_kept(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """Hashing a password takes a while: the name may be given up between the question whether it is kept and the taking."""
    victim = make_person(username="dora")
    guest = enter_as_guest(name="Zed") if way == "claim" else None
    hashing = User.set_password

    def slowly(person: User, raw: str) -> None:
        change_username(person=victim, username="dora-new")
        hashing(person, raw)

    monkeypatch.setattr(User, "set_password", slowly)
    typed = {"username": "Dora", "email": "m@example.org", "password": "long-and-unlike-7"}
    with pytest.raises(Refused, match="taken"):
        claim_guest(guest=guest, **typed) if guest else register_person(**typed)
    assert not User.objects.exclude(pk=victim.pk).filter(username__iexact="dora").exists()
