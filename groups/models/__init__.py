"""The tables of groups; one file for each concept."""

from groups.models.access import Member, MemberRole, Override, Role
from groups.models.entry import Ban, Invite, InviteUse, Purge
from groups.models.group import Category, Channel, ChannelDay, Group, GroupDay

__all__ = [
    "Ban",
    "Category",
    "Channel",
    "ChannelDay",
    "Group",
    "GroupDay",
    "Invite",
    "InviteUse",
    "Member",
    "MemberRole",
    "Override",
    "Purge",
    "Role",
]
