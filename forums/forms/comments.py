"""What votes and comments bring, by its shape."""

from typing import Any
from uuid import UUID

from django import forms

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
