"""The shape of what the pages of a forum as a whole send. What is allowed is the actions' to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.forms.pictures import TYPES
from chatter.core.hues import HUES
from chatter.core.images import BYTES_MAX
from forums import slugs
from forums.actions.flairs import NAME_MAX as FLAIR_MAX
from forums.actions.forum import DESCRIPTION_MAX, NAME_MAX
from forums.actions.rules import RULES_MAX, TEXT_MAX, TITLE_MAX
from forums.directory import SORTS
from forums.models import Flair, Forum, Post
from forums.wording import HIDDEN

AUTO = {"dir": "auto", "autocomplete": "off"}
# More than is taken: the action says what is too long, once line ends are counted as one character.
TWICE = 2


def _slug_field() -> forms.CharField:
    return forms.CharField(
        label=_("Address"),
        max_length=4 * slugs.MAX,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false", "maxlength": slugs.MAX}
        ),
        help_text=_("Letters of one script, digits and “-”. It stands in every link, after f/."),
    )


class LooksForm(forms.Form):
    """Name and description."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX, widget=forms.TextInput(attrs=AUTO))
    description = forms.CharField(
        label=_("Description"),
        max_length=TWICE * DESCRIPTION_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": DESCRIPTION_MAX}),
        help_text=_("What it is about: beside the posts, in the directory, and where links to it are shown."),
    )


class SlugForm(forms.Form):
    slug = _slug_field()


class NewForumForm(LooksForm):
    """A forum to be made. Rules come one on a line."""

    slug = _slug_field()
    is_public = forms.TypedChoiceField(
        label=_("Who reads it"),
        choices=[
            ("1", pgettext_lazy("forum", "Everybody, also without an account")),
            ("0", pgettext_lazy("forum", "Its members only")),
        ],
        coerce=lambda given: given == "1",
        initial="1",
        widget=forms.RadioSelect,
    )
    rules = forms.CharField(
        label=_("Rules to start with"),
        max_length=TWICE * RULES_MAX * TITLE_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        help_text=_("One on each line. You can explain and order them later."),
    )
    is_nsfw = forms.BooleanField(
        label=_("For adults"),
        required=False,
        help_text=_("Visitors are asked before they see it, and pictures are covered."),
    )
    icon = forms.FileField(
        label=_("Icon"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": TYPES, "class": "crop__file"}),
        help_text=_("PNG, JPEG, WebP, GIF or AVIF, at most 10 MB. Without one its initials stand for the forum."),
    )
    field_order = ("name", "slug", "description", "is_public", "rules", "icon", "is_nsfw")

    def wanted(self) -> dict[str, Any]:
        """What `create_forum` takes; of the file no more than one byte too many is read."""
        given = dict(self.cleaned_data)
        upload = given["icon"]
        rules = given["rules"].splitlines()
        return given | {"icon": upload.read(BYTES_MAX + 1) if upload else None, "rules": rules}


class OptionsForm(forms.Form):
    """How the forum works."""

    is_public = forms.BooleanField(
        label=_("Public"),
        required=False,
        help_text=_("Everybody reads it, search engines too. A private forum is seen by nobody but its members."),
    )
    takes_requests = forms.BooleanField(
        label=_("People may ask to come in"),
        required=False,
        help_text=_("Who knows the address of a private forum can write to those who look after it."),
    )
    posting = forms.ChoiceField(label=_("Who may post"), choices=Forum.Posting.choices)
    kinds = forms.MultipleChoiceField(
        label=_("What may be posted"),
        choices=Post.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("At least one kind of posts has to be left.")},
    )
    holding = forms.ChoiceField(
        label=_("What waits for approval"),
        choices=Forum.Holding.choices,
        help_text=_("Nobody but its author and the moderators sees it until then."),
    )
    needs_flair = forms.BooleanField(label=_("Posts need a flair"), required=False)
    scores_hidden_minutes = forms.TypedChoiceField(
        label=_("Hide scores of what is new for"),
        choices=[(str(minutes), words) for minutes, words in HIDDEN],
        coerce=int,
        help_text=_("People vote for what it says, not for how others voted. Lists are ordered by it all the same."),
    )
    is_nsfw = forms.BooleanField(
        label=_("For adults"), required=False, help_text=_("Visitors are asked before they see it.")
    )
    is_log_public = forms.BooleanField(
        label=_("Everybody may read what moderators did"),
        required=False,
        help_text=_("Without who did it, and without what was removed."),
    )
    SWITCHES = ("is_public", "takes_requests", "needs_flair", "is_nsfw", "is_log_public")

    @classmethod
    def of(cls, forum: Forum) -> "OptionsForm":
        """As the forum is."""
        initial = {name: getattr(forum, name) for name in (*cls.SWITCHES, "posting", "holding")}
        kinds = [kind for kind in Post.Kind.values if kind not in forum.kinds_off]
        return cls(initial=initial | {"kinds": kinds, "scores_hidden_minutes": str(forum.scores_hidden_minutes)})

    def wanted(self) -> dict[str, Any]:
        given = dict(self.cleaned_data)
        kinds = given.pop("kinds")
        return given | {"kinds_off": [kind for kind in Post.Kind.values if kind not in kinds]}


class RuleForm(forms.Form):
    title = forms.CharField(label=_("Rule"), max_length=TWICE * TITLE_MAX, widget=forms.TextInput(attrs=AUTO))
    text = forms.CharField(
        label=_("What it means"),
        max_length=TWICE * TEXT_MAX,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "dir": "auto", "maxlength": TEXT_MAX}),
    )


class OrderForm(forms.Form):
    """Where a row shall stand: one step `up` or `down` (its id), or `row` before `over` ("": at the end)."""

    up = forms.UUIDField(required=False)
    down = forms.UUIDField(required=False)
    row = forms.UUIDField(required=False)
    over = forms.UUIDField(required=False)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if sum(given.get(field) is not None for field in ("up", "down", "row")) != 1:
            raise forms.ValidationError(_("This could not be understood."))
        return given

    def wish(self) -> tuple[Any, dict[str, Any]]:
        """The row, and what the actions that order take of it."""
        given = self.cleaned_data
        key = given["up"] or given["down"] or given["row"]
        by = -1 if given["up"] else 1 if given["down"] else 0
        return key, {"before": given["over"], "by": by}


class FlairForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=TWICE * FLAIR_MAX, widget=forms.TextInput(attrs=AUTO))
    hue = forms.TypedChoiceField(
        label=_("Colour"),
        choices=[(str(hue), name) for hue, name in enumerate(HUES)],
        coerce=int,
        initial="8",
        widget=forms.RadioSelect,
    )
    is_for_moderators = forms.BooleanField(
        label=_("Only moderators give it"), required=False, help_text=_("Others see it, but cannot choose it.")
    )


class FlairKindForm(forms.Form):
    kind = forms.ChoiceField(choices=Flair.Kind.choices, required=False)


class DirectoryForm(forms.Form):
    """What is looked for, in which order, and where the page begins."""

    q = forms.CharField(
        label=_("Find a forum"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "dir": "auto", "autocomplete": "off", "placeholder": _("Find a forum")}
        ),
    )
    sort = forms.ChoiceField(choices=[(sort, sort) for sort in SORTS], required=False)
    after = forms.CharField(required=False, max_length=120)


class AddressForm(forms.Form):
    """What somebody types who makes a forum."""

    name = forms.CharField(required=False, max_length=400)
    slug = forms.CharField(required=False, max_length=400)


class ConfirmForm(forms.Form):
    """The forum's name, typed once more."""

    name = forms.CharField(
        label=_("The name of the forum, to confirm"), max_length=NAME_MAX, widget=forms.TextInput(attrs=AUTO)
    )


class HeirForm(ConfirmForm):
    person = forms.UUIDField(error_messages={"required": _("Choose somebody first.")})


class WordsForm(forms.Form):
    q = forms.CharField(required=False, max_length=80)
