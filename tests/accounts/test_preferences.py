"""Settings and wishes are stored in the shapes of their catalogue, or not at all; pages get them without a query."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actions.preferences import set_privacy, set_setting, set_settings
from accounts.backends import AccountBackend
from accounts.models import Setting, User
from accounts.permissions import reach
from accounts.preferences import CATALOGUE, checked_setting, setting_of, settings_of, zone_of
from accounts.privacy import Way
from chatter.core.errors import Refused
from chatter.core.events import RelationsChanged
from tests.factories import make_person

pytestmark = pytest.mark.django_db

GOOD: list[tuple[str, Any]] = [
    ("theme", "dark"),
    ("density", "compact"),
    ("language", "ar"),
    ("language", ""),
    ("time_zone", "Asia/Kathmandu"),
    ("time_zone", ""),
    ("clock", "12"),
    ("send_on_enter", False),
    ("notifications", {"mention": {"push": True}, "system": {"email": False, "in_app": True}}),
    ("email_pace", "daily"),
    ("quiet_hours", {"on": True, "from": "22:30", "to": "06:00", "days": [0, 6]}),
]
QUIET = {"on": True, "from": "22:30", "to": "06:00", "days": [0]}
WRONG: list[tuple[Any, Any]] = [
    ("theme", "blue"),
    ("theme", None),
    ("theme", ["dark"]),
    ("density", ""),
    ("language", "tlh"),
    ("time_zone", "Mars/Olympus"),
    ("time_zone", "../../etc/passwd"),
    ("time_zone", "x" * 100_000),
    ("clock", 12),
    ("send_on_enter", "yes"),
    ("send_on_enter", 1),
    ("notifications", []),
    ("notifications", {"gossip": {"push": True}}),
    ("notifications", {"mention": {"push": "yes"}}),
    ("notifications", {"mention": {"pigeon": True}}),
    ("email_pace", "yearly"),
    ("quiet_hours", QUIET | {"from": "24:00"}),
    ("quiet_hours", QUIET | {"from": "22:30\n"}),
    ("quiet_hours", QUIET | {"days": [7]}),
    ("quiet_hours", QUIET | {"days": [1, 1]}),
    ("quiet_hours", QUIET | {"zone": "UTC"}),
    ("quiet_hours", {"on": True}),
    ("volume", 11),
    ("", ""),
    ("__class__", {}),
]


@pytest.fixture
def alice() -> User:
    person: User = make_person(username="alice")
    return person


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    monkeypatch.setattr("accounts.actions.preferences.publish", events.append)
    return events


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_a_setting_is_kept_and_comes_with_the_session(alice: User, key: str, value: Any) -> None:
    set_setting(person=alice, key=key, value=value)
    assert setting_of(alice, key) == value
    loaded = AccountBackend().get_user(alice.pk)
    assert loaded is not None
    assert settings_of(loaded) == {name: entry.default for name, entry in CATALOGUE.items()} | {key: value}


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_unknown_keys_and_wrong_shapes_are_refused_and_nothing_is_written(alice: User, key: Any, value: Any) -> None:
    with pytest.raises(Refused) as refusal:
        set_settings(person=alice, values={"density": "compact", key: value})
    assert refusal.value.code == "invalid"
    assert not Setting.objects.exists()
    assert setting_of(alice, "density") == "comfortable"


def test_defaults_have_the_shape_they_ask_for() -> None:
    for key, preference in CATALOGUE.items():
        assert checked_setting(key, preference.default) == preference.default


def test_setting_again_changes_the_one_row(alice: User) -> None:
    for theme in ("dark", "dark", "light"):
        set_setting(person=alice, key="theme", value=theme)
    assert list(Setting.objects.values_list("user", "key", "value")) == [(alice.pk, "theme", "light")]
    set_settings(person=alice, values={})
    assert Setting.objects.count() == 1


def test_many_settings_are_one_statement_and_everybody_has_their_own(
    alice: User, django_assert_num_queries: Any
) -> None:
    assert settings_of(alice)["theme"] == "system"
    with django_assert_num_queries(1):
        set_settings(person=alice, values={"theme": "dark", "clock": "24", "density": "compact"})
    bob: User = make_person(username="bob")
    assert settings_of(bob)["theme"] == "system"


def test_the_session_brings_settings_in_its_own_statement(alice: User) -> None:
    set_settings(person=alice, values=dict(GOOD))
    with CaptureQueriesContext(connection) as queries:
        loaded = AccountBackend().get_user(alice.pk)
        assert loaded is not None
        assert settings_of(loaded)["clock"] == "12"
    assert len(queries) == 1
    nobody = AccountBackend().get_user("00000000-0000-0000-0000-000000000000")
    assert nobody is None


@pytest.mark.parametrize(
    ("chosen", "browser", "zone"),
    [
        ("", "", "UTC"),
        ("", "Europe/Berlin", "Europe/Berlin"),
        ("Asia/Tokyo", "Europe/Berlin", "Asia/Tokyo"),
    ],
)
def test_people_live_by_the_zone_they_chose_else_by_that_of_their_browser(
    alice: User, chosen: str, browser: str, zone: str
) -> None:
    set_settings(person=alice, values={"time_zone": chosen, "browser_zone": browser})
    assert zone_of(alice).key == zone


def test_a_zone_that_is_known_no_more_breaks_nothing(alice: User) -> None:
    Setting.objects.create(user=alice, key="time_zone", value="Atlantis/Capital")
    assert zone_of(alice).key == "UTC"


def test_wishes_are_kept_beside_each_other_and_told(alice: User, told: list[Any]) -> None:
    bob: User = make_person(username="bob")
    set_privacy(person=alice, wishes={"message": "friends"})
    set_privacy(person=alice, wishes={"find": "nobody", "email": "everyone"})
    alice.refresh_from_db()
    assert alice.privacy == {"message": "friends", "find": "nobody", "email": "everyone"}
    assert told == [RelationsChanged(user=alice.pk)] * 2
    answers = [reach(bob.pk, alice.pk, way) for way in (Way.MESSAGE, Way.FIND, Way.EMAIL, Way.PHONE, Way.GROUP)]
    assert answers == ["private", "private", "yes", "private", "yes"]


@pytest.mark.parametrize(
    "wishes",
    [
        None,
        [],
        "everyone",
        {"message": "enemies"},
        {"message": ["friends"]},
        {"telepathy": "nobody"},
        {"invite": "nobody"},
        {"find": "friends", "message": None},
        {"": "nobody"},
    ],
)
def test_wishes_of_another_shape_are_refused_and_nobody_is_told(alice: User, told: list[Any], wishes: Any) -> None:
    with pytest.raises(Refused) as refusal:
        set_privacy(person=alice, wishes=wishes)
    alice.refresh_from_db()
    assert (refusal.value.code, alice.privacy, told) == ("invalid", {}, [])
