"""What the log of a group says: a sentence for each action that is written down, names for what was changed.

`%(actor)s` did it, `%(target)s` is a person, `%(name)s` a thing; each stands in the log as a name, never as markup.
"""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.log import Kind, Vocabulary
from groups.wording import Words

KINDS: dict[str, Kind] = {
    "members": Kind(
        _("Members"),
        "users",
        {
            "group.member.kicked": _("%(actor)s removed %(target)s"),
            "group.member.banned": _("%(actor)s banned %(target)s"),
            "group.ban.lifted": _("%(actor)s lifted the ban of %(target)s"),
            "group.ban.ended": _("The ban of %(target)s ended"),
            "group.member.timed_out": _("%(actor)s gave %(target)s a time-out"),
            "group.time_out.lifted": _("%(actor)s ended the time-out of %(target)s"),
            "group.nickname.changed": _("%(actor)s changed the nickname of %(target)s"),
            "group.messages.purged": _("Messages of %(target)s were deleted, as %(actor)s had asked"),
        },
    ),
    "roles": Kind(
        _("Roles"),
        "shield",
        {
            "group.role.created": _("%(actor)s created the role %(name)s"),
            "group.role.changed": _("%(actor)s changed the role %(name)s"),
            "group.role.moved": _("%(actor)s moved the role %(name)s"),
            "group.role.deleted": _("%(actor)s deleted the role %(name)s"),
            "group.role.given": _("%(actor)s gave %(target)s the role %(name)s"),
            "group.role.taken": _("%(actor)s took the role %(name)s from %(target)s"),
        },
    ),
    "places": Kind(
        _("Channels and categories"),
        "hash",
        {
            "group.channel.created": _("%(actor)s created the channel %(name)s"),
            "group.channel.changed": _("%(actor)s changed the channel %(name)s"),
            "group.channel.closed": _("%(actor)s made the channel %(name)s private"),
            "group.channel.opened": _("%(actor)s opened the channel %(name)s to everybody"),
            "group.channel.followed": _("%(actor)s let the channel %(name)s follow its category"),
            "group.channel.parted": _("%(actor)s gave the channel %(name)s permissions of its own"),
            "group.channel.deleted": _("%(actor)s deleted the channel %(name)s"),
            "group.category.created": _("%(actor)s created the category %(name)s"),
            "group.category.renamed": _("%(actor)s renamed the category %(name)s"),
            "group.category.closed": _("%(actor)s made the category %(name)s private"),
            "group.category.opened": _("%(actor)s opened the category %(name)s to everybody"),
            "group.category.deleted": _("%(actor)s deleted the category %(name)s"),
            "group.override.changed": _("%(actor)s changed permissions in %(name)s"),
            "group.places.ordered": _("%(actor)s put channels in another order"),
        },
    ),
    "invites": Kind(
        _("Invitations"),
        "link",
        {
            "group.invite.created": _("%(actor)s made an invitation"),
            "group.invite.revoked": _("%(actor)s revoked an invitation"),
        },
    ),
    "group": Kind(
        _("The group"),
        "settings",
        {
            "group.created": _("%(actor)s created the group"),
            "group.edited": _("%(actor)s changed the group"),
            "group.icon.changed": _("%(actor)s changed the icon"),
            "group.transferred": _("%(actor)s handed the group to %(target)s"),
            "group.deletion.requested": _("%(actor)s asked to delete the group"),
            "group.deletion.withdrawn": _("%(actor)s kept the group after all"),
            "group.deleted": _("The group %(name)s was deleted"),
        },
    ),
}
# What facts are called. What is not named here is not shown: ids, for the most part.
FIELDS: dict[str, Words] = {
    "name": _("Name"),
    "title": _("Name"),
    "topic": _("Topic"),
    "description": _("Description"),
    "is_public": _("In the directory"),
    "greets": _("Says who joined"),
    "permissions": _("Permissions"),
    "hue": _("Colour"),
    "position": pgettext_lazy("of a role", "Rank"),
    "is_shown_apart": _("Shown apart in the list of members"),
    "is_mentionable": _("May be called by everybody"),
    "slow_mode": _("Slow mode (seconds)"),
    "kind": pgettext_lazy("channel", "Kind"),
    "closed": _("Private"),
    "until": _("Until"),
    "since": _("Written since"),
    "messages": _("Messages"),
    "purge": _("Messages are deleted too"),
    "holders": _("Members who held it"),
    "expires_at": _("Ends"),
    "max_uses": _("How many people"),
    "due": _("Deleted at"),
    "has_icon": _("Has an icon"),
    "nickname": _("Nickname"),
    "role": _("Role"),
    "member": _("Member"),
    "allow": _("Allowed"),
    "deny": _("Denied"),
}
VOCABULARY = Vocabulary(KINDS, FIELDS)
SENTENCES = VOCABULARY.sentences
