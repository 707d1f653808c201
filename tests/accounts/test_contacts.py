"""Contacts: asking, answering, parting, who may, how often, and that a silent no stays silent."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts import contacts
from accounts.actions import relationships
from accounts.actions.relationships import (
    accept_contact,
    block_person,
    cancel_request,
    decline_contact,
    remove_contact,
    request_contact,
)
from accounts.contacts import Relation, relation_between
from accounts.models import Block, Friendship, Notification, User
from accounts.notices import shown
from chatter.core.errors import NotFound, Refused
from chatter.core.events import Event, RelationsChanged
from tests.factories import make_person

State = Friendship.State
pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return make_person(username="alice")


@pytest.fixture
def bob() -> User:
    return make_person(username="bob")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    seen: list[Event] = []
    monkeypatch.setattr("accounts.actions.relationships.publish", lambda *given: seen.extend(given))
    return seen


def browse(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def both(one: User, other: User) -> tuple[Relation, Relation]:
    return relation_between(one, other), relation_between(other, one)


def told(person: User) -> list[str]:
    """What the unread notifications of the person say."""
    rows = list(Notification.objects.filter(recipient=person, read_at=None).order_by("-updated_at"))
    return [notice.title for notice in shown(person, rows)]


def days_ago(days: int) -> Any:
    return timezone.now() - timedelta(days=days)


def test_asking_and_accepting_makes_friends(alice: User, bob: User, published: list[Event]) -> None:
    assert request_contact(requester=alice, addressee=bob) == Relation.SENT
    assert both(alice, bob) == (Relation.SENT, Relation.RECEIVED)
    assert published == []
    assert accept_contact(addressee=bob, requester=alice) == Relation.FRIENDS
    row = Friendship.objects.get()
    assert row.state == State.ACCEPTED
    assert row.accepted_at is not None
    assert row.accepted_at >= row.created_at
    assert {event.user for event in published if isinstance(event, RelationsChanged)} == {alice.pk, bob.pk}


def test_everything_twice_changes_nothing(alice: User, bob: User, published: list[Event]) -> None:
    request_contact(requester=alice, addressee=bob)
    asked = Friendship.objects.get()
    assert request_contact(requester=alice, addressee=bob) == Relation.SENT
    assert Friendship.objects.get().created_at == asked.created_at
    assert Notification.objects.count() == 1
    for _twice in range(2):
        assert accept_contact(addressee=bob, requester=alice) == Relation.FRIENDS
    assert request_contact(requester=bob, addressee=alice) == Relation.FRIENDS
    assert len(published) == 2
    for _twice in range(2):
        assert remove_contact(person=alice, friend=bob) == Relation.NONE
    assert len(published) == 4
    for _twice in range(2):
        assert cancel_request(requester=alice, addressee=bob) == Relation.NONE
        assert decline_contact(addressee=bob, requester=alice) == Relation.NONE
    assert not Friendship.objects.exists()


def test_to_ask_whoever_asked_is_to_accept(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    assert request_contact(requester=bob, addressee=alice) == Relation.FRIENDS


def test_an_answer_needs_no_open_door(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    User.objects.filter(pk=alice.pk).update(privacy={"request": "nobody"})
    assert request_contact(requester=bob, addressee=alice) == Relation.FRIENDS


def test_a_no_is_not_told(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    waiting = contacts.sent_page(alice)
    decline_contact(addressee=bob, requester=alice)
    assert both(alice, bob) == (Relation.SENT, Relation.NONE)
    assert contacts.sent_page(alice) == waiting
    assert contacts.received_page(bob).rows == []
    assert request_contact(requester=alice, addressee=bob) == Relation.SENT
    assert contacts.received_page(bob).rows == []
    assert told(bob) == []


def test_taking_a_declined_request_back_and_asking_again_reaches_nobody(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    decline_contact(addressee=bob, requester=alice)
    cancel_request(requester=alice, addressee=bob)
    assert both(alice, bob) == (Relation.NONE, Relation.NONE)
    assert contacts.sent_page(alice).rows == []
    assert request_contact(requester=alice, addressee=bob) == Relation.SENT
    assert len(contacts.sent_page(alice).rows) == 1
    assert relation_between(bob, alice) == Relation.NONE
    assert told(bob) == []


@pytest.mark.parametrize(("days", "reaches"), [(29, False), (31, True)])
def test_after_thirty_days_one_may_ask_again(alice: User, bob: User, days: int, reaches: bool) -> None:
    request_contact(requester=alice, addressee=bob)
    decline_contact(addressee=bob, requester=alice)
    Friendship.objects.update(declined_at=days_ago(days), created_at=days_ago(days + 40))
    assert contacts.may_ask_again(Friendship.objects.get()), "offered by the age of the request, not by its answer"
    request_contact(requester=alice, addressee=bob)
    assert relation_between(bob, alice) == (Relation.RECEIVED if reaches else Relation.NONE)
    assert relation_between(alice, bob) == Relation.SENT
    assert not contacts.may_ask_again(Friendship.objects.get())
    assert len(told(bob)) == reaches


def test_who_declined_may_ask_at_any_time(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    decline_contact(addressee=bob, requester=alice)
    assert request_contact(requester=bob, addressee=alice) == Relation.FRIENDS, "Alice still asks, as far as she knows"


def test_who_declined_asks_anew_whoever_took_the_request_back(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    decline_contact(addressee=bob, requester=alice)
    cancel_request(requester=alice, addressee=bob)
    with pytest.raises(NotFound):
        accept_contact(addressee=bob, requester=alice)
    assert request_contact(requester=bob, addressee=alice) == Relation.SENT
    assert both(alice, bob) == (Relation.RECEIVED, Relation.SENT)


def test_strangers_cannot_answer_for_others(alice: User, bob: User) -> None:
    charlie = make_person(username="charlie")
    request_contact(requester=alice, addressee=bob)
    for addressee, requester in ((alice, bob), (charlie, alice), (bob, charlie)):
        with pytest.raises(NotFound):
            accept_contact(addressee=addressee, requester=requester)
        decline_contact(addressee=addressee, requester=requester)
    cancel_request(requester=bob, addressee=alice)
    remove_contact(person=alice, friend=bob)
    assert Friendship.objects.get().state == State.PENDING


@pytest.mark.parametrize("blocker", ["alice", "bob"])
def test_no_request_crosses_a_block(alice: User, bob: User, blocker: str) -> None:
    pair = (alice, bob) if blocker == "alice" else (bob, alice)
    Block.objects.create(blocker=pair[0], blocked=pair[1])
    with pytest.raises(Refused) as refusal:
        request_contact(requester=alice, addressee=bob)
    assert refusal.value.code == ("blocked" if blocker == "alice" else "forbidden")
    assert not Friendship.objects.exists()


def test_the_blocked_read_what_strangers_read(alice: User, bob: User) -> None:
    private = make_person(username="private", privacy={"request": "nobody"})
    Block.objects.create(blocker=bob, blocked=alice)
    words = set()
    for addressee in (bob, private):
        with pytest.raises(Refused) as refusal:
            request_contact(requester=alice, addressee=addressee)
        words.add((refusal.value.code, str(refusal.value)))
    assert len(words) == 1


@pytest.mark.parametrize("fields", [{"is_active": False}, {"deleted_at": timezone.now()}])
def test_who_is_gone_is_not_asked(alice: User, bob: User, fields: dict[str, Any]) -> None:
    User.objects.filter(pk=bob.pk).update(**fields)
    with pytest.raises(NotFound):
        request_contact(requester=alice, addressee=bob)


def test_nobody_asks_themselves_and_guests_ask_nobody(alice: User, bob: User) -> None:
    guest = make_person(username="guest-zoe", is_guest=True)
    for requester, addressee in ((alice, alice), (guest, bob), (alice, guest)):
        with pytest.raises(Refused):
            request_contact(requester=requester, addressee=addressee)
    assert not Friendship.objects.exists()


def test_requests_have_a_pace(alice: User, settings: Any) -> None:
    settings.CHATTER_RATE_LIMITS = True
    people = [make_person() for _each in range(relationships.REQUESTS_PER_HOUR + 1)]
    for person in people[:-1]:
        request_contact(requester=alice, addressee=person)
    with pytest.raises(Refused) as refusal:
        request_contact(requester=alice, addressee=people[-1])
    assert refusal.value.code == "rate_limited"


def test_nobody_waits_for_answers_without_end(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relationships, "SENT_MAX", 3)
    people = [make_person() for _each in range(4)]
    for person in people[:3]:
        request_contact(requester=alice, addressee=person)
    decline_contact(addressee=people[0], requester=alice)
    with pytest.raises(Refused):
        request_contact(requester=alice, addressee=people[3])
    cancel_request(requester=alice, addressee=people[1])
    request_contact(requester=alice, addressee=people[3])


def test_a_thousand_requests_do_not_flood_one_person(alice: User, django_assert_max_num_queries: Any) -> None:
    crowd = User.objects.bulk_create(User(username=f"crowd{number}", password="!") for number in range(1000))
    for person in crowd[: relationships.RECEIVED_MAX]:
        request_contact(requester=person, addressee=alice)
    for person in crowd[relationships.RECEIVED_MAX :]:
        with pytest.raises(Refused) as refusal:
            request_contact(requester=person, addressee=alice)
        assert refusal.value.code == "forbidden"
    client, address = browse(alice), "/contacts/?show=received"
    seen: set[str] = set()
    while address:
        with django_assert_max_num_queries(8):
            html = client.get(address).content.decode()
        names = set(re.findall(r'href="/people/(crowd\d+)/"', html))
        assert len(names) <= contacts.PAGE
        assert not names & seen
        seen |= names
        onward = re.search(r'rel="next" href="([^"]+)"', html)
        address = onward[1].replace("&amp;", "&") if onward else ""
    assert len(seen) == relationships.RECEIVED_MAX
    with pytest.raises(Refused):
        block_person(blocker=alice, blocked=alice)
    decline_contact(addressee=alice, requester=crowd[0])
    assert request_contact(requester=crowd[-1], addressee=alice) == Relation.SENT


def test_the_addressee_is_told_and_so_is_the_requester(alice: User, bob: User) -> None:
    request_contact(requester=alice, addressee=bob)
    assert [word.split()[0] for word in told(bob)] == ["Alice"]
    accept_contact(addressee=bob, requester=alice)
    assert told(bob) == []
    assert [word.split()[0] for word in told(alice)] == ["Bob"]


@pytest.mark.parametrize("deed", [cancel_request, decline_contact])
def test_what_is_answered_or_gone_is_not_told_any_more(alice: User, bob: User, deed: Callable[..., Any]) -> None:
    request_contact(requester=alice, addressee=bob)
    deed(requester=alice, addressee=bob)
    assert told(bob) == []
    assert shown(bob, list(Notification.objects.filter(recipient=bob))) == []


def race(*deeds: Callable[[], Any]) -> list[str]:
    """All at once, each in a thread of its own; what went wrong."""
    together, failures = threading.Barrier(len(deeds)), []

    def run(deed: Callable[[], Any]) -> None:
        together.wait()
        try:
            deed()
        except Refused as refusal:
            failures.append(refusal.code)
        except Exception as error:  # noqa: BLE001 -- a thread's failure is the test's
            failures.append(repr(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@pytest.mark.django_db(transaction=True)
def test_two_who_ask_each_other_at_once_are_friends(alice: User, bob: User) -> None:
    for _often in range(5):
        Friendship.objects.all().delete()
        failures = race(
            lambda: request_contact(requester=alice, addressee=bob),
            lambda: request_contact(requester=bob, addressee=alice),
        )
        assert failures == []
        assert Friendship.objects.get().state == State.ACCEPTED


@pytest.mark.django_db(transaction=True)
def test_one_request_in_many_tabs_is_one(alice: User, bob: User) -> None:
    assert race(*[lambda: request_contact(requester=alice, addressee=bob)] * 6) == []
    assert Friendship.objects.count() == Notification.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_block_at_the_moment_of_a_request_or_an_answer_wins(alice: User, bob: User) -> None:
    for _often in range(5):
        Block.objects.all().delete()
        Friendship.objects.all().delete()
        Friendship.objects.create(requester=alice, addressee=bob)
        failures = race(
            lambda: block_person(blocker=bob, blocked=alice),
            lambda: accept_contact(addressee=bob, requester=alice),
            lambda: request_contact(requester=alice, addressee=bob),
        )
        assert set(failures) <= {"blocked", "forbidden", "not_found"}
        assert not Friendship.objects.exists()


# --- the page -----------------------------------------------------------------------------------------------------------


def test_the_page_lists_friends_requests_and_the_blocked(alice: User, bob: User) -> None:
    charlie, dora = make_person(username="charlie"), make_person(username="dora")
    Friendship.objects.create(requester=alice, addressee=bob, state=State.ACCEPTED)
    Friendship.objects.create(requester=charlie, addressee=alice)
    Friendship.objects.create(requester=alice, addressee=dora)
    Block.objects.create(blocker=alice, blocked=make_person(username="mallory"), reason="Sells things")
    client = browse(alice)
    pages = {show: client.get(f"/contacts/?show={show}").content.decode() for show in ("friends", "received", "sent")}
    named = {show: set(re.findall(r'href="/people/(\w+)/"', html)) - {"alice"} for show, html in pages.items()}
    assert named == {"friends": {"bob"}, "received": {"charlie"}, "sent": {"dora"}}
    blocked = client.get("/contacts/?show=blocked").content.decode()
    assert "@mallory" in blocked
    assert "Sells things" in blocked


def test_everything_works_without_scripts(alice: User, bob: User) -> None:
    answer = browse(alice).post("/contacts/", {"username": " @BOB "}, follow=True)
    assert "Bob has your request." in answer.content.decode()
    answer = browse(bob).post("/contacts/alice/answer/", {"answer": "accept"}, follow=True)
    assert "You are friends with Alice now." in answer.content.decode()
    answer = browse(bob).post("/contacts/alice/remove/", {"next": "/people/alice/"})
    assert answer.headers["Location"] == "/people/alice/"
    browse(bob).post("/contacts/alice/request/")
    browse(bob).post("/contacts/alice/cancel/")
    browse(alice).post("/contacts/bob/block/", {"reason": "Rude"})
    assert Block.objects.get().reason == "Rude"
    assert browse(alice).get("/contacts/bob/block/").status_code == 200
    browse(alice).post("/contacts/bob/unblock/")
    assert not Block.objects.exists()
    assert not Friendship.objects.exists()


def test_scripts_get_json(alice: User, bob: User) -> None:
    wants = {"Accept": "application/json"}
    answer = browse(alice).post("/contacts/bob/request/", headers=wants)
    assert answer.json() == {"username": "bob", "relation": "sent", "message": "Bob has your request."}
    assert browse(bob).get("/contacts/", headers=wants).json() == {"received": 1}
    refused = browse(alice).post("/contacts/alice/request/", headers=wants)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "invalid")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nobody", "Nobody is called that."),
        ("alice", "You cannot do this with yourself."),
        ("private", "This person cannot be reached this way."),
        ("hater", "Nobody is called that."),
        ("hated", "You have blocked this person. Unblock them first."),
        ("", "This field is required."),
        ("x" * 60, "at most 51 characters"),
        ("a b", "Nobody is called that."),
    ],
)
def test_the_page_says_what_is_wrong_beside_the_field(alice: User, typed: str, said: str) -> None:
    make_person(username="private", privacy={"request": "nobody"})
    Block.objects.create(blocker=make_person(username="hater"), blocked=alice)
    Block.objects.create(blocker=alice, blocked=make_person(username="hated"))
    answer = browse(alice).post("/contacts/", {"username": typed})
    assert answer.status_code == 400
    assert said in answer.content.decode().replace("&#x27;", "'")
    assert f'value="{typed}"' in answer.content.decode() or not typed


KEY = "7e59434d-62d9-4ca8-8f33-77e106d7a70d"


@pytest.mark.parametrize(
    "query",
    [
        *("show=x", "after=%00", "after=x/y", "after=2026-01-01/zz", "q=" + "x" * 500, "show=sent&after=/"),
        # No moment: without a zone, and before and after all time.
        f"show=received&after=2026-01-01T00:00:00/{KEY}",
        f"show=sent&after=0001-01-01T00:00:00%2B23:59/{KEY}",
        f"show=blocked&after=9999-12-31T23:59:59-23:59/{KEY}",
    ],
)
def test_odd_addresses_show_a_list(alice: User, query: str) -> None:
    assert browse(alice).get(f"/contacts/?{query}").status_code == 200


@pytest.mark.parametrize(
    "onward", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_nothing_leads_off_the_site(alice: User, bob: User, onward: str) -> None:
    answer = browse(alice).post("/contacts/bob/request/", {"next": onward})
    assert answer.headers["Location"] == "/contacts/"
    assert onward not in browse(alice).get("/contacts/bob/block/", {"next": onward}).content.decode()


def test_deeds_are_posted(alice: User, bob: User) -> None:
    for deed in ("request", "answer", "cancel", "remove", "unblock"):
        assert browse(alice).get(f"/contacts/bob/{deed}/").status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)
    assert strict.post("/contacts/bob/request/").status_code == 403
    assert not Friendship.objects.exists()


def test_guests_have_no_contacts(alice: User) -> None:
    guest = make_person(username="guest-zoe", is_guest=True)
    client = browse(guest)
    assert client.get("/contacts/").status_code == 403
    assert client.post("/contacts/alice/block/").status_code == 403


def test_friends_come_by_pages_in_order_of_name(alice: User, django_assert_max_num_queries: Any) -> None:
    friends = [make_person(username=f"f{number:03}", display_name="Same name") for number in range(contacts.PAGE + 5)]
    Friendship.objects.bulk_create(
        Friendship(requester=alice, addressee=friend, state=State.ACCEPTED) for friend in friends
    )
    first = contacts.friends_page(alice)
    second = contacts.friends_page(alice, after=first.next)
    assert [*first.away, *second.away] == friends
    assert second.next == ""
    client = browse(alice)
    with django_assert_max_num_queries(8):
        assert client.get("/contacts/").status_code == 200
    assert [friend.username for friend in contacts.friends_page(alice, words="F01").away] == [
        f"f01{n}" for n in range(10)
    ]


def test_the_way_there_shows_how_many_wait(alice: User, bob: User) -> None:
    badge = re.compile(r"<contact-badge>.*?</contact-badge>", re.DOTALL)
    assert all(" hidden>" in found for found in badge.findall(browse(alice).get("/").content.decode()))
    request_contact(requester=bob, addressee=alice)
    found = badge.findall(browse(alice).get("/").content.decode())
    assert len(found) == 2
    assert all(" hidden>" not in each and ">1<" in each for each in found)
