"""The shape of what the pages of channels and categories send. What is allowed is the actions' to say."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import orjson
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from chat.forms import PeopleForm
from groups.actions.categories import CATEGORIES_MAX
from groups.actions.channels import CHANNELS_MAX, NAME_MAX_LENGTH, SLOW_MODES, TOPIC_MAX_LENGTH
from groups.actions.overrides import OVERRIDES_PER_PLACE
from groups.models import Category, Channel, Role

# Ids with their quotes, brackets and commas.
ORDER_MAX_LENGTH = 50 * (CHANNELS_MAX + CATEGORIES_MAX)
SLOW_WORDS = (
    pgettext_lazy("slow mode", "Off"),
    pgettext_lazy("slow mode", "5 seconds"),
    pgettext_lazy("slow mode", "10 seconds"),
    pgettext_lazy("slow mode", "30 seconds"),
    pgettext_lazy("slow mode", "1 minute"),
    pgettext_lazy("slow mode", "5 minutes"),
    pgettext_lazy("slow mode", "15 minutes"),
    pgettext_lazy("slow mode", "1 hour"),
    pgettext_lazy("slow mode", "6 hours"),
)
NOT_UNDERSTOOD = _("This could not be understood.")


class _ShownForm(PeopleForm):
    """A place that may be private: for the holders of the roles that are ticked, and the members."""

    name = forms.CharField(
        label=_("Name"),
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )
    closed = forms.BooleanField(label=_("Private"), required=False)

    def __init__(self, *args: Any, roles: Iterable[Role], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = list(roles)

    def roles_given(self) -> list[Role]:
        """Those that are ticked, of those that are offered."""
        given = self.data.getlist("roles") if hasattr(self.data, "getlist") else []
        ticked = set(given[: 2 * OVERRIDES_PER_PLACE])
        return [role for role in self.roles if str(role.pk) in ticked]

    def role_choices(self) -> list[tuple[Role, bool]]:
        ticked = {role.pk for role in self.roles_given()}
        return [(role, role.pk in ticked) for role in self.roles]


class _CategoryField(forms.TypedChoiceField):
    """One of the categories that the member sees, or none."""

    def __init__(self, **more: Any) -> None:
        super().__init__(label=_("Category"), required=False, coerce=UUID, empty_value=None, **more)

    def offer(self, categories: Iterable[Category]) -> None:
        names = [(str(category.pk), category.name) for category in categories]
        self.choices = [("", pgettext_lazy("category", "None")), *names]


def _topic() -> forms.CharField:
    return forms.CharField(
        label=_("Topic"),
        max_length=TOPIC_MAX_LENGTH,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text=_("One line on what this channel is about."),
    )


def _kind(**more: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=pgettext_lazy("channel", "Kind"),
        choices=Channel.Kind.choices,
        widget=forms.RadioSelect,
        help_text=_("Among announcements only those write whom you let, and members are told of what is new."),
        **more,
    )


class NewChannelForm(_ShownForm):
    """A channel that is not there yet."""

    kind = _kind(initial=Channel.Kind.TEXT)
    topic = _topic()
    category = _CategoryField()

    def __init__(self, *args: Any, categories: Iterable[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].offer(categories)  # type: ignore[attr-defined]


class NewCategoryForm(_ShownForm):
    """A category that is not there yet."""


class CategoryForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=NAME_MAX_LENGTH, widget=forms.TextInput(attrs={"dir": "auto"}))


class ChannelForm(CategoryForm):
    """How a channel is. What was not changed on the page stays as it is by now."""

    topic = _topic()
    kind = _kind(show_hidden_initial=True)
    slow_mode = forms.TypedChoiceField(
        label=_("Slow mode"),
        choices=[(str(seconds), words) for seconds, words in zip(SLOW_MODES, SLOW_WORDS, strict=True)],
        coerce=int,
        show_hidden_initial=True,
        help_text=_("So long each member waits between two messages. Who manages messages does not."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("name", "topic"):
            self.fields[name].show_hidden_initial = True

    def kind_before(self) -> str:
        """What other fields bring by themselves: the kind as the page showed it."""
        return self["kind"].as_hidden(only_initial=True)

    def changes(self) -> dict[str, Any]:
        """What `edit_channel` takes."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data}


class PlaceForm(forms.Form):
    """Into which category a channel goes."""

    category = _CategoryField()

    def __init__(self, *args: Any, categories: Iterable[Category], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].offer(categories)  # type: ignore[attr-defined]


class PrivacyForm(forms.Form):
    closed = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class FollowForm(forms.Form):
    follows = forms.TypedChoiceField(choices=[("1", "1"), ("0", "0")], coerce=lambda value: value == "1")


class OrderForm(forms.Form):
    """The whole order as `[[category or null, [channels]]]`, or one step: "channel:id:up"."""

    order = forms.CharField(required=False, max_length=ORDER_MAX_LENGTH)
    step = forms.RegexField(r"^(channel|category):[0-9a-f-]{36}:(up|down)$", required=False, max_length=60)

    def clean_order(self) -> list[tuple[UUID | None, list[UUID]]] | None:
        if not self.cleaned_data["order"]:
            return None
        try:
            given = orjson.loads(self.cleaned_data["order"])
            return [(UUID(where) if where else None, _keys(keys, CHANNELS_MAX)) for where, keys in _list(given)]
        except (ValueError, TypeError, AttributeError):
            raise ValidationError(NOT_UNDERSTOOD) from None

    def clean_step(self) -> tuple[str, UUID, int] | None:
        if not self.cleaned_data["step"]:
            return None
        kind, key, way = self.cleaned_data["step"].split(":")
        try:
            return kind, UUID(key), -1 if way == "up" else 1
        except ValueError:
            raise ValidationError(NOT_UNDERSTOOD) from None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if (given.get("order") is None) == (given.get("step") is None):
            raise ValidationError(NOT_UNDERSTOOD)
        return given


def _list(given: Any) -> Sequence[Any]:
    if not isinstance(given, list) or len(given) > CATEGORIES_MAX + 1:
        raise ValueError
    return given


def _keys(given: Any, most: int) -> list[UUID]:
    if not isinstance(given, list) or len(given) > most:
        raise ValueError
    return [UUID(key) for key in given]
