"""The rights of moderators in words: names and one line each, as pages show them; and what the switches of a forum say."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.actions.forum import SCORES_HIDDEN
from forums.permissions import Right

Words = str | Promise

RIGHTS: tuple[tuple[Right, Words, Words], ...] = (
    (
        Right.POSTS,
        _("Posts and comments"),
        _("Remove and approve what is written, lock and pin posts, set their flairs, see the queue."),
    ),
    (
        Right.PEOPLE,
        _("People"),
        _("Ban, keep notes, let people in who ask, put members out, give flairs to members."),
    ),
    (Right.FORUM, _("The forum"), _("Change its name, address, looks, rules, flairs and settings.")),
    (Right.MODERATORS, _("Moderators"), _("Appoint others, with rights that they have themselves.")),
)
_HIDDEN = (
    pgettext_lazy("scores are hidden", "Never"),
    *(_("15 minutes"), _("1 hour"), _("4 hours"), _("1 day")),
)
HIDDEN = tuple(zip(SCORES_HIDDEN, _HIDDEN, strict=True))


def rights_in_words(permissions: int) -> list[Words]:
    return [name for right, name, _words in RIGHTS if permissions & right]
