"""The change log of a conversation: what members saw change, in order, without a gap."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from chat.models.conversation import Conversation


class Change(models.Model):
    """Version `version` of a conversation: kind, message, doer. Written in the transaction that bumps the version.

    `client_id` makes sending idempotent. Rows older than CHATTER_CHANGES_DAYS go; `Conversation.floor_version` says
    from where the log is complete. `message_id` is no foreign key: the log is written with, and read beside, the
    message, and `dbcheck` proves that both agree.
    """

    class Kind(models.TextChoices):
        CREATED = "created"
        EDITED = "edited"
        DELETED = "deleted"
        PINNED = "pinned"
        UNPINNED = "unpinned"
        REACTED = "reacted"
        CHANGED = "changed"

    id = models.BigAutoField(primary_key=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="changes", db_index=False)
    version = models.BigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    message_id = models.UUIDField(null=True, blank=True)
    number = models.BigIntegerField(null=True, blank=True)
    actor = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    client_id = models.UUIDField(null=True, blank=True)
    detail = models.JSONField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "version"], name="change_version_once"),
            models.UniqueConstraint(
                fields=["conversation", "actor", "client_id"],
                condition=Q(client_id__isnull=False),
                name="change_client_id_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id} v{self.version} {self.kind}"
