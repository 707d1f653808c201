"""The door of a group: invitations, who used them, and who is kept out."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from groups.models.group import Channel, Group


class InviteQuerySet(models.QuerySet["Invite"]):
    def living(self) -> "InviteQuerySet":
        """Invitations that let somebody in, now: not expired, used up or revoked, of a group that stays."""
        lasts = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
        has_room = Q(max_uses=None) | Q(use_count__lt=F("max_uses"))
        return self.filter(lasts, has_room, revoked_at=None, group__deletion_due_at=None)


class Invite(models.Model):
    """A code (at least 64 random bits) that lets people in: until it expires, is used up or revoked."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="invites", db_index=False)
    code = models.CharField(max_length=24, unique=True)
    creator = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="group_invites")
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    max_uses = models.PositiveIntegerField(null=True, blank=True)
    use_count = models.PositiveIntegerField(default=0, editable=False)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = InviteQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(max_uses=None) | Q(use_count__lte=F("max_uses")), name="invite_not_overused"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["group", "-created_at"], name="invite_of_group")]

    def __str__(self) -> str:
        # Whoever reads the whole code gets in.
        return f"{self.code[:4]}…"

    def get_absolute_url(self) -> str:
        return reverse("invite", args=[self.code])


class InviteUse(models.Model):
    """Who came by which invitation."""

    id = models.BigAutoField(primary_key=True)
    invite = models.ForeignKey(Invite, on_delete=models.CASCADE, related_name="redeemed", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["invite", "user"], name="invite_use_once")]

    def __str__(self) -> str:
        return f"{self.user_id} by {self.invite_id}"


class Ban(models.Model):
    """Somebody who may not come in; `until` NULL is for good."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="bans", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="group_bans")
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=500)
    until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "user"], name="ban_once")]
        indexes: ClassVar = [
            models.Index(fields=["group", "-created_at"], name="ban_in_group"),
            models.Index(fields=["until"], condition=~Q(until=None), name="ban_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} out of {self.group_id}"


class Purge(models.Model):
    """The messages that `user` wrote in the group since `since` are deleted, in the background. `done_count` of
    `message_count`; `finished_at` when all are."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="purges", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    actor = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    since = models.DateTimeField()
    message_count = models.PositiveIntegerField(default=0)
    done_count = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["group", "-created_at"], name="purge_in_group")]

    def __str__(self) -> str:
        return f"{self.done_count}/{self.message_count}"
