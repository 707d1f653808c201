"""What is asked of "who may what": a member, a channel, a right; or a role as which the group is seen."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from groups.actions.roles import ROLES_MAX
from groups.models import Role
from groups.permissions import Right
from groups.why import Place
from groups.wording import RIGHTS, Words

_RIGHTS: list[tuple[Words, Any]] = [
    ("", _("Every right")),
    *((section, [(right.name, name) for right, name, _words in rights]) for section, rights in RIGHTS),
]


class WhyForm(forms.Form):
    """All of it may be left out: the reader themselves, in all of the group, every right."""

    member = forms.CharField(
        label=_("Member"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off", "spellcheck": "false"}),
    )
    channel = forms.UUIDField(label=_("Where"), required=False, widget=forms.Select)
    right = forms.ChoiceField(label=_("Right"), choices=_RIGHTS, required=False)

    def clean_right(self) -> Right | None:
        name: str = self.cleaned_data["right"]
        return Right[name] if name else None

    def offer(self, places: list[Place]) -> None:
        """The channels one can ask about, under their categories."""
        choices: list[tuple[Any, Any]] = [("", _("In all of the group"))]
        last = None
        for place in places:
            category, entry = place.channel.category, (str(place.channel.pk), place.name)
            if category is None:
                choices.append(entry)
            elif place.channel.category_id != last:
                choices.append((category.name, [entry]))
            else:
                choices[-1][1].append(entry)
            last = place.channel.category_id
        self.fields["channel"].widget.choices = choices


class AsRoleForm(forms.Form):
    """The role as whose holder the group is seen; more than one are held together. `as` is no name for a field."""

    roles = forms.ModelMultipleChoiceField(Role.objects.none(), required=False)

    def __init__(self, given: list[str], roles: QuerySet[Role]) -> None:
        super().__init__({"roles": given[:ROLES_MAX]})
        self.fields["roles"].queryset = roles  # type: ignore[attr-defined]
