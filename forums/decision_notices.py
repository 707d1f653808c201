"""What people read of what was decided about them in a forum. Not who decided it; the forum as it was called then."""

from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.notices import Words
from accounts.warnings import register_words
from chatter.core.clock import date_and_time

type Payload = dict[str, Any]


def post_removed(payload: Payload) -> Words:
    return _words(payload, _("Your post was removed from “%(name)s”"), _where(payload))


def comment_removed(payload: Payload) -> Words:
    return _words(payload, _("Your comment was removed from “%(name)s”"), _where(payload))


def post_approved(payload: Payload) -> Words:
    return _words(payload, _("Your post in “%(name)s” was approved"), _where(payload))


def comment_approved(payload: Payload) -> Words:
    return _words(payload, _("Your comment in “%(name)s” was approved"), _where(payload))


def banned(payload: Payload) -> Words:
    moment = parse_datetime(payload.get("until") or "")
    if moment is None:
        return _words(payload, _("You are banned from the forum “%(name)s”"))
    title = _("You are banned from the forum “%(name)s” until %(until)s")
    return _words(payload | {"until": date_and_time(moment)}, title)


def ban_lifted(payload: Payload) -> Words:
    return _words(payload, _("You are not banned from the forum “%(name)s” any more"))


def put_out(payload: Payload) -> Words:
    return _words(payload, _("You were removed from the forum “%(name)s”"))


def moderator(payload: Payload) -> Words:
    return _words(payload, _("You moderate the forum “%(name)s” now"), _forum(payload))


def no_moderator(payload: Payload) -> Words:
    return _words(payload, _("You do not moderate the forum “%(name)s” any more"))


def owned(payload: Payload) -> Words:
    return _words(payload, _("The forum “%(name)s” is yours now"), _forum(payload))


def request_accepted(payload: Payload) -> Words:
    return _words(payload, _("You were let into the forum “%(name)s”"), _forum(payload))


def request_declined(payload: Payload) -> Words:
    return _words(payload, _("Your request to join the forum “%(name)s” was declined"))


def _words(payload: Payload, title: str, url: str = "") -> Words:
    said = [_("Rule: %(rule)s") % {"rule": payload["rule"]}] if payload.get("rule") else []
    said += [_("Reason: %(reason)s") % {"reason": payload["reason"]}] if payload.get("reason") else []
    return Words(title % payload, url or reverse("notifications"), " · ".join(said))


def _where(payload: Payload) -> str:
    """The post or comment. It opens as far as one may read there still."""
    slug, post, comment = payload["slug"], payload["post"], payload["comment"]
    return reverse("comment", args=[slug, post, comment]) if comment else reverse("post_short", args=[slug, post])


def _forum(payload: Payload) -> str:
    return reverse("forum", args=[payload["slug"]])


def register_all() -> None:
    decided = (post_removed, comment_removed, post_approved, comment_approved, banned, ban_lifted, put_out)
    roles = (moderator, no_moderator, owned, request_accepted, request_declined)
    register_words({f"forum_{each.__name__}": each for each in (*decided, *roles)})
