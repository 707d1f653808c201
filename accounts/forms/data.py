"""The shape of what people type to end their account."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class DeletionForm(forms.Form):
    username = forms.CharField(
        label=_("Your username, to confirm"),
        max_length=51,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        if person.is_guest:  # nobody told them what they are called but their name
            del self.fields["username"]
