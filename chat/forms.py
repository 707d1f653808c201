"""The shape of what pages send: types, lengths, counts. What is allowed is the actions' to say."""

from typing import Any, cast
from uuid import uuid4

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.actions.conversation import TITLE_MAX_LENGTH, TOPIC_MAX_LENGTH
from chat.actions.read import DRAFT_MAX_LENGTH
from chat.models import Membership

NUMBER_MAX = 2**62
# Longer than any conversation allows: the action refuses with the conversation's own limit.
CONTENT_MAX_LENGTH = 40_000


class NumberField(forms.IntegerField):
    """The number of a message."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=NUMBER_MAX, **kwargs)


class WindowForm(forms.Form):
    """Which part of the history the address asks for."""

    latest = forms.BooleanField(required=False)
    before = NumberField(required=False)
    after = NumberField(required=False)
    at = NumberField(required=False)
    date = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    offset = forms.IntegerField(required=False, min_value=-15 * 60, max_value=15 * 60)
    unread = forms.BooleanField(required=False)
    limit = forms.IntegerField(required=False)
    reply = NumberField(required=False)


class ComposerForm(forms.Form):
    """A message as the page without JavaScript sends it. `client_id` makes sending it twice harmless."""

    content = forms.CharField(strip=False, max_length=CONTENT_MAX_LENGTH, required=False)
    client_id = forms.UUIDField(initial=uuid4)
    reply_to = forms.UUIDField(required=False)
    thread = NumberField(required=False)
    confirmed = forms.BooleanField(required=False)
    # What to ask before it is sent; who ticks `confirmed` has answered.
    question = ""


class CallsForm(forms.Form):
    content = forms.CharField(strip=False, max_length=CONTENT_MAX_LENGTH)


class EditForm(forms.Form):
    content = forms.CharField(
        label=_("Message"),
        strip=False,
        max_length=CONTENT_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True}),
    )


class ReactionForm(forms.Form):
    emoji = forms.CharField(label=_("Emoji"), max_length=32)


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=100)


class AfterForm(forms.Form):
    """From which name on a list goes on."""

    after = forms.CharField(required=False, max_length=200)


class WriteToForm(forms.Form):
    username = forms.CharField(max_length=50)


class RenameForm(forms.Form):
    title = forms.CharField(label=_("Name"), max_length=TITLE_MAX_LENGTH)
    topic = forms.CharField(
        label=_("Topic"),
        max_length=TOPIC_MAX_LENGTH,
        required=False,
        help_text=_("One line on what this conversation is about."),
    )


class PeopleForm(forms.Form):
    """Usernames that were ticked, and the words to look for more."""

    members = forms.Field(required=False)
    q = forms.CharField(label=_("Look for people"), required=False, max_length=100)

    def members_given(self) -> list[str]:
        """The usernames, each once, at most 200 of them."""
        return list(dict.fromkeys(name for name in cast("QueryDict", self.data).getlist("members") if len(name) <= 50))[
            :200
        ]


class GroupForm(PeopleForm):
    title = forms.CharField(
        label=_("Name"),
        max_length=TITLE_MAX_LENGTH,
        required=False,
        help_text=_("Without one it is called after its people."),
    )


class PersonForm(forms.Form):
    person = forms.UUIDField()


class NumberForm(forms.Form):
    number = NumberField(required=False)


class DraftForm(forms.Form):
    text = forms.CharField(required=False, strip=False, max_length=DRAFT_MAX_LENGTH)


class MuteForm(forms.Form):
    """For how many minutes; 0 makes it loud again. `next` is the page to come back to."""

    TIMES = (
        ("15", pgettext_lazy("mute", "For 15 minutes")),
        ("60", pgettext_lazy("mute", "For an hour")),
        ("480", pgettext_lazy("mute", "For 8 hours")),
        ("1440", pgettext_lazy("mute", "For a day")),
        ("5256000", pgettext_lazy("mute", "Until I turn it on again")),
        ("0", pgettext_lazy("mute", "Not muted")),
    )
    minutes = forms.TypedChoiceField(choices=TIMES, coerce=int)
    next = forms.CharField(required=False, max_length=200)


class NotifyForm(forms.Form):
    notify = forms.ChoiceField(choices=Membership.Notify.choices, required=False)


class ArchiveForm(forms.Form):
    archived = forms.BooleanField(required=False)
