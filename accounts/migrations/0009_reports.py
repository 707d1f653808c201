"""What members report, and how it ends."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_former_names"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("target_id", models.UUIDField()),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("spam", "Spam or advertising"),
                            ("harassment", "Harassment or threats"),
                            ("hate", "Hate against a group of people"),
                            ("impersonation", "Pretends to be somebody else"),
                            ("sexual", "Sexual or shocking content"),
                            ("other", "Something else"),
                        ],
                        max_length=16,
                        verbose_name="reason",
                    ),
                ),
                ("details", models.TextField(blank=True, default="", max_length=1000, verbose_name="details")),
                ("snapshot", models.JSONField(default=dict, editable=False)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("pending", "Pending"),
                            ("reviewing", "Under review"),
                            ("resolved", "Resolved"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="pending",
                        max_length=9,
                        verbose_name="state",
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="reported")),
                (
                    "moderator",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "reporter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reports_made",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "target_type",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contenttypes.contenttype",
                    ),
                ),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
                "indexes": [
                    models.Index(fields=["state", "-created_at"], name="report_queue"),
                    models.Index(fields=["target_type", "target_id"], name="report_of_target"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["pending", "reviewing"])),
                        fields=("reporter", "target_type", "target_id"),
                        name="report_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["pending", "reviewing", "resolved", "dismissed"])),
                        name="report_state_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["spam", "harassment", "hate", "impersonation", "sexual", "other"])
                        ),
                        name="report_reason_known",
                    ),
                ],
            },
        ),
    ]
