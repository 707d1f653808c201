"""What somebody wrote, taken away in the background when they were banned."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.models import User
from forums.models.forum import Forum, Rule


class Sweep(models.Model):
    """The posts and comments that `user` wrote in the forum since `since` are removed for a rule and a reason. `done_count` of
    `found_count`; `finished_at` when all are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="sweeps", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    rule = models.ForeignKey(Rule, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reason = models.CharField(max_length=500, blank=True, default="")
    since = models.DateTimeField()
    found_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["forum", "-created_at"], name="sweep_in_forum")]

    def __str__(self) -> str:
        return f"{self.done_count}/{self.found_count}"
