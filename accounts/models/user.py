"""The person: identity, what they say of themselves, presence they chose, and the state of the account."""

import re
import uuid
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Collate, Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

USERNAME = re.compile(r"\A[A-Za-z0-9_-]{1,50}\Z")
HUES = 12
AVATAR_SIZES = (64, 128, 512)


class UserQuerySet(models.QuerySet["User"]):
    def reachable(self) -> Self:
        """Accounts that a person can be shown: not deleted, not switched off."""
        return self.filter(is_active=True, deleted_at=None)


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes accounts; names and addresses are looked up regardless of case."""

    def create_user(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        user: User = self.model(username=username, email=self.normalize_email(email) or None, **fields)
        user.set_password(password)
        user.full_clean(exclude=["password"])
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(username, email, password, **{"is_staff": True, "is_superuser": True} | fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        found: User = self.get(username__iexact=username)
        return found


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `email` is NULL, never empty, where there is none, so that it stays unique."""

    class Status(models.TextChoices):
        ONLINE = "online", pgettext_lazy("presence", "Online")
        IDLE = "idle", pgettext_lazy("presence", "Idle")
        DND = "dnd", pgettext_lazy("presence", "Do not disturb")
        OFFLINE = "offline", pgettext_lazy("presence", "Invisible")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    username = models.CharField(
        _("username"),
        max_length=50,
        validators=[RegexValidator(USERNAME, _("Use 1 to 50 letters (a–z), digits, “_” and “-”."))],
    )
    email = models.EmailField(_("e-mail address"), null=True, blank=True, default=None)
    phone = models.CharField(_("phone"), max_length=32, blank=True, default="", db_index=True)
    display_name = models.CharField(_("display name"), max_length=80, blank=True, default="")
    first_name = models.CharField(_("first name"), max_length=80, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=80, blank=True, default="")
    bio = models.TextField(_("about me"), max_length=1000, blank=True, default="")
    # The random part of the names of the picture's files; empty: initials stand for the person.
    avatar = models.CharField(max_length=32, blank=True, default="", db_default="", editable=False)
    # Who may reach this person, and how: way → circle. Checked by `accounts.privacy`, judged by `accounts_reach()`.
    privacy = models.JSONField(default=dict, db_default={}, blank=True, editable=False)
    is_guest = models.BooleanField(_("guest"), default=False)

    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.ONLINE)
    status_text = models.CharField(_("status text"), max_length=120, blank=True, default="")
    status_expires_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("may enter the admin"), default=False)
    suspended_at = models.DateTimeField(null=True, blank=True)
    suspended_until = models.DateTimeField(null=True, blank=True)
    suspended_reason = models.CharField(max_length=500, blank=True, default="")
    # Raised by what ends all sessions for good: none from before comes back when the suspension is over.
    session_epoch = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # The person asked to be deleted, and may think better of it until then.
    deletion_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("registered"), auto_now_add=True, db_index=True)
    updated_at = models.DateTimeField(auto_now=True)

    # What `accounts.preferences` reads: key → value, as the session's backend brings it; None where nobody asked yet.
    preferences: dict[str, Any] | None = None
    # Whom the person blocks, and how many ask to be their friend, brought the same way; None where nobody asked yet.
    blocked_ids: frozenset[uuid.UUID] | None = None
    requests_waiting: int = 0
    # What the bell says, brought the same way; at most 100.
    notification_count: int = 0

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.UniqueConstraint(
                Upper("username"), name="user_username_unique", violation_error_message=_("This username is taken.")
            ),
            models.UniqueConstraint(
                Upper("email"), name="user_email_unique", violation_error_message=_("This address is in use.")
            ),
            models.CheckConstraint(condition=~Q(email=""), name="user_email_not_empty"),
            models.CheckConstraint(condition=Q(username__regex=r"^[A-Za-z0-9_-]{1,50}$"), name="user_username_shape"),
            models.CheckConstraint(
                condition=Q(status__in=["online", "idle", "dnd", "offline"]), name="user_status_known"
            ),
        ]
        indexes: ClassVar = [
            GinIndex(OpClass(Upper("username"), name="gin_trgm_ops"), name="user_username_trigrams"),
            GinIndex(OpClass(Upper("display_name"), name="gin_trgm_ops"), name="user_display_name_trigrams"),
            # Names in the order of their letters: the first few that begin so are found without looking at the others.
            models.Index(Collate(Upper("username"), "C"), name="user_username_letters"),
            models.Index(Collate(Upper("display_name"), "C"), name="user_display_name_letters"),
            models.Index(
                fields=["status_expires_at"], condition=Q(status_expires_at__isnull=False), name="user_status_ends"
            ),
            models.Index(
                fields=["deletion_due_at"], condition=Q(deletion_due_at__isnull=False), name="user_deletion_due"
            ),
        ]

    def __str__(self) -> str:
        return self.username

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.username])

    @property
    def name(self) -> str:
        """What others read: the display name, else the username."""
        if self.deleted_at:
            return gettext("Deleted user")
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.name

    def get_short_name(self) -> str:
        return self.name

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """A session ends with the password it was opened with, with the rights, and with a suspension."""
        return self._hash_at(self.session_epoch, secret)

    def _hash_at(self, epoch: int, secret: str | bytes | None) -> str:
        rights = f"{self.password}|{self.is_staff}|{self.is_superuser}|{epoch}"
        return salted_hmac("accounts.session", rights, secret=secret, algorithm="sha256").hexdigest()

    def accepts(self, told: str) -> bool:
        """Is `told` the hash of a session that still counts: today's password and rights, a key that is still good?"""
        hashes = (self.get_session_auth_hash(), *self.get_session_auth_fallback_hash())
        return any(constant_time_compare(told, known) for known in hashes)

    def was_shut_out_of(self, told: str) -> bool:
        """Is `told` the hash of a session that the present suspension ended? Its holder may read why."""
        secrets = [None, *settings.SECRET_KEY_FALLBACKS]
        return self.is_suspended and any(
            constant_time_compare(told, self._hash_at(epoch, secret))
            for epoch in (self.session_epoch, self.session_epoch - 1)
            for secret in secrets
        )

    @property
    def is_suspended(self) -> bool:
        if self.suspended_at is None:
            return False
        return self.suspended_until is None or self.suspended_until > timezone.now()

    @property
    def present_status_text(self) -> str:
        """What the person says of their status, until the time they gave it."""
        expires_at = self.status_expires_at
        return "" if expires_at is not None and expires_at <= timezone.now() else self.status_text

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def avatar_url(self) -> str:
        """The picture as lists and messages show it; "" where initials stand for the person."""
        return avatar_url(self.avatar, 128) if self.avatar and not self.deleted_at else ""


def hue_of(key: uuid.UUID) -> int:
    """The colour class (0–11) of the person or place whose id is `key`."""
    return key.int % HUES


def initials_of(name: str) -> str:
    """One or two letters that stand for `name` where there is no picture."""
    words = [word for word in re.split(r"[\s_-]+", name) if word]
    if not words:
        return "?"
    letters = [words[0][0], words[-1][0]] if len(words) > 1 else [words[0][0]]
    return "".join(letters).upper()


class Face(NamedTuple):
    """What an avatar needs of a person, for places that know no more of them."""

    pk: uuid.UUID
    initials: str
    hue: int
    avatar_url: str


@lru_cache(maxsize=4096)
def avatar_url(key: str, size: int) -> str:
    """Where the picture with this key is served, `size` (one of AVATAR_SIZES) pixels wide and high."""
    return reverse("avatar", args=[key, size])
