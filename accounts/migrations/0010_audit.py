"""The audit log: its tables, and the function that alone writes them."""

from pathlib import Path

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chatter.core.migration_operations import keep_from_others, restrict_app

SQL = Path(__file__).resolve().parent.parent / "sql"
DROP = """
drop trigger accounts_audit_refuse on accounts_auditentry;
drop trigger accounts_audit_refuse_truncate on accounts_auditentry;
drop trigger accounts_audit_refuse on accounts_auditdetail;
drop trigger accounts_audit_refuse_truncate on accounts_auditdetail;
drop trigger accounts_audit_refuse on accounts_audithead;
drop trigger accounts_audit_refuse_truncate on accounts_audithead;
drop function accounts_audit_refuse();
drop function accounts_audit;
drop function accounts_audit_detail_digest;
drop function accounts_audit_digest;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_reports"),
    ]

    operations = [
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="number")),
                ("at", models.DateTimeField(verbose_name="time")),
                ("action", models.CharField(max_length=60, verbose_name="action")),
                ("place", models.UUIDField(null=True, verbose_name="place")),
                ("target_kind", models.CharField(blank=True, default="", max_length=30, verbose_name="kind of target")),
                ("target_id", models.UUIDField(null=True, verbose_name="target")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                ("detail_digest", models.CharField(max_length=64)),
                ("previous_digest", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
                (
                    "actor",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="actor",
                    ),
                ),
            ],
            options={
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit log",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="AuditDetail",
            fields=[
                (
                    "entry",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="detail",
                        serialize=False,
                        to="accounts.auditentry",
                    ),
                ),
                ("salt", models.CharField(max_length=64)),
                ("words", models.JSONField(default=dict)),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("number", models.BigIntegerField(default=0)),
                ("digest", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "default_permissions": (),
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_head_one")],
            },
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["place", "-number"], name="audit_of_place"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["place", "action", "-number"], name="audit_of_action"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["actor", "-number"], name="audit_by_actor"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["target_id", "-number"], name="audit_of_target"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["at"], name="audit_by_time"),
        ),
        migrations.RunSQL((SQL / "audit_1.sql").read_text(encoding="utf-8"), DROP),
        restrict_app("accounts_auditentry", "insert, update, delete"),
        restrict_app("accounts_auditdetail", "insert, update"),
        restrict_app("accounts_audithead", "insert, update, delete"),
        keep_from_others("accounts_audit"),
    ]
