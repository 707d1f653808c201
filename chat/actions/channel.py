"""Conversations that another application decides about: groups open, change and close their channels through these, forums the
discussions of their posts.

Nobody's rights are asked here: whoever calls has asked. Who is in them is theirs too (groups/access.py, forums/discussions.py).
"""

from typing import Any
from uuid import UUID

from django.utils import timezone

from chat.actions.log import append_system_message, key_of, lock_conversation, log_change
from chat.models import Change, Conversation
from chatter.core.events import ConversationChanged
from chatter.core.realtime import publish


def open_channel(*, parent: UUID, title: str, topic: str = "", settings: dict[str, Any] | None = None) -> Conversation:
    """A conversation of kind "channel" that belongs to `parent`, without members."""
    return Conversation.objects.create(
        kind=Conversation.Kind.CHANNEL, parent=parent, title=title, topic=topic, settings=settings or {}
    )


def open_discussion(*, actor: Any, title: str) -> Conversation:
    """A conversation of kind "discussion", which says who opened it; without members."""
    conversation = lock_conversation(Conversation.objects.create(kind=Conversation.Kind.DISCUSSION, title=title).pk)
    publish(append_system_message(conversation, event="created", actor=actor))
    return conversation


def change_channel(
    *,
    actor: Any,
    conversation_id: UUID,
    title: str | None = None,
    topic: str | None = None,
    settings: dict[str, Any] | None = None,
) -> int:
    """Change what is given, None leaves as it is; `settings` are merged, a None among them is taken out. Returns the version."""
    conversation = lock_conversation(conversation_id)
    options = conversation.settings | (settings or {})
    wanted: dict[str, Any] = {
        "title": conversation.title if title is None else title,
        "topic": conversation.topic if topic is None else topic,
        "settings": {key: value for key, value in options.items() if value is not None},
    }
    changed = [name for name, value in wanted.items() if getattr(conversation, name) != value]
    if not changed:
        return conversation.version
    for name in changed:
        setattr(conversation, name, wanted[name])
    version = log_change(conversation, Change.Kind.CHANGED, actor=key_of(actor), detail=wanted, changed=changed)
    publish(
        ConversationChanged(
            conversation=conversation.pk, access_version=conversation.access_version, version=version, **wanted
        )
    )
    return version


def close_channel(*, conversation_id: UUID) -> None:
    """Archive a conversation whose place is gone: nothing more is said there."""
    conversation = lock_conversation(conversation_id)
    conversation.archived_at = conversation.archived_at or timezone.now()
    conversation.save(update_fields=["archived_at"])


def set_closed(*, conversation_id: UUID, is_closed: bool) -> None:
    """Let nobody write in the conversation, or let everybody again who may; open pages learn of it."""
    conversation = lock_conversation(conversation_id)
    if (conversation.archived_at is not None) == is_closed:
        return
    conversation.archived_at = timezone.now() if is_closed else None
    detail = {"archived": is_closed}
    version = log_change(conversation, Change.Kind.CHANGED, actor=None, detail=detail, changed=["archived_at"])
    publish(
        ConversationChanged(
            conversation=conversation.pk,
            access_version=conversation.access_version,
            version=version,
            archived=is_closed,
        )
    )
