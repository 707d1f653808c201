"""Mail in the background: no page waits for the mail server, what it refuses comes again, and nobody reads the queue."""

import json
import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import Message
from email.parser import BytesParser
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope
from allauth.account.models import EmailAddress
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.tasks import TaskResultStatus
from django.test import Client
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.background import claim, perform
from accounts.mail import is_final, mail_of, sealed_mail
from chatter.core.sealing import Broken, seal, unseal
from tests.factories import make_person
from tests.servers import free_port

PASSWORD = "correct-horse-battery"
READY, FAILED, SUCCESSFUL = TaskResultStatus.READY, TaskResultStatus.FAILED, TaskResultStatus.SUCCESSFUL


class Post:
    """A mail server that answers what it is told to."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.answer = "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 -- the library's name
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.mails.append(BytesParser().parsebytes(envelope.content))
        return self.answer


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    handler = Post()
    port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    use_server(settings, port)
    yield handler
    controller.stop()


def use_server(settings: Any, port: int) -> None:
    options = {"host": "127.0.0.1", "port": port, "timeout": 1}
    settings.MAILERS = {
        "default": {"BACKEND": "accounts.mail.BackgroundMailer"},
        "direct": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options},
    }


def a_mail() -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives("Grüße", "Öffnen: https://x.test/key", "a@example.org", ["zoe@example.org"])
    mail.attach_alternative("<p>Öffnen</p>", "text/html")
    return mail


def send_queued() -> DBTaskResult:
    """Let the one mail in the queue be due, and try to send it."""
    DBTaskResult.objects.filter(status=READY).update(run_after=timezone.now() - timedelta(seconds=1))
    row = claim("mail", "me")
    assert row is not None
    perform(row)
    row.refresh_from_db()
    return row


@pytest.mark.django_db
class TestTheQueue:
    def test_brings_text_html_and_headers_to_the_server(self, post: Post) -> None:
        mail = a_mail()
        mail.extra_headers["List-Unsubscribe"] = "<https://x.test/u>"
        assert mail.send() == 1
        assert post.mails == []
        assert send_queued().status == SUCCESSFUL
        (sent,) = post.mails
        assert sent["To"] == "zoe@example.org"
        assert sent["List-Unsubscribe"] == "<https://x.test/u>"
        parts: dict[str, Any] = {part.get_content_type(): part.get_payload(decode=True) for part in sent.walk()}
        assert parts["text/plain"].strip() == "Öffnen: https://x.test/key".encode()
        assert parts["text/html"].strip() == "<p>Öffnen</p>".encode()

    def test_a_mail_that_is_sent_again_has_the_same_id(self, post: Post) -> None:
        a_mail().send()
        post.answer = "451 come back"
        assert send_queued().status == READY
        post.answer = "250 OK"
        row = send_queued()
        assert post.mails[0]["Message-ID"] == mail_of(row.args_kwargs["args"][0]).extra_headers["Message-ID"]

    def test_a_server_that_refuses_for_good_is_asked_once(self, post: Post) -> None:
        a_mail().send()
        post.answer = "554 no such mailbox"
        row = send_queued()
        assert row.status == FAILED
        assert "zoe@example.org" not in row.traceback

    def test_a_server_that_is_away_gets_it_when_it_is_back(self, settings: Any) -> None:
        use_server(settings, free_port())
        a_mail().send()
        assert send_queued().status == READY
        handler = Post()
        port = free_port()
        controller = Controller(handler, hostname="127.0.0.1", port=port)
        controller.start()
        try:
            use_server(settings, port)
            assert send_queued().status == SUCCESSFUL
        finally:
            controller.stop()
        assert len(handler.mails) == 1

    def test_a_server_that_stalls_is_left_for_later(self, settings: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            use_server(settings, silent.getsockname()[1])
            settings.MAILERS["direct"]["OPTIONS"]["timeout"] = 0.2
            a_mail().send()
            assert send_queued().status == READY

    def test_holds_no_readable_link(self, post: Post) -> None:
        a_mail().send()
        queued = json.dumps(DBTaskResult.objects.get().args_kwargs)
        assert "x.test" not in queued
        assert "zoe" not in queued

    def test_takes_no_attachment(self, post: Post) -> None:
        mail = a_mail()
        mail.attach("a.txt", "text", "text/plain")
        with pytest.raises(ValueError, match="no attachments"):
            mail.send()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (smtplib.SMTPRecipientsRefused({"a@b": (550, b"unknown")}), True),
        (smtplib.SMTPRecipientsRefused({"a@b": (450, b"greylisted")}), False),
        (smtplib.SMTPDataError(552, b"too large"), True),
        (smtplib.SMTPDataError(421, b"busy"), False),
        (smtplib.SMTPAuthenticationError(535, b"wrong password"), False),
        (smtplib.SMTPServerDisconnected("gone"), False),
    ],
)
def test_which_refusals_are_final(error: smtplib.SMTPException, expected: bool) -> None:
    assert is_final(error) is expected


@pytest.mark.django_db
class TestPages:
    def test_no_page_waits_for_a_dead_server(self, client: Client, settings: Any) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.setblocking(False)
            use_server(settings, silent.getsockname()[1])
            form = {"username": "eve", "email": "eve@example.org", "password1": PASSWORD, "password2": PASSWORD}
            assert client.post("/accounts/signup/", form)["Location"] == "/lobby/"
            with pytest.raises(BlockingIOError):  # nobody called
                silent.accept()
        assert DBTaskResult.objects.count() == 1

    def test_known_and_unknown_addresses_leave_the_same_work(self, client: Client, post: Post) -> None:
        dora = make_person(username="dora", email="dora@example.org")
        EmailAddress.objects.create(user=dora, email="dora@example.org", verified=True, primary=True)
        for email in ("dora@example.org", "nobody@example.org"):
            client.post("/accounts/password/reset/", {"email": email})
        rows = DBTaskResult.objects.all()
        assert [row.queue_name for row in rows] == ["mail", "mail"]


def test_what_is_sealed_opens_with_the_key_and_with_the_one_before(settings: Any) -> None:
    settings.SECRET_KEY = "first"
    sealed = seal("Grüße")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "second", ["first"]
    assert unseal(sealed) == "Grüße"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(Broken):
        unseal(sealed)


def test_a_mail_comes_out_of_the_queue_as_it_went_in() -> None:
    plain = EmailMessage("S", "B", "a@example.org", ["b@example.org"], cc=["c@example.org"], reply_to=["d@example.org"])
    back = mail_of(sealed_mail(plain))
    assert (back.subject, back.body, back.to, back.cc, back.reply_to) == (
        "S",
        "B",
        ["b@example.org"],
        ["c@example.org"],
        ["d@example.org"],
    )
