"""The shape of what the pages of moderators are sent."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.actions.bans import NOTE_MAX, REASON_MAX, SPANS
from forums.actions.notes import NOTE_MAX as LONGEST_NOTE
from forums.actions.sweeping import SPANS as SWEEPS
from forums.models import Flair, Rule
from forums.queue import ORDERS, SHOWN

TOGETHER_MAX = 50
_BAN_WORDS = (
    *(_("1 day"), _("3 days"), _("7 days"), _("30 days"), _("1 year")),
    pgettext_lazy("a ban lasts", "For good"),
)
_SWEEP_WORDS = (
    *(_("Of the last day"), _("Of the last 3 days"), _("Of the last 7 days"), _("Of the last 30 days")),
    pgettext_lazy("posts to remove", "All of them"),
)


def _seconds(span: timedelta | None) -> str:
    return str(int(span.total_seconds())) if span else "0"


def _spans(spans: Iterable[Any], words: Iterable[Any]) -> list[tuple[str, str | Promise]]:
    return [(_seconds(span), word) for span, word in zip(spans, words, strict=True)]


def _span(seconds: str) -> timedelta | None:
    return timedelta(seconds=int(seconds)) if int(seconds) else None


def _area(rows: int) -> forms.Textarea:
    return forms.Textarea(attrs={"rows": rows, "class": "input", "dir": "auto"})


class RuleForm(forms.Form):
    """A rule of the forum, by its id; `rules` are those it has."""

    rule_id = forms.TypedChoiceField(
        label=_("Rule"),
        required=False,
        coerce=UUID,
        empty_value=None,
        widget=forms.Select(attrs={"class": "input"}),
    )

    def __init__(self, rules: Iterable[Rule], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        named = [(str(rule.pk), rule.title) for rule in rules]
        field = cast("forms.TypedChoiceField", self.fields["rule_id"])
        field.choices = [("", pgettext_lazy("rule", "None of the rules")), *named]
        if not named:
            field.widget = forms.HiddenInput()


class RemovalForm(RuleForm):
    """Why something is removed."""

    reason = forms.CharField(
        label=_("In your words"),
        max_length=REASON_MAX,
        required=False,
        widget=_area(3),
        help_text=_(
            "Who wrote it reads the rule and these words, and so does whoever may read the log. Not who did it."
        ),
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        required=False,
        widget=_area(3),
        help_text=_("Who may read the log reads it."),
    )


class BanForm(RuleForm):
    lasts = forms.TypedChoiceField(
        label=_("How long"),
        choices=_spans(SPANS, _BAN_WORDS),
        coerce=_span,
        empty_value=None,
        initial=_seconds(SPANS[2]),
        widget=forms.Select(attrs={"class": "input"}),
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=REASON_MAX,
        widget=_area(3),
        help_text=_("The person reads it, and so does whoever may read the log. Not who did it."),
    )
    note = forms.CharField(
        label=_("Note for the moderators"),
        max_length=NOTE_MAX,
        required=False,
        widget=_area(2),
        help_text=_("Only moderators read it."),
    )
    sweep = forms.TypedChoiceField(
        label=_("Remove what they wrote here"),
        choices=[("0", pgettext_lazy("posts to remove", "Nothing")), *_spans(SWEEPS, _SWEEP_WORDS)],
        coerce=_span,
        empty_value=None,
        initial="0",
        required=False,
        widget=forms.Select(attrs={"class": "input"}),
    )
    field_order = ("username", "lasts", "reason", "note", "sweep", "rule_id")


class BanNewForm(BanForm):
    username = forms.CharField(
        label=_("Username"),
        max_length=60,
        widget=forms.TextInput(
            attrs={
                "class": "input",
                "dir": "ltr",
                "autocomplete": "off",
                "autocapitalize": "off",
                "spellcheck": "false",
            }
        ),
    )

    def clean_username(self) -> str:
        return str(self.cleaned_data["username"]).strip().removeprefix("@")


class BansForm(forms.Form):
    """Which bans the address asks for."""

    q = forms.CharField(max_length=80, required=False)
    after = forms.UUIDField(required=False)


class NoteForm(forms.Form):
    text = forms.CharField(label=_("Note"), max_length=LONGEST_NOTE, widget=_area(3))


class MarkForm(forms.Form):
    is_spoiler = forms.BooleanField(label=_("Spoiler"), required=False)
    is_nsfw = forms.BooleanField(label=_("Not safe for work"), required=False)


class FlairForm(forms.Form):
    flair_id = forms.TypedChoiceField(label=_("Flair"), required=False, coerce=UUID, empty_value=None)

    def __init__(self, flairs: Iterable[Flair], *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        named = [(str(flair.pk), flair.name) for flair in flairs]
        cast("forms.TypedChoiceField", self.fields["flair_id"]).choices = [
            ("", pgettext_lazy("flair", "None")),
            *named,
        ]


class QueueForm(forms.Form):
    """Which part of the queue the address asks for; `after` is where the page before ended."""

    show = forms.ChoiceField(choices=[(name, name) for name in SHOWN], required=False)
    kind = forms.ChoiceField(choices=[("post", "post"), ("comment", "comment")], required=False)
    order = forms.ChoiceField(choices=[(name, name) for name in ORDERS], required=False)
    after = forms.CharField(max_length=120, required=False)

    def clean_show(self) -> str:
        return self.cleaned_data["show"] or SHOWN[0]

    def clean_order(self) -> str:
        return self.cleaned_data["order"] or ORDERS[0]

    def clean_after(self) -> tuple[int, datetime, UUID] | None:
        raw = self.cleaned_data["after"]
        found = _place(raw) if raw else None
        if raw and found is None:
            raise forms.ValidationError(_("This address could not be understood."))
        return found


def _place(raw: str) -> tuple[int, datetime, UUID] | None:
    """How often reported, when, id; None for what is no such place."""
    try:
        many, at, key = raw.split("_")
        place = int(many), datetime.fromisoformat(at), UUID(key)
    except ValueError:
        return None
    return place if place[1].tzinfo is not None and 0 <= place[0] < 2**31 else None


class ChosenForm(forms.Form):
    """Which things of the queue are meant: "post:<id>" or "comment:<id>", each once, at most TOGETHER_MAX."""

    chosen = forms.MultipleChoiceField()

    def __init__(self, sent: QueryDict) -> None:
        super().__init__(sent)
        given = list(dict.fromkeys(sent.getlist("chosen")))[: TOGETHER_MAX + 1]
        cast("forms.MultipleChoiceField", self.fields["chosen"]).choices = [(key, key) for key in given]

    def clean_chosen(self) -> list[tuple[str, UUID]]:
        try:
            pairs = [key.split(":", 1) for key in self.cleaned_data["chosen"]]
            found = [(kind, UUID(key)) for kind, key in pairs if kind in {"post", "comment"}]
        except ValueError:
            found = []
        if not found or len(found) > TOGETHER_MAX:
            raise forms.ValidationError(_("Choose between 1 and 50 things."))
        return found
