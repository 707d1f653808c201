"""A group for tests: Alice owns it, Mod moderates, Bob is a member, Charlie is not; Mallory is, and Alice blocks her."""

from dataclasses import dataclass

from django.db import transaction

from accounts.models import User
from chat.models import Conversation
from groups.access import Scope, sync_access
from groups.actions.group import create_group
from groups.actions.members import admit_member
from groups.models import Channel, Group, Member, MemberRole, Role
from groups.permissions import Right
from tests.cast import Cast

MODERATES = Right.KICK | Right.BAN | Right.TIME_OUT | Right.MANAGE_MESSAGES | Right.MANAGE_NICKNAMES | Right.VIEW_AUDIT


@dataclass(frozen=True)
class Community:
    """The group "Atlas" with #general and #announcements, and its role "Moderators", which Mod holds."""

    group: Group
    general: Channel
    announcements: Channel
    everyone: Role
    moderators: Role

    @property
    def talk(self) -> Conversation:
        """Where #general talks."""
        return self.general.conversation

    def member(self, user: User) -> Member:
        return Member.objects.get(group=self.group, user=user)


def make_community(cast: Cast, *, is_public: bool = False) -> Community:
    """Made by the product's own actions."""
    group = create_group(owner=cast.alice, name="Atlas", description="Maps and more", is_public=is_public)
    with transaction.atomic():
        for person in (cast.bob, cast.mod, cast.mallory):
            admit_member(group, person)
        moderators = Role.objects.create(group=group, name="Moderators", position=1, permissions=int(MODERATES), hue=8)
        MemberRole.objects.create(member=Member.objects.get(group=group, user=cast.mod), role=moderators)
        sync_access(Scope(group=group.pk, users=(cast.mod.pk,)))
    group.refresh_from_db()
    channels = {channel.kind: channel for channel in group.channels.select_related("conversation")}
    everyone = group.roles.get(is_everyone=True)
    return Community(group, channels["text"], channels["announcement"], everyone, moderators)
