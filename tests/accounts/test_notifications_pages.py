"""The page of notifications, the menu of the bell, and what is set about them: with forms only, as the owner and others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts import notices
from accounts.actions.notifications import notify
from accounts.models import Block, Notification, Occasion, QuietException, Setting, User
from accounts.occasions import spread_due
from chat.actions.change import add_reaction, delete_message, edit_message, remove_reaction
from chat.actions.membership import add_members, remove_member
from chat.actions.read import mute_conversation
from chat.models import Membership
from tests.cast import Cast, make_cast, say

type ClientOf = Callable[[User], Client]


@pytest.fixture
def cast(db: None) -> Cast:
    made = make_cast()
    Notification.objects.all().delete()
    return made


@pytest.fixture
def client_of() -> ClientOf:
    def signed_in(person: User) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return signed_in


def told(client: Client, address: str = "/notifications/", **headers: str) -> str:
    return client.get(address, headers=headers).content.decode()


def spread() -> None:
    while spread_due():
        pass
    assert not Occasion.objects.exists()


@pytest.fixture
def called(cast: Cast) -> Notification:
    """Bob is called in the lobby by Charlie."""
    say(cast.charlie, cast.lobby, "A secret for @bob")
    spread()
    return Notification.objects.get(recipient=cast.bob)


def test_the_page_lists_what_one_was_told(cast: Cast, client_of: ClientOf, called: Notification) -> None:
    client = client_of(cast.bob)
    page = told(client)
    assert "Charlie mentioned you in “Lobby”" in page
    assert "A secret for @bob" in page
    assert "Today" in page
    assert f'href="/notifications/{called.pk}/"' in page
    assert "A secret" in told(client, **{"X-Fragment": "menu"})
    assert "A secret" not in told(client_of(cast.mod))


def test_following_it_reads_it_and_leads_to_the_message(cast: Cast, client_of: ClientOf, called: Notification) -> None:
    client = client_of(cast.bob)
    answer = client.get(f"/notifications/{called.pk}/")
    assert answer.headers["Location"] == f"/c/{cast.lobby.pk}/?at=1#m-1"
    called.refresh_from_db()
    assert called.read_at is not None
    assert client_of(cast.mod).get(f"/notifications/{called.pk}/").status_code == 404
    assert client.get(f"/notifications/{uuid4()}/").status_code == 404


def kicked(cast: Cast) -> None:
    Membership.objects.filter(conversation=cast.lobby, user=cast.bob).update(left_at=timezone.now())


def blocked(cast: Cast) -> None:
    Block.objects.create(blocker=cast.bob, blocked=cast.charlie)


def blocked_by(cast: Cast) -> None:
    Block.objects.create(blocker=cast.charlie, blocked=cast.bob)


def history_moved(cast: Cast) -> None:
    Membership.objects.filter(conversation=cast.lobby, user=cast.bob).update(history_from=2)


def no_longer_called(cast: Cast) -> None:
    row = Notification.objects.get(recipient=cast.bob)
    edit_message(editor=cast.charlie, message_id=row.source_id, content="A secret for nobody")  # type: ignore[arg-type]


def erased(cast: Cast) -> None:
    """Deleted behind the back of the action: the notification is still there."""
    row = Notification.objects.get(recipient=cast.bob)
    copy = {"place": row.place, "position": row.position, "source_id": row.source_id, "source_type": row.source_type}
    delete_message(actor=cast.charlie, message_id=row.source_id)  # type: ignore[arg-type]
    Notification.objects.create(
        recipient=cast.bob, kind="mention", group_key="left", expires_at=timezone.now() + timedelta(days=1), **copy
    )


@pytest.mark.parametrize("since", [kicked, blocked, blocked_by, history_moved, no_longer_called, erased])
def test_what_may_not_be_seen_any_more_shows_nowhere(
    cast: Cast, client_of: ClientOf, called: Notification, since: Callable[[Cast], None]
) -> None:
    client = client_of(cast.bob)  # signing in brings one into the lobby
    since(cast)
    key = Notification.objects.get(recipient=cast.bob).pk
    assert "A secret" not in told(client, **{"X-Fragment": "menu"})
    Notification.objects.update(read_at=None)
    page = told(client)
    assert "A secret" not in page
    assert "Charlie" not in page
    assert client.get("/notifications/", headers={"Accept": "application/json"}).json() == {"unread_count": 0}
    assert client.get(f"/notifications/{key}/").headers["Location"] == "/notifications/"


def test_an_edited_message_says_what_it_says_now(cast: Cast, client_of: ClientOf, called: Notification) -> None:
    edit_message(editor=cast.charlie, message_id=called.source_id, content="Nothing for @bob")  # type: ignore[arg-type]
    page = told(client_of(cast.bob))
    assert "Nothing for @bob" in page
    assert "A secret" not in page


def test_a_spoiler_stays_hidden(cast: Cast, client_of: ClientOf) -> None:
    say(cast.charlie, cast.lobby, "Hello @bob, ||the butler did it||")
    spread()
    assert "butler" not in told(client_of(cast.bob))


def test_reactions_are_named_while_they_last(cast: Cast, client_of: ClientOf) -> None:
    sent = say(cast.bob, cast.lobby, "My news")
    add_reaction(person=cast.charlie, message_id=sent.id, emoji="🎉")
    add_reaction(person=cast.mod, message_id=sent.id, emoji="👍")
    spread()
    client = client_of(cast.bob)
    assert "Mod and 1 other reacted 👍 🎉 to your message" in told(client)
    remove_reaction(person=cast.mod, message_id=sent.id, emoji="👍")
    assert "Charlie reacted 🎉 to your message" in told(client)
    remove_reaction(person=cast.charlie, message_id=sent.id, emoji="🎉")
    assert "reacted" not in told(client)


def test_talk_shows_on_the_page_where_one_wants_it(cast: Cast, client_of: ClientOf) -> None:
    Setting.objects.create(user=cast.bob, key="notifications", value={"message": {"in_app": True}})
    say(cast.alice, cast.direct, "One")
    say(cast.alice, cast.direct, "Two")
    say(cast.mod, cast.group, "Three")
    spread()
    page = told(client_of(cast.bob))
    assert "Alice: 2 new messages" in page
    assert "Cartographers: 1 new message" in page
    assert "Mod: Three" in page


def test_an_invitation_leads_into_the_group_until_one_is_out(cast: Cast, client_of: ClientOf) -> None:
    add_members(actor=cast.alice, conversation_id=cast.group.pk, people=[cast.charlie])
    client = client_of(cast.charlie)
    assert "Alice added you to “Cartographers”" in told(client)
    remove_member(actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.charlie.pk)
    assert "Cartographers" not in told(client)


def many(person: User, count: int, **fields: Any) -> None:
    now = timezone.now()
    rows = [
        Notification(
            recipient=person,
            kind="system",
            group_key=f"{fields.get('read_at') is None}:{number}",
            payload={"title": f"News {number:03}"},
            updated_at=now - timedelta(minutes=number),
            expires_at=now + timedelta(days=1),
            **fields,
        )
        for number in range(count)
    ]
    Notification.objects.bulk_create(rows)


def test_pages_go_on_where_the_last_ended_unread_first(cast: Cast, client_of: ClientOf) -> None:
    many(cast.bob, 35)
    many(cast.bob, 10, read_at=timezone.now(), in_app=True)
    client, address, seen = client_of(cast.bob), "/notifications/", []
    while address:
        answer = client.get(address)
        page = answer.context["page"]
        seen += [(notice.is_read, notice.title) for notice in page.notices]
        address = f"/notifications/?after={page.next.replace('+', '%2B')}" if page.next else ""
    assert seen == [(False, f"News {number:03}") for number in range(35)] + [
        (True, f"News {number:03}") for number in range(10)
    ]


def test_the_bell_says_no_more_than_99(cast: Cast, client_of: ClientOf) -> None:
    many(cast.bob, 200)
    assert "<span data-count>99+</span>" in told(client_of(cast.bob))


@pytest.mark.parametrize(
    "query",
    [
        *("kind=nonsense", "after=x", "after=u.2026-01-01.x", "after=u.2026-01-01T00:00:00." + "0" * 32),
        "after=u.0001-01-01T00:00:00%2B23:59." + "0" * 32,
    ],
)
def test_bad_addresses_are_refused(cast: Cast, client_of: ClientOf, query: str) -> None:
    assert client_of(cast.bob).get(f"/notifications/?{query}").status_code == 400


def test_kinds_narrow_the_page(
    cast: Cast, client_of: ClientOf, called: Notification, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(cast.bob, 1)
    client = client_of(cast.bob)
    assert "A secret" not in told(client, "/notifications/?kind=system")
    assert "News 000" not in told(client, "/notifications/?kind=mention")
    assert "forum_reply" in told(client)
    monkeypatch.delitem(notices._shows, "forum_reply")
    assert "forum_reply" not in told(client), "nobody shows it"


def test_one_and_all_are_marked_with_forms_alone(cast: Cast, client_of: ClientOf, called: Notification) -> None:
    many(cast.bob, 2)
    client = client_of(cast.bob)
    assert client_of(cast.mod).post(f"/notifications/{called.pk}/read/").status_code == 404
    assert client.post(f"/notifications/{called.pk}/read/").status_code == 302
    assert client.get("/notifications/", headers={"Accept": "application/json"}).json() == {"unread_count": 2}
    assert client.post("/notifications/read/", {"kind": "mention"}).status_code == 302
    assert client.post("/notifications/read/", {"kind": "nonsense"}).status_code == 400
    answer = client.post("/notifications/read/", headers={"Accept": "application/json"})
    assert answer.json() == {"unread_count": 0}
    assert client.get(f"/notifications/{called.pk}/read/").status_code == 405


@pytest.mark.parametrize("url", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_a_notification_leads_nowhere_else(cast: Cast, client_of: ClientOf, url: str) -> None:
    notify(recipient=cast.bob, kind="system", group_key="1", payload={"title": "<b>x</b>", "url": url})
    client = client_of(cast.bob)
    assert "<b>x</b>" not in told(client)
    answer = client.get(f"/notifications/{Notification.objects.get().pk}/")
    assert answer.headers["Location"] == "/notifications/"


def everything(cast: Cast) -> None:
    """One of each kind, and many of some."""
    add_members(actor=cast.alice, conversation_id=cast.group.pk, people=[cast.charlie])
    sent = say(cast.charlie, cast.group, "Mine")
    for number in range(5):
        say(cast.alice, cast.lobby, f"{number} @charlie")
        say(cast.alice, cast.group, f"{number}", reply_to=sent.id)
    add_reaction(person=cast.alice, message_id=sent.id, emoji="👍")
    say(cast.bob, cast.group, "plain")
    notify(recipient=cast.charlie, kind="system", group_key="s", payload={"title": "Hello"})
    notify(recipient=cast.charlie, kind="friend_request", group_key="f", actor=cast.alice, source=cast.alice)
    spread()


@pytest.mark.parametrize("address", ["/notifications/", "/settings/notifications/"])
def test_the_pages_ask_little(
    cast: Cast, client_of: ClientOf, django_assert_max_num_queries: Any, address: str
) -> None:
    Setting.objects.create(user=cast.charlie, key="notifications", value={"message": {"in_app": True}})
    everything(cast)
    client = client_of(cast.charlie)
    client.get(address)
    with django_assert_max_num_queries(14):
        page = client.get(address).content.decode()
    if address == "/notifications/":
        assert page.count('class="notification notification--unread"') >= 12


FORM = {"email_pace": "hourly", "quiet_from": "21:30", "quiet_to": "06:00", "quiet_days": ["0", "4"]}


def stored(person: User) -> dict[str, Any]:
    return dict(Setting.objects.filter(user=person).values_list("key", "value"))


def test_what_is_set_is_stored(cast: Cast, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(notices._shows, "forum_reply")
    Setting.objects.create(user=cast.bob, key="notifications", value={"forum_reply": {"push": False}})
    client = client_of(cast.bob)
    given = FORM | {"quiet_on": "on", "mention-in_app": "on", "reaction-push": "on"}
    assert client.post("/settings/notifications/", given).status_code == 302
    said = stored(cast.bob)
    assert said["email_pace"] == "hourly"
    assert said["quiet_hours"] == {"on": True, "from": "21:30", "to": "06:00", "days": [0, 4]}
    assert said["notifications"]["mention"] == {"in_app": True, "email": False, "push": False}
    assert said["notifications"]["reaction"] == {"in_app": False, "email": False, "push": True}
    assert said["notifications"]["system"]["in_app"], "it cannot be switched off"
    assert said["notifications"]["forum_reply"] == {"push": False}, "what is not offered stays"
    page = told(client, "/settings/notifications/")
    assert 'value="21:30"' in page


@pytest.mark.parametrize("wrong", [{"email_pace": "never"}, {"quiet_from": "25:00"}, {"quiet_days": ["7"]}])
def test_settings_of_the_wrong_shape_are_not_stored(cast: Cast, client_of: ClientOf, wrong: dict[str, Any]) -> None:
    client = client_of(cast.bob)
    assert client.post("/settings/notifications/", FORM | wrong).status_code == 200
    answer = client.post("/settings/notifications/", FORM | wrong, headers={"Accept": "application/json"})
    assert answer.status_code == 400
    assert stored(cast.bob) == {}


def test_people_places_and_kinds_may_break_through(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    for given in ({"username": "Alice"}, {"place": str(cast.group.pk)}, {"kind": "mention"}, {"username": "alice"}):
        assert client.post("/settings/notifications/exceptions/", given).status_code == 302
    assert QuietException.objects.filter(user=cast.bob).count() == 3
    page = told(client, "/settings/notifications/")
    assert "Alice" in page
    one = QuietException.objects.filter(user=cast.bob).first()
    assert one is not None
    client_of(cast.mod).post(f"/settings/notifications/exceptions/{one.pk}/remove/")
    assert QuietException.objects.count() == 3
    client.post(f"/settings/notifications/exceptions/{one.pk}/remove/")
    assert QuietException.objects.count() == 2


@pytest.mark.parametrize(
    "given", [{}, {"username": "nobody"}, {"username": "a b"}, {"username": "bob"}, {"kind": "x"}, {"place": "x"}]
)
def test_what_cannot_break_through(cast: Cast, client_of: ClientOf, given: dict[str, str]) -> None:
    client_of(cast.bob).post("/settings/notifications/exceptions/", given)
    assert not QuietException.objects.exists()


def test_another_persons_place_is_no_place(cast: Cast, client_of: ClientOf) -> None:
    client_of(cast.charlie).post("/settings/notifications/exceptions/", {"place": str(cast.group.pk)})
    assert not QuietException.objects.exists()


def test_muted_conversations_are_listed_and_unmuted(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    mute_conversation(person=cast.bob, conversation_id=cast.group.pk, until=timezone.now() + timedelta(hours=1))
    client.post(f"/c/{cast.lobby.pk}/mute/", {"minutes": "5256000"})
    page = told(client, "/settings/notifications/")
    assert "Cartographers" in page
    assert "Until you turn it on again" in page
    address = f"/c/{cast.group.pk}/mute/"
    answer = client.post(address, {"minutes": "0", "next": "/settings/notifications/"})
    assert answer.headers["Location"] == "/settings/notifications/"
    assert client.post(address, {"minutes": "0", "next": "https://evil.example/"}).headers["Location"].startswith("/c/")
    assert "Until you turn it on again" in told(client, "/settings/notifications/")
    assert Membership.objects.get(conversation=cast.group, user=cast.bob).muted_until is None


def test_the_menu_of_a_conversation_mutes_it(cast: Cast, client_of: ClientOf) -> None:
    client = client_of(cast.bob)
    address = f"/c/{cast.group.pk}/"
    assert 'name="minutes" value="15"' in told(client, address)
    client.post(f"{address}mute/", {"minutes": "15", "next": address})
    assert 'name="minutes" value="0"' in told(client, address)
