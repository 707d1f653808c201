"""A community and its places: groups, categories, channels. What is said in a channel lies in its conversation."""

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from accounts.models.user import hue_of, initials_of
from chat.models import Conversation

ICON_SIZES = (64, 128, 512)


class GroupQuerySet(models.QuerySet["Group"]):
    def alive(self) -> "GroupQuerySet":
        """Groups that nobody asked to delete."""
        return self.filter(deletion_due_at=None)


class ChannelQuerySet(models.QuerySet["Channel"]):
    def alive(self) -> "ChannelQuerySet":
        """Channels that nobody deleted."""
        return self.filter(deleted_at=None)


class Group(models.Model):
    """A community. Its owner stands above all roles; `member_count` counts its members, under the group's lock."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    description = models.CharField(max_length=1000, blank=True, default="")
    icon = models.CharField(max_length=32, blank=True, default="", editable=False)
    is_public = models.BooleanField(_("public"), default=False)
    # Who comes is welcomed by a line in the first channel.
    greets = models.BooleanField(default=True, db_default=True)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="groups_owned")
    member_count = models.PositiveIntegerField(default=0, editable=False)
    deletion_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = GroupQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(name=""), name="group_has_name")]
        indexes: ClassVar = [
            models.Index(
                fields=["-member_count", "id"],
                condition=Q(is_public=True, deletion_due_at=None),
                name="group_directory",
            ),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                OpClass(Upper("description"), name="gin_trgm_ops"),
                condition=Q(is_public=True, deletion_due_at=None),
                name="group_words",
            ),
            models.Index(fields=["deletion_due_at"], condition=~Q(deletion_due_at=None), name="group_deletion_due"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("group", args=[self.pk])

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    def icon_url(self, size: int) -> str:
        """Where the icon is served, `size` (one of ICON_SIZES) pixels wide and high; "" where initials stand for the group."""
        return reverse("group_icon", args=[self.icon, size]) if self.icon else ""


class Category(models.Model):
    """A heading over channels, with overrides that its channels follow."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="categories", db_index=False)
    name = models.CharField(max_length=100)
    position = models.IntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["group", "position"], name="category_in_group")]

    def __str__(self) -> str:
        return self.name


class Channel(models.Model):
    """A place of a group. Name, topic and slow mode are its conversation's; while `is_synced` its category's overrides
    hold. A deleted one lets nobody in; its conversation goes when the clock comes to it."""

    class Kind(models.TextChoices):
        TEXT = "text", pgettext_lazy("channel", "Text")
        ANNOUNCEMENT = "announcement", pgettext_lazy("channel", "Announcements")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="channels", db_index=False)
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.SET_NULL, related_name="channels")
    conversation = models.OneToOneField(Conversation, on_delete=models.PROTECT, related_name="channel")
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.TEXT)
    position = models.IntegerField(default=0)
    is_synced = models.BooleanField(default=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ChannelQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=["text", "announcement"]), name="channel_kind_known")
        ]
        indexes: ClassVar = [
            models.Index(fields=["group", "position"], name="channel_in_group"),
            models.Index(fields=["deleted_at"], condition=~Q(deleted_at=None), name="channel_to_purge"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class GroupDay(models.Model):
    """What happened in a group on one day (UTC). Comings and goings are counted as they happen, the rest by the clock."""

    id = models.BigAutoField(primary_key=True)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    joined = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    messages = models.PositiveIntegerField(default=0)
    active = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "day"], name="group_day_once")]

    def __str__(self) -> str:
        return f"{self.group_id} {self.day}"


class ChannelDay(models.Model):
    """What was said in a channel on one day (UTC), and by how many."""

    id = models.BigAutoField(primary_key=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    messages = models.PositiveIntegerField(default=0)
    active = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "day"], name="channel_day_once")]

    def __str__(self) -> str:
        return f"{self.channel_id} {self.day}"
