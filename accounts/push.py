"""Web push: what is due is shown with its reader's rights, encrypted for one browser (RFC 8291) and given to its push service."""

import hashlib
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import http_ece
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from django.db.models import F
from django.utils import timezone, translation
from django.utils.text import Truncator
from django.utils.translation import ngettext

from accounts.background import GiveUp, NotNow, background
from accounts.leaving import leaving
from accounts.models import Notification, PushSubscription
from accounts.notices import Notice
from accounts.preferences import as_read_by
from accounts.vapid import CURVE, authorization, unpadded, url_safe
from chatter.core import outbound

logger = logging.getLogger(__name__)

# Beyond a day it is no news; the page has it.
TTL = 24 * 60 * 60
TITLE, BODY = 100, 200
NAMED = 3
# A service that failed so often in a row for one browser, and for so long, is not asked again. When it is our own line that
# is cut, everybody's fail often, but not for long.
MOST_FAILURES = 20
LONGEST_SILENCE = timedelta(days=3)
# One that failed so often in a row is tried once for each push: slow services do not take the threads of all others.
FEW_FAILURES = 7
LONGEST_WAIT = 3600.0
URGENT = {Notification.Kind.MESSAGE, Notification.Kind.MENTION, Notification.Kind.REPLY}
# Tests reach their own push service by a policy of their own.
POLICY = outbound.PUBLIC


@background(retries=6, queue="push")
def push(subscription_id: str, notification_ids: list[str]) -> None:
    """Tell one browser of those notifications, as far as they are still news."""
    subscription = PushSubscription.objects.select_related("user").filter(pk=subscription_id).first()
    if subscription is None:
        return
    with as_read_by(subscription.user):
        notices = leaving(subscription.user, notification_ids, "push")
        if notices:
            _send(subscription, notices)


def payload_of(notices: Sequence[Notice]) -> dict[str, Any]:
    """What the service worker gets: short words, where it leads, what it replaces."""
    newest = notices[0]
    said: dict[str, Any] = {
        "lang": translation.get_language(),
        "dir": "rtl" if translation.get_language_bidi() else "ltr",
    }
    if len(notices) == 1:
        words = {"title": newest.title, "body": newest.text, "url": newest.url, "tag": newest.group_key}
    else:
        count = len(notices)
        title = ngettext("%(count)d notification", "%(count)d notifications", count) % {"count": count}
        first = "\n".join(Truncator(notice.title).chars(60) for notice in notices[:NAMED])
        words = {"title": title, "body": first, "url": "/notifications/", "tag": "several"}
    title, body = Truncator(words["title"]).chars(TITLE), Truncator(words["body"]).chars(BODY)
    return said | words | {"title": title, "body": body, "at": int(newest.at.timestamp() * 1000)}


def encrypted(payload: bytes, p256dh: str, auth: str) -> bytes:
    """`payload` for the browser whose keys those are (aes128gcm). Raises ValueError for keys that are none."""
    receiver = browser_key(p256dh)
    return bytes(
        http_ece.encrypt(
            payload,
            salt=os.urandom(16),
            private_key=ec.generate_private_key(CURVE),
            dh=receiver,
            auth_secret=unpadded(auth),
            version="aes128gcm",
        )
    )


def browser_key(p256dh: str) -> bytes:
    """The browser's public key: a point on the curve. Raises ValueError."""
    raw = unpadded(p256dh)
    ec.EllipticCurvePublicKey.from_encoded_point(CURVE, raw)
    return raw


def _send(subscription: PushSubscription, notices: Sequence[Notice]) -> None:
    payload = payload_of(notices)
    headers = {
        "Authorization": authorization(subscription.endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(TTL),
        "Urgency": "high" if {notice.kind for notice in notices} & URGENT else "normal",
        # A newer one of the same group replaces what the service still holds.
        "Topic": url_safe(hashlib.sha256(payload["tag"].encode()).digest())[:32],
    }
    try:
        body = encrypted(orjson.dumps(payload), subscription.p256dh, subscription.auth)
        answer = outbound.fetch("POST", subscription.endpoint, headers=headers, body=body, policy=POLICY)
    except outbound.Unreachable:
        _note_failure(subscription)
        raise
    except ValueError as error:  # an address or a key that is not to be used: neither gets better
        subscription.delete()
        raise GiveUp(str(error)) from None
    _heed(subscription, answer)


def _heed(subscription: PushSubscription, answer: outbound.Answer) -> None:
    """What the push service said (RFC 8030, 5; 404 and 410: this browser is gone)."""
    if answer.status < 300:
        PushSubscription.objects.filter(pk=subscription.pk).update(failures=0, last_used_at=timezone.now())
        return
    if answer.status in {404, 410}:
        subscription.delete()
        return
    _note_failure(subscription)
    if answer.status == 429 or answer.status >= 500:
        raise (
            NotNow(seconds) if (seconds := wait_of(answer)) else RuntimeError(f"push service answered {answer.status}")
        )
    raise GiveUp(f"push service refused: {answer.status}")


def wait_of(answer: outbound.Answer) -> float:
    """The seconds Retry-After asks for, within reason; 0 where it does not say."""
    said = answer.headers.get("retry-after", "")
    try:
        seconds = float(said) if said.isdecimal() else (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return min(max(seconds, 1.0), LONGEST_WAIT)


def _note_failure(subscription: PushSubscription) -> None:
    """Count it. Raises GiveUp where there have been too many to try again."""
    PushSubscription.objects.filter(pk=subscription.pk).update(failures=F("failures") + 1)
    heard = subscription.last_used_at or subscription.created_at
    if heard < timezone.now() - LONGEST_SILENCE:
        PushSubscription.objects.filter(pk=subscription.pk, failures__gte=MOST_FAILURES).delete()
    if subscription.failures >= FEW_FAILURES:
        raise GiveUp(f"push service failed {subscription.failures} times before")
