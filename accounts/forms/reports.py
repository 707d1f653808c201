"""What a report says."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.reports import DETAILS_MAX
from accounts.models import Report


class ReportForm(forms.Form):
    reason = forms.ChoiceField(label=_("What is wrong?"), choices=Report.Reason.choices, widget=forms.RadioSelect)
    details = forms.CharField(
        label=_("Tell us more"),
        max_length=DETAILS_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("What happened, where and when. Only the moderators read it."),
    )
