"""How mail leaves: a page only writes it down, and the worker gives it to the mail server, again and again if need be."""

import json
import smtplib
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import make_msgid
from django_tasks_db.models import DBTaskResult

from accounts.background import GiveUp, background
from chatter.core.sealing import Broken, seal, unseal

# Over a day: 10 s, 20 s … and once an hour in the end.
RETRIES = 30
LISTS = ("to", "cc", "bcc", "reply_to")


class BackgroundMailer(BaseEmailBackend):
    """The site's mailer where a mail server is set: it takes every mail at once, whatever becomes of it later.

    So no page waits for the server, and none tells by its pace or its words whether there was anything to send.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        for message in email_messages:
            send_later.enqueue(sealed_mail(message))
        return len(email_messages)


@background(retries=RETRIES, queue="mail")
def send_later(sealed: str) -> None:
    """Give a mail to the server. A letter may hold a link that opens an account: it lies sealed in the queue."""
    send_now(mail_of(sealed))


def send_now(message: EmailMessage) -> None:
    """Give `message` to the mail server. Raises GiveUp when the server will never take it."""
    try:
        message.send(using="direct")
    except smtplib.SMTPException as error:
        if is_final(error):
            raise GiveUp(f"the mail server refused for good: {_code(error)}") from None
        raise


def is_final(error: smtplib.SMTPException) -> bool:
    """Is this refusal about the letter (5xx)? One about our own password is for the operator, who may mend it."""
    return not isinstance(error, smtplib.SMTPAuthenticationError) and _code(error) >= 500


def _code(error: smtplib.SMTPException) -> int:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return min((code for code, _words in error.recipients.values()), default=0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def forget_mails(addresses: Collection[str]) -> None:
    """Delete what lies in the queue for these addresses, sent or not."""
    people = {address.lower() for address in addresses}
    rows = DBTaskResult.objects.filter(task_path=send_later.module_path).order_by()
    for row in rows.only("pk", "args_kwargs").iterator(500) if people else ():
        with suppress(Broken):
            to = json.loads(unseal(row.args_kwargs["args"][0]))["to"]
            if people & {address.lower() for address in to}:
                row.delete()


def sealed_mail(message: EmailMessage) -> str:
    """`message` as it lies in the queue. Its id is made now, so that a mail sent twice is seen to be one."""
    if message.attachments:
        raise ValueError("a mail in the background has no attachments")
    headers = {"Message-ID": make_msgid(domain=mail_domain()), **message.extra_headers}
    fields: dict[str, Any] = {name: getattr(message, name) for name in LISTS}
    fields |= {"subject": str(message.subject), "body": str(message.body), "from_email": message.from_email}
    letters = [[part.content, part.mimetype] for part in getattr(message, "alternatives", [])]
    return seal(json.dumps(fields | {"headers": headers, "letters": letters, "subtype": message.content_subtype}))


def mail_of(sealed: str) -> EmailMessage:
    """The mail that `sealed_mail` made that of."""
    fields = json.loads(unseal(sealed))
    letters, subtype = fields.pop("letters"), fields.pop("subtype")
    message = EmailMultiAlternatives(**fields)
    message.content_subtype = subtype
    for content, mimetype in letters:
        message.attach_alternative(content, mimetype)
    return message


def mail_domain() -> str:
    """The domain our mails are from."""
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
