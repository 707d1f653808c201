"""What a new group may begin with: categories and their channels, by the name of the choice."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.models import Channel

TEXT, NEWS = Channel.Kind.TEXT, Channel.Kind.ANNOUNCEMENT
GENERAL = (_("general"), TEXT)
ANNOUNCEMENTS = (_("announcements"), NEWS)

type Words = str | Promise


class Beginning(NamedTuple):
    """`places`: category ("" for none) → its channels, each a name and a kind, in their order."""

    label: Words
    about: Words
    places: tuple[tuple[Words, tuple[tuple[Words, str], ...]], ...]


BEGINNINGS = {
    "usual": Beginning(
        pgettext_lazy("what a group begins with", "The usual"),
        _("#general to talk and #announcements to tell."),
        ((_("Talk"), (GENERAL, ANNOUNCEMENTS)),),
    ),
    "community": Beginning(
        pgettext_lazy("what a group begins with", "Community"),
        _("A welcome with rules, and room for every kind of talk."),
        (
            (_("Welcome"), (ANNOUNCEMENTS, (_("rules"), NEWS), (_("introductions"), TEXT))),
            (_("Talk"), (GENERAL, (_("questions"), TEXT), (_("off-topic"), TEXT))),
        ),
    ),
    "team": Beginning(
        pgettext_lazy("what a group begins with", "Team"),
        _("For people who make something together."),
        (
            (_("Everybody"), (GENERAL, ANNOUNCEMENTS)),
            (_("Work"), ((_("planning"), TEXT), (_("questions"), TEXT), (_("results"), TEXT))),
        ),
    ),
    "single": Beginning(
        pgettext_lazy("what a group begins with", "One channel"),
        _("#general, and nothing else."),
        (("", (GENERAL,)),),
    ),
    # Not offered: for whoever makes every channel themselves.
    "nothing": Beginning("", "", ()),
}
