"""Who may read and do what in a conversation. One membership row decides; `check_*` raises `Refused`."""

from enum import IntFlag
from functools import cache
from uuid import UUID

from django.utils import timezone

from chat.models import Conversation, Membership, Message
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound, Refused
from chatter.core.rows import columns, instance, width

Kind, Role = Conversation.Kind, Membership.Role


class Permission(IntFlag):
    """Bits of `Membership.permissions`: 0–52, never reused. `append_messages` knows SEND (1) and MANAGE_MESSAGES (32)."""

    SEND = 1 << 0
    REACT = 1 << 1
    ATTACH = 1 << 2
    PIN = 1 << 3
    MENTION_ALL = 1 << 4
    MANAGE_MESSAGES = 1 << 5
    ADD_MEMBERS = 1 << 6
    REMOVE_MEMBERS = 1 << 7
    EDIT_CONVERSATION = 1 << 8
    TRANSFER = 1 << 9
    ARCHIVE = 1 << 10


_TALK = Permission.SEND | Permission.REACT | Permission.ATTACH
_MODERATE = _TALK | Permission.PIN | Permission.MENTION_ALL | Permission.MANAGE_MESSAGES | Permission.REMOVE_MEMBERS
_ADMINISTER = _MODERATE | Permission.ADD_MEMBERS | Permission.EDIT_CONVERSATION
_OWN = _ADMINISTER | Permission.TRANSFER | Permission.ARCHIVE
_IN_DISCUSSION = _MODERATE & ~Permission.REMOVE_MEMBERS
_LOBBY_ADMINISTER = _MODERATE & ~Permission.REMOVE_MEMBERS | Permission.EDIT_CONVERSATION

RANKS = {Role.MEMBER: 0, Role.MODERATOR: 1, Role.ADMIN: 2, Role.OWNER: 3}

_BY_ROLE: dict[str, dict[str, Permission]] = {
    Kind.LOBBY: {
        Role.MEMBER: _TALK,
        Role.MODERATOR: _MODERATE & ~Permission.REMOVE_MEMBERS,
        Role.ADMIN: _LOBBY_ADMINISTER,
        Role.OWNER: _LOBBY_ADMINISTER,
    },
    Kind.DIRECT: dict.fromkeys(Role, _TALK | Permission.PIN),
    Kind.GROUP: {
        Role.MEMBER: _TALK | Permission.PIN | Permission.ADD_MEMBERS,
        Role.MODERATOR: _MODERATE | Permission.ADD_MEMBERS,
        Role.ADMIN: _ADMINISTER,
        Role.OWNER: _OWN,
    },
    # Who is what there, forums say (forums/discussions.py).
    Kind.DISCUSSION: {
        Role.MEMBER: _TALK,
        Role.MODERATOR: _IN_DISCUSSION,
        Role.ADMIN: _IN_DISCUSSION,
        Role.OWNER: _IN_DISCUSSION,
    },
}


def permissions_of_role(kind: str, role: str) -> int:
    """The bits that `role` brings in a conversation of `kind` (0 where groups or forums derive them)."""
    return int(_BY_ROLE.get(kind, {}).get(role, Permission(0)))


def membership_of(person_id: UUID, conversation_id: UUID, *, lock: bool = False) -> Membership:
    """The active row of the person, with its conversation. Raises NotFound for outsiders and unknown ids alike."""
    with prepared_cursor() as cursor:
        cursor.execute(_membership_sql(lock), [conversation_id, person_id])
        found = cursor.fetchone()
    if found is None:
        raise NotFound
    row = instance(Membership, found[: width(Membership)])
    row.conversation = instance(Conversation, found[width(Membership) :])
    return row


@cache
def _membership_sql(lock: bool) -> str:
    return (
        f"select {columns(Membership, 'm')}, {columns(Conversation, 'v')} from chat_membership m"  # noqa: S608 -- names of columns
        " join chat_conversation v on v.id = m.conversation_id"
        " where m.conversation_id = %s and m.user_id = %s and m.left_at is null"
        + (" for no key update of m" if lock else "")
    )


def visible_message(membership: Membership, message_id: UUID) -> Message:
    """The message, if it lies in the member's conversation and in their part of its history. Raises NotFound."""
    message = Message.objects.filter(
        pk=message_id,
        conversation_id=membership.conversation_id,
        number__gte=membership.history_from,
    ).first()
    if message is None:
        raise NotFound
    return message


def check_permission(membership: Membership, bit: Permission) -> None:
    """Raises `Refused("forbidden")` unless the row carries the bit."""
    if not membership.permissions & bit:
        raise Refused("forbidden")


def check_account(membership: Membership) -> None:
    """A command may be on its way while its account is closed; `append_messages` asks the same of a message."""
    if not membership.user.is_active or membership.user.is_suspended:
        raise Refused("forbidden")


def check_may_speak(membership: Membership, bit: Permission = Permission.SEND) -> None:
    """What sending asks, asked of everything that others will see: not archived, not timed out, the bit."""
    if membership.conversation.archived_at is not None:
        raise Refused("locked")
    until = membership.timed_out_until
    if until is not None and until > timezone.now():
        raise Refused("timed_out", retry_after=(until - timezone.now()).total_seconds())
    check_permission(membership, bit)


def check_outranks(actor: Membership, target: Membership) -> None:
    """Nobody acts on a person of their own rank or above."""
    if RANKS[Role(actor.role)] <= RANKS[Role(target.role)]:
        raise Refused("forbidden")
