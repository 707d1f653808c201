"""Channels and categories: made, changed, ordered, deleted."""

from chat.actions.channel import open_channel
from groups.models import Category, Channel, Group


def make_channel(
    group: Group,
    *,
    name: str,
    category: Category | None = None,
    kind: str = Channel.Kind.TEXT,
    position: int = 0,
    topic: str = "",
) -> Channel:
    """A channel with its conversation, in the locked or new group. Whoever calls syncs access."""
    # What is said there is told to everybody, as they prefer.
    options = {"announces": True} if kind == Channel.Kind.ANNOUNCEMENT else {}
    conversation = open_channel(parent=group.pk, title=name, topic=topic, settings=options)
    return Channel.objects.create(
        group=group, category=category, conversation=conversation, kind=kind, position=position
    )
