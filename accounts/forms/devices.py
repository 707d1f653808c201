"""The shape of what people type about their devices and tokens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions import devices, tokens
from accounts.models import ApiToken


class DeviceNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        required=False,
        max_length=devices.NAME_MAX,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=tokens.NAME_MAX,
        help_text=_("What the program is called, so that you know it again."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    scope = forms.ChoiceField(
        label=_("It may"),
        choices=[
            (ApiToken.Scope.READ, _("read what you can read")),
            (ApiToken.Scope.WRITE, _("read, and write in your name")),
        ],
        initial=ApiToken.Scope.READ,
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"].error_messages["invalid_choice"] = _("Choose one of the two.")
