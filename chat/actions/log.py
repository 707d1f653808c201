"""Writing the change log: lock the conversation, bump its version, remember what changed. Used inside transactions only."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone

from chat.models import Change, Conversation, Membership, Message
from chat.rendering import message_wire, person_wire
from chatter.core.errors import NotFound
from chatter.core.events import MessageCreated


def key_of(person: Any) -> UUID:
    """The id of a person given as a user or as an id."""
    key: UUID = getattr(person, "pk", person)
    return key


def lock_conversation(conversation_id: UUID) -> Conversation:
    """The conversation, locked until the transaction ends. Raises NotFound."""
    conversation = Conversation.objects.select_for_update(no_key=True).filter(pk=conversation_id).first()
    if conversation is None:
        raise NotFound
    return conversation


def log_change(
    conversation: Conversation,
    kind: str,
    *,
    actor: UUID | None,
    message: Message | None = None,
    detail: dict[str, Any] | None = None,
    changed: Sequence[str] = (),
) -> int:
    """Bump the locked conversation's version, saving its fields `changed` too; write that version's row; return it."""
    conversation.version += 1
    conversation.save(update_fields=["version", "updated_at", *changed])
    Change.objects.create(
        conversation=conversation,
        version=conversation.version,
        kind=kind,
        message_id=message.pk if message else None,
        number=message.number if message else None,
        actor_id=actor,
        detail=detail,
    )
    return conversation.version


def append_system_message(
    conversation: Conversation,
    *,
    event: str,
    actor: Any,
    people: list[Any] | None = None,
    **detail: Any,
) -> MessageCreated:
    """Append "actor did event to people" to the locked conversation; the event is to be published after commit."""
    conversation.message_count += 1
    conversation.last_message_at = timezone.now()
    conversation.preview = ""
    conversation.last_sender = None
    # Ids, not names: what people are called is read when it is shown (chat.reading.happenings).
    ids = {"actor_id": str(actor.pk), "people_ids": [str(person.pk) for person in people or []]}
    metadata = {"event": event, **ids, **detail}
    message = Message.objects.create(
        conversation=conversation,
        sender=None,
        kind=Message.Kind.SYSTEM,
        number=conversation.message_count,
        metadata=metadata,
        created_at=conversation.last_message_at,
    )
    # What one does oneself is no news.
    Membership.objects.filter(conversation=conversation, user=actor, left_at=None).update(
        last_read_number=message.number, last_delivered_number=message.number, last_read_at=message.created_at
    )
    version = log_change(
        conversation,
        Change.Kind.CREATED,
        actor=actor.pk,
        message=message,
        detail={"event": event},
        changed=["message_count", "last_message_at", "preview", "last_sender"],
    )
    return _created(conversation, message, version, actor, people or [])


def _created(
    conversation: Conversation, message: Message, version: int, actor: Any, people: list[Any]
) -> MessageCreated:
    wire = message_wire(message.pk, conversation.pk, message.number, message.created_at, kind=message.kind)
    names = [user_wire(each)["display_name"] for each in (actor, *people)]
    wire["metadata"] = message.metadata | {"actor": names[0], "people": names[1:]}
    return MessageCreated(
        conversation=conversation.pk,
        access_version=conversation.access_version,
        version=version,
        message=wire,
    )


def user_wire(user: Any) -> dict[str, Any]:
    return person_wire(user.pk, user.username, user.display_name, user.deleted_at is not None, user.avatar)
