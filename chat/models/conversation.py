"""A place where people talk, and the row that says who may: `Conversation` and `Membership`."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import pgettext_lazy


class Conversation(models.Model):
    """Lobby, direct, group, channel or discussion: one core for all of them.

    `message_count` numbers messages and `version` numbers changes of what members see; both are gapless and bumped
    only under the row's lock. `access_version` grows when somebody loses access. The change log is complete from
    `floor_version` on. No counter column may be indexed: their updates must stay heap-only (HOT). `parent` is what it belongs
    to, which another application knows: the group of a channel.
    """

    class Kind(models.TextChoices):
        LOBBY = "lobby"
        DIRECT = "direct"
        GROUP = "group"
        CHANNEL = "channel"
        DISCUSSION = "discussion"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(max_length=100, blank=True, default="")
    topic = models.CharField(max_length=300, blank=True, default="")
    owner = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="conversations_owned",
    )
    parent = models.UUIDField(null=True, blank=True, editable=False)
    direct_key = models.CharField(max_length=80, null=True, blank=True, editable=False)
    settings = models.JSONField(default=dict, blank=True)
    message_count = models.BigIntegerField(default=0, editable=False)
    version = models.BigIntegerField(default=0, editable=False)
    access_version = models.BigIntegerField(default=0, editable=False)
    floor_version = models.BigIntegerField(default=0, editable=False)
    member_count = models.IntegerField(default=0, editable=False)
    last_message_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_sender = models.ForeignKey(
        "accounts.User",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    preview = models.CharField(max_length=200, blank=True, default="", editable=False)
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["direct_key"], name="conversation_one_a_pair"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(kind="lobby"),
                name="conversation_one_lobby",
            ),
            models.CheckConstraint(
                condition=Q(kind="direct", direct_key__isnull=False) | (~Q(kind="direct") & Q(direct_key=None)),
                name="conversation_direct_has_key",
            ),
            models.CheckConstraint(
                condition=Q(
                    message_count__gte=0,
                    version__gte=models.F("message_count"),
                    floor_version__lte=models.F("version"),
                ),
                name="conversation_counters_sane",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["lobby", "direct", "group", "channel", "discussion"]),
                name="conversation_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("conversation", args=[self.pk])

    @property
    def tells_everything(self) -> bool:
        """Are members told of every message, unless they wish otherwise? `append_messages` asks the same."""
        return self.kind in (self.Kind.DIRECT, self.Kind.GROUP) or self.settings.get("announces") is True


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self) -> "MembershipQuerySet":
        """The rows that give access: one that ended gives none."""
        return self.filter(left_at=None)


class Membership(models.Model):
    """The one row that decides: active, its owner may read from `history_from` on and do what `permissions` says.

    `permissions` is derived (from the role here, from roles and overrides in groups); see `chat.permissions`. So are, in
    groups, `nickname` and `hue` (0–11): how the person appears there. `notify` is what they want to be told of.
    """

    class Notify(models.TextChoices):
        """What of a place becomes notifications; "" is what places of its kind do (announcements and small ones: all)."""

        DEFAULT = "", pgettext_lazy("notifications of a place", "As usual")
        ALL = "all", pgettext_lazy("notifications of a place", "Every message")
        MENTIONS = "mentions", pgettext_lazy("notifications of a place", "Only mentions and replies")
        NOTHING = "nothing", pgettext_lazy("notifications of a place", "Nothing")

    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MODERATOR = "moderator"
        MEMBER = "member"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    conversation = models.ForeignKey(
        Conversation,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    user = models.ForeignKey(
        "accounts.User",
        on_delete=models.CASCADE,
        related_name="memberships",
        db_index=False,
    )
    role = models.CharField(max_length=10, choices=Role, default=Role.MEMBER)
    permissions = models.BigIntegerField(default=0)
    overrides = models.JSONField(default=dict, blank=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    left_at = models.DateTimeField(null=True, blank=True)
    history_from = models.BigIntegerField(default=1)
    muted_until = models.DateTimeField(null=True, blank=True)
    timed_out_until = models.DateTimeField(null=True, blank=True)
    last_read_number = models.BigIntegerField(default=0)
    last_read_at = models.DateTimeField(null=True, blank=True)
    last_delivered_number = models.BigIntegerField(default=0)
    last_sent_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    draft = models.TextField(blank=True, default="")
    nickname = models.CharField(max_length=80, blank=True, default="", db_default="")
    hue = models.SmallIntegerField(null=True, blank=True)
    notify = models.CharField(max_length=8, choices=Notify, blank=True, default="", db_default="")

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["conversation", "user"], name="membership_once"),
            models.CheckConstraint(condition=Q(permissions__gte=0), name="membership_permissions_positive"),
            models.CheckConstraint(
                condition=Q(
                    last_read_number__gte=0,
                    last_delivered_number__gte=0,
                    history_from__gte=1,
                ),
                name="membership_numbers_positive",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "admin", "moderator", "member"]),
                name="membership_role_known",
            ),
            models.CheckConstraint(
                condition=Q(notify__in=["", "all", "mentions", "nothing"]), name="membership_notify_known"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["user", "conversation"],
                condition=Q(left_at=None),
                name="membership_of_user",
            ),
            models.Index(fields=["conversation"], condition=Q(left_at=None, notify="all"), name="membership_wants_all"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"
