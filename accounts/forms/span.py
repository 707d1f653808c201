"""Over how many days the numbers of a place are shown."""

from django import forms

from accounts.days import RANGES

DEFAULT = 30


class SpanForm(forms.Form):
    days = forms.TypedChoiceField(choices=[(str(days), str(days)) for days in RANGES], coerce=int, required=False)

    def clean_days(self) -> int:
        return self.cleaned_data["days"] or DEFAULT
