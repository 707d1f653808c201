"""The shape of what the page of contacts sends."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actions.relationships import REASON_MAX
from accounts.names import USERNAME_MAX

SECTIONS = ("friends", "received", "sent", "blocked")


class ContactForm(forms.Form):
    """Whom to ask, by username, with or without the @."""

    username = forms.CharField(
        label=_("Add somebody by username"),
        max_length=USERNAME_MAX + 1,
        widget=forms.TextInput(
            attrs={"class": "input", "autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"].removeprefix("@"))


class BlockForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Only you read it, to remember."),
    )


class ListForm(forms.Form):
    """Which part of the contacts, from where on, whose names hold what. What makes no sense is left out."""

    show = forms.ChoiceField(choices=[(name, name) for name in SECTIONS], required=False)
    after = forms.CharField(max_length=200, required=False, strip=False)
    q = forms.CharField(max_length=80, required=False)
