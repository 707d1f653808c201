"""The page of a person and the card in its place: what each reader may know, and what they are offered to do."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actions.relationships import accept_contact, block_person, request_contact, unblock_person
from accounts.actions.signup import enter_as_guest
from accounts.models import Block, Friendship, User
from accounts.profiles import MUTUAL_SHOWN
from chat.actions.conversation import create_group, open_direct
from chat.actions.membership import leave_conversation
from tests.factories import make_person

pytestmark = pytest.mark.django_db
PAGES = ("/people/{}/", "/people/{}/card/")
KEY = "0123456789abcdef" * 2


@pytest.fixture
def alice(client: Client) -> User:
    person: User = make_person(username="alice", display_name="Alice Moreau")
    client.force_login(person)
    return person


@pytest.fixture
def bob() -> User:
    return make_person(username="bob", display_name="Bob Tanaka", bio="Maps & <b>tea</b>", phone="+49 30 123")


@pytest.fixture(params=PAGES, ids=["page", "card"])
def read(request: pytest.FixtureRequest, client: Client) -> Callable[[User], str]:
    """The page or the card of somebody, as the client's person reads it."""

    def reading(person: User) -> str:
        answer = client.get(request.param.format(person.username))
        assert answer.status_code == 200
        return answer.content.decode()

    return reading


@pytest.fixture
def present(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Any, str]]:
    """Who is here, and how: for the page to read."""
    here: dict[Any, str] = {}
    monkeypatch.setattr("accounts.profiles.statuses", lambda people: {key: here[key] for key in people if key in here})
    return here  # type: ignore[return-value]


def befriend(one: User, *others: User) -> None:
    for other in others:
        Friendship.objects.create(requester=one, addressee=other, state="accepted", accepted_at=timezone.now())


def allow(person: User, **circles: str) -> None:
    User.objects.filter(pk=person.pk).update(privacy=circles)


def test_both_show_who_somebody_is(read: Any, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(avatar=KEY)
    shown = read(bob)
    for words in ("Bob Tanaka", "@bob", "Maps &amp; &lt;b&gt;tea", "ere since", f"/avatars/{KEY}-", 'alt=""'):
        assert words in shown
    assert 'action="/new/"' in shown


def test_without_a_picture_initials_stand_for_them(read: Any, alice: User, bob: User) -> None:
    shown = read(bob)
    assert "BT</span>" in shown
    assert "<img" not in shown.split("profile__username")[0].rsplit("avatar--", 1)[-1]


@pytest.mark.parametrize(
    ("way", "told"),
    [("presence", "In a meeting"), ("last_seen", "ast seen")],
)
@pytest.mark.parametrize(
    ("circle", "stranger", "friend"), [("everyone", True, True), ("friends", False, True), ("nobody", False, False)]
)
def test_how_they_are_is_told_to_their_circle(
    read: Any, alice: User, bob: User, way: str, told: str, circle: str, stranger: bool, friend: bool
) -> None:
    User.objects.filter(pk=bob.pk).update(last_seen_at=timezone.now() - timedelta(days=2), status_text="In a meeting")
    allow(bob, **{way: circle})
    assert (told in read(bob)) is stranger
    befriend(alice, bob)
    assert (told in read(bob)) is friend


@pytest.mark.parametrize(("way", "told"), [("email", "bob@example.org"), ("phone", "+49 30 123")])
def test_address_and_phone_are_nobodys_until_they_say_so(
    client: Client, alice: User, bob: User, way: str, told: str
) -> None:
    seen = []
    for circle in (None, "friends", "everyone"):
        allow(bob, **({way: circle} if circle else {}))
        seen.append(told in client.get("/people/bob/").content.decode())
    befriend(alice, bob)
    allow(bob, **{way: "friends"})
    seen.append(told in client.get("/people/bob/").content.decode())
    assert seen == [False, False, True, True]
    assert told not in client.get("/people/bob/card/").content.decode()


def test_who_is_here_has_not_been_last_seen(read: Any, alice: User, bob: User, present: dict[Any, str]) -> None:
    User.objects.filter(pk=bob.pk).update(last_seen_at=timezone.now())
    present[bob.pk] = "dnd"
    assert "ast seen" not in (shown := read(bob))
    assert 'data-is="dnd"' in shown
    allow(bob, presence="nobody", last_seen="everyone")
    shown = read(bob)
    assert "data-is" not in shown.split("profile__actions")[0].split("profile__username")[0].rsplit("avatar--", 1)[-1]
    assert "ast seen" not in shown, "the moment would tell that they are here"


def test_the_invisible_tell_nothing(read: Any, alice: User, bob: User, present: dict[Any, str]) -> None:
    User.objects.filter(pk=bob.pk).update(status="offline", status_text="Hiding", last_seen_at=timezone.now())
    present[bob.pk] = "online"
    shown = read(bob)
    assert "Hiding" not in shown
    assert "ast seen" not in shown
    assert 'data-is="offline"' in shown


def test_what_is_offered_follows_how_the_two_stand(read: Any, alice: User, bob: User) -> None:
    def seen() -> list[str]:
        shown = read(bob)
        return [
            way
            for way, mark in {
                "new": 'action="/new/"',
                "request": "/contacts/bob/request/",
                "answer": "/contacts/bob/answer/",
                "cancel": "/contacts/bob/cancel/",
                "unblock": "/contacts/bob/unblock/",
            }.items()
            if mark in shown
        ]

    assert seen() == ["new", "request"]
    request_contact(requester=alice, addressee=bob)
    assert seen() == ["new", "cancel"]
    accept_contact(addressee=bob, requester=alice)
    assert seen() == ["new"]
    assert "Friend" in read(bob)
    block_person(blocker=alice, blocked=bob)
    assert seen() == ["unblock"]
    unblock_person(blocker=alice, blocked=bob)
    request_contact(requester=bob, addressee=alice)
    assert seen() == ["new", "answer"]


def test_a_declined_request_reads_like_an_open_one(read: Any, alice: User, bob: User) -> None:
    Friendship.objects.create(requester=alice, addressee=bob, state="declined", declined_at=timezone.now())
    assert "/contacts/bob/cancel/" in read(bob)


def test_wishes_take_the_ways_away(read: Any, alice: User, bob: User) -> None:
    allow(bob, message="friends", request="nobody")
    shown = read(bob)
    assert 'action="/new/"' not in shown
    assert "/contacts/bob/request/" not in shown
    befriend(alice, bob)
    assert 'action="/new/"' in read(bob)


def test_of_whom_one_blocks_only_the_name_is_left(read: Any, alice: User, bob: User) -> None:
    dana = make_person(username="dana")
    befriend(dana, alice, bob)
    create_group(owner=dana, title="Night shift", members=[alice, bob])
    Block.objects.create(blocker=alice, blocked=bob)
    User.objects.filter(pk=bob.pk).update(status_text="In a meeting", last_seen_at=timezone.now())
    allow(bob, email="everyone", phone="everyone")
    shown = read(bob)
    assert "Bob Tanaka" in shown
    assert "You have blocked this person" in shown
    about = shown.split("</main>")[0]
    for words in ("Maps", "In a meeting", "ast seen", "bob@example.org", "+49", "@dana", "Night shift"):
        assert words not in about, words
    assert "data-is" not in about.split("Bob Tanaka")[-2].rsplit("<span", 1)[-1]


@pytest.mark.parametrize("path", PAGES)
def test_who_is_blocked_finds_nobody_there(client: Client, alice: User, bob: User, path: str) -> None:
    Block.objects.create(blocker=bob, blocked=alice)
    answers = [client.get(path.format(name)) for name in ("bob", "nobody")]
    assert [answer.status_code for answer in answers] == [404, 404]
    token = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')
    bodies = [token.sub("", answer.content.decode()).replace("nobody", "bob") for answer in answers]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize("path", PAGES)
def test_guests_strangers_and_the_gone_see_and_are_nothing(client: Client, alice: User, bob: User, path: str) -> None:
    assert Client().get(path.format("bob"))["Location"].startswith("/accounts/login/")
    guest = Client()
    guest.force_login(enter_as_guest(name="Zoë"))
    assert guest.get(path.format("bob")).status_code == 404
    User.objects.filter(pk=bob.pk).update(deleted_at=timezone.now())
    assert client.get(path.format("bob")).status_code == 404


def test_friends_of_both_are_shown_and_counted(client: Client, alice: User, bob: User) -> None:
    crowd = [make_person(username=f"friend{at:02}", display_name=f"Friend {at:02}") for at in range(MUTUAL_SHOWN + 3)]
    befriend(alice, *crowd)
    befriend(bob, *crowd[1:])
    User.objects.filter(pk=crowd[1].pk).update(deleted_at=timezone.now())
    Friendship.objects.filter(requester=bob, addressee=crowd[2]).update(state="pending", accepted_at=None)
    befriend(bob, make_person(username="theirs"))
    page = client.get("/people/bob/").content.decode()
    assert [f"@friend{at:02}" in page for at in range(9)] == [False, False, False] + [True] * 6
    assert "more" not in page.split("Friends you share")[1].split("</section>")[0]
    assert "@theirs" not in page
    Friendship.objects.filter(requester=bob, addressee=crowd[2]).update(state="accepted")
    page = client.get("/people/bob/").content.decode()
    assert "and one more" in page
    card = client.get("/people/bob/card/").content.decode()
    assert "7 friends of both of you" in card


def test_one_friend_of_both_is_named(client: Client, alice: User, bob: User) -> None:
    dana = make_person(username="dana", display_name="Dana <3")
    befriend(dana, alice, bob)
    assert "Dana &lt;3 is a friend of both of you." in client.get("/people/bob/card/").content.decode()


def test_conversations_of_both_are_shown_and_only_those(client: Client, alice: User, bob: User) -> None:
    for at in range(MUTUAL_SHOWN + 2):
        create_group(owner=alice, title=f"Shared {at}", members=[bob])
    left = create_group(owner=alice, title="Left behind", members=[bob])
    leave_conversation(person=bob, conversation_id=left.pk)
    create_group(owner=bob, title="Not for Alice", members=[make_person(username="dana")])
    open_direct(person=alice, other=bob)
    page = client.get("/people/bob/").content.decode().split("Conversations you share")[1]
    assert page.count("Shared ") == MUTUAL_SHOWN
    assert "and 2 more" in page
    for title in ("Left behind", "Not for Alice", "Lobby"):
        assert title not in page.split("</section>")[0]


def test_ones_own_page_and_card(read: Any, alice: User) -> None:
    shown = read(alice)
    assert "/settings/profile/" in shown
    for way in ("request", "block", "unblock"):
        assert f"/contacts/alice/{way}/" not in shown
    assert 'action="/new/"' not in shown


def test_the_way_to_block_asks_first(client: Client, alice: User, bob: User) -> None:
    assert 'href="/contacts/bob/block/?next=/people/bob/"' in client.get("/people/bob/").content.decode()


def test_a_card_is_a_piece_and_kept_by_no_cache(client: Client, alice: User, bob: User) -> None:
    answer = client.get("/people/bob/card/")
    assert "<html" not in answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("path", "most"), [(PAGES[0], 12), (PAGES[1], 9)])
def test_however_much_there_is_the_queries_are_few(
    client: Client, alice: User, bob: User, path: str, most: int, django_assert_max_num_queries: Any
) -> None:
    for at in range(10):
        friend = make_person(username=f"friend{at}")
        befriend(friend, alice, bob)
        create_group(owner=alice, title=f"Group {at}", members=[bob])
    client.get(path.format("bob"))
    with django_assert_max_num_queries(most):
        client.get(path.format("bob"))


def test_old_messages_show_the_face_of_today(client: Client, alice: User, bob: User) -> None:
    from tests.cast import say

    place = open_direct(person=alice, other=bob)
    say(bob, place, "Good morning")
    path = f"/c/{place.pk}/"
    assert "/avatars/" not in client.get(path).content.decode()
    for key in (KEY, KEY[::-1]):
        User.objects.filter(pk=bob.pk).update(avatar=key)
        page = client.get(path).content.decode()
        article = page.split("<article")[1]
        assert f'src="/avatars/{key}-128.webp" alt="" width="36" height="36" loading="lazy"' in article
        assert page.count(f"/avatars/{key}-") >= 4, "message, side bar, head and details"
    User.objects.filter(pk=bob.pk).update(deleted_at=timezone.now())
    assert "/avatars/" not in client.get(path).content.decode()


def test_every_list_of_people_shows_faces(client: Client, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(avatar=KEY)
    User.objects.filter(pk=alice.pk).update(avatar=KEY[::-1])
    group = create_group(owner=alice, title="Faces", members=[bob])
    for path in (f"/c/{group.pk}/", f"/c/{group.pk}/members/", "/new/?q=bob", "/new/group/?q=bob", "/people/bob/"):
        page = client.get(path).content.decode()
        assert f"/avatars/{KEY}-" in page, path
        assert f"/avatars/{KEY[::-1]}-" in page, f"{path}: my own, in the frame"
    found = client.get("/people/search/?q=bob", headers={"accept": "application/json"}).json()["people"]
    assert [person["avatar"] for person in found] == [f"/avatars/{KEY}-128.webp"]
    page = client.get(f"/c/{group.pk}/").content.decode()
    assert f"/avatars/{KEY[::-1]}-128.webp" in page.split('id="pending-message"')[1], "the copy of what I am sending"
