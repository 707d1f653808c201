"""The shape of what names messages of a conversation: its id, and their numbers."""

from typing import NamedTuple
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from chat.forms import NumberField
from chatter.core.errors import Refused
from forums.talk import MESSAGES_MAX

SLUG_MAX = 60


class Making(NamedTuple):
    """The messages that a post is made of."""

    conversation: UUID
    numbers: list[int]


class WhereForm(forms.Form):
    """In which of one's forums, or at which address."""

    forum = forms.CharField(required=False, max_length=SLUG_MAX)
    address = forms.CharField(required=False, max_length=SLUG_MAX)

    def slug(self) -> str:
        given = self.cleaned_data
        return given["address"].strip().strip("/").removeprefix("f/") or given["forum"]


class QuietForm(forms.Form):
    """Who in a discussion only reads, and for how long; 0 minutes: no longer."""

    person = forms.UUIDField()
    minutes = forms.TypedChoiceField(
        label=_("How long"),
        coerce=int,
        choices=[
            (10, _("10 minutes")),
            (60, _("1 hour")),
            (1440, _("1 day")),
            (0, _("Let them talk again")),
        ],
        widget=forms.Select(attrs={"class": "input"}),
    )
    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=500, widget=forms.TextInput(attrs={"class": "input"})
    )


def numbers_in(given: QueryDict) -> list[int]:
    """The numbers `n`, each once, in order. Raises Refused for what is no number, and for too many."""
    raw = given.getlist("n")
    if len(raw) > MESSAGES_MAX:
        raise Refused("invalid", _("A post is made of at most 50 messages."))
    field = NumberField()
    try:
        return sorted({field.clean(each) for each in raw})
    except forms.ValidationError:
        raise Refused("invalid") from None


def making_in(given: QueryDict) -> Making | None:
    """What the form of a post says that it is made of. Raises Refused."""
    if not given.get("talk"):
        return None
    try:
        conversation: UUID = forms.UUIDField().clean(given["talk"])
    except forms.ValidationError:
        raise Refused("invalid") from None
    return Making(conversation, numbers_in(given))
