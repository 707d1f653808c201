"""Who is in a conversation: admit, add, leave, remove, hand over. Losing access bumps `access_version`.

Lock order: conversation, then memberships. Callers of `admit` and `dismiss` hold the conversation's lock.
"""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.notifications import withdraw
from accounts.actions.telling import News, Recipient, tell
from accounts.models import Notification, User
from accounts.permissions import check_reach
from accounts.privacy import Way
from chat.actions.log import append_system_message, key_of, lock_conversation, user_wire
from chat.models import Conversation, Membership
from chat.permissions import (
    Permission,
    check_outranks,
    check_permission,
    membership_of,
    permissions_of_role,
)
from chatter.core.errors import NotFound, Refused
from chatter.core.events import MembershipAdded, MembershipChanged, MembershipRemoved
from chatter.core.realtime import publish

Role = Membership.Role


def admit(conversation: Conversation, user: User, *, role: str, tell: bool = True) -> Membership:
    """Give `user` an active row in the locked conversation; a former member's row comes alive again."""
    numbers = {
        "last_read_number": conversation.message_count,
        "last_delivered_number": conversation.message_count,
    }
    fields = {
        "role": role,
        "permissions": permissions_of_role(conversation.kind, role),
        "left_at": None,
        **numbers,
    }
    row, made = Membership.objects.get_or_create(conversation=conversation, user=user, defaults=fields)
    if not made:
        if row.left_at is None:
            return row
        for name, value in fields.items():
            setattr(row, name, value)
        row.joined_at, row.archived_at = timezone.now(), None
        row.save()
    conversation.member_count += 1
    Conversation.objects.filter(pk=conversation.pk).update(member_count=F("member_count") + 1)
    if tell:
        publish(MembershipAdded(**_place(conversation), user=user.pk, person=user_wire(user)))
    return row


def dismiss(conversation: Conversation, row: Membership) -> None:
    """End the active row in the locked conversation. After this not one frame about it reaches the person."""
    row.left_at, row.permissions, row.role, row.draft = (
        timezone.now(),
        0,
        Role.MEMBER,
        "",
    )
    row.save(update_fields=["left_at", "permissions", "role", "draft"])
    conversation.member_count -= 1
    conversation.access_version += 1
    conversation.save(update_fields=["member_count", "access_version"])
    withdraw(people=[row.user_id], place=conversation.pk)
    publish(MembershipRemoved(**_place(conversation), user=row.user_id))


def add_members(*, actor: Any, conversation_id: UUID, people: list[Any]) -> int:
    """Add people to a group conversation; who is in already stays. Returns how many came. Raises Refused."""
    with transaction.atomic():
        conversation, doer = _as_member(actor, conversation_id, Permission.ADD_MEMBERS)
        keys = {key_of(person) for person in people}
        newcomers = list(User.objects.filter(pk__in=keys).order_by("username"))
        if len(newcomers) != len(keys):
            raise NotFound
        inside = set(
            Membership.objects.active()
            .filter(conversation=conversation, user__in=newcomers)
            .values_list("user_id", flat=True)
        )
        newcomers = [user for user in newcomers if user.pk not in inside]
        _check_addable(conversation, doer.user, newcomers)
        for user in newcomers:
            admit(conversation, user, role=Role.MEMBER)
        tell_invited(conversation, doer.user, newcomers)
        if newcomers:
            publish(append_system_message(conversation, event="added", actor=doer.user, people=newcomers))
    return len(newcomers)


def tell_invited(conversation: Conversation, actor: User, people: list[User]) -> None:
    """`people` hear that `actor` brought them into the conversation, until they read there: the next message says it too."""
    kind = Notification.Kind.INVITATION
    news = News(kind, f"{kind}:{conversation.pk}", source=conversation, place=conversation.pk)
    tell(news, [Recipient(user.pk, actor.pk, conversation.message_count + 1) for user in people])


def leave_conversation(*, person: Any, conversation_id: UUID) -> None:
    """Leave a group conversation, or, without a word, a discussion. An owner's place goes to the next in rank; the last one closes
    the door."""
    with transaction.atomic():
        conversation, row = _as_member(person, conversation_id, None)
        check_leavable(conversation)
        dismiss(conversation, row)
        if row.user_id == conversation.owner_id:
            pass_on(conversation)
        if conversation.kind == Conversation.Kind.GROUP:
            publish(append_system_message(conversation, event="left", actor=row.user))


def check_leavable(conversation: Conversation) -> None:
    """Raises `Refused("unsupported")` where one cannot leave by oneself: who is in a channel, its group says."""
    if conversation.kind not in (Conversation.Kind.GROUP, Conversation.Kind.DISCUSSION):
        raise Refused("unsupported", _("This conversation cannot be left."))


def remove_member(*, actor: Any, conversation_id: UUID, person_id: UUID) -> None:
    """Put somebody out; nobody of one's own rank or above. Raises Refused."""
    with transaction.atomic():
        conversation, doer = _as_member(actor, conversation_id, Permission.REMOVE_MEMBERS)
        target = membership_of(person_id, conversation_id)
        check_outranks(doer, target)
        dismiss(conversation, target)
        publish(append_system_message(conversation, event="removed", actor=doer.user, people=[target.user]))


def transfer_ownership(*, actor: Any, conversation_id: UUID, person_id: UUID) -> None:
    """Hand the conversation to another member; the former owner stays as administrator. Raises Refused."""
    with transaction.atomic():
        conversation, doer = _as_member(actor, conversation_id, Permission.TRANSFER)
        heir = membership_of(person_id, conversation_id)
        if heir.user_id == doer.user_id:
            raise Refused("invalid", _("You own this conversation already."))
        set_role(conversation, doer, Role.ADMIN)
        _crown(conversation, heir)
        publish(append_system_message(conversation, event="transferred", actor=doer.user, people=[heir.user]))


def _as_member(actor: Any, conversation_id: UUID, bit: Permission | None) -> tuple[Conversation, Membership]:
    """The conversation, locked, and the doer's row read after the lock. Raises Refused."""
    person = key_of(actor)
    membership_of(person, conversation_id)
    conversation = lock_conversation(conversation_id)
    row = membership_of(person, conversation_id)
    if bit is not None:
        check_permission(row, bit)
    if bit is not None and conversation.archived_at is not None:
        raise Refused("locked")
    return conversation, row


def _check_addable(conversation: Conversation, actor: User, newcomers: list[User]) -> None:
    if conversation.member_count + len(newcomers) > settings.CHATTER_GROUP_MAX_MEMBERS:
        raise Refused("forbidden", _("So many people do not fit into one conversation."))
    for user in newcomers:
        check_reach(actor, user, Way.GROUP)


def pass_on(conversation: Conversation) -> None:
    """The owner left: the highest in rank, then the longest here, takes over; nobody left archives the place."""
    rows = list(
        Membership.objects.active()
        .filter(conversation=conversation)
        .select_related("user")
        .order_by("joined_at")[:1000]
    )
    if not rows:
        conversation.owner, conversation.archived_at = None, timezone.now()
        conversation.save(update_fields=["owner", "archived_at"])
        return
    order = [Role.ADMIN, Role.MODERATOR, Role.MEMBER]
    _crown(conversation, min(rows, key=lambda row: order.index(Role(row.role))))


def _crown(conversation: Conversation, row: Membership) -> None:
    set_role(conversation, row, Role.OWNER)
    conversation.owner_id = row.user_id
    conversation.save(update_fields=["owner"])


def set_role(conversation: Conversation, row: Membership, role: str) -> None:
    """Give the active row in the locked conversation another role, and what it may."""
    row.role, row.permissions = role, permissions_of_role(conversation.kind, role)
    row.save(update_fields=["role", "permissions"])
    publish(
        MembershipChanged(
            **_place(conversation),
            user=row.user_id,
            role=role,
            permissions=row.permissions,
        )
    )


def _place(conversation: Conversation) -> dict[str, Any]:
    return {
        "conversation": conversation.pk,
        "access_version": conversation.access_version,
    }
