"""What workers do by the clock: a short list of jobs, each safe to run again. Several workers run each of them once."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.management import call_command
from django.db.models.functions import Now

from accounts.actions.data import erase_due
from accounts.actions.devices import prune_devices
from accounts.actions.exports import tidy_exports
from accounts.actions.notifications import prune_notifications
from accounts.actions.pictures import sweep_pictures
from accounts.actions.profile import clear_expired_statuses
from accounts.actions.tokens import prune_tokens
from accounts.models import ScheduledJob
from chat.actions.upkeep import prune_changes
from chatter.ops.partitions import make_partitions
from chatter.ops.reaper import prune_tasks
from forums import tasks as forums
from forums.actions.bans import end_bans as end_forum_bans
from forums.actions.days import JOB as FORUM_DAYS
from forums.actions.days import count_forum_days
from forums.actions.uploads import tidy_uploads
from groups.actions.counting import JOB as COUNT_DAYS
from groups.actions.counting import count_days
from groups.actions.invites import prune_invites
from groups.actions.moderation import end_bans
from groups.tasks import purge_due, tidy_icons

logger = logging.getLogger(__name__)

MINUTE = 60.0
HOUR = 60 * MINUTE
DAY = 24 * HOUR
AGAIN_AFTER = 60.0
# Who begins a job has so long, or a tenth more than one round; then it counts as lost with its worker.
LEASE = 15 * 60.0


@dataclass(frozen=True)
class Job:
    """`work`, every `every` seconds; tried again a minute after it failed."""

    name: str
    every: float
    work: Callable[[], object]


def clear_sessions() -> None:
    """Delete sessions that have run out, the rows of their devices, and tokens that ended long ago."""
    call_command("clearsessions")
    prune_devices()
    prune_tokens()


def jobs() -> list[Job]:
    return [
        Job("partitions", DAY, make_partitions),
        Job("sessions", DAY, clear_sessions),
        Job("changes", DAY, prune_changes),
        Job("notifications", HOUR, prune_notifications),
        Job("tasks", HOUR, prune_tasks),
        Job("pictures", DAY, sweep_pictures),
        Job("icons", DAY, tidy_icons),
        Job("groups", 10 * MINUTE, purge_due),
        Job("forums", 10 * MINUTE, forums.purge_due),
        Job("forum-pictures", DAY, forums.tidy_pictures),
        Job("forum-uploads", DAY, tidy_uploads),
        Job("exports", 5 * MINUTE, tidy_exports),
        Job("erasure", 10 * MINUTE, erase_due),
        Job("statuses", MINUTE, clear_expired_statuses),
        Job(COUNT_DAYS, HOUR, count_days),
        Job("invites", DAY, prune_invites),
        Job("bans", MINUTE, end_bans),
        Job("forum-bans", MINUTE, end_forum_bans),
        Job(FORUM_DAYS, HOUR, count_forum_days),
    ]


def run_due(schedule: Sequence[Job]) -> None:
    """Run those jobs of `schedule` that are due and that no other worker has begun."""
    for job in _due(schedule):
        if _begin(job):
            _run(job)


def _due(schedule: Sequence[Job]) -> list[Job]:
    """A job that is new is due now."""
    names = [job.name for job in schedule]
    known = set(ScheduledJob.objects.filter(name__in=names).values_list("name", flat=True))
    new = [ScheduledJob(name=name, due_at=Now()) for name in names if name not in known]
    ScheduledJob.objects.bulk_create(new, ignore_conflicts=True)
    due = set(ScheduledJob.objects.filter(name__in=names, due_at__lte=Now()).values_list("name", flat=True))
    return [job for job in schedule if job.name in due]


def _begin(job: Job) -> bool:
    """Take the job for this round; of several workers one."""
    waiting = ScheduledJob.objects.filter(name=job.name, due_at__lte=Now())
    lease = timedelta(seconds=max(LEASE, job.every * 0.1))
    return bool(waiting.update(due_at=Now() + lease, started_at=Now()))


def _run(job: Job) -> None:
    row = ScheduledJob.objects.filter(name=job.name)
    try:
        job.work()
    except Exception as error:
        logger.exception("scheduled job failed", extra={"job": job.name})
        row.update(due_at=Now() + timedelta(seconds=AGAIN_AFTER), error=f"{type(error).__name__}: {error}"[:500])
    else:
        row.update(due_at=Now() + timedelta(seconds=job.every), finished_at=Now(), error="")
