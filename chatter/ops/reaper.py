"""Workers give signs of life; what one that is gone had begun is taken up again, and what is done is forgotten in time."""

import logging
import socket
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.tasks import TaskResultStatus
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from accounts.background import WorkerDied, note_failure
from accounts.models import Worker

logger = logging.getLogger(__name__)

DEAD_AFTER = timedelta(seconds=60)
FORGET_WORKERS_AFTER = timedelta(days=1)
KEEP_SUCCESSFUL = timedelta(days=1)
KEEP_FAILED = timedelta(days=30)
PRUNED_AT_ONCE = 5000


def note_alive(worker: str) -> None:
    """Say that `worker` lives. By the database's clock: machines need not agree on the time."""
    if not Worker.objects.filter(pk=worker).update(seen_at=Now()):
        host = socket.gethostname()[:100]
        Worker.objects.create(pk=worker, host=host, started_at=Now(), seen_at=Now())


def say_goodbye(worker: str) -> None:
    """`worker` ends: whatever it still holds is free at once."""
    Worker.objects.filter(pk=worker).delete()


def reap() -> int:
    """Take the tasks of workers that are gone from them; each runs again as if it had failed. Returns how many."""
    with transaction.atomic():
        running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING).select_for_update(skip_locked=True)
        alive = set(Worker.objects.filter(seen_at__gt=Now() - DEAD_AFTER).values_list("pk", flat=True))
        lost = [row for row in running if not row.worker_ids or row.worker_ids[-1] not in alive]
        for row in lost:
            note_failure(row, WorkerDied(f"its worker was not seen for {DEAD_AFTER.seconds} s"))
    Worker.objects.filter(seen_at__lt=Now() - FORGET_WORKERS_AFTER).delete()
    return len(lost)


def prune_tasks() -> int:
    """Delete tasks that ended long ago. Returns how many."""
    now = timezone.now()
    old = Q(status=TaskResultStatus.SUCCESSFUL, finished_at__lt=now - KEEP_SUCCESSFUL)
    old |= Q(status=TaskResultStatus.FAILED, finished_at__lt=now - KEEP_FAILED)
    pruned = 0
    while keys := list(DBTaskResult.objects.filter(old).order_by().values_list("pk", flat=True)[:PRUNED_AT_ONCE]):
        pruned += DBTaskResult.objects.filter(pk__in=keys).delete()[0]
    return pruned
