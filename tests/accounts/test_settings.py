"""The pages of the settings, without scripts: what they show, what they save, and what they refuse."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.html import escape
from django.utils.translation import gettext

from accounts.actions.preferences import set_settings
from accounts.actions.profile import clear_expired_statuses, set_status
from accounts.actions.signup import enter_as_guest
from accounts.forms.settings import REACHING, SEEING
from accounts.models import Setting, User
from accounts.preferences import as_read_by, setting_of, settings_of
from accounts.privacy import DEFAULTS
from chat.actions.conversation import join_lobby
from chat.models import Membership
from chat.views.history import midnight
from chatter.core.clock import date_and_time
from chatter.core.events import PresenceChanged
from tests.cast import Cast, make_cast, say
from tests.factories import make_person

pytestmark = pytest.mark.django_db

PAGES = (
    "/settings/",
    "/settings/account/",
    "/settings/username/",
    "/settings/profile/",
    "/settings/privacy/",
    "/settings/appearance/",
)
LOOKS = {
    "theme": "dark",
    "density": "compact",
    "language": "",
    "time_zone": "Asia/Tokyo",
    "clock": "12",
    "send_on_enter": "on",
}
QUIET_ENOUGH = 15
NEXT_YEAR = timezone.now().year + 1


@pytest.fixture
def alice(client: Client) -> User:
    person: User = make_person(username="alice", display_name="Alice Moreau")
    client.force_login(person)
    return person


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    events: list[Any] = []
    monkeypatch.setattr("accounts.actions.profile.publish", events.append)
    return events


def fresh(person: User) -> User:
    return User.objects.get(pk=person.pk)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_stands_in_the_list_that_leads_to_the_others(client: Client, alice: User, path: str) -> None:
    page = client.get(path).content.decode()
    for other in PAGES[3:]:
        assert f'class="settings__link" href="{other}"' in page
    assert page.count('aria-current="page"') == 1
    assert page.count("<h1") == 1


@pytest.mark.parametrize("path", PAGES)
def test_pages_are_cheap(client: Client, alice: User, path: str, django_assert_max_num_queries: Any) -> None:
    set_settings(person=alice, values={"theme": "dark", "time_zone": "Asia/Tokyo"})
    with django_assert_max_num_queries(QUIET_ENOUGH - 1):
        client.get(path)


def test_guests_are_led_to_claim_what_needs_an_account(client: Client) -> None:
    client.force_login(enter_as_guest(name="Zoë"))
    assert client.get("/settings/")["Location"] == "/settings/appearance/"
    for path in PAGES[1:5]:
        for answer in (client.get(path), client.post(path, {"username": "zoe", "message": "nobody"})):
            assert answer["Location"] == "/claim/", path
    page = client.get("/settings/appearance/").content.decode()
    assert not [path for path in PAGES[1:5] if f'class="settings__link" href="{path}"' in page]
    client.post("/settings/appearance/", LOOKS)
    assert Setting.objects.get(key="theme").value == "dark"


def test_strangers_are_asked_to_log_in() -> None:
    for path in (*PAGES, "/settings/zone/"):
        for answer in (Client().get(path), Client().post(path)):
            assert answer["Location"].startswith("/accounts/login/"), path


# --- Appearance -----------------------------------------------------------------------------------------------------


def test_looks_are_saved_and_drawn_on_every_page(client: Client, alice: User) -> None:
    assert client.post("/settings/appearance/", LOOKS)["Location"] == "/settings/appearance/"
    wanted = LOOKS | {"send_on_enter": True}
    assert {key: value for key, value in settings_of(fresh(alice)).items() if key in wanted} == wanted
    page = client.get("/people/alice/").content.decode()
    html = page[page.index("<html") : page.index("<head")]
    for attribute in ('data-theme="dark"', 'data-density="compact"', 'data-clock="12"', 'data-time-zone="Asia/Tokyo"'):
        assert attribute in html
    assert "data-enter-breaks" not in html
    client.post("/settings/appearance/", LOOKS | {"send_on_enter": ""})
    assert "data-enter-breaks" in client.get("/settings/").content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"theme": "blue"},
        {"theme": ""},
        {"density": "x" * 10_000},
        {"language": "tlh"},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"time_zone": "\0"},
        {"clock": "13"},
    ],
)
def test_what_no_setting_can_be_is_said_beside_it_and_changes_nothing(
    client: Client, alice: User, wrong: dict[str, str]
) -> None:
    answer = client.post("/settings/appearance/", LOOKS | wrong)
    assert answer.status_code == 200
    assert set(answer.context["form"].errors) == set(wrong)
    assert "errorlist" in answer.content.decode()
    asked = client.post("/settings/appearance/", LOOKS | wrong, headers={"Accept": "application/json"})
    assert (asked.status_code, asked.json()["error"]["code"]) == (400, "invalid")
    assert not Setting.objects.exists()


@pytest.mark.parametrize(
    ("typed", "zone"), [(" europe/berlin ", "Europe/Berlin"), ("America/new york", "America/New_York"), ("", "")]
)
def test_a_zone_is_understood_as_people_type_it(client: Client, alice: User, typed: str, zone: str) -> None:
    client.post("/settings/appearance/", LOOKS | {"time_zone": typed})
    assert setting_of(fresh(alice), "time_zone") == zone


def test_scripts_save_without_a_page(client: Client, alice: User) -> None:
    answer = client.post("/settings/appearance/", LOOKS, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert setting_of(fresh(alice), "density") == "compact"


def test_the_menu_and_the_page_say_the_same_theme(client: Client, alice: User) -> None:
    client.cookies["theme"] = "dark"
    page = client.get("/settings/appearance/").content.decode()
    assert 'data-theme="dark"' in page, "the choice from before one was known holds"
    assert 'value="dark" id="id_theme_1" required checked' in page
    assert client.post("/theme/", {"theme": "light"}).status_code == 302
    page = client.get("/settings/appearance/").content.decode()
    assert 'value="light" id="id_theme_0" required checked' in page
    assert 'data-theme-choice="light" aria-pressed="true"' in page
    elsewhere = Client()
    elsewhere.force_login(alice)
    assert 'data-theme="light"' in elsewhere.get("/settings/").content.decode(), "it is the person's, on every device"
    assert client.post("/theme/", {"theme": "x"}, headers={"Accept": "application/json"}).status_code == 204
    assert setting_of(fresh(alice), "theme") == "system"


def test_a_language_is_the_persons_on_every_device(client: Client, alice: User) -> None:
    client.post("/settings/appearance/", LOOKS | {"language": "ar"})
    client.get("/settings/")
    assert client.cookies["django_language"].value == "ar", "for sockets, and for pages that are not there"
    elsewhere = Client(headers={"Accept-Language": "de"})
    elsewhere.force_login(alice)
    assert 'lang="ar" dir="rtl"' in elsewhere.get("/settings/").content.decode()
    elsewhere.post("/language/", {"language": "en"})
    assert setting_of(fresh(alice), "language") == "en"
    elsewhere.post("/language/", {"language": "tlh"})
    assert setting_of(fresh(alice), "language") == "en"
    client.post("/settings/appearance/", LOOKS | {"language": ""})
    assert client.cookies["django_language"].value == ""


# --- Time -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def test_times_of_messages_and_days_are_the_readers_without_scripts(client: Client, cast: Cast) -> None:
    sent = say(cast.alice, cast.group, "Late")
    client.force_login(cast.bob)
    for zone, clock, pattern in (("Asia/Tokyo", "24", "%H:%M"), ("America/New_York", "12", "%I:%M %p")):
        set_settings(person=fresh(cast.bob), values={"time_zone": zone, "clock": clock})
        page = client.get(f"/c/{cast.group.pk}/").content.decode()
        there = sent.created_at.astimezone(ZoneInfo(zone))
        assert f">{there.strftime(pattern).lstrip('0' if clock == '12' else '')}</time>" in page
        assert f'data-day="{there.date().isoformat()}"' in page


def muted_until(client: Client, cast: Cast) -> str:
    """What the page of the group's settings says of its silence, which ends at 23:30 UTC of a day in January."""
    end = datetime(NEXT_YEAR, 1, 5, 23, 30, tzinfo=UTC)
    Membership.objects.filter(user=cast.bob, conversation=cast.group).update(muted_until=end)
    page = client.get(f"/c/{cast.group.pk}/settings/").content.decode()
    found = re.search(r"Muted until ([^<]*)\.<", page)
    return found[1] if found else page


def test_a_time_on_a_page_follows_zone_and_clock(client: Client, cast: Cast) -> None:
    client.force_login(cast.bob)
    for values, words in (
        ({}, f"5 January {NEXT_YEAR}, 23:30"),
        ({"browser_zone": "Europe/Berlin"}, f"6 January {NEXT_YEAR}, 00:30"),
        ({"time_zone": "America/New_York", "clock": "12"}, f"5 January {NEXT_YEAR}, 6:30 PM"),
    ):
        set_settings(person=fresh(cast.bob), values=values)
        assert muted_until(client, cast) == words


def test_a_day_begins_at_the_readers_midnight() -> None:
    day = date(2026, 3, 1)
    with timezone.override("America/New_York"):
        assert midnight(day, None) == datetime(2026, 3, 1, 5, tzinfo=UTC)
        assert midnight(day, -60) == datetime(2026, 2, 28, 23, tzinfo=UTC), "scripts know better"
    assert midnight(day, None) == datetime(2026, 3, 1, tzinfo=UTC)


def test_what_is_made_elsewhere_is_in_the_persons_words_and_time(cast: Cast) -> None:
    moment = datetime(2026, 1, 5, 23, 30, tzinfo=UTC)
    set_settings(person=cast.bob, values={"language": "de", "time_zone": "Europe/Berlin", "clock": "24"})
    with as_read_by(cast.bob):
        assert (date_and_time(moment), gettext("Cancel")) == ("6 Januar 2026, 00:30", "Abbrechen")
    with as_read_by(cast.alice):
        assert (date_and_time(moment), gettext("Cancel")) == ("5 January 2026, 23:30", "Cancel")


def test_one_readers_zone_is_not_the_next_ones(client: Client, cast: Cast) -> None:
    set_settings(person=cast.alice, values={"time_zone": "Asia/Tokyo", "clock": "12", "language": "de"})
    client.force_login(cast.alice)
    client.get("/settings/")
    client = Client()
    client.force_login(cast.bob)
    assert muted_until(client, cast) == f"5 January {NEXT_YEAR}, 23:30"


def test_the_browser_tells_its_zone_once(client: Client, alice: User, django_assert_max_num_queries: Any) -> None:
    assert 'data-browser-zone=""' in client.get("/settings/").content.decode()
    assert client.post("/settings/zone/", {"zone": "Europe/Berlin"}).status_code == 204
    assert setting_of(fresh(alice), "browser_zone") == "Europe/Berlin"
    assert 'data-browser-zone="Europe/Berlin"' in client.get("/settings/").content.decode()
    assert client.post("/settings/zone/", {"zone": "Moon/Tycho"}).status_code == 400
    assert client.get("/settings/zone/").status_code == 405
    set_settings(person=alice, values={"time_zone": "Asia/Tokyo"})
    assert "data-browser-zone" not in client.get("/settings/").content.decode(), "nobody asks for it"


# --- Privacy --------------------------------------------------------------------------------------------------------


def test_every_way_can_be_chosen() -> None:
    assert set(REACHING) | set(SEEING) == set(DEFAULTS)


def test_wishes_are_saved(client: Client, alice: User) -> None:
    page = client.get("/settings/privacy/").content.decode()
    assert page.count("<select") == len(DEFAULTS)
    wishes = {way.value: circle.value for way, circle in DEFAULTS.items()}
    wishes |= {"message": "friends", "find": "nobody", "email": "everyone"}
    assert client.post("/settings/privacy/", wishes)["Location"] == "/settings/privacy/"
    assert fresh(alice).privacy == wishes
    page = client.get("/settings/privacy/").content.decode()
    assert page.count(" selected>") == len(DEFAULTS)


@pytest.mark.parametrize("wrong", [{"message": "enemies"}, {"find": ""}, {"email": "friends\0"}])
def test_no_other_circle_is_accepted(client: Client, alice: User, wrong: dict[str, str]) -> None:
    wishes = {way.value: circle.value for way, circle in DEFAULTS.items()}
    answer = client.post("/settings/privacy/", wishes | wrong | {"telepathy": "nobody"})
    assert (answer.status_code, set(answer.context["form"].errors)) == (200, set(wrong))
    assert fresh(alice).privacy == {}


# --- Status ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lasts", "span"),
    [
        ("30m", timedelta(minutes=30)),
        ("1h", timedelta(hours=1)),
        ("4h", timedelta(hours=4)),
        ("week", timedelta(days=7)),
        ("", None),
    ],
)
def test_the_words_of_a_status_end_when_they_shall(
    client: Client, alice: User, told: list[Any], lasts: str, span: timedelta | None
) -> None:
    before = timezone.now()
    typed = {"display_name": "A", "bio": "", "status": "dnd", "status_text": "On a boat", "lasts": lasts}
    client.post("/settings/profile/", typed)
    person = fresh(alice)
    assert (person.status, person.status_text) == ("dnd", "On a boat")
    assert told == [PresenceChanged(user=alice.pk, status="dnd", text="On a boat")]
    if span is None:
        assert person.status_expires_at is None
    else:
        assert person.status_expires_at is not None
        assert before + span <= person.status_expires_at <= timezone.now() + span
    assert "On a boat" in client.get("/settings/").content.decode(), "the menu says it"


def test_today_ends_at_the_persons_own_midnight(client: Client, alice: User, told: list[Any]) -> None:
    set_settings(person=alice, values={"time_zone": "Asia/Tokyo"})
    client.post("/settings/profile/", {"display_name": "A", "bio": "", "status_text": "x", "lasts": "today"})
    end = fresh(alice).status_expires_at
    assert end is not None
    assert end.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%H:%M:%S") == "00:00:00"
    assert timedelta() < end - timezone.now() <= timedelta(days=1)


def test_an_end_is_kept_until_another_is_chosen(client: Client, alice: User, told: list[Any]) -> None:
    end = timezone.now() + timedelta(hours=2)
    set_status(person=alice, status="online", text="On a boat", expires_at=end)
    assert 'value="keep" selected' in client.get("/settings/profile/").content.decode()
    typed = {"display_name": "A", "bio": "", "status": "idle", "status_text": "On a boat"}
    client.post("/settings/profile/", typed | {"lasts": "keep"})
    assert (fresh(alice).status, fresh(alice).status_expires_at) == ("idle", end)
    client.post("/settings/profile/", typed | {"lasts": ""})
    assert (fresh(alice).status_text, fresh(alice).status_expires_at) == ("On a boat", None)
    client.post("/settings/profile/", typed | {"status_text": "", "lasts": "4h"})
    assert (fresh(alice).status_text, fresh(alice).status_expires_at) == ("", None)


@pytest.mark.parametrize("wrong", [{"status": "away"}, {"lasts": "9y"}, {"status_text": "x" * 121}, {"lasts": "keep"}])
def test_no_other_status_is_accepted(client: Client, alice: User, told: list[Any], wrong: dict[str, str]) -> None:
    typed = {"display_name": "A", "bio": "", "status": "online", "status_text": "x", "lasts": ""} | wrong
    answer = client.post("/settings/profile/", typed)
    assert set(answer.context["form"].errors) == set(wrong)
    assert told == []
    assert fresh(alice).display_name == "Alice Moreau"


def test_words_that_are_over_are_nowhere(client: Client, cast: Cast) -> None:
    over = timezone.now() - timedelta(seconds=1)
    User.objects.filter(pk=cast.bob.pk).update(status_text="In a meeting", status_expires_at=over)
    client.force_login(cast.alice)
    for path in (f"/c/{cast.direct.pk}/", f"/c/{cast.group.pk}/members/", "/people/bob/"):
        assert "In a meeting" not in client.get(path).content.decode(), path
    client.force_login(cast.bob)
    assert "In a meeting" not in client.get("/settings/profile/").content.decode()


def test_words_that_are_over_are_cleared_and_the_others_hear_of_it(alice: User, told: list[Any]) -> None:
    now = timezone.now()
    set_status(person=alice, status="dnd", text="In a meeting", expires_at=now + timedelta(hours=1))
    bob: User = make_person(username="bob")
    set_status(person=bob, status="idle", text="On a boat", expires_at=now - timedelta(hours=1))
    told.clear()
    assert clear_expired_statuses() == 1
    assert told == [PresenceChanged(user=bob.pk, status="idle", text="")]
    assert (fresh(bob).status_text, fresh(bob).status_expires_at) == ("", None)
    assert fresh(alice).status_text == "In a meeting"
    assert clear_expired_statuses() == 0


def test_what_people_say_of_themselves_is_text(client: Client, alice: User, told: list[Any]) -> None:
    hostile = '"><script>alert(1)</script>'
    client.post("/settings/profile/", {"display_name": hostile, "bio": hostile, "status_text": hostile})
    join_lobby(person=alice)
    for path in ("/settings/profile/", "/settings/account/", "/"):
        page = client.get(path).content.decode()
        assert "<script>alert" not in page
    assert escape(hostile) in client.get("/settings/profile/").content.decode()
