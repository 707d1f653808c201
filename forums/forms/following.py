"""The shape of what people say of what they follow."""

from django import forms
from django.utils.translation import gettext_lazy as _

from forums.models import Member

# What an address may say: the rows are counted in 64 bits.
ROWS_MAX = 2**63 - 1


class FollowForm(forms.Form):
    """Follow (`on` 1) or not any more (0)."""

    on = forms.TypedChoiceField(choices=[("1", ""), ("0", "")], coerce=lambda value: value == "1")


class NewsForm(forms.Form):
    """What of a forum its member wants to be told."""

    notify = forms.ChoiceField(
        label=_("What you are told of this forum"),
        choices=Member.Notify.choices,
        required=False,
        widget=forms.RadioSelect,
    )


class ListForm(forms.Form):
    """Which of the lists, from where on. What makes no sense is left out."""

    show = forms.ChoiceField(choices=[("people", ""), ("posts", "")], required=False)
    after = forms.IntegerField(min_value=1, max_value=ROWS_MAX, required=False)
