"""The mailer of a site without a mail server: it prints what a person needs to read, with links that can be clicked."""

from django.core.mail.backends.console import EmailBackend
from django.core.mail.message import EmailMessage


class ConsoleMailer(EmailBackend):
    """Prints receiver, subject and the plain text. (Django's own prints MIME source, in which links are broken up.)"""

    def write_message(self, message: EmailMessage) -> None:
        receivers = ", ".join(message.recipients())
        head = f"E-mail to {receivers} (no mail server is set: EMAIL_URL)"
        self.stream.write(f"\n{'─' * 79}\n{head}\nSubject: {message.subject}\n\n{message.body}\n{'─' * 79}\n")
