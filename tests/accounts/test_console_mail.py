"""Without a mail server the console shows who gets which mail, and links in one piece."""

import io

from django.core.mail import EmailMultiAlternatives

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


def test_it_is_what_a_site_without_a_mail_server_uses() -> None:
    from chatter.settings import mailer

    assert mailer() == {"BACKEND": "chatter.core.mail.ConsoleMailer"}
