"""Joining a public group, the line that welcomes who came, and leaving. Invitations are in `groups.actions.invites`."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import check_member
from chat.actions.log import append_system_message, lock_conversation
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from chatter.core.realtime import publish
from groups.actions.members import admit_member, part_member
from groups.models import Channel, Group, Member
from groups.permissions import lock_group, locked_standing

GROUPS_JOINED_MAX = 300
JOINS_PER_HOUR = 60


def join_group(*, person: User, group_id: UUID) -> Group:
    """Come into a public group; who is in stays as they are. Raises NotFound for private ones, Refused for the banned."""
    check_member(person)
    check_limit("group_join", person.pk, limit=JOINS_PER_HOUR, seconds=3600)
    with transaction.atomic():
        group = lock_group(group_id)
        is_in = Member.objects.filter(group=group, user=person).exists()
        if group.deletion_due_at is not None or not (group.is_public or is_in):
            raise NotFound
        if not is_in:
            check_may_join_more(person)
            admit_member(group, person)
            welcome(group, person)
    return group


def check_may_join_more(person: User) -> None:
    """Raises Refused where `person` is in as many groups as one can be."""
    if Member.objects.filter(user=person).count() >= GROUPS_JOINED_MAX:
        raise Refused("forbidden", _("One person can be in %(most)s groups.") % {"most": GROUPS_JOINED_MAX})


def welcome(group: Group, person: User) -> None:
    """Say in the first channel that `person` sees, to talk in, that they joined: where the group wants that. In the transaction
    that let them in, the group locked."""
    if not group.greets:
        return
    seen = Channel.objects.alive().filter(
        group=group,
        kind=Channel.Kind.TEXT,
        conversation__memberships__user=person,
        conversation__memberships__left_at=None,
    )
    first = seen.order_by("category__position", "category_id", "position", "id")
    # Channels of no category stand on top.
    channel = first.filter(category=None).first() or first.first()
    if channel is not None:
        conversation = lock_conversation(channel.conversation_id)
        publish(append_system_message(conversation, event="joined", actor=person))


def leave_group(*, person: User, group_id: UUID) -> None:
    """Go. Raises Refused for the owner, who hands the group over or deletes it before."""
    with transaction.atomic():
        standing = locked_standing(person, group_id)
        if standing.is_owner:
            raise Refused("forbidden", _("You own this group. Hand it over or delete it first."))
        part_member(standing.group, standing.member)
