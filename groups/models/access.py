"""Who may what in a group: members, their roles, and overrides where a place differs."""

import uuid
from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils import timezone

from accounts.models import User
from groups.models.group import Category, Channel, Group


class Role(models.Model):
    """What its holders may, everywhere in the group. The one that `is_everyone` holds all members; it has position 0.
    Positions of a group have no gaps: groups/actions/roles.py moves them.

    `hue` is a colour class (0–11, as avatars have), legible in both themes, or None. `is_shown_apart`: the list of members has
    a heading for it. Of several roles the highest with a hue colours the name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="roles", db_index=False)
    name = models.CharField(max_length=60)
    hue = models.PositiveSmallIntegerField(null=True, blank=True)
    position = models.PositiveIntegerField(default=1)
    permissions = models.BigIntegerField(default=0)
    is_everyone = models.BooleanField(default=False)
    is_shown_apart = models.BooleanField(default=False)
    is_mentionable = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group"], condition=Q(is_everyone=True), name="role_one_everyone"),
            # Looked at when a statement ends: one of them may move several roles.
            models.UniqueConstraint(
                fields=["group", "position"], deferrable=models.Deferrable.IMMEDIATE, name="role_one_at_a_position"
            ),
            models.CheckConstraint(condition=Q(permissions__gte=0), name="role_permissions_positive"),
            models.CheckConstraint(condition=Q(hue=None) | Q(hue__lt=12), name="role_hue_known"),
            models.CheckConstraint(
                condition=Q(is_everyone=True, position=0) | Q(is_everyone=False, position__gte=1),
                name="role_everyone_is_lowest",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """Somebody who is in the group; the row goes when they leave. `muted_until`: the whole group is quiet for them; what
    channels they come to hold starts so."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="members", db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="group_members")
    nickname = models.CharField(max_length=80, blank=True, default="")
    roles = models.ManyToManyField(Role, through="MemberRole", related_name="members")
    invited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    joined_at = models.DateTimeField(default=timezone.now)
    timed_out_until = models.DateTimeField(null=True, blank=True)
    muted_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["group", "user"], name="member_once")]
        indexes: ClassVar = [
            models.Index(fields=["group", "joined_at", "id"], name="member_by_time"),
            GinIndex(
                OpClass(Upper("nickname"), name="gin_trgm_ops"),
                condition=~Q(nickname=""),
                name="member_nickname_trigrams",
            ),
        ]

    def __str__(self) -> str:
        return self.nickname or str(self.user_id)


class MemberRole(models.Model):
    """A member holds a role; @everyone has no rows."""

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="held", db_index=False)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="held")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["member", "role"], name="member_role_once")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.role_id}"


class Override(models.Model):
    """In one channel or category, for one role or member: what is allowed or denied there. No bit is both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.ForeignKey(Channel, null=True, blank=True, on_delete=models.CASCADE, related_name="overrides")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.CASCADE, related_name="overrides")
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.CASCADE, related_name="overrides")
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.CASCADE, related_name="overrides")
    allow = models.BigIntegerField(default=0)
    deny = models.BigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "category", "role", "member"], nulls_distinct=False, name="override_once"
            ),
            models.CheckConstraint(
                condition=Q(channel=None, category__isnull=False) | Q(channel__isnull=False, category=None),
                name="override_of_one_place",
            ),
            models.CheckConstraint(
                condition=Q(role=None, member__isnull=False) | Q(role__isnull=False, member=None),
                name="override_for_one",
            ),
            models.CheckConstraint(condition=Q(allow__gte=0, deny__gte=0), name="override_bits_positive"),
        ]

    def __str__(self) -> str:
        return f"+{self.allow} -{self.deny}"
