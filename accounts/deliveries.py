"""The ways out of the site: e-mails and pushes of notifications that are due.

Rows of `Delivery` are the queue. Several workers share it: rows are claimed with SKIP LOCKED, an e-mail by moving its `due_at`
on (who dies with it leaves it to the next), a push by making it a background task in the same transaction.
"""

import logging
import smtplib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from accounts.background import GiveUp
from accounts.channels import SOON
from accounts.letters import letter_for
from accounts.mail import send_now
from accounts.models import Delivery, PushSubscription, User
from accounts.preferences import setting_of
from accounts.push import push
from chatter.core.presence import statuses

logger = logging.getLogger(__name__)

PEOPLE_AT_ONCE = 20
PUSHES_AT_ONCE = 500
# A letter that is being sent is nobody else's for so long.
LEASE = timedelta(minutes=15)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)
# The last try is about seven hours after the first.
ATTEMPTS = 12

# Everybody with something due, and everything of theirs: one letter says it all. What another worker has begun is left out.
_CLAIM_MAILS = """
update accounts_delivery d set attempts = d.attempts + 1, due_at = statement_timestamp() + %s
  from (select id from accounts_delivery
         where channel = 'email' and (attempts = 0 or due_at <= statement_timestamp()) and recipient_id = any(array(
           select recipient_id from accounts_delivery where channel = 'email' and due_at <= statement_timestamp()
            group by recipient_id order by min(due_at) limit %s))
           for update skip locked) claimed
 where d.id = claimed.id
returning d.recipient_id, d.notification_id, d.id, d.attempts
"""
_TAKE_PUSHES = """
delete from accounts_delivery where id in (
  select id from accounts_delivery where channel = 'push' and due_at <= statement_timestamp() order by due_at limit %s for update skip locked)
returning recipient_id, notification_id, id, attempts
"""


class Due(NamedTuple):
    """A delivery that is ours to send."""

    recipient: UUID
    notification: UUID
    key: int
    attempts: int


def deliver_due(channel: str = "") -> int:
    """Send what is due, of one channel or of both. Returns for how many people; 0 when nothing was due."""
    ways: dict[str, Callable[[], int]] = {Delivery.Channel.EMAIL: deliver_mails, Delivery.Channel.PUSH: deliver_pushes}
    return sum(deliver() for name, deliver in ways.items() if channel in ("", name))


def deliver_pushes() -> int:
    """Make each person's due pushes one background task for each of their browsers."""
    with transaction.atomic():
        due = _of_each(_TAKE_PUSHES, [PUSHES_AT_ONCE])
        for subscription in PushSubscription.objects.filter(user__in=due).only("pk", "user_id"):
            push.enqueue(str(subscription.pk), [str(row.notification) for row in due[subscription.user_id]])
    return len(due)


def deliver_mails() -> int:
    """Send everybody for whom something is due one letter. Whoever is here just now is left to the page."""
    due = _of_each(_CLAIM_MAILS, [LEASE, PEOPLE_AT_ONCE])
    people = User.objects.in_bulk(due)
    here = {person for person, status in statuses(due).items() if status == "online"} if due else set()
    failure: Exception | None = None
    for key, rows in due.items():
        person = people.get(key)
        if person is not None and key in here and setting_of(person, "email_pace") == "soon":
            _rows(rows).update(due_at=timezone.now() + SOON, attempts=0)
        elif failure is not None:
            _put_off(rows, failure)
        else:
            failure = _deliver(person, rows)
    return len(due)


def _deliver(person: User | None, rows: Sequence[Due]) -> Exception | None:
    """Send one person's letter. Returns why, when the mail server is away: then nobody else's needs to be tried."""
    try:
        message = letter_for(person, [row.notification for row in rows]) if person else None
        if message is not None:
            send_now(message)
    except GiveUp as error:
        logger.warning("notification letter refused for good: %s", error, extra={"person": str(rows[0].recipient)})
    except Exception as error:  # noqa: BLE001 -- one person's letter stops nobody else's
        _put_off(rows, error)
        is_about_letter = isinstance(error, smtplib.SMTPResponseException | smtplib.SMTPRecipientsRefused)
        return error if isinstance(error, OSError) and not is_about_letter else None
    _rows(rows).delete()
    return None


def _put_off(rows: Sequence[Due], error: Exception) -> None:
    """Try again later, each time after twice as long; in the end give up."""
    attempts, person = max(row.attempts for row in rows), str(rows[0].recipient)
    if attempts >= ATTEMPTS:
        logger.error("notification letter given up", exc_info=error, extra={"person": person})
        _rows(rows).delete()
        return
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1))
    logger.warning("notification letter not sent, trying again: %s", error, extra={"person": person})
    _rows(rows).update(due_at=timezone.now() + wait)


def _rows(rows: Sequence[Due]) -> Any:
    return Delivery.objects.filter(pk__in=[row.key for row in rows])


def _of_each(statement: str, parameters: Sequence[Any]) -> dict[UUID, list[Due]]:
    """What `statement` took, by recipient."""
    due: dict[UUID, list[Due]] = {}
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        for row in cursor.fetchall():
            due.setdefault(row[0], []).append(Due(*row))
    return due
