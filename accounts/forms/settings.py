"""The shape of what people set for themselves. The forms check; `accounts.actions` writes."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import get_language_info, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import USERNAME_MAX
from accounts.privacy import Circle, Way, circle_of
from chatter.core.clock import date_and_time

PHONE = re.compile(r"\+[1-9][0-9]{6,14}")
# How people break the digits of a number into groups.
PHONE_BREAKS = re.compile(r"[\s().\-/\u2010-\u2015]+")

CIRCLES = (
    (Circle.EVERYONE.value, pgettext_lazy("privacy", "Everyone")),
    (Circle.FRIENDS.value, pgettext_lazy("privacy", "Friends")),
    (Circle.NOBODY.value, pgettext_lazy("privacy", "Nobody")),
)
REACHING = {
    Way.MESSAGE: (
        pgettext_lazy("privacy", "Write to me"),
        _("Who may begin a direct conversation. Whoever you wrote to can answer you."),
    ),
    Way.GROUP: (
        pgettext_lazy("privacy", "Add me to groups"),
        _("Who may bring you into a group conversation, or invite you to a group."),
    ),
    Way.REQUEST: (pgettext_lazy("privacy", "Ask to be my friend"), _("Who may send you a contact request.")),
    Way.MENTION: (
        pgettext_lazy("privacy", "Mention me"),
        _("Whose @mentions reach you. From others your name is plain text."),
    ),
    Way.FIND: (
        pgettext_lazy("privacy", "Find me in the search"),
        _("Who comes upon you by searching for people. Whoever knows your username can still open your profile."),
    ),
}
SEEING = {
    Way.PRESENCE: (
        pgettext_lazy("privacy", "See whether I am here"),
        _("Online, idle or away, with the words you give your status."),
    ),
    Way.LAST_SEEN: (
        pgettext_lazy("privacy", "See when I was last here"),
        _("The time on your profile while you are away."),
    ),
    Way.TYPING: (pgettext_lazy("privacy", "See me typing"), _("The line that says that you are writing.")),
    Way.RECEIPTS: (
        pgettext_lazy("privacy", "Know what I have read"),
        _("Receipts for messages that reached you and that you have read."),
    ),
    Way.EMAIL: (pgettext_lazy("privacy", "See my e-mail address"), _("On your profile, once it is confirmed.")),
    Way.PHONE: (pgettext_lazy("privacy", "See my phone number"), _("On your profile, if you gave one.")),
}


class PrivacyForm(forms.Form):
    """One circle for each way."""

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for way, (label, help_text) in (REACHING | SEEING).items():
            self.fields[way.value] = forms.ChoiceField(
                label=label, help_text=help_text, choices=CIRCLES, initial=circle_of(person.privacy, way).value
            )

    def reaching(self) -> Iterator[forms.BoundField]:
        return (self[way.value] for way in REACHING)

    def seeing(self) -> Iterator[forms.BoundField]:
        return (self[way.value] for way in SEEING)


class AppearanceForm(forms.Form):
    """How the site looks, and whose clock it goes by."""

    theme = forms.ChoiceField(
        label=_("Theme"),
        choices=[("light", _("Light")), ("dark", _("Dark")), ("system", _("Like the system"))],
        widget=forms.RadioSelect,
    )
    density = forms.ChoiceField(
        label=_("Density"),
        choices=[
            ("comfortable", pgettext_lazy("density", "Comfortable")),
            ("compact", pgettext_lazy("density", "Compact")),
        ],
        widget=forms.RadioSelect,
    )
    language = forms.ChoiceField(label=_("Language"), required=False)
    time_zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        required=False,
        help_text=_("Begin to type a city or a region. Empty: the zone of your browser."),
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false", "dir": "ltr"}),
    )
    clock = forms.ChoiceField(
        label=_("Clock"),
        choices=[("auto", _("Usual for the language")), ("24", _("24 hours")), ("12", _("12 hours"))],
        widget=forms.RadioSelect,
    )
    send_on_enter = forms.BooleanField(label=_("Enter sends the message"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own_names = [(code, get_language_info(code)["name_local"].capitalize()) for code, _name in settings.LANGUAGES]
        self.fields["language"].choices = [("", _("Like the browser")), *own_names]  # type: ignore[attr-defined]

    def clean_time_zone(self) -> str:
        """The zone as its list calls it, however it was typed."""
        typed = self.cleaned_data["time_zone"].strip().replace(" ", "_").lower()
        zone = _zones_by_name().get(typed)
        if typed and zone is None:
            raise ValidationError(_("There is no time zone of this name. Take one from the list."))
        return zone or ""


@cache
def _zones_by_name() -> dict[str, str]:
    return {zone.lower(): zone for zone in available_timezones()}


@cache
def offered_zones() -> list[str]:
    """The zones that are called after a place, and UTC: what a person looks for. The others are known, too."""
    skipped = ("Etc/", "SystemV/", "US/", "posix/", "right/")
    return ["UTC", *sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(skipped))]


class UsernameForm(forms.Form):
    """A new username; whether it is free and may be taken now, the action says."""

    username = forms.CharField(
        label=_("Username"),
        max_length=USERNAME_MAX,
        help_text=_("Letters a–z, digits, “_” and “-”, at most 50. Others mention you by it."),
        widget=forms.TextInput(
            attrs={
                "autocomplete": "username",
                "autocapitalize": "none",
                "spellcheck": "false",
                "pattern": "[A-Za-z0-9_\\-]{1,50}",
                "dir": "ltr",
            }
        ),
    )


class AccountForm(forms.ModelForm[User]):
    """Who the person is besides their username."""

    class Meta:
        model = User
        fields: ClassVar = ["first_name", "last_name", "phone"]
        widgets: ClassVar = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name", "dir": "auto"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name", "dir": "auto"}),
            "phone": forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "dir": "ltr"}),
        }
        help_texts: ClassVar = {
            "phone": _(
                "With the code of the country: +49 170 1234567. Who sees it is a matter of your privacy settings."
            ),
        }

    def clean_phone(self) -> str:
        """The number as E.164 writes it: "+", the code of the country, the rest; at most 15 digits."""
        number = PHONE_BREAKS.sub("", self.cleaned_data["phone"])
        if number.startswith("00"):
            number = f"+{number[2:]}"
        if number and not PHONE.fullmatch(number):
            raise ValidationError(_("Give the number with the code of the country, like +49 170 1234567."))
        return number


# How long the words of a status stay. "today" ends at the person's midnight, "keep" is the end they have.
LASTING = {
    "": _("Do not remove them"),
    "30m": _("In 30 minutes"),
    "1h": _("In 1 hour"),
    "4h": _("In 4 hours"),
    "today": _("At the end of today"),
    "week": _("In a week"),
}
SPANS = {"30m": timedelta(minutes=30), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "week": timedelta(days=7)}


class ProfileForm(forms.ModelForm[User]):
    """What others read of the person, and how they are. `lasts` says when the words of the status go."""

    status = forms.ChoiceField(label=_("Status"), choices=User.Status.choices, required=False)
    lasts = forms.ChoiceField(label=_("Remove the words"), required=False)
    field_order = ("display_name", "bio", "status", "status_text", "lasts")

    class Meta:
        model = User
        fields: ClassVar = ["display_name", "bio", "status_text"]
        widgets: ClassVar = {
            "display_name": forms.TextInput(attrs={"dir": "auto"}),
            "status_text": forms.TextInput(attrs={"dir": "auto"}),
            "bio": forms.Textarea(attrs={"rows": 4, "dir": "auto"}),
        }
        help_texts: ClassVar = {
            "display_name": _("What others read beside your messages. Empty: your username."),
            "status_text": _("What you are up to, shown beside your name. Empty: nothing."),
            "bio": _("A few words about you, shown on your profile."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = self.instance.present_status_text
        self.ends = self.instance.status_expires_at if words else None
        self.initial.update(status=self.instance.status, status_text=words, lasts="keep" if self.ends else "")
        kept = [("keep", gettext("At {when}").format(when=date_and_time(self.ends)))] if self.ends else []
        self.fields["lasts"].choices = [*kept, *LASTING.items()]  # type: ignore[attr-defined]

    def chosen_status(self) -> dict[str, Any] | None:
        """The arguments of `set_status`, or None where nothing of it was changed."""
        said, before = self.cleaned_data, self.initial
        status, words = said["status"] or before["status"], said["status_text"]
        if (status, words, said["lasts"]) == (before["status"], before["status_text"], before["lasts"]):
            return None
        return {"status": status, "text": words, "expires_at": self._end() if words else None}

    def _end(self) -> datetime | None:
        choice = self.cleaned_data["lasts"]
        if choice == "today":
            return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
        return timezone.now() + SPANS[choice] if choice in SPANS else self.ends if choice == "keep" else None
