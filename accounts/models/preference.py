"""What a person set for themselves, and whom they let through while they want quiet."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.user import User


class Setting(models.Model):
    """One setting of a person. `accounts.preferences` has the catalogue: keys, shapes, defaults."""

    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="settings", db_index=False)
    key = models.CharField(max_length=40)
    value = models.JSONField()
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "key"], name="setting_once")]

    def __str__(self) -> str:
        return f"{self.key} of {self.user_id}"


class QuietException(models.Model):
    """Who, which place or which kind of notification breaks through the quiet hours of `user`: exactly one of the three."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="quiet_exceptions", db_index=False)
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    place = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=16, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "person", "place", "kind"], nulls_distinct=False, name="quiet_exception_once"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False, place=None, kind="")
                | Q(person=None, place__isnull=False, kind="")
                | (Q(person=None, place=None) & ~Q(kind="")),
                name="quiet_exception_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} lets {self.person_id or self.place or self.kind} through"
