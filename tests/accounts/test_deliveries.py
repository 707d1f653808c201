"""Letters about what was not read: one for each person, true at the time they leave, easily ended, and never twice."""

import re
import smtplib
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from accounts.actions.mails import stop_mails
from accounts.actions.notifications import mark_all_read, notify
from accounts.actions.preferences import set_setting
from accounts.background import GiveUp
from accounts.deliveries import ATTEMPTS, LEASE, PEOPLE_AT_ONCE, deliver_due, deliver_mails
from accounts.letters import ALL, ending_url, read_ending
from accounts.models import Delivery, Notification, User
from accounts.preferences import setting_of
from tests.factories import make_person

pytestmark = pytest.mark.django_db
Box = list[EmailMultiAlternatives]


@pytest.fixture
def dora() -> User:
    return with_address(make_person(username="dora"))


def with_address(person: User, *, verified: bool = True) -> User:
    EmailAddress.objects.create(user=person, email=person.email, verified=verified, primary=True)
    return person


def tell(person: User, title: str = "Something happened", *, kind: str = "system", key: str = "") -> None:
    """Notify, and let its e-mail be due."""
    payload = {"title": title, "text": "More words", "url": "/settings/"}
    notify(recipient=person, kind=kind, group_key=key or str(uuid4()), payload=payload)
    let_due()


def let_due() -> None:
    Delivery.objects.filter(channel="email").update(due_at=timezone.now() - timedelta(seconds=1))


def html_of(letter: EmailMultiAlternatives) -> str:
    """The letter's HTML part, which is its only other one."""
    (part,) = letter.alternatives
    assert part[1] == "text/html"
    return str(part[0])


class TestTheLetter:
    def test_tells_what_is_due_and_is_then_done(self, dora: User, mailoutbox: Box) -> None:
        tell(dora)
        assert deliver_due() == 1
        (letter,) = mailoutbox
        assert letter.to == ["dora@example.org"]
        assert letter.subject == "Something happened"
        assert "http://localhost/settings/" in str(letter.body)
        assert "http://localhost/settings/" in html_of(letter)
        assert not Delivery.objects.exists()
        assert deliver_due() == 0

    def test_holds_everything_that_waits(self, dora: User, mailoutbox: Box) -> None:
        notify(recipient=dora, kind="system", group_key="later", payload={"title": "Not due yet"})
        tell(dora, "First")
        Delivery.objects.exclude(notification__group_key="later").update(due_at=timezone.now() - timedelta(seconds=1))
        Delivery.objects.filter(notification__group_key="later").update(due_at=timezone.now() + timedelta(hours=1))
        deliver_mails()
        (letter,) = mailoutbox
        assert letter.subject == "2 notifications: First"
        assert "Not due yet" in str(letter.body)

    def test_waits_for_its_time(self, dora: User, mailoutbox: Box) -> None:
        notify(recipient=dora, kind="system", group_key="later", payload={"title": "Not due yet"})
        assert deliver_due() == 0
        assert mailoutbox == []

    def test_goes_to_each_person_apart(self, dora: User, mailoutbox: Box) -> None:
        emil = with_address(make_person(username="emil"))
        tell(dora, "For Dora")
        tell(emil, "For Emil")
        assert deliver_mails() == 2
        assert {(mail.to[0], mail.subject) for mail in mailoutbox} == {
            ("dora@example.org", "For Dora"),
            ("emil@example.org", "For Emil"),
        }

    def test_speaks_the_readers_language_and_keeps_their_clock(self, dora: User, mailoutbox: Box) -> None:
        set_setting(person=dora, key="language", value="ar")
        set_setting(person=dora, key="time_zone", value="Asia/Tokyo")
        tell(dora)
        Notification.objects.update(updated_at="2026-11-20T20:05:00Z")
        deliver_mails()
        assert 'dir="rtl"' in html_of(mailoutbox[0])
        assert "05:05" in str(mailoutbox[0].body)

    def test_escapes_what_people_wrote(self, dora: User, mailoutbox: Box) -> None:
        tell(dora, "<script>alert(1)</script>\r\nBcc: everybody@example.org")
        deliver_mails()
        assert "<script>" not in html_of(mailoutbox[0])
        assert "\n" not in mailoutbox[0].subject
        assert mailoutbox[0].message()["Bcc"] is None

    def test_has_a_subject_of_bounded_length(self, dora: User, mailoutbox: Box) -> None:
        tell(dora, "x" * 5000)
        deliver_mails()
        assert len(mailoutbox[0].subject) <= 100

    def test_says_how_to_end_it_in_one_click(self, dora: User, mailoutbox: Box) -> None:
        tell(dora)
        deliver_mails()
        headers = mailoutbox[0].extra_headers
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"<http://localhost/unsubscribe/[^/>]+/>", headers["List-Unsubscribe"])
        assert headers["Auto-Submitted"] == "auto-generated"
        assert headers["References"].startswith("<")


def unverify(person: User) -> None:
    EmailAddress.objects.filter(user=person).update(verified=False)


def suspend(person: User) -> None:
    User.objects.filter(pk=person.pk).update(suspended_at=timezone.now())


def delete(person: User) -> None:
    User.objects.filter(pk=person.pk).update(deleted_at=timezone.now())


def read(person: User) -> None:
    mark_all_read(recipient=person)


def expire(_person: User) -> None:
    Notification.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def wish_none(person: User) -> None:
    set_setting(person=person, key="email_pace", value="off")


def wish_none_of_this(person: User) -> None:
    stop_mails(person=person, kind="friend_request")


@pytest.mark.parametrize("change", [unverify, suspend, delete, read, expire, wish_none, wish_none_of_this])
def test_what_holds_when_the_letter_leaves_decides(dora: User, mailoutbox: Box, change: Callable[[User], None]) -> None:
    tell(dora, kind="friend_request")
    assert Delivery.objects.filter(channel="email").exists()
    change(dora)
    deliver_mails()
    assert mailoutbox == []
    assert not Delivery.objects.exists()


def test_what_may_not_be_seen_any_more_is_not_told(
    dora: User, mailoutbox: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.notices._shows", {"mention": lambda _recipient, _rows: {}})
    tell(dora, "A secret", kind="mention")
    deliver_mails()
    assert mailoutbox == []


class TestWhoIsHere:
    @pytest.fixture(autouse=True)
    def _here(self, dora: User, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("accounts.deliveries.statuses", lambda people: dict.fromkeys(people, "online"))

    def test_gets_it_later(self, dora: User, mailoutbox: Box) -> None:
        tell(dora)
        deliver_mails()
        assert mailoutbox == []
        row = Delivery.objects.get()
        assert row.attempts == 0
        assert row.due_at > timezone.now() + timedelta(minutes=5)

    def test_gets_a_daily_letter_all_the_same(self, dora: User, mailoutbox: Box) -> None:
        set_setting(person=dora, key="email_pace", value="daily")
        tell(dora)
        deliver_mails()
        assert len(mailoutbox) == 1


class TestAMailServer:
    @pytest.fixture
    def refusals(self, monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
        """What the next sends raise."""
        raised: list[Exception] = []

        def send(_message: Any) -> None:
            if raised:
                raise raised.pop(0)

        monkeypatch.setattr("accounts.deliveries.send_now", send)
        return raised

    def test_that_is_away_is_asked_again_and_not_for_everybody(self, dora: User, refusals: list[Exception]) -> None:
        tell(dora)
        tell(with_address(make_person(username="emil")))
        refusals.append(ConnectionRefusedError())
        deliver_mails()
        assert refusals == []
        rows = Delivery.objects.all()
        assert [row.attempts for row in rows] == [1, 1]
        assert all(row.due_at < timezone.now() + timedelta(minutes=2) for row in rows)

    def test_that_refuses_one_letter_gets_the_others(self, dora: User, refusals: list[Exception]) -> None:
        tell(dora)
        tell(with_address(make_person(username="emil")))
        refusals.append(smtplib.SMTPDataError(451, b"later"))
        deliver_mails()
        assert Delivery.objects.count() == 1

    def test_that_refuses_for_good_is_not_asked_again(self, dora: User, refusals: list[Exception]) -> None:
        tell(dora)
        refusals.append(GiveUp("no such mailbox"))
        deliver_mails()
        assert not Delivery.objects.exists()

    def test_is_given_up_in_the_end(
        self, dora: User, refusals: list[Exception], caplog: pytest.LogCaptureFixture
    ) -> None:
        tell(dora)
        for _attempt in range(ATTEMPTS):
            refusals.append(ConnectionRefusedError())
            let_due()
            deliver_mails()
        assert not Delivery.objects.exists()
        assert "given up" in caplog.text


def test_a_letter_that_was_claimed_is_not_claimed_again(dora: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that dies while it sends leaves the letter to others, after the lease."""

    class Died(BaseException):
        pass

    def die(*_given: Any) -> None:
        raise Died

    tell(dora)
    monkeypatch.setattr("accounts.deliveries.letter_for", die)
    with pytest.raises(Died):
        deliver_mails()
    monkeypatch.undo()
    assert deliver_mails() == 0
    Delivery.objects.update(due_at=timezone.now() - timedelta(seconds=1))
    assert deliver_mails() == 1
    assert timedelta(minutes=1) < LEASE


def test_a_round_takes_so_many_people(mailoutbox: Box) -> None:
    for number in range(PEOPLE_AT_ONCE + 1):
        tell(with_address(make_person(username=f"reader{number}")))
    assert deliver_mails() == PEOPLE_AT_ONCE
    assert deliver_mails() == 1
    assert len({mail.to[0] for mail in mailoutbox}) == PEOPLE_AT_ONCE + 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_no_letter_twice(mailoutbox: Box) -> None:
    dora = with_address(make_person(username="dora"))
    tell(dora)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select id from accounts_delivery for update")
        found: list[int] = []

        def other() -> None:
            found.append(deliver_mails())
            connection.close()

        thread = Thread(target=other)
        thread.start()
        thread.join()
    assert found == [0]
    assert deliver_mails() == 1


class TestEndingThem:
    def path(self, person: User, kind: str) -> str:
        return urlsplit(ending_url(person, kind)).path

    def test_looking_changes_nothing(self, dora: User, client: Client) -> None:
        answer = client.get(self.path(dora, "mention"))
        assert answer.status_code == 200
        assert "Mentions" in answer.content.decode()
        dora.preferences = None
        assert setting_of(dora, "notifications") == {}

    def test_one_click_ends_a_kind_without_login_or_token_of_a_form(self, dora: User) -> None:
        set_setting(person=dora, key="notifications", value={"mention": {"push": False}, "reply": {"email": True}})
        browser = Client(enforce_csrf_checks=True)
        for _twice in range(2):
            answer = browser.post(self.path(dora, "mention"), {"List-Unsubscribe": "One-Click"})
            assert answer.status_code == 200
        dora.preferences = None
        assert setting_of(dora, "notifications") == {
            "mention": {"push": False, "email": False},
            "reply": {"email": True},
        }

    def test_one_click_ends_all(self, dora: User, client: Client) -> None:
        client.post(self.path(dora, ALL))
        dora.preferences = None
        assert setting_of(dora, "email_pace") == "off"

    def test_the_page_offers_to_end_all(self, dora: User, client: Client) -> None:
        page = client.get(self.path(dora, "mention")).content.decode()
        (action,) = re.findall(r'action="http://localhost(/unsubscribe/[^"]+)"', page)
        client.post(action)
        dora.preferences = None
        assert setting_of(dora, "email_pace") == "off"

    @pytest.mark.parametrize("token", ["nonsense", "WyJ4IiwiYWxsIl0:1abc:def", "a:b:c"])
    def test_a_made_up_address_ends_nothing(self, client: Client, token: str) -> None:
        assert client.get(f"/unsubscribe/{token}/").status_code == 404
        assert client.post(f"/unsubscribe/{token}/").status_code == 404

    def test_an_address_of_somebody_deleted_ends_nothing(self, dora: User, client: Client) -> None:
        delete(dora)
        assert client.post(self.path(dora, ALL)).status_code == 404

    def test_a_token_is_good_for_its_person_and_kind(self, dora: User) -> None:
        token = self.path(dora, "mention").split("/")[2]
        assert read_ending(token) == (str(dora.pk), "mention")
        assert read_ending(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
