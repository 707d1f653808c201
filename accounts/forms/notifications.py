"""The shape of what people say about notifications: the matrix, the pace of e-mail, quiet hours and who breaks through."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.channels import ALWAYS_IN_APP, Channels, channels_of
from accounts.models.user import USERNAME
from accounts.notices import offered_kinds
from accounts.preferences import Settings

CHANNELS = {"in_app": _("Here"), "email": _("E-mail"), "push": _("Push")}
PACES = (
    ("soon", _("Soon, if I have not read it")),
    ("hourly", _("Once an hour")),
    ("daily", _("Once a day, at 8")),
    ("off", _("Never")),
)


class ListForm(forms.Form):
    """Which of the notifications the address asks for."""

    kind = forms.ChoiceField(required=False)
    after = forms.CharField(required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in offered_kinds()]  # type: ignore[attr-defined]


class NotificationSettingsForm(forms.Form):
    """Which kind takes which way, how often mail comes, and when nothing may ring."""

    email_pace = forms.ChoiceField(label=_("E-mails come"), choices=PACES)
    quiet_on = forms.BooleanField(label=_("Quiet hours"), required=False)
    quiet_from = forms.TimeField(label=_("From"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_to = forms.TimeField(label=_("Until"), widget=forms.TimeInput({"type": "time"}, "%H:%M"))
    quiet_days = forms.TypedMultipleChoiceField(
        label=pgettext_lazy("quiet hours", "On these days"),
        coerce=int,
        required=False,
        choices=tuple(WEEKDAYS.items()),
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, given: Any = None, *, wishes: Settings) -> None:
        quiet = {f"quiet_{key}": value for key, value in wishes["quiet_hours"].items()}
        super().__init__(given, initial={"email_pace": wishes["email_pace"]} | quiet)
        self.stored = wishes["notifications"]
        for kind in offered_kinds():
            for channel, on in channels_of(kind, wishes)._asdict().items():
                label = f"{kind.label}: {CHANNELS[channel]}"
                fixed = channel == "in_app" and kind in ALWAYS_IN_APP
                field = forms.BooleanField(label=label, required=False, initial=on, disabled=fixed)
                self.fields[f"{kind}-{channel}"] = field

    def matrix(self) -> Iterator[tuple[str, list[BoundField]]]:
        """The rows: what a kind is called, and its boxes."""
        for kind in offered_kinds():
            yield str(kind.label), [self[f"{kind}-{channel}"] for channel in Channels._fields]

    def settings(self) -> Settings:
        """What was chosen, as it is stored. Kinds that are not offered here keep what was said of them."""
        said = self.cleaned_data
        chosen = {
            kind.value: {channel: said[f"{kind}-{channel}"] for channel in Channels._fields} for kind in offered_kinds()
        }
        quiet = {
            "on": said["quiet_on"],
            "from": f"{said['quiet_from']:%H:%M}",
            "to": f"{said['quiet_to']:%H:%M}",
            "days": sorted(said["quiet_days"]),
        }
        return {
            "notifications": self.stored | chosen,
            "email_pace": said["email_pace"],
            "quiet_hours": quiet,
        }


class QuietExceptionForm(forms.Form):
    """Somebody, a conversation or a kind that rings even then: one of the three."""

    username = forms.RegexField(USERNAME, required=False, strip=True, max_length=50)
    place = forms.UUIDField(required=False)
    kind = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in offered_kinds()]  # type: ignore[attr-defined]
