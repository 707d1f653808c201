"""The rights of a group in words: names and one line each, in the sections pages show them in."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from groups.permissions import Right

Words = str | Promise

RIGHTS: list[tuple[Words, list[tuple[Right, Words, Words]]]] = [
    (
        pgettext_lazy("section of rights", "Reading"),
        [
            (Right.VIEW, _("See channels"), _("Channels are in the list, and what is written there can be read.")),
            (Right.READ_HISTORY, _("Read earlier messages"), _("Also what was written while they could not look.")),
        ],
    ),
    (
        pgettext_lazy("section of rights", "Writing"),
        [
            (Right.SEND, _("Write messages"), _("Without this, they only read.")),
            (Right.ATTACH, _("Attach files"), _("Pictures and other files.")),
            (Right.EMBED, _("Preview links"), _("Links they write show a picture and a few words of the page.")),
            (Right.REACT, _("React"), _("Answer a message with an emoji.")),
            (
                Right.MENTION_ALL,
                _("Mention everyone"),
                _("Tell all members at once with @everyone and @here, and call on any role."),
            ),
        ],
    ),
    (
        pgettext_lazy("section of rights", "Keeping order in channels"),
        [
            (Right.PIN, _("Pin messages"), _("Keep a message at hand for everybody.")),
            (Right.MANAGE_MESSAGES, _("Manage messages"), _("Delete what others wrote; slow mode does not hold them.")),
        ],
    ),
    (
        pgettext_lazy("section of rights", "Members"),
        [
            (Right.INVITE, _("Invite people"), _("Make invitations and ask friends to come in.")),
            (Right.CHANGE_NICKNAME, _("Change own nickname"), _("Choose the name they go by in this group.")),
            (
                Right.MANAGE_NICKNAMES,
                _("Change nicknames of others"),
                _("Of members who stand below them."),
            ),
            (Right.TIME_OUT, _("Give time-outs"), _("Members who stand below them cannot write for a while.")),
            (Right.KICK, _("Remove members"), _("Those below them; they may come back by an invitation.")),
            (Right.BAN, _("Ban members"), _("Those below them; they cannot come back until the ban is lifted.")),
        ],
    ),
    (
        pgettext_lazy("section of rights", "The group"),
        [
            (
                Right.MANAGE_CHANNELS,
                _("Manage channels"),
                _("Create, change, order and delete channels and categories."),
            ),
            (
                Right.MANAGE_ROLES,
                _("Manage roles"),
                _("Change and give roles below their own, and say who may what in channels."),
            ),
            (Right.MANAGE_GROUP, _("Manage the group"), _("Name, icon, description, invitations and statistics.")),
            (Right.VIEW_AUDIT, _("Read the log"), _("See who changed what in this group.")),
            (
                Right.ADMINISTRATOR,
                _("Administrator"),
                _("All of the above, in every channel. Only the ranks of members still stand above them."),
            ),
        ],
    ),
]
_NAMES: dict[Right, Words] = {right: name for _section, rights in RIGHTS for right, name, _words in rights}


def name_of(right: Right) -> Words:
    """What people call it."""
    return _NAMES[right]
