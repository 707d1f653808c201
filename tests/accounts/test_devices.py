"""Devices: a row for each browser from login to log-out, that follows its session; named, ended, and cleaned up after."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.actions import devices, moderation, sessions
from accounts.actions.devices import live_devices, log_out_device, prune_devices, rename_device, touch_connected
from accounts.actions.moderation import change_rights, suspend_person
from accounts.actions.sessions import end_sessions, log_out_others, set_password
from accounts.actions.tokens import make_token
from accounts.agents import agent_of, device_name
from accounts.models import Device, Notification, User
from accounts.visits import COOKIE
from chatter.consumers.entrance import person_of_session
from chatter.core.errors import NotFound, Refused
from chatter.core.events import SessionRenewed, SessionsEnded
from chatter.core.limits import Seldom
from chatter.ops.schedule import clear_sessions
from tests.corpus import XSS
from tests.factories import make_person
from tests.factors import code_of, give_app

pytestmark = pytest.mark.django_db
PASSWORD, NEW = "secret-of-alice", "another-one-99"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)
PAGE = "/settings/devices/"


@pytest.fixture
def alice() -> User:
    return make_person(username="alice")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The events that were published."""
    found: list[Any] = []
    for module in (devices, sessions, moderation):
        monkeypatch.setattr(module, "publish", found.append)
    return found


@pytest.fixture
def forgetful(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every touch is due."""
    monkeypatch.setattr(devices, "touched", Seldom(seconds=0))


def browser_of(person: User, agent: str = FIREFOX, address: str = "198.51.100.7") -> Client:
    """A browser in which the person logs in by the door."""
    browser = Client(headers={"user-agent": agent}, REMOTE_ADDR=address)
    answer = browser.post("/accounts/login/", {"login": person.username, "password": f"secret-of-{person.username}"})
    assert answer.status_code == 302
    return browser


def device_of(browser: Client) -> Device:
    return Device.objects.get(session_key=browser.session.session_key)


def is_in(browser: Client) -> bool:
    return browser.get("/settings/").status_code == 200


# --- the row --------------------------------------------------------------------------------------------------------


def test_logging_in_makes_the_row(alice: User) -> None:
    browser = browser_of(alice)
    device = device_of(browser)
    assert (device.user, device.user_agent, device.address) == (alice, FIREFOX, "198.51.100.7")
    assert browser.session["device"] == str(device.pk)


@pytest.mark.parametrize("way", ["signup", "guest"])
def test_every_door_makes_a_row(client: Client, way: str, settings: Any) -> None:
    settings.CHATTER_GUESTS = True
    if way == "guest":
        client.post("/guest/", {"name": "Zed"})
    else:
        typed = {"username": "zed", "email": "zed@example.org", "password1": NEW, "password2": NEW}
        client.post("/accounts/signup/", typed)
    assert Device.objects.get().session_key == client.session.session_key


def test_a_guest_who_keeps_the_account_keeps_the_row(client: Client, settings: Any) -> None:
    settings.CHATTER_GUESTS = True
    client.post("/guest/", {"name": "Zed"})
    device, before = device_of(client), client.session.session_key
    typed = {"username": "zed", "email": "zed@example.org", "password1": NEW, "password2": NEW}
    client.post("/claim/", typed)
    assert client.session.session_key != before
    assert device_of(client).pk == device.pk


def test_the_row_follows_a_new_password(alice: User, told: list[Any]) -> None:
    browser = browser_of(alice)
    device, before = device_of(browser), browser.session.session_key
    browser.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})
    key = browser.session.session_key
    assert key and before and key != before
    assert device_of(browser).pk == device.pk
    assert told[0] == SessionRenewed(user=alice.pk, session_key=key, formerly=before)
    assert told[1] == SessionsEnded(user=alice.pk, keep=key, auth_hash=browser.session[HASH_SESSION_KEY])


def test_a_session_from_before_there_were_rows_gets_one(alice: User, forgetful: None) -> None:
    browser = browser_of(alice)
    session = browser.session
    del session["device"]
    session.save()
    Device.objects.all().delete()
    assert is_in(browser)
    assert device_of(browser).user == alice


def test_an_ended_session_gets_no_row_back(alice: User) -> None:
    """A request that was under way when its session ended."""
    browser = browser_of(alice)
    session = browser.session
    log_out_device(person=alice, device_id=device_of(browser).pk)
    devices.touched.forget()
    devices.touch_device(person=alice, session=session, user_agent="", address="local")
    assert not Device.objects.exists()
    assert not Session.objects.exists()


def test_an_ended_session_does_not_live_on_under_a_new_key(alice: User, told: list[Any]) -> None:
    """A request that changed its key while its device was logged out from elsewhere."""
    browser = browser_of(alice)
    session = browser.session
    assert session["device"]
    log_out_device(person=alice, device_id=device_of(browser).pk)
    told.clear()
    with pytest.raises(SessionInterrupted):
        session.cycle_key()
    assert not Session.objects.exists()
    assert told == []


def test_what_is_no_address_or_agent_is_kept_out(alice: User) -> None:
    browser = browser_of(alice, agent="x\x00\x1b[31m" + "é" * 900, address="")
    device = device_of(browser)
    assert device.address is None
    assert device.user_agent.startswith("x[31m")
    assert len(device.user_agent) <= 400


# --- touched seldom -------------------------------------------------------------------------------------------------


def test_a_session_is_touched_once_a_minute(alice: User) -> None:
    browser = browser_of(alice)
    Device.objects.update(last_active_at=timezone.now() - timedelta(hours=1), address=None)
    is_in(browser)
    assert device_of(browser).address is None, "it was written down a moment ago"
    devices.touched.forget()
    is_in(browser)
    device = device_of(browser)
    assert device.address == "198.51.100.7"
    assert device.last_active_at > timezone.now() - timedelta(minutes=1)


def test_other_requests_cost_no_query(alice: User, django_assert_max_num_queries: Any) -> None:
    browser = browser_of(alice)
    is_in(browser)
    with django_assert_max_num_queries(100) as asked:
        is_in(browser)
    assert not [query for query in asked if '"accounts_device"' in query["sql"]]
    with django_assert_max_num_queries(100) as asked:
        Client().get("/accounts/login/")
    assert not [query for query in asked if '"accounts_device"' in query["sql"]]


def test_open_sockets_are_noted_too(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "connected", Seldom(seconds=300))
    key = str(browser_of(alice).session.session_key)
    long_ago = timezone.now() - timedelta(hours=1)
    Device.objects.update(last_active_at=long_ago)
    touch_connected(session_keys=[key])
    assert Device.objects.get().last_active_at > long_ago
    Device.objects.update(last_active_at=long_ago)
    touch_connected(session_keys=[key])
    assert Device.objects.get().last_active_at == long_ago


def test_what_is_remembered_is_bounded() -> None:
    seldom = Seldom(seconds=60, keep=3)
    assert [seldom.is_due(key) for key in "abab"] == [True, True, False, False]
    assert [seldom.is_due(key) for key in "cd"] == [True, True]
    assert len(seldom.done) == 3
    assert seldom.is_due("a"), "forgotten first"


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iOS"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18 Safari/605.1.15", None),
        ("", "Unknown browser"),
        ("curl/8.9.1", "curl"),
        ("Firefox/" * 50, None),
        ("(" * 400, "Unknown browser"),
    ],
)
def test_names_of_devices(agent: str, name: str | None) -> None:
    found = device_name(agent)
    assert found == name if name else found
    assert agent_of(SAFARI).is_phone


def test_renaming(alice: User) -> None:
    browser = browser_of(alice)
    device = device_of(browser)
    address = f"{PAGE}{device.pk}/rename/"
    assert browser.post(address, {"name": " My\u202e desk "}).status_code == 302
    assert device_of(browser).name == "My desk"
    browser.post(address, {"name": "x" * 61})
    assert device_of(browser).name == "My desk"
    browser.post(address, {"name": ""})
    assert "Firefox on Windows" in browser.get(PAGE).content.decode()


def test_nobody_names_or_ends_the_devices_of_others(alice: User) -> None:
    mallory, device = make_person(username="mallory"), device_of(browser_of(alice))
    stranger = browser_of(mallory)
    for deed in ("rename", "log-out"):
        assert stranger.post(f"{PAGE}{device.pk}/{deed}/", {"name": "x"}).status_code == 404
        assert stranger.post(f"{PAGE}{uuid.uuid4()}/{deed}/", {"name": "x"}).status_code == 404
    with pytest.raises(NotFound):
        rename_device(person=mallory, device_id=device.pk, name="x")
    with pytest.raises(NotFound):
        log_out_device(person=mallory, device_id=device.pk)
    with pytest.raises(Refused):
        rename_device(person=alice, device_id=device.pk, name="x" * 61)
    assert Device.objects.get(pk=device.pk).name == ""


# --- the page -------------------------------------------------------------------------------------------------------


def test_the_page_lists_this_device_first(alice: User) -> None:
    phone, desk = browser_of(alice, SAFARI, "2001:db8::7"), browser_of(alice)
    browser_of(make_person(username="bob"), "Opera/9.80 (X11; Linux) Presto/2.12.388 Version/12.16")
    page = phone.get(PAGE).content.decode()
    assert page.index("Safari on iOS") < page.index("Firefox on Windows")
    assert "2001:db8::7" in page and "198.51.100.7" in page
    assert "Opera" not in page
    own = desk.get(PAGE).content.decode()
    assert own.index("Firefox on Windows") < own.index("Safari on iOS")


def test_the_page_shows_what_browsers_claim_as_text(alice: User) -> None:
    for at, text in enumerate(XSS[:40]):
        Device.objects.create(
            user=alice, session_key=f"key{at}", name=text[:60], user_agent=text[:400], last_active_at=timezone.now()
        )
        Session.objects.create(session_key=f"key{at}", session_data="", expire_date=timezone.now() + timedelta(days=1))
    page = browser_of(alice).get(PAGE).content.decode()
    assert "<script>alert" not in page and "<img src=x" not in page


def test_the_page_in_few_queries(alice: User, django_assert_max_num_queries: Any) -> None:
    for _device in range(12):
        browser_of(alice)
    browser = browser_of(alice)
    browser.get(PAGE)
    with django_assert_max_num_queries(14):
        assert browser.get(PAGE).status_code == 200


def test_guests_see_theirs(client: Client, settings: Any) -> None:
    settings.CHATTER_GUESTS = True
    client.post("/guest/", {"name": "Zed"})
    assert client.get(PAGE).status_code == 200


def test_logging_out_one(alice: User, told: list[Any]) -> None:
    here, there = browser_of(alice), browser_of(alice, SAFARI)
    key = there.session.session_key
    here.post(f"{PAGE}{device_of(there).pk}/log-out/")
    assert (is_in(here), is_in(there)) == (True, False)
    assert told == [SessionsEnded(user=alice.pk, session_key=key)]
    assert not Device.objects.filter(session_key=key).exists()


def test_logging_out_this_one_leads_home(alice: User) -> None:
    here = browser_of(alice)
    answer = here.post(f"{PAGE}{device_of(here).pk}/log-out/")
    assert answer["Location"] == "/"
    assert not is_in(here)
    assert not Device.objects.exists()


def test_logging_out_by_the_door_forgets_the_row(alice: User) -> None:
    here = browser_of(alice)
    here.post("/accounts/logout/")
    assert not Device.objects.exists()


def test_logging_out_all_others(alice: User, told: list[Any]) -> None:
    here, there, rowless = browser_of(alice), browser_of(alice, SAFARI), browser_of(alice)
    Device.objects.filter(session_key=rowless.session.session_key).delete()
    family = make_token(person=alice, name="Program", scope="read").family
    device, before = device_of(here), here.session.session_key
    here.post(f"{PAGE}log-out-others/")
    assert (is_in(here), is_in(there), is_in(rowless)) == (True, False, False)
    assert here.session.session_key != before
    assert device_of(here).pk == device.pk
    family.refresh_from_db()
    assert family.revoked_reason == "logout"
    assert [type(event) for event in told] == [SessionRenewed, SessionsEnded]
    assert list(live_devices(alice)) == [device]


def test_strangers_are_asked_to_log_in(client: Client) -> None:
    assert client.get(PAGE)["Location"].startswith("/accounts/login/")
    assert client.post(f"{PAGE}log-out-others/")["Location"].startswith("/accounts/login/")


def test_only_forms_of_ours_log_out(alice: User) -> None:
    """A foreign page cannot (CSRF)."""
    browser = browser_of(alice)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = browser.cookies
    assert strict.post(f"{PAGE}log-out-others/").status_code == 403
    assert strict.get(f"{PAGE}log-out-others/").status_code == 405


# --- what ends sessions ---------------------------------------------------------------------------------------------


def test_the_key_rotates_at_the_door(alice: User) -> None:
    """Session fixation: a key somebody planted is worth nothing after logging in."""
    browser = Client()
    session = browser.session
    session["planted"] = True
    session.save()
    planted = session.session_key
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(planted)
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert browser.session.session_key != str(planted)
    other = Client()
    other.cookies[settings.SESSION_COOKIE_NAME] = str(planted)
    assert not is_in(other)


def test_other_rights_end_every_session(alice: User) -> None:
    browser, root = browser_of(alice), make_person(username="root_", is_superuser=True)
    family = make_token(person=alice, name="Program", scope="read").family
    change_rights(actor=root, person=alice, is_staff=True, is_superuser=False)
    assert not is_in(browser)
    assert not Device.objects.filter(user=alice).exists()
    family.refresh_from_db()
    assert family.revoked_reason == "rights"


def test_a_suspension_ends_tokens_and_leaves_the_session_to_read_why(alice: User) -> None:
    browser, root = browser_of(alice), make_person(username="root_", is_superuser=True)
    family = make_token(person=alice, name="Program", scope="read").family
    suspend_person(actor=root, person=alice, reason="Spam")
    assert "Spam" in browser.get("/settings/").content.decode()
    family.refresh_from_db()
    assert family.revoked_reason == "suspended"


def test_a_new_password_by_others_ends_everything(alice: User, told: list[Any]) -> None:
    browser = browser_of(alice)
    set_password(person=alice, password=NEW)
    assert not is_in(browser)
    assert told == [SessionsEnded(user=alice.pk)]
    assert not Session.objects.exists() and not Device.objects.exists()


def test_everything_ends_at_once(alice: User) -> None:
    browsers = [browser_of(alice), browser_of(alice, SAFARI)]
    stranger = browser_of(make_person(username="bob"))
    end_sessions(person=alice, reason="deleted")
    assert [is_in(browser) for browser in (*browsers, stranger)] == [False, False, True]


def test_a_session_that_was_ended_is_not_saved_back(alice: User) -> None:
    """Two requests at once: one logs this device out, the other writes its session afterwards."""
    browser = browser_of(alice)
    session = browser.session
    session["more"] = True
    log_out_device(person=alice, device_id=device_of(browser).pk)
    with pytest.raises(UpdateError):
        session.save()
    assert not Session.objects.exists()


def test_logging_out_others_twice_at_once_keeps_the_session(alice: User) -> None:
    browser = browser_of(alice)
    session = browser.session
    log_out_others(person=alice, session=session)
    browser.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    assert is_in(browser)


# --- upkeep ---------------------------------------------------------------------------------------------------------


def test_the_clock_deletes_what_ran_out(alice: User) -> None:
    gone, fresh = browser_of(alice), browser_of(alice)
    Session.objects.filter(session_key=gone.session.session_key).update(expire_date=timezone.now())
    Device.objects.update(last_active_at=timezone.now() - timedelta(days=31))
    device = device_of(fresh)
    assert list(live_devices(alice)) == [device], "nobody is shown it even before"
    clear_sessions()
    clear_sessions()
    assert list(Device.objects.all()) == [device]


def test_a_row_whose_session_is_just_being_made_stays(alice: User) -> None:
    Device.objects.create(user=alice, session_key="new", last_active_at=timezone.now())
    assert prune_devices() == 0


# --- an unknown browser ---------------------------------------------------------------------------------------------


def warnings_of(person: User) -> list[dict[str, Any]]:
    rows = Notification.objects.filter(recipient=person, kind="system")
    return [row.payload for row in rows.order_by("created_at")]


def test_a_first_login_is_no_news(alice: User) -> None:
    browser_of(alice)
    assert warnings_of(alice) == []


def test_a_login_with_an_unknown_browser_is_told(alice: User) -> None:
    browser = browser_of(alice)
    browser.post("/accounts/logout/")
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert is_in(browser)
    assert warnings_of(alice) == [], "a browser that was here before"
    browser_of(alice, SAFARI, "203.0.113.9")
    (warning,) = warnings_of(alice)
    assert (warning["event"], warning["user_agent"], warning["address"]) == ("sign_in", SAFARI, "203.0.113.9")


def test_what_is_told_is_said_in_words(alice: User) -> None:
    from accounts.notices import shown

    browser_of(alice)
    browser_of(alice, SAFARI, "203.0.113.9")
    (notice,) = shown(alice, list(Notification.objects.filter(recipient=alice)))
    assert notice.title == "New login: Safari on iOS"
    assert "203.0.113.9" in notice.text
    assert notice.url == PAGE


def test_the_cookie_of_somebody_else_makes_no_browser_known(alice: User) -> None:
    bob = make_person(username="bob")
    browser_of(alice)
    browser = browser_of(bob)
    assert browser.cookies[COOKIE]["httponly"]
    browser.post("/accounts/logout/")
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert len(warnings_of(alice)) == 1


@pytest.mark.parametrize("cookie", ["x", "", "a:b", "WyJ4Il0:forged", "é" * 50])
def test_forged_cookies_make_no_browser_known(alice: User, cookie: str) -> None:
    browser_of(alice)
    other = Client()
    other.cookies[COOKIE] = cookie
    other.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    assert len(warnings_of(alice)) == 1


def test_half_way_through_the_door_there_is_nothing(alice: User) -> None:
    """The password is shown, the second factor is not: no device, no socket, no page; and another key once it is."""
    secret = give_app(alice)
    browser = Client()
    browser.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    half = browser.session.session_key
    assert half and person_of_session(half) is None
    assert not is_in(browser) and not Device.objects.exists()
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    key = browser.session.session_key
    assert key != half and person_of_session(key) is not None
    assert Device.objects.get().session_key == key
    assert person_of_session(half) is None
