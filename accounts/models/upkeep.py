"""Work under way: exports of a person's own data, the workers that are alive, and when their jobs are due."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.user import User


class Export(models.Model):
    """A ZIP of everything of a person. `file` is a name in the storage; `progress` goes from 0 to 100."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        READY = "ready"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="exports", db_index=False)
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    progress = models.PositiveSmallIntegerField(default=0)
    file = models.CharField(max_length=200, blank=True, default="")
    size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, db_index=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "ready", "failed"]), name="export_state_known"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=["waiting", "running"]), name="export_one_at_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="export_of_user")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"


class Worker(models.Model):
    """A worker process that was alive at `seen_at`: what one that is gone had begun is taken up again."""

    id = models.CharField(primary_key=True, max_length=64)
    host = models.CharField(max_length=100, blank=True, default="")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.id


class ScheduledJob(models.Model):
    """When a job of the clock (`chatter.ops.schedule`) is due. Who begins it moves `due_at` on, so that no other does."""

    name = models.CharField(primary_key=True, max_length=40)
    due_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True, default="")

    def __str__(self) -> str:
        return self.name
