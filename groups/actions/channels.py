"""Channels: made, changed, deleted. Needs MANAGE_CHANNELS in the group, and the sight of the channel.

Whoever manages channels may close a place to everyone or open it, and turn it into one for announcements and back, as far as
they themselves see it and write there; everything else that overrides say is in groups/actions/overrides.py.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.lines import checked_line
from accounts.names import likeness, tidy_name
from chat.actions.channel import change_channel, close_channel, open_channel
from chatter.core.errors import Refused
from groups.actions.opening import closed_to_everyone, for_announcements, for_talk
from groups.actions.overrides import tell, write_own
from groups.models import Category, Channel, Group
from groups.permissions import Right, locked_standing
from groups.places import Reader, Target, category_for, channel_for, judged, reader_of, wishes_of

CHANNELS_MAX = 500
NAME_MAX_LENGTH = 100
TOPIC_MAX_LENGTH = 300
# Seconds between two messages of one member.
SLOW_MODES = (0, 5, 10, 30, 60, 300, 900, 3600, 21600)


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


def create_channel(
    *,
    actor: Any,
    group_id: UUID,
    name: str,
    kind: str = Channel.Kind.TEXT,
    topic: str = "",
    category_id: UUID | None = None,
    closed: bool = False,
    shown_to: Sequence[Target] = (),
) -> Channel:
    """A channel at the end of its category, which it follows; `closed` to all but `shown_to` from its first moment, or open to
    whom the category is. Raises NotFound or Refused."""
    title, about = checked_line(name, NAME_MAX_LENGTH), checked_topic(topic)
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        check_room(standing.group)
        reader = reader_of(standing)
        category = category_for(reader, category_id)[0] if category_id else None
        before = wishes_of(category) if category else {}
        rights, after = judged(reader, before), before
        if checked_kind(kind) == Channel.Kind.ANNOUNCEMENT:
            after = for_announcements(reader, rights, before)
        if closed:
            after = closed_to_everyone(reader, rights, after, shown_to)
        channel = make_channel(
            standing.group, name=title, category=category, kind=kind, position=end_of(standing.group), topic=about
        )
        if after != before:
            write_own(channel, after)
        tell(standing, channel, "group.channel.created", kind=kind, closed=closed)
    return channel


def edit_channel(
    *,
    actor: Any,
    group_id: UUID,
    channel_id: UUID,
    name: str | None = None,
    topic: str | None = None,
    slow_mode: int | None = None,
    kind: str | None = None,
) -> None:
    """Change what is given; None leaves as it is. Raises NotFound or Refused."""
    title = None if name is None else checked_line(name, NAME_MAX_LENGTH)
    about = None if topic is None else checked_topic(topic)
    if slow_mode is not None and slow_mode not in SLOW_MODES:
        raise Refused("invalid")
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        reader = reader_of(standing)
        channel, rights = channel_for(reader, channel_id)
        options: dict[str, Any] = {} if slow_mode is None else {"slow_mode": slow_mode or None}
        turned = kind is not None and checked_kind(kind) != channel.kind
        if turned:
            _turn(reader, channel, rights, str(kind))
            options["announces"] = kind == Channel.Kind.ANNOUNCEMENT or None
        old, by = channel.conversation.version, standing.member.user_id
        version = change_channel(
            actor=by, conversation_id=channel.conversation_id, title=title, topic=about, settings=options
        )
        if turned or version != old:
            channel.conversation.refresh_from_db()
            tell(standing, channel, "group.channel.changed", with_access=turned, **_facts(channel))


def delete_channel(*, actor: Any, group_id: UUID, channel_id: UUID) -> None:
    """Take the channel away from everybody, at once. What was said in it goes later, by the clock."""
    with transaction.atomic():
        standing = locked_standing(actor, group_id, Right.MANAGE_CHANNELS)
        channel, _rights = channel_for(reader_of(standing), channel_id)
        channel.deleted_at = timezone.now()
        channel.save(update_fields=["deleted_at"])
        close_channel(conversation_id=channel.conversation_id)
        tell(standing, channel, "group.channel.deleted")


def checked_kind(kind: str) -> str:
    """Raises Refused for a kind that channels are not of."""
    if kind not in Channel.Kind.values:
        raise Refused("invalid")
    return kind


def checked_topic(raw: str) -> str:
    """`raw` as one line, "" where nothing of it can be seen. Raises Refused."""
    line = tidy_name(raw)
    if len(line) > TOPIC_MAX_LENGTH:
        raise Refused("too_long", _("This topic is too long."))
    return line if likeness(line) else ""


def check_room(group: Group) -> None:
    """Raises Refused where the group has as many channels as one can have, or as many that wait for the clock to delete them:
    they cost as much."""
    here = Channel.objects.filter(group=group)
    if here.alive().count() >= CHANNELS_MAX:
        words = _("A group can have %(count)d channels, and this one has them. Delete one first.")
        raise Refused("forbidden", words % {"count": CHANNELS_MAX})
    if here.exclude(deleted_at=None).count() >= CHANNELS_MAX:
        raise Refused("rate_limited")


def end_of(group: Group) -> int:
    """The position after all channels of the group."""
    last: int | None = Channel.objects.filter(group=group).aggregate(last=Max("position"))["last"]
    return 0 if last is None else last + 1


def _turn(reader: Reader, channel: Channel, rights: Right, kind: str) -> None:
    """Make it a channel of that kind: who writes there changes with it."""
    turn = for_announcements if kind == Channel.Kind.ANNOUNCEMENT else for_talk
    write_own(channel, turn(reader, rights, wishes_of(channel)))
    channel.kind = kind
    channel.save(update_fields=["kind"])


def _facts(channel: Channel) -> dict[str, Any]:
    place = channel.conversation
    return {"topic": place.topic, "kind": channel.kind, "slow_mode": place.settings.get("slow_mode", 0)}
