"""What notifications about the account itself say, by the `event` of their payload, in the language of who reads them."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.agents import device_name
from accounts.models import Notification, Report
from accounts.notices import Words, register, show_plain

type Payload = dict[str, Any]


def sign_in(payload: Payload) -> Words:
    device = device_name(payload.get("user_agent", ""))
    text = _("From %(address)s. If this was not you, log that device out and change your password.")
    return Words(
        title=_("New login: %(device)s") % {"device": device},
        text=text % {"address": payload.get("address") or _("an unknown address")},
        url=reverse("settings_devices"),
    )


def token_reused(payload: Payload) -> Words:
    return Words(
        title=_("The token “%(name)s” was revoked") % {"name": payload.get("name", "")},
        text=_("It was used a second time, as if somebody had copied it. Make a new one for your program."),
        url=reverse("settings_tokens"),
    )


def export_ready(_payload: Payload) -> Words:
    return Words(
        title=_("Your export is ready"), text=_("You can download it for a week."), url=reverse("settings_data")
    )


def factor_removed(payload: Payload) -> Words:
    return Words(
        title=_("Your second factor was removed"),
        text=_("By the people who run this site. Their reason: %(reason)s") % {"reason": payload.get("reason", "")},
        url=reverse("settings_security"),
    )


def report_decided(payload: Payload) -> Words:
    done = payload.get("outcome") == Report.State.RESOLVED
    if payload.get("outcome") == "gone":
        text = _("Who wrote it has deleted it meanwhile. Thank you.")
        return Words(title=_("Your report was looked at"), text=text, url=reverse("notifications"))
    text = _("The moderators acted on it. Thank you.") if done else _("The moderators saw no reason to act.")
    return Words(title=_("Your report was looked at"), text=text, url=reverse("notifications"))


WORDS: dict[str, Callable[[Payload], Words]] = {
    "sign_in": sign_in,
    "token_reused": token_reused,
    "export_ready": export_ready,
    "factor_removed": factor_removed,
    "report_decided": report_decided,
}


def register_words(words: dict[str, Callable[[Payload], Words]]) -> None:
    """Say what other applications tell people of decisions about them, by event."""
    WORDS.update(words)


def show(recipient: UUID, rows: Sequence[Notification]) -> dict[UUID, Words]:
    known = {row.pk: WORDS[row.payload["event"]](row.payload) for row in rows if row.payload.get("event") in WORDS}
    return known | show_plain(recipient, [row for row in rows if row.pk not in known])


register(Notification.Kind.SYSTEM, show)
register(Notification.Kind.MODERATION, show)
