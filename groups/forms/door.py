"""The shape of invitations: how long they last, how often they let somebody in, where they lead."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.actions.invites import LIFETIMES, USES, WEEK

_MINUTES = {span: int(span.total_seconds() // 60) if span else 0 for span in LIFETIMES}
_SPANS = {minutes: span for span, minutes in _MINUTES.items()}
_LASTS = (
    *(_("30 minutes"), _("1 hour"), _("12 hours")),
    *(_("1 day"), _("7 days"), _("30 days"), pgettext_lazy("an invitation ends", "Never")),
)
_OFTEN: dict[int | None, str | Promise] = {None: pgettext_lazy("uses of an invitation", "No limit")}


class InviteForm(forms.Form):
    """A new invitation. `channels` are those that its creator reads, as (id, name)."""

    lifetime = forms.TypedChoiceField(
        label=_("Ends after"),
        choices=[(str(_MINUTES[span]), words) for span, words in zip(LIFETIMES, _LASTS, strict=True)],
        coerce=int,
        initial=str(_MINUTES[WEEK]),
    )
    max_uses = forms.TypedChoiceField(
        label=_("How many people"),
        choices=[(str(uses or 0), _OFTEN.get(uses, str(uses))) for uses in USES],
        coerce=lambda uses: int(uses) or None,
        empty_value=None,
        initial="0",
    )
    channel = forms.ChoiceField(label=_("Leads to"), required=False)

    def __init__(self, *args: Any, channels: Iterable[tuple[UUID, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        begin = ("", _("Where the group begins"))
        self.fields["channel"].choices = [begin, *((str(key), f"# {name}") for key, name in channels)]  # type: ignore[attr-defined]

    def wishes(self) -> dict[str, Any]:
        """What the action is asked for. Call it on a valid form."""
        given = self.cleaned_data
        span: timedelta | None = _SPANS[given["lifetime"]]
        channel = UUID(given["channel"]) if given["channel"] else None
        return {"lifetime": span, "max_uses": given["max_uses"], "channel_id": channel}


class PageForm(forms.Form):
    """Which part of a list the address asks for: the rows after the one with this key, or those that have ended."""

    after = forms.CharField(required=False, max_length=80)
    show = forms.ChoiceField(required=False, choices=[("", ""), ("ended", "")])
