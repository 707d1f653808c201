"""Without a mail server the console shows who gets which mail, and links in one piece."""

import io
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string

from chatter.core.mail import ConsoleMailer

LINK = "http://localhost:8000/accounts/confirm-email/" + "Mw:1abc-DEF_ghi=" * 8 + "/"


def test_the_link_stands_whole_on_a_line_of_its_own() -> None:
    stream = io.StringIO()
    mail = EmailMultiAlternatives("Grüße", f"Öffnen:\n\n{LINK}\n", "a@example.org", ["zoë@example.org"])
    mail.attach_alternative("<p>never printed</p>", "text/html")
    assert ConsoleMailer(stream=stream).send_messages([mail]) == 1
    printed = stream.getvalue()
    assert LINK in printed.splitlines()
    assert "zoë@example.org" in printed
    assert "Subject: Grüße" in printed
    assert "never printed" not in printed


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost", {"host": "localhost"}),
        ("smtp+tls://u:p%40@mail.example.org:587", {"port": 587, "username": "u", "password": "p@", "use_tls": True}),
        ("smtps://u:p@mail.example.org:465", {"port": 465, "use_ssl": True}),
        ("filemail:///srv/mails", {"file_path": "/srv/mails"}),
        ("dummymail://", {}),
        ("", {}),
    ],
)
def test_one_address_sets_the_mail_server(monkeypatch: pytest.MonkeyPatch, url: str, expected: dict[str, Any]) -> None:
    from chatter import settings as written  # as written, not as tests patch it

    monkeypatch.setattr(written, "EMAIL_URL", url)
    config = written.mailer()
    options = config.get("OPTIONS", {})
    assert expected.items() <= options.items()
    assert not (options.get("use_tls") and options.get("use_ssl"))
    assert url.startswith("filemail") or import_string(config["BACKEND"])(alias="default", **options)
    assert config["BACKEND"] == "chatter.core.mail.ConsoleMailer" or url
