"""The shape of what the page of a log is asked."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.log import Kind

# Sooner and later nothing happened; beyond them days have no midnight in every zone.
FIRST, LAST = date(2000, 1, 1), date(9000, 1, 1)


class LogForm(forms.Form):
    """By whom, to whom, which kind, from when until when; `before` is the number of the last entry of the page before."""

    kind = forms.ChoiceField(label=_("What"), required=False)
    actor = forms.CharField(label=_("Who did it"), max_length=60, required=False)
    target = forms.CharField(label=_("To whom"), max_length=60, required=False)
    since = forms.DateField(label=_("From"), required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(label=_("To"), required=False, input_formats=["%Y-%m-%d"])
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def __init__(self, kinds: Mapping[str, Kind], *args: Any) -> None:
        super().__init__(*args)
        choices = [("", _("Everything")), *((key, kind.label) for key, kind in kinds.items())]
        self.fields["kind"].choices = choices  # type: ignore[attr-defined]

    def clean_since(self) -> date | None:
        return self._bounded("since")

    def clean_until(self) -> date | None:
        return self._bounded("until")

    def _bounded(self, name: str) -> date | None:
        day: date | None = self.cleaned_data[name]
        return min(max(day, FIRST), LAST) if day else None
