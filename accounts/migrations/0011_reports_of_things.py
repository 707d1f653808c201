"""Reports of anything people see: whose it is, where it stands, which rule it breaks; notes of those who moderate."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ABOUT = """
update accounts_report set about_id = target_id
 where target_type_id = (select id from django_content_type where app_label = 'accounts' and model = 'user')
   and exists (select from accounts_user u where u.id = target_id)
"""
# What earlier versions have no word for.
OTHER = "update accounts_report set reason = 'other' where reason = 'rule'"


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_audit"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="report",
            name="report_reason_known",
        ),
        migrations.AddField(
            model_name="report",
            name="about",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="note",
            field=models.TextField(blank=True, db_default="", default="", max_length=1000, verbose_name="note"),
        ),
        migrations.AddField(
            model_name="report",
            name="place",
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="report",
            name="rule",
            field=models.CharField(blank=True, db_default="", default="", max_length=100, verbose_name="rule"),
        ),
        migrations.AlterField(
            model_name="report",
            name="reason",
            field=models.CharField(
                choices=[
                    ("rule", "Breaks a rule of the place"),
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
        migrations.AddIndex(
            model_name="report",
            index=models.Index(
                condition=models.Q(("place__isnull", False), ("state__in", ["pending", "reviewing"])),
                fields=["place", "target_type", "target_id"],
                name="report_open_in_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("reason__in", ["rule", "spam", "harassment", "hate", "impersonation", "sexual", "other"])
                ),
                name="report_reason_known",
            ),
        ),
        migrations.RunSQL(ABOUT, migrations.RunSQL.noop),
        migrations.RunSQL(migrations.RunSQL.noop, OTHER),
    ]
