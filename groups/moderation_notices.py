"""What people read of what was decided about them in a group. Not who decided it; the group as it was called then."""

from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.notices import Words
from accounts.warnings import register_words
from chatter.core.clock import date_and_time

type Payload = dict[str, Any]


def kicked(payload: Payload) -> Words:
    return _words(payload, _("You were removed from “%(group)s”"))


def banned(payload: Payload) -> Words:
    until = _moment(payload)
    title = _("You are banned from “%(group)s” until %(until)s") if until else _("You are banned from “%(group)s”")
    return _words(payload, title, until)


def ban_lifted(payload: Payload) -> Words:
    return _words(payload, _("You are not banned from “%(group)s” any more"))


def timed_out(payload: Payload) -> Words:
    return _words(payload, _("You cannot write in “%(group)s” until %(until)s"), _moment(payload))


def time_out_lifted(payload: Payload) -> Words:
    return _words(payload, _("You can write in “%(group)s” again"))


def renamed(payload: Payload) -> Words:
    name = payload.get("nickname", "")
    text = _("You are called “%(name)s” there now.") % {"name": name} if name else _("You have no nickname there now.")
    return Words(_("Your nickname in “%(group)s” was changed") % payload, reverse("notifications"), text)


def owned(payload: Payload) -> Words:
    text = _("It was handed over to you. You can do everything there now.")
    return Words(_("You own “%(group)s” now") % payload, reverse("group", args=[payload["id"]]), text)


def _words(payload: Payload, title: str, until: str = "") -> Words:
    reason = payload.get("reason", "")
    text = _("Reason: %(reason)s") % {"reason": reason} if reason else ""
    return Words(title % {"group": payload.get("group", ""), "until": until}, reverse("notifications"), text)


def _moment(payload: Payload) -> str:
    """The end of it, in the reader's time zone; "" where there is none."""
    moment = parse_datetime(payload.get("until") or "")
    return date_and_time(moment) if moment else ""


def register_all() -> None:
    register_words(
        {
            "group_kicked": kicked,
            "group_banned": banned,
            "group_ban_lifted": ban_lifted,
            "group_timed_out": timed_out,
            "group_time_out_lifted": time_out_lifted,
            "group_nickname_changed": renamed,
            "group_owned": owned,
        }
    )
