"""The shape of what addresses of lists say, and of the two forms on them."""

from typing import Any
from uuid import UUID

from django import forms

from accounts.preferences import CATALOGUE
from forums.reading.highlight import QUERY_MAX
from forums.reading.keyset import LONGEST
from forums.reading.lists import Sort, Span

NEXT_MAX = 2000
VIEWS: list[str] = CATALOGUE["forum_view"].schema["enum"]


def _known(values: Any) -> list[tuple[str, str]]:
    return [(str(value), str(value)) for value in values]


class ListForm(forms.Form):
    """Which list: what is left out is the list's own to say."""

    sort = forms.ChoiceField(choices=_known(Sort), required=False)
    span = forms.ChoiceField(choices=_known(Span), required=False)
    view = forms.ChoiceField(choices=_known(VIEWS), required=False)
    flair = forms.UUIDField(required=False)
    after = forms.CharField(max_length=LONGEST, required=False)


class PersonForm(ListForm):
    """Which of what a person wrote."""

    tab = forms.ChoiceField(choices=_known(["posts", "comments"]), required=False)


class SearchForm(forms.Form):
    """What is looked for, and among what."""

    q = forms.CharField(max_length=QUERY_MAX, required=False)
    after = forms.CharField(max_length=LONGEST, required=False)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        # "in" is a word of Python's own.
        self.fields["in"] = forms.ChoiceField(choices=_known(["posts", "comments"]), required=False)


class SaveForm(forms.Form):
    """`save` is the post's id, a point, and 1 to save or 0 to take it back: one button says all of it."""

    save = forms.RegexField(r"\A[0-9a-f-]{36}\.[01]\Z")
    next = forms.CharField(max_length=NEXT_MAX, required=False)

    def clean_save(self) -> tuple[UUID, bool]:
        key, _point, on = self.cleaned_data["save"].partition(".")
        try:
            return UUID(key), on == "1"
        except ValueError as error:
            raise forms.ValidationError("no id") from error


class ViewForm(forms.Form):
    view = forms.ChoiceField(choices=_known(VIEWS))
    next = forms.CharField(max_length=NEXT_MAX, required=False)
