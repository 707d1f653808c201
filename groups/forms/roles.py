"""The shape of roles: how one is, who holds it, where it stands. The forms check, the actions write."""

from collections.abc import Iterator
from typing import Any, NamedTuple, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chatter.core.hues import HUES
from groups.actions.holders import GIVEN_AT_ONCE
from groups.actions.roles import NAME_MAX_LENGTH, ROLES_MAX
from groups.models import Role
from groups.permissions import Standing
from groups.wording import RIGHTS, Words

BITS_MAX = 2**53 - 1
NO_HUE = ""


class Switch(NamedTuple):
    """A right as a role's page shows it. Who lacks it themselves may not touch it."""

    bit: int
    name: Words
    words: Words
    is_on: bool
    is_open: bool


class RoleForm(forms.Form):
    """A role. `seen` holds the bits that the page showed: only what was changed since is granted or withdrawn."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    hue = forms.TypedChoiceField(
        label=_("Colour"),
        choices=[(NO_HUE, pgettext_lazy("colour", "None")), *((str(hue), name) for hue, name in enumerate(HUES))],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    is_shown_apart = forms.BooleanField(
        label=_("Show its members apart"),
        help_text=_("The list of members has a heading for this role."),
        required=False,
    )
    is_mentionable = forms.BooleanField(
        label=_("Anybody may mention it"),
        help_text=_("Members call its holders with @ and its name. Who may mention everyone always can."),
        required=False,
    )
    rights = forms.TypedMultipleChoiceField(
        choices=[(str(int(right)), name) for _section, rights in RIGHTS for right, name, _words in rights],
        coerce=int,
        required=False,
    )
    seen = forms.IntegerField(min_value=0, max_value=BITS_MAX, required=False)
    LOOKS = ("name", "hue", "is_shown_apart", "is_mentionable")

    def __init__(self, *args: Any, standing: Standing, role: Role | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.standing, self.role = standing, role
        self.shown = role.permissions if role else 0
        if role is not None:
            self.initial = {look: getattr(role, look) for look in self.LOOKS} | {"hue": _choice(role.hue)}
        if role is not None and role.is_everyone:
            for look in self.LOOKS:
                del self.fields[look]

    def sections(self) -> Iterator[tuple[Words, list[Switch]]]:
        """The switches, as what was sent says or else the role itself."""
        on = self._chosen() if self.is_bound else self.shown
        own = self.standing.rights
        for section, rights in RIGHTS:
            yield (
                section,
                [
                    Switch(
                        int(right), name, words, bool((on if own & right else self.shown) & right), bool(own & right)
                    )
                    for right, name, words in rights
                ],
            )

    def looking(self) -> list[forms.BoundField]:
        """The two switches of how it looks to others."""
        return [self["is_shown_apart"], self["is_mentionable"]]

    def looks(self) -> dict[str, Any]:
        return {look: self.cleaned_data[look] for look in self.LOOKS if look in self.cleaned_data}

    def granted(self) -> int:
        return self._chosen() & ~self._seen()

    def withdrawn(self) -> int:
        return self._seen() & ~self._chosen()

    def _chosen(self) -> int:
        return sum({bit for bit in self.cleaned_data.get("rights", []) if bit & self.standing.rights})

    def _seen(self) -> int:
        """Of the bits the page showed those that its reader could change."""
        return (self.cleaned_data.get("seen") or 0) & int(self.standing.rights)


def _choice(hue: int | None) -> str:
    return NO_HUE if hue is None else str(hue)


class OrderForm(forms.Form):
    """Where a role shall stand: one step `up` or `down` (the role's id), or `over` another one ("": the lowest)."""

    up = forms.UUIDField(required=False)
    down = forms.UUIDField(required=False)
    role = forms.UUIDField(required=False)
    over = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if sum(given.get(field) is not None for field in ("up", "down", "role")) != 1:
            raise forms.ValidationError(_("This could not be understood."))
        return given


class HoldersForm(forms.Form):
    """Usernames that were ticked, the words to look for more, whom to take the role from, and where the list goes on."""

    members = forms.Field(required=False)
    q = forms.CharField(label=_("Find members"), required=False, max_length=80)
    take = forms.UUIDField(required=False)
    after = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def members_given(self) -> list[str]:
        """The usernames, each once."""
        given = cast("QueryDict", self.data).getlist("members")
        return list(dict.fromkeys(name for name in given if 0 < len(name) <= 50 and "\0" not in name))[
            : GIVEN_AT_ONCE + 1
        ]


class KeysField(forms.Field):
    """Ids of roles, as many as are ticked."""

    widget = forms.CheckboxSelectMultiple

    def to_python(self, value: Any) -> set[UUID]:
        try:
            return {UUID(key) for key in (value or [])[: 2 * ROLES_MAX]}
        except (ValueError, AttributeError, TypeError):
            raise forms.ValidationError(_("This could not be understood.")) from None


class MemberRolesForm(forms.Form):
    """The roles that were ticked of those the page could change, and those of them that the member `seen` holding."""

    roles = KeysField(required=False)
    seen = KeysField(required=False)
