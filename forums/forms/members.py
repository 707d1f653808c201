"""The shape of what the pages about a forum's people send."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.actions.coming import REASON_MAX, TEXT_MAX
from forums.models import Flair
from forums.permissions import Standing
from forums.wording import RIGHTS, Words


class MembersForm(forms.Form):
    """Which members the address asks for."""

    q = forms.CharField(max_length=80, required=False, label=_("Search"))
    show = forms.ChoiceField(choices=[("moderators", "moderators")], required=False)
    after = forms.CharField(max_length=120, required=False)


class RequestForm(forms.Form):
    """Why somebody wants to come in."""

    text = forms.CharField(
        label=_("A few words to those who look after it"),
        max_length=2 * TEXT_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": TEXT_MAX}),
    )


class DecisionForm(forms.Form):
    accept = forms.UUIDField(required=False)
    decline = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if (given.get("accept") is None) == (given.get("decline") is None):
            raise forms.ValidationError(_("This could not be understood."))
        return given


class AnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=[("accept", "accept"), ("decline", "decline")])


class RevokeForm(forms.Form):
    revoke = forms.UUIDField()


class PutOutForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        max_length=2 * REASON_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": REASON_MAX}),
        help_text=_("The person reads it, and so does whoever may read the log. Not who did it."),
    )


class WearForm(forms.Form):
    """A flair among those that may be chosen; "" is none."""

    flair = forms.ChoiceField(label=_("Flair"), required=False, widget=forms.RadioSelect)

    def __init__(self, *given: Any, flairs: list[Flair], **options: Any) -> None:
        super().__init__(*given, **options)
        none = ("", pgettext_lazy("flair", "None"))
        self.fields["flair"].choices = [none, *((str(flair.pk), flair.name) for flair in flairs)]  # type: ignore[attr-defined]
        self.hues = {str(flair.pk): flair.hue for flair in flairs}

    def options(self) -> list[tuple[Any, int | None]]:
        """The choices, each with its colour."""
        return [(option, self.hues.get(str(option.data["value"]))) for option in self["flair"]]


class RightsForm(forms.Form):
    """Rights of a moderator. `seen` holds the bits the page showed: only what was changed since is granted or withdrawn."""

    rights = forms.TypedMultipleChoiceField(
        choices=[(str(int(right)), name) for right, name, _words in RIGHTS], coerce=int, required=False
    )
    seen = forms.IntegerField(min_value=0, max_value=2**53 - 1, required=False)

    def __init__(self, *given: Any, standing: Standing, shown: int, **options: Any) -> None:
        super().__init__(*given, **options)
        self.own, self.shown = int(standing.rights), shown

    def switches(self) -> list[tuple[int, Words, Words, bool, bool]]:
        """Bit, name, words, whether it is on, and whether the reader may turn it."""
        on = self._chosen() if self.is_bound and hasattr(self, "cleaned_data") else self.shown
        return [
            (int(right), name, words, bool((on if self.own & right else self.shown) & right), bool(self.own & right))
            for right, name, words in RIGHTS
        ]

    def granted(self) -> int:
        return self._chosen() & ~self._seen()

    def withdrawn(self) -> int:
        return self._seen() & ~self._chosen()

    def _chosen(self) -> int:
        return sum({bit for bit in self.cleaned_data.get("rights", []) if bit & self.own})

    def _seen(self) -> int:
        return (self.cleaned_data.get("seen") or 0) & self.own
