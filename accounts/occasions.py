"""Spreading what happened to whom it concerns: claim an occasion, tell a chunk of people at a time, delete the row.

How the occasions of a kind are spread, the application that writes them registers. `accounts.actions.telling` tells.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import Occasion
from chatter.core.database import prepared_cursor
from chatter.core.rows import columns, instance

logger = logging.getLogger(__name__)

# So many people are told in one transaction: it stays short, and a worker that dies loses no more.
CHUNK = 500
BATCH = 50
# Every chunk renews the claim. An older one is of a worker that died.
CLAIM_SECONDS = 60
ATTEMPTS = 12
BACK_OFF = timedelta(seconds=2)
BACK_OFF_MAX = timedelta(hours=1)

_SEIZE = """
update accounts_occasion o set claimed_at = clock_timestamp(), attempts = o.attempts + 1
  from (select id from accounts_occasion
         where due_at <= clock_timestamp() and (claimed_at is null or claimed_at < clock_timestamp() - make_interval(secs => %s))
         order by due_at, id limit %s for no key update skip locked) due
 where o.id = due.id
returning {columns}
"""


class Spread(NamedTuple):
    """`chunk(occasion)` tells at most CHUNK people after `occasion.cursor`; it returns the next cursor, None at the end.

    `afterwards(occasion)` runs once all are told and committed: it sees what happened meanwhile.
    """

    chunk: Callable[[Occasion], UUID | None]
    afterwards: Callable[[Occasion], None] | None = None


_spreads: dict[str, Spread] = {}


class ClaimLostError(Exception):
    """Another worker took the occasion over: what this one was about to write is rolled back."""


def register(
    kind: str, chunk: Callable[[Occasion], UUID | None], afterwards: Callable[[Occasion], None] | None = None
) -> None:
    """Say how occasions of `kind` are spread. `chunk` is called in a transaction of its own, and may be called again."""
    _spreads[kind] = Spread(chunk, afterwards)


def note(kind: str, key: str, **fields: Any) -> None:
    """Write down, in the caller's transaction, that people may have to be told; while one of that key waits, nothing."""
    Occasion.objects.bulk_create([Occasion(kind=kind, key=key, **fields)], ignore_conflicts=True)


def spread_due(limit: int = BATCH) -> int:
    """Spread what is due, at most `limit` occasions; returns how many. The worker calls it all the time."""
    occasions = seize(limit)
    for occasion in occasions:
        try:
            spread(occasion)
        except ClaimLostError:
            logger.warning("An occasion was taken over by another worker", extra={"occasion": occasion.key})
        except Exception:
            logger.exception("An occasion could not be spread", extra={"occasion": occasion.key})
            put_back(occasion)
    return len(occasions)


def seize(limit: int) -> list[Occasion]:
    """Claim what is due and nobody works on, or whose worker died. A claim is known by its `claimed_at`."""
    with transaction.atomic(), prepared_cursor() as cursor:
        cursor.execute(_SEIZE.format(columns=columns(Occasion, "o")), [CLAIM_SECONDS, limit])
        found = [instance(Occasion, row) for row in cursor.fetchall()]
    return sorted(found, key=lambda occasion: (occasion.due_at, occasion.pk))


def spread(occasion: Occasion) -> None:
    """Tell everybody, chunk by chunk, each committed with how far it came; then the row goes."""
    ways = _spreads[occasion.kind]
    more = True
    while more:
        with transaction.atomic():
            cursor = ways.chunk(occasion)
            more = cursor is not None
            if more:
                renew(occasion, cursor)
            elif ways.afterwards is None:
                finish(occasion)
    if ways.afterwards is not None:
        ways.afterwards(occasion)
        finish(occasion)


def renew(occasion: Occasion, cursor: UUID | None) -> None:
    """Remember how far it came, and that the worker is alive. Raises ClaimLostError."""
    now = timezone.now()
    own = Occasion.objects.filter(pk=occasion.pk, claimed_at=occasion.claimed_at)
    if not own.update(cursor=cursor, claimed_at=now, attempts=0):
        raise ClaimLostError
    occasion.cursor, occasion.claimed_at, occasion.attempts = cursor, now, 0


def finish(occasion: Occasion) -> None:
    """It is told. Raises ClaimLostError."""
    gone, _rows = Occasion.objects.filter(pk=occasion.pk, claimed_at=occasion.claimed_at).delete()
    if not gone:
        raise ClaimLostError


def put_back(occasion: Occasion) -> None:
    """Try again later, each time after twice as long; in the end give up. One of its key that waits replaces it."""
    own = Occasion.objects.filter(pk=occasion.pk, claimed_at=occasion.claimed_at)
    if occasion.attempts >= ATTEMPTS:
        logger.error("An occasion was given up", extra={"occasion": occasion.key})
        own.delete()
        return
    pause = min(BACK_OFF * 2**occasion.attempts, BACK_OFF_MAX)
    try:
        with transaction.atomic():
            own.update(claimed_at=None, due_at=timezone.now() + pause)
    except IntegrityError:
        own.delete()
