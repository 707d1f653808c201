"""Work that no page waits for: `@background` makes a task of a function, and here is how a task runs, fails and runs again.

A task is a row, written in the transaction of whoever enqueues it: it exists when that is committed, and only then. It may run
twice (its worker can die after the work and before the note of it), so what it does must be safe to do again.
"""

import logging
import random
from collections.abc import Callable
from datetime import timedelta
from traceback import format_exception
from typing import Any

from django.db import transaction
from django.tasks import Task, TaskResultStatus, task
from django.utils import timezone
from django_tasks_db.models import DBTaskResult, get_date_max

logger = logging.getLogger(__name__)

# Mail and push wait for other people's servers, and rights wait for nobody; workers give each queue threads of its own.
QUEUES = ("default", "mail", "push", "access")
RETRIES = 5
FIRST_WAIT = 10.0
LONGEST_WAIT = 3600.0


class GiveUp(Exception):
    """Raised by a task that would fail each time: it is not tried again."""


class NotNow(Exception):
    """Raised by a task that was told when to come again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds:.0f} s")
        self.seconds = seconds


class WorkerDied(Exception):
    """What a task failed of whose worker was not seen any more."""


def background[**P](
    *, retries: int = RETRIES, queue: str = "default"
) -> Callable[[Callable[P, object]], "Task[P, Any]"]:
    """Make a task of a function of the module's own level: `f.enqueue(…)`, with small arguments that JSON can say.

    When it raises it runs again, at most `retries` times, after waits that double; then it has failed and stands in the
    administration.
    """

    def wrap(function: Callable[P, object]) -> "Task[P, Any]":
        function.retries = retries  # type: ignore[attr-defined]  # read by _retries_of
        made: Task[P, Any] = task(queue_name=queue)(function)
        return made

    return wrap


def enqueue_once(wanted: "Task[..., Any]", *arguments: Any) -> None:
    """Enqueue, unless the same is waiting to begin: it cannot begin before this transaction ends, and will see what it did."""
    with transaction.atomic():
        said = {"args": list(arguments), "kwargs": {}}
        same = DBTaskResult.objects.ready().filter(task_path=wanted.module_path, args_kwargs=said)
        if same.get_locked() is None:
            wanted.enqueue(*arguments)


def wait_before(attempt: int) -> float:
    """Seconds until the next try after `attempt` tries: they double, and scatter so that not all come back at once."""
    return min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempt - 1)) * random.uniform(0.5, 1.5)  # noqa: S311 -- no secret


def claim(queue: str, worker: str) -> DBTaskResult | None:
    """Take the next task of `queue` that is due, if there is one, for nobody else but `worker`."""
    with transaction.atomic():
        row: DBTaskResult | None = DBTaskResult.objects.ready().filter(queue_name=queue).get_locked()
        if row is not None:
            row.claim(worker)
    return row


def perform(row: DBTaskResult) -> bool:
    """Do what a claimed task says and note how it ended. Returns whether it succeeded."""
    try:
        row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
    except Exception as error:  # noqa: BLE001 -- noted, logged and tried again
        note_failure(row, error)
        return False
    _note(row, status=TaskResultStatus.SUCCESSFUL, finished_at=timezone.now(), exception_class_path="", traceback="")
    return True


def note_failure(row: DBTaskResult, error: Exception) -> None:
    """Let a task that failed run again later, or be, when that was the last time."""
    attempts = len(row.worker_ids)
    said = {
        "exception_class_path": f"{type(error).__module__}.{type(error).__qualname__}",
        "traceback": "".join(format_exception(error)),
    }
    context = {"task": row.task_path, "id": str(row.pk), "attempt": attempts}
    if isinstance(error, GiveUp) or attempts > _retries_of(row):
        logger.error("background task failed for good", exc_info=error, extra=context)
        _note(row, status=TaskResultStatus.FAILED, finished_at=timezone.now(), **said)
        return
    seconds = error.seconds if isinstance(error, NotNow) else wait_before(attempts)
    logger.warning("background task failed, trying again: %s", error, extra=context)
    _note(row, status=TaskResultStatus.READY, run_after=timezone.now() + timedelta(seconds=seconds), **said)


def retry_task(*, row: DBTaskResult) -> bool:
    """Let a task that failed for good run again, with all its tries. False when it is not one (any more)."""
    failed = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.FAILED)
    again = {"status": TaskResultStatus.READY, "run_after": get_date_max(), "worker_ids": [], "finished_at": None}
    return bool(failed.update(**again))


def _retries_of(row: DBTaskResult) -> int:
    """How often the task may run again; not once when it is no part of this version any more."""
    try:
        return int(getattr(row.task.func, "retries", 0))
    except Exception:  # noqa: BLE001 -- whatever is wrong with its name, it cannot run
        return 0


def _note(row: DBTaskResult, **fields: Any) -> None:
    """Write how it ended, unless the task was taken from us because we had not been seen for too long."""
    ours = DBTaskResult.objects.filter(pk=row.pk, status=TaskResultStatus.RUNNING, worker_ids=row.worker_ids)
    if not ours.update(**fields):
        logger.warning("background task was taken over meanwhile", extra={"task": row.task_path, "id": str(row.pk)})
