"""The shape of what the pages of members and bans are sent."""

from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.actions.moderation import BANS, REASON_MAX, TIME_OUTS
from groups.actions.nicknames import NICKNAME_MAX
from groups.actions.purging import SPANS
from groups.member_list import JOINED, NAME

TOGETHER_MAX = 100
_TIME_OUT_WORDS = (
    *(_("60 seconds"), _("5 minutes"), _("10 minutes")),
    *(_("1 hour"), _("1 day"), _("1 week")),
)
_BAN_WORDS = (
    *(_("1 hour"), _("1 day"), _("7 days"), _("30 days")),
    pgettext_lazy("a ban lasts", "For good"),
)
_PURGE_WORDS = (
    *(_("Of the last day"), _("Of the last 3 days"), _("Of the last 7 days")),
    _("All of them"),
)


def _seconds(span: timedelta | None) -> str:
    return str(int(span.total_seconds())) if span else "0"


def _spans(spans: tuple[Any, ...], words: tuple[Any, ...]) -> list[tuple[str, str | Promise]]:
    return [(_seconds(span), word) for span, word in zip(spans, words, strict=True)]


def _span(seconds: str) -> timedelta | None:
    return timedelta(seconds=int(seconds)) if int(seconds) else None


class MembersForm(forms.Form):
    """Which members the address asks for."""

    q = forms.CharField(max_length=80, required=False, label=_("Search"))
    role = forms.UUIDField(required=False)
    sort = forms.ChoiceField(choices=[(JOINED, _("Newest first")), (NAME, _("By name"))], required=False)
    after = forms.CharField(max_length=200, required=False, strip=False)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3, "class": "input"}),
        help_text=_("The person reads it, and so does whoever may read the log. Not who did it."),
    )


class NicknameForm(forms.Form):
    nickname = forms.CharField(
        label=_("Nickname"),
        max_length=NICKNAME_MAX * 2,
        required=False,
        strip=False,
        widget=forms.TextInput(attrs={"class": "input", "dir": "auto", "autocomplete": "off"}),
        help_text=_("Only in this group. Leave it empty for the usual name."),
    )


class TimeOutForm(ReasonForm):
    lasts = forms.TypedChoiceField(
        label=_("How long"), choices=_spans(TIME_OUTS, _TIME_OUT_WORDS), coerce=_span, initial=_seconds(TIME_OUTS[2])
    )
    field_order = ("lasts", "reason")


class BanForm(ReasonForm):
    lasts = forms.TypedChoiceField(
        label=_("How long"), choices=_spans(BANS, _BAN_WORDS), coerce=_span, empty_value=None, initial="0"
    )
    purge = forms.TypedChoiceField(
        label=_("Delete their messages"),
        choices=[("0", pgettext_lazy("messages to delete", "None")), *_spans(SPANS, _PURGE_WORDS)],
        coerce=_span,
        empty_value=None,
        required=False,
        initial="0",
        help_text=_("In all channels of the group, in the background. Moderators can still read their history."),
    )
    field_order: Any = ("lasts", "purge", "reason")


class BanNewForm(BanForm):
    """A ban of somebody by their username, in the group or not."""

    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        widget=forms.TextInput(attrs={"class": "input", "dir": "ltr", "autocomplete": "off", "autocapitalize": "off"}),
    )
    field_order = ("username", "lasts", "purge", "reason")

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().removeprefix("@")


class BansForm(forms.Form):
    """Which bans the address asks for."""

    q = forms.CharField(max_length=80, required=False)
    after = forms.UUIDField(required=False)


class TogetherForm(forms.Form):
    """One deed for several members: who, and what."""

    KICK, TIME_OUT, ROLE = "kick", "time_out", "role"

    deed = forms.ChoiceField(choices=[(KICK, KICK), (TIME_OUT, TIME_OUT), (ROLE, ROLE)])
    sure = forms.BooleanField(required=False)

    def people(self) -> list[UUID]:
        """Whom the request names, each once; at most one more than can be chosen. What is no id is nobody."""
        found: dict[UUID, None] = {}
        for given in cast("QueryDict", self.data).getlist("people")[: 2 * TOGETHER_MAX]:
            try:
                found[UUID(given)] = None
            except ValueError:
                continue
        return list(found)[: TOGETHER_MAX + 1]


class GiveRoleForm(forms.Form):
    """The role that several members are given. `roles` are those that the reader may give."""

    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *given: Any, roles: list[tuple[str, str]], **options: Any) -> None:
        super().__init__(*given, **options)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]  # a ChoiceField has them
