"""The shape of what the pages of a group as a whole send. What is allowed is the actions' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms.pictures import TYPES
from chatter.core.images import BYTES_MAX
from groups.actions.group import DESCRIPTION_MAX_LENGTH, NAME_MAX_LENGTH
from groups.beginnings import BEGINNINGS

# More than is taken: the action says what is too long, once line ends are counted as one character.
DESCRIPTION_FIELD_MAX = 2 * DESCRIPTION_MAX_LENGTH


class GroupForm(forms.Form):
    """Name, description, and who may find the group and come in."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH, widget=forms.TextInput(attrs={"dir": "auto"}))
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_FIELD_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": DESCRIPTION_MAX_LENGTH}),
        help_text=_("What the group is about: in the directory, and for those who are invited."),
    )
    is_public = forms.BooleanField(
        label=_("Public: everybody finds the group in the directory and can join it"),
        required=False,
        help_text=_("A private group is seen by nobody but its members; people come in by invitation."),
    )


class NewGroupForm(GroupForm):
    """A group to be made, with an icon that may come later, and what it begins with."""

    icon = forms.FileField(
        label=_("Icon"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": TYPES, "class": "crop__file"}),
        help_text=_("PNG, JPEG, WebP, GIF or AVIF, at most 10 MB. Without one its initials stand for the group."),
    )
    beginning = forms.ChoiceField(
        label=_("It begins with"),
        choices=[(key, beginning.label) for key, beginning in BEGINNINGS.items() if beginning.places],
        initial="usual",
        widget=forms.RadioSelect,
    )

    field_order = ("name", "description", "icon", "is_public", "beginning")

    def wanted(self) -> dict[str, Any]:
        """What `create_group` takes; of the file no more than one byte too many is read."""
        given = dict(self.cleaned_data)
        upload = given.pop("icon")
        return given | {"icon": upload.read(BYTES_MAX + 1) if upload else None}

    def beginnings(self) -> list[tuple[Any, Any]]:
        """The choices, each with what it is about."""
        return [(option, BEGINNINGS[option.data["value"]].about) for option in self["beginning"]]


class EditGroupForm(GroupForm):
    greets = forms.BooleanField(label=_("Say in the first channel who joined"), required=False)


class DirectoryForm(forms.Form):
    """What is looked for, and where the page begins."""

    q = forms.CharField(
        label=pgettext_lazy("search", "Find a group"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={
                "type": "search",
                "dir": "auto",
                "autocomplete": "off",
                "placeholder": pgettext_lazy("search", "Find a group"),
            }
        ),
    )
    after = forms.CharField(required=False, max_length=80)


class ConfirmForm(forms.Form):
    """The group's name, typed once more."""

    name = forms.CharField(
        label=_("The name of the group, to confirm"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class HeirForm(ConfirmForm):
    person = forms.UUIDField(error_messages={"required": _("Choose somebody first.")})


class HeirSearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=80)
