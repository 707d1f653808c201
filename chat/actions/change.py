"""What is done to a message once it stands: edit, delete, pin, react. Each is one version of its conversation."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.notifications import withdraw
from accounts.occasions import note
from accounts.permissions import check_not_blocked
from chat.actions.log import key_of, lock_conversation, log_change
from chat.actions.send import checked_content, max_length_of
from chat.calls import Asked, named_in
from chat.models import Change, Conversation, Membership, Mention, Message, Reaction
from chat.permissions import (
    Permission,
    check_account,
    check_may_speak,
    check_permission,
    membership_of,
    visible_message,
)
from chat.reading.messages import PINS_MAX, shown_messages
from chat.rendering import iso
from chatter.core import text
from chatter.core.emoji import canonical_emoji
from chatter.core.errors import NotFound, Refused
from chatter.core.events import (
    MessageDeleted,
    MessageEdited,
    MessagePinned,
    MessageUnpinned,
    ReactionsChanged,
)
from chatter.core.realtime import publish

EMOJI_PER_MESSAGE = 20


def edit_message(*, editor: Any, message_id: UUID, content: str) -> int:
    """Replace the text of one's own message; checks what sending checks. Returns the version. Raises Refused."""
    cleaned = checked_content(content)
    with transaction.atomic():
        conversation, membership, message = _standing(key_of(editor), message_id)
        if message.sender_id != membership.user_id or message.kind == Message.Kind.SYSTEM:
            raise Refused("forbidden")
        _check_speech(conversation, membership, Permission.SEND)
        if len(cleaned) > max_length_of(conversation.kind, conversation.settings):
            raise Refused("too_long")
        if cleaned == message.content:
            return conversation.version
        preview, added, calls = _rewrite(message, membership, cleaned)
        version = log_change(conversation, Change.Kind.EDITED, actor=membership.user_id, message=message)
        if added:
            key = f"edit:{message.pk}:{version}"
            note(
                "chat.edit",
                key,
                **_whereabouts(message, membership.user_id),
                detail={"people": [str(key) for key in added]},
            )
        if calls:
            detail = {"calls": calls, "edited": True}
            note(
                "chat.call", f"call:{message.pk}:{version}", **_whereabouts(message, membership.user_id), detail=detail
            )
        _publish_edit(conversation, message, version, _set_preview(conversation, message, preview), added)
    return version


def delete_message(*, actor: Any, message_id: UUID) -> int:
    """Leave a tombstone; what it said goes to the history. One's own, or any with MANAGE_MESSAGES. Returns the version."""
    with transaction.atomic():
        conversation, membership, message = _standing(key_of(actor), message_id)
        if message.sender_id != membership.user_id:
            check_permission(membership, Permission.MANAGE_MESSAGES)
        return bury(conversation, message, actor=membership.user_id)


def bury(conversation: Conversation, message: Message, *, actor: UUID | None) -> int:
    """Make a tombstone of a message that stands, in its locked conversation; nobody's rights are asked. Returns the version."""
    called_many = bool(text.calls_in(message.html))
    Reaction.objects.filter(message=message).delete()
    message.content = message.html = ""
    message.metadata = {}
    message.deleted_at, message.deleted_by_id = timezone.now(), actor
    message.pinned_at = message.pinned_by = None
    fields = ("content", "html", "metadata", "deleted_at", "deleted_by", "pinned_at", "pinned_by")
    message.save(update_fields=fields)
    # Last: whoever spreads what it calls holds the message meanwhile, and then sees that it is deleted.
    _take_back(message, actor, called_many=called_many)
    version = log_change(conversation, Change.Kind.DELETED, actor=actor, message=message)
    stone = {"id": str(message.pk), "number": message.number, "deleted_at": iso(message.deleted_at)}
    preview = _set_preview(conversation, message, "")
    publish(MessageDeleted(**_versioned(conversation, version), message=stone, preview=preview))
    return version


def pin_message(*, actor: Any, message_id: UUID) -> int:
    """Pin; pinning twice changes nothing. Returns the version."""
    return _set_pin(key_of(actor), message_id, pinned=True)


def unpin_message(*, actor: Any, message_id: UUID) -> int:
    """Take the pin back; twice changes nothing. Returns the version."""
    return _set_pin(key_of(actor), message_id, pinned=False)


def add_reaction(*, person: Any, message_id: UUID, emoji: str) -> int:
    """React with one emoji; twice changes nothing. Returns the version."""
    emoji = _canonical(emoji)
    with transaction.atomic():
        conversation, membership, message = _standing(key_of(person), message_id)
        _check_speech(conversation, membership, Permission.REACT)
        others = Reaction.objects.filter(message=message).exclude(emoji=emoji)
        if others.values("emoji").distinct().count() >= EMOJI_PER_MESSAGE:
            raise Refused("forbidden", _("This message has as many different reactions as fit."))
        _row, added = Reaction.objects.get_or_create(message=message, user_id=membership.user_id, emoji=emoji)
        if not added:
            return conversation.version
        if message.sender_id not in (None, membership.user_id):
            note(
                "chat.reaction",
                f"reaction:{message.pk.hex}:{membership.user_id.hex}",
                **_whereabouts(message, membership.user_id),
            )
        return _log_reaction(conversation, message, membership.user_id, emoji, added=True)


def remove_reaction(*, person: Any, message_id: UUID, emoji: str) -> int:
    """Take a reaction back; one that is not there changes nothing. Returns the version."""
    emoji = _canonical(emoji)
    with transaction.atomic():
        conversation, membership, message = _standing(key_of(person), message_id)
        removed, _rows = Reaction.objects.filter(message=message, user_id=membership.user_id, emoji=emoji).delete()
        return (
            _log_reaction(conversation, message, membership.user_id, emoji, added=False)
            if removed
            else conversation.version
        )


def _canonical(emoji: str) -> str:
    """The one spelling under which an emoji is counted. Raises Refused("invalid")."""
    spelling = canonical_emoji(emoji)
    if spelling is None:
        raise Refused("invalid", _("Choose one emoji."))
    return spelling


def _standing(person_id: UUID, message_id: UUID) -> tuple[Conversation, Membership, Message]:
    """The message, not deleted, its conversation locked and the person's row in it. Raises Refused."""
    place = Message.objects.filter(pk=message_id).values_list("conversation_id", flat=True).first()
    if place is None:
        raise NotFound
    membership_of(person_id, place)
    conversation = lock_conversation(place)
    membership = membership_of(person_id, place)
    membership.conversation = conversation
    check_account(membership)
    message = visible_message(membership, message_id)
    if message.deleted_at is not None:
        raise NotFound
    return conversation, membership, message


def _check_speech(conversation: Conversation, membership: Membership, bit: Permission) -> None:
    check_may_speak(membership, bit)
    if conversation.kind == Conversation.Kind.DIRECT and conversation.direct_key:
        other = next(part for part in conversation.direct_key.split(":") if part != str(membership.user_id))
        check_not_blocked(membership.user_id, UUID(other))


def _rewrite(message: Message, membership: Membership, content: str) -> tuple[str, tuple[UUID, ...], list[str]]:
    """Store the new text and who it calls; returns its one-line preview, whom it did not call before, and what else it did
    not. Whom a call of many has reached stays called while the text calls many at all."""
    [named] = named_in([Asked(membership.user_id, membership.conversation_id, content)])
    rendered = text.render(content, mentions=named.people, calls=named.calls)
    calls = [key for key in rendered.called if key not in text.calls_in(message.html)]
    message.content, message.html, message.edited_at = (
        content,
        rendered.html,
        timezone.now(),
    )
    message.save(update_fields=["content", "html", "edited_at"])
    people = named.people
    called = {UUID(people[name]) for name in rendered.mentioned if name in people} - {membership.user_id}
    mentions = Mention.objects.filter(message=message)
    before = set(mentions.filter(user_id__in=called).values_list("user_id", flat=True))
    if not rendered.called:
        mentions.exclude(user_id__in=called).delete()
    rows = [
        Mention(
            user_id=user,
            conversation_id=message.conversation_id,
            number=message.number,
            message=message,
        )
        for user in called - before
    ]
    Mention.objects.bulk_create(rows, ignore_conflicts=True)
    return rendered.plain[:200], tuple(sorted(called - before)), calls


def _whereabouts(message: Message, actor: UUID | None) -> dict[str, Any]:
    """What an occasion says of the message, and who caused it."""
    return {
        "place": message.conversation_id,
        "position": message.number,
        "source_id": message.pk,
        "actor_id": actor,
    }


def _take_back(message: Message, actor: UUID | None, *, called_many: bool) -> None:
    """What people have unread of a message that is gone; where it called many, the worker takes it back from them."""
    mentions = Mention.objects.filter(message=message)
    if called_many:
        note("chat.recall", f"recall:{message.pk}", **_whereabouts(message, actor))
        people = set()
    else:
        people = set(mentions.values_list("user_id", flat=True))
    mentions.delete()
    people |= {key for key in (message.sender_id, message.reply_to and message.reply_to.sender_id) if key}
    if people:
        withdraw(people=people, place=message.conversation_id, source=message.pk)


def _set_preview(conversation: Conversation, message: Message, preview: str) -> str | None:
    """The side bar quotes the last message: if that is the changed one, it changes too."""
    if message.number != conversation.message_count:
        return None
    conversation.preview = preview
    conversation.save(update_fields=["preview"])
    return preview


def _publish_edit(
    conversation: Conversation, message: Message, version: int, preview: str | None, added: tuple[UUID, ...]
) -> None:
    shown = shown_messages([message.pk], None)[message.pk]
    publish(
        MessageEdited(
            **_versioned(conversation, version),
            message=shown.wire,
            body=shown.body,
            preview=preview,
            mentioned=added,
        ),
    )


def _set_pin(person_id: UUID, message_id: UUID, *, pinned: bool) -> int:
    with transaction.atomic():
        conversation, membership, message = _standing(person_id, message_id)
        _check_speech(conversation, membership, Permission.PIN)
        if (message.pinned_at is not None) == pinned:
            return conversation.version
        if pinned and Message.objects.filter(conversation=conversation, pinned_at__isnull=False).count() >= PINS_MAX:
            raise Refused(
                "forbidden",
                _("So many messages are pinned here that no more fit. Unpin one first."),
            )
        message.pinned_at = timezone.now() if pinned else None
        message.pinned_by_id = person_id if pinned else None
        message.save(update_fields=["pinned_at", "pinned_by"])
        kind = Change.Kind.PINNED if pinned else Change.Kind.UNPINNED
        version = log_change(conversation, kind, actor=person_id, message=message)
        event = MessagePinned if pinned else MessageUnpinned
        publish(
            event(
                **_versioned(conversation, version),
                message={"id": str(message.pk), "number": message.number},
                user=person_id,
            )
        )
    return version


def _log_reaction(
    conversation: Conversation,
    message: Message,
    person_id: UUID,
    emoji: str,
    *,
    added: bool,
) -> int:
    detail = {"emoji": emoji, "added": added}
    version = log_change(
        conversation,
        Change.Kind.REACTED,
        actor=person_id,
        message=message,
        detail=detail,
    )
    counts = shown_messages([message.pk], None)[message.pk].wire["reactions"]
    publish(
        ReactionsChanged(
            **_versioned(conversation, version),
            message={"id": str(message.pk), "number": message.number},
            user=person_id,
            emoji=emoji,
            added=added,
            reactions=counts,
        )
    )
    return version


def _versioned(conversation: Conversation, version: int) -> dict[str, Any]:
    return {
        "conversation": conversation.pk,
        "access_version": conversation.access_version,
        "version": version,
    }
