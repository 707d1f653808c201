"""What waits for a post that is being written: pictures uploaded before it, and what linked pages say of themselves."""

import uuid
from typing import ClassVar

from django.db import models

from accounts.models import User


class Upload(models.Model):
    """A picture that its author alone sees until a post takes it. The clock deletes those that none took."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=32, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["author", "created_at"], name="upload_of_author"),
            models.Index(fields=["created_at"], name="upload_oldest"),
        ]

    def __str__(self) -> str:
        return self.key


class LinkLook(models.Model):
    """What the page at an address (`digest`: SHA-256 of it) says of itself, for a while: a title to suggest. {} while it waits or
    where it says nothing. Whoever asked is not kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    url = models.CharField(max_length=2000)
    is_done = models.BooleanField(default=False)
    found = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["created_at"], name="link_look_oldest")]

    def __str__(self) -> str:
        return self.url
