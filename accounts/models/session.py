"""What lets a person in besides a password: devices (browser sessions), API tokens, wallets."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models.user import User


class Device(models.Model):
    """A browser that is signed in: what people see of a session, and the handle by which they end it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices", db_index=False)
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    name = models.CharField(max_length=60, blank=True, default="")
    user_agent = models.CharField(max_length=400, blank=True, default="")
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_active_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["user", "-last_active_at"], name="device_of_user")]

    def __str__(self) -> str:
        return self.name or self.user_agent[:40] or str(self.pk)


class ApiToken(models.Model):
    """A family of tokens for one program: a short-lived access token, and a refresh token replaced at each use.

    Only SHA-256 digests are stored. `spent` keeps the digest of the refresh token that was replaced last: shown again right
    after it is a race of two clients, later it is theft, and so is any older one; theft revokes the family. `auth_hash` is
    made as that of sessions is: a family ends with the password of its person.
    """

    class Scope(models.TextChoices):
        READ = "read"
        WRITE = "write"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_tokens", db_index=False)
    name = models.CharField(max_length=60)
    scope = models.CharField(max_length=5, choices=Scope, default=Scope.READ)
    auth_hash = models.CharField(max_length=64, editable=False)
    access_digest = models.BinaryField(max_length=32, null=True, editable=False)
    access_expires_at = models.DateTimeField(null=True, blank=True)
    refresh_digest = models.BinaryField(max_length=32, editable=False)
    refresh_expires_at = models.DateTimeField()
    spent_digest = models.BinaryField(max_length=32, null=True, editable=False)
    rotated_at = models.DateTimeField(null=True, blank=True)
    rotation = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.GenericIPAddressField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_reason = models.CharField(max_length=16, blank=True, default="")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(scope__in=["read", "write"]), name="api_token_scope_known"),
            models.UniqueConstraint(fields=["access_digest"], name="api_token_access_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "-created_at"], name="api_token_of_user")]

    def __str__(self) -> str:
        return self.name


class Wallet(models.Model):
    """An Ethereum account whose key signs `user` in (EIP-4361). The address is stored in lower case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="wallets")
    address = models.CharField(max_length=42, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(address__regex=r"^0x[0-9a-f]{40}$"), name="wallet_address_shape")
        ]

    def __str__(self) -> str:
        return self.address


class WalletNonce(models.Model):
    """A nonce this server gave out for one wallet message. Using it deletes the row: nobody uses it twice."""

    nonce = models.CharField(primary_key=True, max_length=32)
    session_key = models.CharField(max_length=40)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.nonce
