"""What votes and comments bring, by its shape. What is allowed is the actions' to say."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from forums.actions.comments import COMMENT_MAX
from forums.reading.tree import LEVELS, Sort

NUMBER_MAX = 2**31 - 1
VOTES = {"-1": -1, "0": 0, "1": 1}


class VoteForm(forms.Form):
    """`vote` is what one arrow says, in one word: `post.<id>.1`, `comment.<id>.-1`; `next` where the page was."""

    vote = forms.CharField(max_length=60)
    next = forms.CharField(max_length=2000, required=False)

    def clean_vote(self) -> tuple[str, UUID, int]:
        target, _dot, rest = self.cleaned_data["vote"].partition(".")
        key, _dot, value = rest.partition(".")
        try:
            named: tuple[str, UUID, int] = (target, UUID(key), VOTES[value])
        except (ValueError, KeyError):
            raise forms.ValidationError("vote", code="invalid") from None
        if target not in ("post", "comment"):
            raise forms.ValidationError("vote", code="invalid")
        return named


def checked_next(given: dict[str, Any]) -> str:
    """Where to go back to, without what the browser adds."""
    return str(given["next"]).partition("#")[0]


class CommentForm(forms.Form):
    """A comment as it is written or changed. `preview` asks to see it first."""

    # More than is taken: the action says what is too long, once line ends are counted as one character.
    content = forms.CharField(
        label=_("Comment"),
        strip=False,
        max_length=2 * COMMENT_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput)
    preview = forms.BooleanField(required=False, widget=forms.HiddenInput)


def fresh_form(key: str = "") -> CommentForm:
    """An empty form with a key of its own, or with `key`."""
    return CommentForm(initial={"client_id": key or uuid4()}, auto_id="comment-%s")


class PartForm(forms.Form):
    """Which comments an address asks for: in which order, answers `under` which one, `after` which; those `since` a number, or one
    alone by its id. `level`: how deep they will stand on the page."""

    sort = forms.ChoiceField(choices=[(sort.value, sort.value) for sort in Sort], required=False)
    under = forms.IntegerField(min_value=0, max_value=NUMBER_MAX, required=False)
    after = forms.IntegerField(min_value=0, max_value=NUMBER_MAX, required=False)
    since = forms.IntegerField(min_value=0, max_value=NUMBER_MAX, required=False)
    level = forms.IntegerField(min_value=0, max_value=LEVELS, required=False)
    only = forms.UUIDField(required=False)
