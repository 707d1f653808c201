"""What channels are called outside of their group: in notifications, letters and settings."""

from collections.abc import Collection
from uuid import UUID

from chat.models import Conversation
from chat.notices import register_naming
from groups.models import Channel


def names_of(places: Collection[UUID]) -> dict[UUID, str]:
    """ "#general · Open Atlas" of each conversation that is a channel (one query)."""
    rows = Channel.objects.filter(conversation__in=list(places))
    named = rows.values_list("conversation_id", "conversation__title", "group__name")
    return {place: f"#{title} · {group}" for place, title, group in named}


def register() -> None:
    register_naming(Conversation.Kind.CHANNEL, names_of)
