"""What was done by whom: a chain of entries that nobody changes, and beside each what erasure may take away."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User


class AuditEntry(models.Model):
    """One deed. Only `accounts_audit()` writes rows: numbered without a gap, each with the digest of the one before.

    `facts` hold ids, bits and names of things, nothing personal. The keys point at rows that may be gone.
    """

    number = models.BigIntegerField(_("number"), primary_key=True)
    at = models.DateTimeField(_("time"))
    actor = models.ForeignKey(
        User, verbose_name=_("actor"), null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    action = models.CharField(_("action"), max_length=60)
    place = models.UUIDField(_("place"), null=True)
    target_kind = models.CharField(_("kind of target"), max_length=30, blank=True, default="")
    target_id = models.UUIDField(_("target"), null=True)
    facts = models.JSONField(_("facts"), default=dict)
    detail_digest = models.CharField(max_length=64)
    previous_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")
        default_permissions = ("view",)
        indexes: ClassVar = [
            models.Index(fields=["place", "-number"], name="audit_of_place"),
            models.Index(fields=["place", "action", "-number"], name="audit_of_action"),
            models.Index(fields=["actor", "-number"], name="audit_by_actor"),
            models.Index(fields=["target_id", "-number"], name="audit_of_target"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.action}"


class AuditDetail(models.Model):
    """The personal side of an entry: address, reason, names. The entry holds its salted digest, so that it can go."""

    entry = models.OneToOneField(AuditEntry, primary_key=True, on_delete=models.DO_NOTHING, related_name="detail")
    salt = models.CharField(max_length=64)
    words = models.JSONField(default=dict)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.entry_id)


class AuditHead(models.Model):
    """The end of the chain: one row, locked by who appends."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    number = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        default_permissions = ()
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_one")]

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"
