"""What people are told: occasions (what happened, not told yet), notifications, and their ways out."""

import uuid
from typing import ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.db.models.functions import UUID7, Now
from django.utils.translation import pgettext_lazy

from accounts.models.session import Device
from accounts.models.user import User


class Occasion(models.Model):
    """Something that people may have to be told of, written in the transaction in which it happened.

    The worker claims it (`claimed_at`), tells those whom it concerns and deletes the row. `key` names the occasion: while one
    of that key waits unclaimed, another changes nothing. `cursor` is how far a wide one has come.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=80)
    place = models.UUIDField(null=True)
    position = models.BigIntegerField(null=True)
    source_id = models.UUIDField(null=True)
    actor_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict, db_default={})
    cursor = models.UUIDField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(db_default=Now())
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["key"], condition=Q(claimed_at=None), name="occasion_waits_once")
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], name="occasion_due")]

    def __str__(self) -> str:
        return self.key


class Notification(models.Model):
    """Something a person is told. It holds ids: what it shows is read, with the reader's rights, when it is shown.

    Unread ones of one `group_key` are one row: `count` of them, the newest on top. `place` and `position` say where it
    happened (a conversation and a message's number), so that reading there reads it here too.
    """

    class Kind(models.TextChoices):
        MESSAGE = "message", pgettext_lazy("notification", "Direct and group messages")
        MENTION = "mention", pgettext_lazy("notification", "Mentions")
        REPLY = "reply", pgettext_lazy("notification", "Replies to me")
        REACTION = "reaction", pgettext_lazy("notification", "Reactions to my messages")
        FRIEND_REQUEST = "friend_request", pgettext_lazy("notification", "Contact requests")
        INVITATION = "invitation", pgettext_lazy("notification", "Invitations to groups and forums")
        FORUM_REPLY = "forum_reply", pgettext_lazy("notification", "Replies in forums")
        FORUM_FOLLOW = "forum_follow", pgettext_lazy("notification", "What I follow in forums")
        MODERATION = "moderation", pgettext_lazy("notification", "Decisions of moderators")
        SYSTEM = "system", pgettext_lazy("notification", "Security and account")

    id = models.UUIDField(primary_key=True, db_default=UUID7(), editable=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    source_type = models.ForeignKey(ContentType, null=True, blank=True, on_delete=models.CASCADE, db_index=False)
    source_id = models.UUIDField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")
    place = models.UUIDField(null=True, blank=True)
    position = models.BigIntegerField(null=True, blank=True)
    group_key = models.CharField(max_length=80)
    count = models.PositiveIntegerField(default=1, db_default=1)
    payload = models.JSONField(default=dict, db_default={}, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    # Listed on the page and counted on the bell; one that only leaves by e-mail or push is not.
    in_app = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["recipient", "group_key"], condition=Q(read_at=None), name="notification_unread_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "message",
                        "mention",
                        "reply",
                        "reaction",
                        "friend_request",
                        "invitation",
                        "forum_reply",
                        "forum_follow",
                        "moderation",
                        "system",
                    ]
                ),
                name="notification_kind_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["recipient", "-updated_at", "-id"], condition=Q(read_at=None), name="notification_unread"
            ),
            models.Index(
                fields=["recipient", "-updated_at", "-id"], condition=~Q(read_at=None), name="notification_read"
            ),
            models.Index(
                fields=["recipient", "place", "position"],
                condition=Q(read_at=None, place__isnull=False),
                name="notification_unread_there",
            ),
            models.Index(
                fields=["place", "source_id"],
                condition=Q(read_at=None, place__isnull=False),
                name="notification_unread_of_place",
            ),
            models.Index(fields=["expires_at"], name="notification_expiry"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"


class Delivery(models.Model):
    """A notification that is to leave the site by e-mail or push, at `due_at`; deleted once it has."""

    class Channel(models.TextChoices):
        EMAIL = "email"
        PUSH = "push"

    id = models.BigAutoField(primary_key=True)
    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=5, choices=Channel)
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once"),
            models.CheckConstraint(condition=Q(channel__in=["email", "push"]), name="delivery_channel_known"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["channel", "due_at"], name="delivery_due"),
            models.Index(fields=["recipient", "channel"], name="delivery_of_recipient"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} of {self.notification_id}"


class PushSubscription(models.Model):
    """A browser that takes web push (RFC 8030). Its endpoint is what a browser claimed: guarded before every use."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    device = models.ForeignKey(Device, null=True, blank=True, on_delete=models.CASCADE, related_name="subscriptions")
    endpoint = models.URLField(max_length=1000, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user_id} at {self.endpoint.split('/')[2]}"
