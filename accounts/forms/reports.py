"""What a report says."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.reports import DETAILS_MAX
from accounts.models import Report
from accounts.reporting import Thing

RULE = "rule:"


class ReportForm(forms.Form):
    """The rules of the place come first, then what is wrong everywhere."""

    reason = forms.ChoiceField(label=_("What is wrong?"), widget=forms.RadioSelect)
    details = forms.CharField(
        label=_("Tell us more"),
        max_length=DETAILS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("What happened, where and when. Only the moderators read it."),
    )

    def __init__(self, thing: Thing, *args: Any) -> None:
        super().__init__(*args)
        rules = [(f"{RULE}{rule.key}", rule.title) for rule in thing.rules]
        everywhere = [choice for choice in Report.Reason.choices if choice[0] != Report.Reason.RULE]
        self.fields["reason"].choices = [*rules, *everywhere]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """As `report_thing` takes it."""
        given = dict(super().clean() or {})
        reason = given.get("reason", "")
        if reason.startswith(RULE):
            given |= {"reason": Report.Reason.RULE, "rule_id": UUID(reason.removeprefix(RULE))}
        return given
