"""The shape of what the pages of posts send. What is allowed is the actions' to say."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.actions.posts import ALT_MAX, CONTENT_MAX, IMAGES_MAX, OPTION_MAX, OPTIONS_MAX, TITLE_MAX, Picture, PollWish
from forums.models import Flair, Post

# More than is taken: the action says what is too long, once line ends are counted as one character.
CONTENT_FIELD_MAX = 2 * CONTENT_MAX
URL_MAX = 2000
ENDS = (
    ("", pgettext_lazy("a poll closes", "Never")),
    ("1", pgettext_lazy("a poll closes", "After an hour")),
    ("6", pgettext_lazy("a poll closes", "After 6 hours")),
    ("24", pgettext_lazy("a poll closes", "After a day")),
    ("72", pgettext_lazy("a poll closes", "After 3 days")),
    ("168", pgettext_lazy("a poll closes", "After a week")),
    ("336", pgettext_lazy("a poll closes", "After 2 weeks")),
    ("720", pgettext_lazy("a poll closes", "After 30 days")),
)


class MarksForm(forms.Form):
    """What every form of a post has: its text, flair and marks. `flairs` are those that the person may choose."""

    content = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        max_length=CONTENT_FIELD_MAX,
        widget=forms.Textarea(attrs={"rows": 8, "dir": "auto", "data-content": True}),
        help_text=_("Markdown: **bold**, *italic*, [words](address), > quote, - list, `code`, ||spoiler||."),
    )
    flair = forms.ChoiceField(label=pgettext_lazy("of a post", "Flair"), required=False)
    is_spoiler = forms.BooleanField(
        label=pgettext_lazy("mark of a post", "Spoiler"),
        required=False,
        help_text=_("Text and pictures are covered until one wants to see them."),
    )
    is_nsfw = forms.BooleanField(
        label=_("For adults (NSFW)"), required=False, help_text=_("Covered, with a warning that says why.")
    )

    def __init__(self, *args: Any, flairs: Sequence[Flair] = (), needs_flair: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        flair: Any = self.fields["flair"]
        flair.choices = [("", _("None")), *((str(each.pk), each.name) for each in flairs)]
        if not flairs:
            del self.fields["flair"]
        elif needs_flair:
            flair.required = True
            flair.choices[0] = ("", _("Choose one"))

    def flair_id(self) -> UUID | None:
        given = self.cleaned_data.get("flair")
        return UUID(given) if given else None


class PostForm(MarksForm):
    """A new post. Options of a poll and pictures come as lists beside the fields: `options` and `pictures`."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    draft = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(choices=Post.Kind.choices, widget=forms.HiddenInput)
    title = forms.CharField(
        label=_("Title"),
        max_length=2 * TITLE_MAX,
        widget=forms.TextInput(attrs={"dir": "auto", "maxlength": TITLE_MAX, "autocomplete": "off"}),
    )
    url = forms.CharField(
        label=_("Address"),
        required=False,
        max_length=URL_MAX,
        widget=forms.TextInput(
            attrs={"type": "url", "inputmode": "url", "dir": "ltr", "placeholder": "https://", "autocomplete": "off"}
        ),
    )
    is_multiple = forms.BooleanField(label=_("Several options may be chosen"), required=False)
    may_change = forms.BooleanField(label=_("Votes may be changed and taken back"), required=False)
    closes = forms.ChoiceField(label=_("The poll closes"), choices=ENDS, required=False)

    field_order = ("title", "url", "content", "flair", "is_spoiler", "is_nsfw")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("kind") == Post.Kind.LINK and not given.get("url", "").strip():
            self.add_error("url", _("Say which page you link."))
        return given

    @property
    def options(self) -> list[str]:
        """As they were typed, as many as the form has, at least two."""
        given = listed(self, "option") if self.is_bound else self.initial.get("options", [])
        # One more character and one more option than there may be: the action says what is too long, too many.
        typed = [each[: OPTION_MAX + 1] for each in given[: OPTIONS_MAX + 1]]
        return typed + [""] * (2 - len(typed))

    @property
    def pictures(self) -> list[Picture]:
        """The uploads that the form holds, in order, with the words for them."""
        if not self.is_bound:
            return []
        keys = [key for each in listed(self, "picture")[: IMAGES_MAX + 1] if (key := _uuid(each))]
        return [Picture(key, self.data.get(f"alt-{key}", "")[: ALT_MAX + 1]) for key in dict.fromkeys(keys)]

    def poll(self) -> PollWish | None:
        given = self.cleaned_data
        if given["kind"] != Post.Kind.POLL:
            return None
        return PollWish(self.options, given["is_multiple"], given["may_change"], _end(given["closes"]))

    def wanted(self) -> dict[str, Any]:
        """What `create_post` takes."""
        given = self.cleaned_data
        return {
            "title": given["title"],
            "content": given["content"],
            "kind": given["kind"],
            "url": given["url"],
            "images": self.pictures,
            "poll": self.poll(),
            "flair_id": self.flair_id(),
            "is_spoiler": given["is_spoiler"],
            "is_nsfw": given["is_nsfw"],
            "client_id": given["client_id"],
            "draft_id": given["draft"],
        }


class DraftForm(forms.Form):
    """What a form holds so far: anything may be missing, nothing may be endless."""

    draft = forms.UUIDField()
    kind = forms.ChoiceField(choices=Post.Kind.choices)
    title = forms.CharField(required=False, max_length=TITLE_MAX)
    content = forms.CharField(required=False, strip=False, max_length=CONTENT_FIELD_MAX)
    url = forms.CharField(required=False, max_length=URL_MAX)
    forum = forms.UUIDField(required=False)

    def wanted(self) -> dict[str, Any]:
        """What `save_draft` takes."""
        given = self.cleaned_data
        options = [each[:OPTION_MAX] for each in listed(self, "option")[:OPTIONS_MAX]]
        names = ("kind", "title", "content", "url")
        return {"draft_id": given["draft"], "options": options, **{name: given[name] for name in names}}


class EditForm(MarksForm):
    """A post changed by its author; without `title` where it stays. The words for pictures come beside the fields."""

    title = forms.CharField(
        label=_("Title"),
        max_length=2 * TITLE_MAX,
        widget=forms.TextInput(attrs={"dir": "auto", "maxlength": TITLE_MAX, "autocomplete": "off"}),
        help_text=_("A title can be changed for 24 hours. The text can always be."),
    )

    field_order = ("title", "content", "flair", "is_spoiler", "is_nsfw")

    def __init__(self, *args: Any, keeps_title: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if keeps_title:
            del self.fields["title"]

    def wanted(self, images: Sequence[UUID]) -> dict[str, Any]:
        """What `edit_post` takes; `images` are the post's."""
        given = self.cleaned_data
        alts = {key: self.data[f"alt-{key}"][: ALT_MAX + 1] for key in images if f"alt-{key}" in self.data}
        return {
            "title": given.get("title"),
            "content": given["content"],
            "flair_id": self.flair_id(),
            "is_spoiler": given["is_spoiler"],
            "is_nsfw": given["is_nsfw"],
            "alts": alts,
        }


class CrossForm(forms.Form):
    """A post once more, elsewhere: in one of the person's forums, or one whose address they type."""

    client_id = forms.UUIDField(widget=forms.HiddenInput)
    forum = forms.ChoiceField(label=_("Forum"), required=False)
    address = forms.CharField(
        label=_("Or another forum’s address"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "ltr", "placeholder": "f/…", "autocomplete": "off"}),
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=2 * TITLE_MAX,
        widget=forms.TextInput(attrs={"dir": "auto", "maxlength": TITLE_MAX}),
    )
    content = forms.CharField(
        label=_("Text"),
        required=False,
        strip=False,
        max_length=CONTENT_FIELD_MAX,
        widget=forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
    )

    def __init__(self, *args: Any, forums: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["forum"]
        field.choices = [("", _("Choose one")), *forums]

    @property
    def slug(self) -> str:
        typed: str = self.cleaned_data["address"].strip().strip("/")
        return typed.removeprefix("f/") or self.cleaned_data["forum"]


class BallotForm(forms.Form):
    """The chosen options come as a list beside; `back` takes the ballot back."""

    @property
    def options(self) -> list[UUID]:
        if "back" in self.data:
            return []
        return [key for each in listed(self, "option")[: OPTIONS_MAX + 1] if (key := _uuid(each))]


class TextForm(forms.Form):
    content = forms.CharField(required=False, strip=False, max_length=CONTENT_FIELD_MAX)


class AddressForm(forms.Form):
    url = forms.CharField(max_length=URL_MAX)


def listed(form: forms.Form, name: str) -> list[str]:
    """What was sent under one name, several times."""
    sent: Any = form.data
    found: list[str] = sent.getlist(name)
    return found


def fresh() -> dict[str, Any]:
    """What a form that was not sent yet begins with."""
    return {"client_id": uuid4(), "draft": uuid4(), "may_change": True, "closes": "72"}


def _uuid(raw: str) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _end(hours: str) -> datetime | None:
    return timezone.now() + timedelta(hours=int(hours)) if hours else None
