"""The shape of permissions in one place: for each right of channels allowed, denied, or neither."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import pgettext_lazy

from groups.permissions import IN_CHANNELS, Right
from groups.places import Target, Wish
from groups.wording import RIGHTS, Words

CHOICES = (
    ("deny", pgettext_lazy("permission", "Deny")),
    ("neutral", pgettext_lazy("permission", "Neutral")),
    ("allow", pgettext_lazy("permission", "Allow")),
)


@dataclass(frozen=True)
class Line:
    """A right as the page shows it. `otherwise`: what holds where the override says nothing of it. `is_open`: the reader may
    change it."""

    right: Right
    name: Words
    words: Words
    choice: str
    otherwise: bool
    is_open: bool

    @property
    def bit(self) -> int:
        return int(self.right)


class TargetForm(forms.Form):
    """Whom the page is about, whom one looks for, and which of the many found so far."""

    role = forms.UUIDField(required=False)
    member = forms.UUIDField(required=False)
    q = forms.CharField(required=False, max_length=80)

    def target(self) -> Target | None:
        for kind in ("role", "member"):
            key: UUID | None = self.cleaned_data[kind]
            if key is not None:
                return Target(kind, key)
        return None


class OverrideForm(forms.Form):
    """What was chosen for each right, and what the page had shown: only what differs is changed."""

    was_allow = forms.IntegerField(min_value=0, max_value=int(IN_CHANNELS))
    was_deny = forms.IntegerField(min_value=0, max_value=int(IN_CHANNELS))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for right in IN_CHANNELS:
            self.fields[f"right-{int(right)}"] = forms.ChoiceField(choices=CHOICES, required=False)

    def chosen(self) -> Wish:
        """As the page says; what it could not change as it was."""
        wish = self.was()
        for right in IN_CHANNELS:
            choice = self.cleaned_data.get(f"right-{int(right)}")
            if choice:
                allow, deny = wish.allow & ~int(right), wish.deny & ~int(right)
                wish = Wish(allow | right * (choice == "allow"), deny | right * (choice == "deny"))
        return wish

    def was(self) -> Wish:
        allow, deny = self.cleaned_data["was_allow"], self.cleaned_data["was_deny"]
        return Wish(allow, deny & ~allow)

    def changed(self) -> int:
        """The rights that were changed on the page."""
        old, new = self.was(), self.chosen()
        return (old.allow ^ new.allow) | (old.deny ^ new.deny)


def lines(wish: Wish, otherwise: Right, rights: Right, *, only_view: bool) -> Iterator[tuple[Words, list[Line]]]:
    """The rights of channels in their sections, for a reader who may `rights` there; of who stands as high as the reader
    `only_view` can be given."""
    for section, known in RIGHTS:
        found = []
        for right, name, words in known:
            if not right & IN_CHANNELS:
                continue
            choice = "allow" if wish.allow & right else "deny" if wish.deny & right else "neutral"
            is_open = bool(right & rights) and (not only_view or (right == Right.VIEW and choice == "neutral"))
            found.append(Line(right, name, words, choice, bool(otherwise & right), is_open))
        if found:
            yield section, found
