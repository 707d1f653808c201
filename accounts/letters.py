"""The letter that tells a person by e-mail what they have not read: its words, its headers, and the way to get no more."""

import re
from collections.abc import Iterable, Sequence
from email.utils import make_msgid
from typing import NamedTuple
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.leaving import absolute, leaving
from accounts.mail import mail_domain
from accounts.models import Notification, User
from accounts.notices import Notice
from accounts.preferences import as_read_by

SALT = "accounts.unsubscribe"
# What stands for every kind in the address that ends e-mails.
ALL = "all"
SUBJECT_LENGTH = 100
MOST_SHOWN = 20


class Ending(NamedTuple):
    """Whose e-mails an address ends: those of one kind, or all (`kind` is ALL)."""

    person_id: str
    kind: str


def letter_for(person: User, keys: Iterable[UUID]) -> EmailMultiAlternatives | None:
    """The letter about those of the notifications that may be told now; None when there is nothing, or nobody, to tell."""
    address = EmailAddress.objects.filter(user=person, verified=True).order_by("-primary").first()
    if address is None or person.is_guest:
        return None
    with as_read_by(person):
        notices = leaving(person, keys, "email")
        return _letter(person, address.email, notices) if notices else None


def _letter(person: User, address: str, notices: Sequence[Notice]) -> EmailMultiAlternatives:
    kinds = {notice.kind for notice in notices}
    ending = ending_url(person, kinds.pop() if len(kinds) == 1 else ALL)
    context = {
        "subject": subject_of(notices),
        "person": person,
        "notices": [{"notice": notice, "url": absolute(notice.url)} for notice in notices[:MOST_SHOWN]],
        "others": len(notices) - MOST_SHOWN if len(notices) > MOST_SHOWN else 0,
        "home_url": absolute("/"),
        "site": settings.CHATTER_URL.partition("://")[2],
        "preferences_url": absolute("/settings/notifications/"),
        "ending_url": ending,
    }
    text = render_to_string("email/notifications.txt", context).strip() + "\n"
    message = EmailMultiAlternatives(context["subject"], text, to=[address], headers=_headers(ending, notices))
    message.attach_alternative(render_to_string("email/notifications.html", context), "text/html")
    return message


def subject_of(notices: Sequence[Notice]) -> str:
    """One line that tells what is in it; people's own words in it are cut, and break no line."""
    first = Truncator(" ".join(notices[0].title.split())).chars(SUBJECT_LENGTH)
    if len(notices) == 1:
        return first
    count = len(notices)
    return ngettext("%(count)d notification: %(first)s", "%(count)d notifications: %(first)s", count) % {
        "count": count,
        "first": first,
    }


def _headers(ending: str, notices: Sequence[Notice]) -> dict[str, str]:
    """One click ends these letters (RFC 8058); letters about one thing stand together in the mailbox."""
    domain = mail_domain()
    thread = f"<{re.sub(r'[^A-Za-z0-9]+', '-', notices[0].group_key)}@{domain}>" if len(notices) == 1 else ""
    return {
        "Message-ID": make_msgid(domain=domain),
        "List-Unsubscribe": f"<{ending}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"Chatter <notifications.{domain}>",
        "Auto-Submitted": "auto-generated",
        **({"References": thread, "In-Reply-To": thread} if thread else {}),
    }


def ending_url(person: User, kind: str) -> str:
    """The address that ends the e-mails of `kind`, for whoever holds the letter. It needs no login and never runs out."""
    token = signing.dumps([str(person.pk), kind], salt=SALT)
    return absolute(reverse("unsubscribe", args=[token]))


def read_ending(token: str) -> Ending | None:
    """Whose e-mails of which kind the token ends; None when it is none of ours."""
    try:
        person, kind = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return Ending(person, kind) if kind == ALL or kind in Notification.Kind.values else None


def words_for(kind: str) -> str:
    """What the letters of `kind` are about."""
    return _("all notifications") if kind == ALL else str(Notification.Kind(kind).label)
