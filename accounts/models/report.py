"""What members bring before the people who moderate."""

import uuid
from typing import ClassVar

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models.user import User


class Report(models.Model):
    """Somebody says that something should not be here. `snapshot` keeps what it looked like then, `about` is who wrote or is it;
    one open report of a reporter and a target. The staff decides, and where there is a `place` (a forum, a group) those who
    moderate it. Who reported is told to nobody else."""

    class Reason(models.TextChoices):
        RULE = "rule", pgettext_lazy("report", "Breaks a rule of the place")
        SPAM = "spam", pgettext_lazy("report", "Spam or advertising")
        HARASSMENT = "harassment", pgettext_lazy("report", "Harassment or threats")
        HATE = "hate", pgettext_lazy("report", "Hate against a group of people")
        IMPERSONATION = "impersonation", pgettext_lazy("report", "Pretends to be somebody else")
        SEXUAL = "sexual", pgettext_lazy("report", "Sexual or shocking content")
        OTHER = "other", pgettext_lazy("report", "Something else")

    class State(models.TextChoices):
        PENDING = "pending", pgettext_lazy("report", "Pending")
        REVIEWING = "reviewing", pgettext_lazy("report", "Under review")
        RESOLVED = "resolved", pgettext_lazy("report", "Resolved")
        DISMISSED = "dismissed", pgettext_lazy("report", "Dismissed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reporter = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="reports_made")
    target_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+", db_index=False)
    target_id = models.UUIDField()
    target = GenericForeignKey("target_type", "target_id")
    about = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    place = models.UUIDField(null=True, blank=True, editable=False)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    # With Reason.RULE: what the rule was called then.
    rule = models.CharField(_("rule"), max_length=100, blank=True, default="", db_default="")
    details = models.TextField(_("details"), max_length=1000, blank=True, default="")
    snapshot = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.PENDING)
    moderator = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # For others who moderate.
    note = models.TextField(_("note"), max_length=1000, blank=True, default="", db_default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("reported"), auto_now_add=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reporter", "target_type", "target_id"],
                condition=Q(state__in=["pending", "reviewing"]),
                name="report_open_once",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "reviewing", "resolved", "dismissed"]), name="report_state_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=["rule", "spam", "harassment", "hate", "impersonation", "sexual", "other"]),
                name="report_reason_known",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-created_at"], name="report_queue"),
            models.Index(fields=["target_type", "target_id"], name="report_of_target"),
            models.Index(
                fields=["place", "target_type", "target_id"],
                condition=Q(state__in=["pending", "reviewing"], place__isnull=False),
                name="report_open_in_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reason} ({self.state})"
