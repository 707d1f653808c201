"""Telling people: one row for each, which ways it takes, who hears nothing; reading and forgetting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.actions.notifications import (
    mark_all_read,
    mark_notification_read,
    notify,
    prune_notifications,
    read_place,
    unread_count,
    withdraw,
)
from accounts.actions.preferences import set_setting
from accounts.channels import channels_of, email_due, quiet_until
from accounts.models import Block, Delivery, Notification, PushSubscription, QuietException, User
from accounts.notices import Words, register, shown
from accounts.occasions import note, seize
from chatter.core.errors import NotFound
from chatter.core.events import Event
from chatter.core.realtime import with_connection
from tests.factories import make_person

PLACE = UUID(int=7)


@pytest.fixture
def alice(db: None) -> User:
    return make_person(username="alice")


@pytest.fixture
def bob(db: None) -> User:
    return make_person(username="bob")


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    seen: list[Event] = []
    for module in ("notifications", "telling"):
        monkeypatch.setattr(f"accounts.actions.{module}.publish", lambda *given: seen.extend(given))
    return seen


def subscribe(person: User) -> None:
    PushSubscription.objects.create(user=person, endpoint=f"https://push.example/{uuid4()}", p256dh="k", auth="a")


def channels(person: User) -> set[str]:
    return set(Delivery.objects.filter(recipient=person).values_list("channel", flat=True))


def test_unread_ones_of_one_group_are_one_row(alice: User, bob: User, published: list[Event]) -> None:
    others = [make_person(username=f"other{number}") for number in range(4)]
    for actor in (bob, *others):
        assert notify(recipient=alice, kind="reaction", group_key="reaction:1", actor=actor, source=actor)
    row = Notification.objects.get()
    assert (row.count, row.actor_id, row.source_id) == (5, others[-1].pk, others[-1].pk)
    assert row.payload["actors"] == [str(actor.pk) for actor in reversed(others[1:])]
    assert [event.unread_count for event in published] == [1] * 5  # type: ignore[attr-defined]


def test_the_same_again_changes_nothing(alice: User, bob: User, published: list[Event]) -> None:
    first = notify(recipient=alice, kind="friend_request", group_key="request:1", actor=bob, source=bob)
    again = notify(recipient=alice, kind="friend_request", group_key="request:1", actor=bob, source=bob)
    assert (first, again) == (True, False)
    assert Notification.objects.get().count == 1
    assert len(published) == 1


def test_an_older_position_changes_nothing(alice: User, bob: User) -> None:
    for position in (5, 4, 5, 6):
        notify(recipient=alice, kind="mention", group_key="m", actor=bob, place=PLACE, position=position)
    row = Notification.objects.get()
    assert (row.count, row.position) == (2, 6)


def test_what_was_read_is_told_anew(alice: User, bob: User) -> None:
    notify(recipient=alice, kind="reaction", group_key="r", actor=bob)
    mark_all_read(recipient=alice)
    notify(recipient=alice, kind="reaction", group_key="r", actor=bob)
    assert Notification.objects.count() == 2
    assert unread_count(alice.pk) == 1


@pytest.mark.parametrize("blocker_first", [True, False])
def test_nobody_hears_of_whom_a_block_keeps_away(alice: User, bob: User, blocker_first: bool) -> None:
    blocker, blocked = (alice, bob) if blocker_first else (bob, alice)
    Block.objects.create(blocker=blocker, blocked=blocked)
    assert not notify(recipient=alice, kind="friend_request", group_key="x", actor=bob)
    assert notify(recipient=alice, kind="moderation", group_key="y", actor=bob)


def test_who_is_gone_is_told_nothing(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(deleted_at=timezone.now())
    assert not notify(recipient=alice, kind="system", group_key="x")


def test_defaults_say_which_ways_it_takes(alice: User, bob: User) -> None:
    subscribe(alice)
    notify(recipient=alice, kind="message", group_key="m", actor=bob)
    assert not Notification.objects.get().in_app
    assert channels(alice) == {"email", "push"}
    notify(recipient=bob, kind="mention", group_key="m", actor=alice)
    assert Notification.objects.get(recipient=bob).in_app
    assert channels(bob) == {"email"}, "nobody pushes to who has no browser for it"


def test_nothing_is_kept_of_what_goes_nowhere(alice: User, bob: User) -> None:
    set_setting(person=alice, key="notifications", value={"reaction": {"in_app": False}})
    assert not notify(recipient=alice, kind="reaction", group_key="r", actor=bob)
    assert not Notification.objects.exists()


def test_what_concerns_the_account_is_always_on_the_page() -> None:
    nothing = {"notifications": {"system": {"in_app": False, "email": False}}}
    assert channels_of("system", nothing) == (True, False, False)
    assert channels_of("reaction", {"notifications": {"reaction": {"push": True}}}) == (True, False, True)


def test_an_email_waits_once_and_a_push_follows_each(alice: User, bob: User) -> None:
    subscribe(alice)
    notify(recipient=alice, kind="reaction", group_key="r", actor=bob)
    set_setting(person=alice, key="notifications", value={"reaction": {"push": True, "email": True}})
    notify(recipient=alice, kind="mention", group_key="m", actor=bob, place=PLACE, position=1)
    Delivery.objects.all().delete()
    notify(recipient=alice, kind="mention", group_key="m", actor=bob, place=PLACE, position=2)
    assert channels(alice) == {"push"}


@pytest.mark.parametrize(
    ("pace", "due"),
    [
        ("soon", datetime(2026, 3, 5, 9, 22, tzinfo=UTC)),
        ("hourly", datetime(2026, 3, 5, 10, 0, tzinfo=UTC)),
        ("daily", datetime(2026, 3, 6, 7, 0, tzinfo=UTC)),
        ("off", None),
    ],
)
def test_the_pace_of_email(pace: str, due: datetime | None) -> None:
    now = datetime(2026, 3, 5, 9, 12, tzinfo=UTC)
    assert email_due({"email_pace": pace}, ZoneInfo("Europe/Berlin"), now) == due


@pytest.mark.parametrize(
    ("now", "end"),
    [
        # Berlin is an hour ahead: 22:30 there on a Thursday; quiet from 22 to 7.
        (datetime(2026, 3, 5, 21, 30, tzinfo=UTC), datetime(2026, 3, 6, 6, 0, tzinfo=UTC)),
        (datetime(2026, 3, 6, 5, 59, tzinfo=UTC), datetime(2026, 3, 6, 6, 0, tzinfo=UTC)),
        (datetime(2026, 3, 6, 6, 0, tzinfo=UTC), None),
        (datetime(2026, 3, 5, 20, 59, tzinfo=UTC), None),
        # The night that begins on a Friday is loud, its morning too.
        (datetime(2026, 3, 6, 22, 0, tzinfo=UTC), None),
        (datetime(2026, 3, 7, 3, 0, tzinfo=UTC), None),
        # The clocks go forward in the night to Sunday the 29th: it ends at 7 by the clock on the wall.
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), datetime(2026, 3, 29, 5, 0, tzinfo=UTC)),
    ],
)
def test_quiet_hours_follow_the_clock_and_the_days_of_the_person(now: datetime, end: datetime | None) -> None:
    quiet = {"on": True, "from": "22:00", "to": "07:00", "days": [0, 1, 2, 3, 5, 6]}
    assert quiet_until({"quiet_hours": quiet}, ZoneInfo("Europe/Berlin"), now) == end


def test_an_hour_that_comes_twice_is_quiet_twice() -> None:
    quiet = {"on": True, "from": "22:00", "to": "02:30", "days": [5]}
    # In Berlin it is 02:15 on 25 October for the first, and for the second time; the end is the later 02:30.
    for now in (datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 15, tzinfo=UTC)):
        end = quiet_until({"quiet_hours": quiet}, ZoneInfo("Europe/Berlin"), now)
        assert end is not None and end.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)


def test_quiet_hours_within_a_day_and_none() -> None:
    quiet = {"on": True, "from": "13:00", "to": "14:00", "days": [3]}
    noon = datetime(2026, 3, 5, 13, 30, tzinfo=UTC)
    assert quiet_until({"quiet_hours": quiet}, ZoneInfo("UTC"), noon) == datetime(2026, 3, 5, 14, tzinfo=UTC)
    assert quiet_until({"quiet_hours": quiet | {"on": False}}, ZoneInfo("UTC"), noon) is None
    assert quiet_until({}, ZoneInfo("UTC"), noon) is None


def always_quiet(person: User) -> None:
    """Quiet until a minute before the same time tomorrow."""
    now = timezone.now()
    begin, end = now - timedelta(hours=1), now + timedelta(hours=22)
    value = {"on": True, "from": f"{begin:%H:%M}", "to": f"{end:%H:%M}", "days": list(range(7))}
    set_setting(person=person, key="quiet_hours", value=value)
    subscribe(person)


def push_due(person: User) -> datetime | None:
    row = Delivery.objects.filter(recipient=person, channel="push").first()
    return row.due_at if row else None


def test_a_push_waits_for_the_end_of_the_quiet_hours(alice: User, bob: User) -> None:
    always_quiet(alice)
    notify(recipient=alice, kind="mention", group_key="m", actor=bob, place=PLACE, position=1)
    due = push_due(alice)
    assert due is not None
    assert due > timezone.now() + timedelta(hours=20)


@pytest.mark.parametrize("exception", ["person", "place", "kind"])
def test_who_may_break_through_is_pushed_at_once(alice: User, bob: User, exception: str) -> None:
    always_quiet(alice)
    allowed = {"person": bob, "place": PLACE, "kind": "mention"}[exception]
    QuietException.objects.create(user=alice, **{exception: allowed})
    notify(recipient=alice, kind="mention", group_key="m", actor=bob, place=PLACE, position=1)
    due = push_due(alice)
    assert due is not None
    assert due <= timezone.now()


def test_do_not_disturb_pushes_nothing_but_what_breaks_through(alice: User, bob: User) -> None:
    subscribe(alice)
    User.objects.filter(pk=alice.pk).update(status="dnd")
    notify(recipient=alice, kind="mention", group_key="m", actor=bob)
    assert channels(alice) == {"email"}
    QuietException.objects.create(user=alice, person=bob)
    notify(recipient=alice, kind="mention", group_key="n", actor=bob)
    assert channels(alice) == {"email", "push"}


def test_reading_a_place_reads_what_happened_there_until_then(alice: User, bob: User, published: list[Event]) -> None:
    for position in (1, 2, 3):
        notify(recipient=alice, kind="mention", group_key=f"m{position}", actor=bob, place=PLACE, position=position)
    published.clear()
    assert read_place(alice.pk, PLACE, 2) == 2
    assert [(event.name, event.unread_count) for event in published] == [("notification.read", 1)]  # type: ignore[attr-defined]
    assert read_place(alice.pk, PLACE, 2) == 0
    assert read_place(bob.pk, PLACE, 3) == 0
    assert len(published) == 1


def test_marking_one_and_all(alice: User, bob: User) -> None:
    notify(recipient=alice, kind="mention", group_key="1", actor=bob)
    notify(recipient=alice, kind="mention", group_key="2", actor=bob)
    notify(recipient=alice, kind="reaction", group_key="3", actor=bob)
    one = Notification.objects.filter(recipient=alice).first()
    assert one is not None
    with pytest.raises(NotFound):
        mark_notification_read(recipient=bob, notification_id=one.pk)
    mark_notification_read(recipient=alice, notification_id=one.pk)
    mark_notification_read(recipient=alice, notification_id=one.pk)
    assert unread_count(alice.pk) == 2
    assert mark_all_read(recipient=alice, kind="reaction") == 1
    assert mark_all_read(recipient=alice) == 1
    assert unread_count(alice.pk) == 0


def test_what_a_place_caused_is_taken_back(alice: User, bob: User) -> None:
    notify(recipient=alice, kind="mention", group_key="1", actor=bob, source=bob, place=PLACE, position=1)
    notify(recipient=alice, kind="mention", group_key="2", actor=bob, source=alice, place=PLACE, position=2)
    notify(recipient=alice, kind="mention", group_key="3", actor=bob, place=UUID(int=8), position=1)
    withdraw(people=[alice.pk], place=PLACE, source=bob.pk)
    assert Notification.objects.count() == 2
    withdraw(people=[alice.pk], place=PLACE)
    assert Notification.objects.get().place == UUID(int=8)


def test_the_bell_counts_up_to_a_hundred(alice: User) -> None:
    rows = [
        Notification(
            recipient=alice, kind="system", group_key=str(number), expires_at=timezone.now() + timedelta(days=1)
        )
        for number in range(130)
    ]
    Notification.objects.bulk_create(rows)
    assert unread_count(alice.pk) == 100


def test_what_has_expired_is_neither_counted_nor_kept(alice: User, bob: User) -> None:
    notify(recipient=alice, kind="system", group_key="1")
    notify(recipient=alice, kind="system", group_key="2")
    Notification.objects.filter(group_key="1").update(expires_at=timezone.now() - timedelta(seconds=1))
    assert unread_count(alice.pk) == 1
    assert prune_notifications() == 1
    assert Notification.objects.get().group_key == "2"


def test_only_the_recipient_is_shown_what_may_be_seen(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.notices._shows", {})
    for number in range(3):
        notify(recipient=alice, kind="friend_request", group_key=str(number), actor=bob)
    rows = list(Notification.objects.order_by("group_key"))
    register("friend_request", lambda _reader, given: {row.pk: Words(row.group_key, "/") for row in given[1:]})
    assert [notice.title for notice in shown(alice, rows)] == ["1", "2"]
    assert shown(bob, rows) == []


def test_words_of_the_account_are_in_the_payload(alice: User) -> None:
    notify(
        recipient=alice, kind="system", group_key="1", payload={"title": "Hello", "text": "You", "url": "/settings/"}
    )
    (notice,) = shown(alice, list(Notification.objects.all()))
    assert (notice.title, notice.text, notice.url) == ("Hello", "You", "/settings/")


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one_row_that_counts_both() -> None:
    alice, others = make_person(username="alice"), [make_person(username=f"other{number}") for number in range(4)]
    ready = Barrier(len(others))

    def react(actor: User) -> None:
        ready.wait()
        notify(recipient=alice, kind="reaction", group_key="r", actor=actor, source=actor)

    with ThreadPoolExecutor(len(others)) as pool:
        list(pool.map(lambda actor: with_connection(react, actor), others))
    row = Notification.objects.get()
    assert row.count == 4
    assert len(row.payload["actors"]) == 3


@pytest.mark.django_db(transaction=True)
def test_two_workers_never_claim_the_same() -> None:
    for number in range(40):
        note("kind", f"key {number}")
        note("kind", f"key {number}")
    ready = Barrier(4)

    def claim(_worker: int) -> list[int]:
        ready.wait()
        return [occasion.pk for occasion in seize(10)]

    with ThreadPoolExecutor(4) as pool:
        claimed = [key for keys in pool.map(lambda worker: with_connection(claim, worker), range(4)) for key in keys]
    assert len(claimed) == len(set(claimed)) == 40
