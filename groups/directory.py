"""Public groups as everybody finds them: the directory, a page at a time, the largest first; and what a group shows to those
who think of joining. Nothing here tells of a private group, nor of what @everyone may not see."""

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from chatter.core.database import prepared_cursor
from chatter.core.rows import columns, instance
from groups.models import Channel, Group, Override, Role
from groups.permissions import Right

PAGE = 24
QUERY_MAX = 80
WORDS_MAX = 6
CHANNELS_SHOWN = 8
COUNT_MAX = 2**31 - 1
FIRST = (COUNT_MAX, UUID(int=0))

# Each word stands in the name or in the description. The order is the partial index `group_directory`.
_FOUND = f"""
select {columns(Group, "g")}, exists (select from groups_member m where m.group_id = g.id and m.user_id = %(viewer)s)
  from groups_group g
 where g.is_public and g.deletion_due_at is null {{words}}
   and g.member_count <= %(count)s and (g.member_count < %(count)s or g.id > %(after)s)
 order by g.member_count desc, g.id limit %(limit)s
"""  # noqa: S608 -- names of columns
_WORD = "and (upper(g.name) like upper(%(word{number})s) or upper(g.description) like upper(%(word{number})s))"


class Found(NamedTuple):
    """A public group, and whether the viewer is in it."""

    group: Group
    is_joined: bool


class Page(NamedTuple):
    """Groups, and where the next page begins ("" after the last)."""

    groups: list[Found]
    after: str


def find_groups(viewer: User, query: str = "", *, after: str = "", limit: int = PAGE) -> Page:
    """Public groups whose name or description holds each word of `query`, from `after` (a `Page.after`) on (one query)."""
    count, key = _place(after)
    words = query.replace("\0", "")[:QUERY_MAX].split()[:WORDS_MAX]
    asked = {f"word{number}": f"%{_literal(word)}%" for number, word in enumerate(words)}
    sql = _FOUND.format(words=" ".join(_WORD.format(number=number) for number in range(len(words))))
    with prepared_cursor() as cursor:
        cursor.execute(sql, asked | {"viewer": viewer.pk, "count": count, "after": key, "limit": limit + 1})
        rows = cursor.fetchall()
    found = [Found(instance(Group, row[:-1]), row[-1]) for row in rows[:limit]]
    last = found[-1].group if len(rows) > limit else None
    return Page(found, f"{last.member_count}.{last.pk}" if last else "")


class Place(NamedTuple):
    """A channel as the preview shows it."""

    name: str
    topic: str
    kind: str


def open_channels(group: Group) -> list[Place]:
    """The first channels that everybody who joins sees (three queries)."""
    base = Role.objects.get(group=group, is_everyone=True)
    channels = list(
        Channel.objects.alive()
        .filter(group=group)
        .select_related("conversation", "category")
        .order_by("category__position", "category_id", "position", "id")
    )
    wishes = _wishes(base, channels)
    shown = [
        Place(channel.conversation.title, channel.conversation.topic, channel.kind)
        for channel in sorted(channels, key=lambda channel: channel.category_id is not None)
        if _sees(base.permissions, wishes.get(_deciding(channel)))
    ]
    return shown[:CHANNELS_SHOWN]


def _wishes(everyone: Role, channels: Iterable[Channel]) -> dict[UUID, Override]:
    """What is set for @everyone, by the channel or category it is set in."""
    keys = {_deciding(channel) for channel in channels}
    rows = Override.objects.filter(role=everyone)
    return {key: row for row in rows if (key := row.channel_id or row.category_id) in keys}


def _deciding(channel: Channel) -> UUID:
    """The place whose overrides hold in the channel."""
    return channel.category_id if channel.is_synced and channel.category_id else channel.pk


def _sees(base: int, wish: Override | None) -> bool:
    bits = base if wish is None else base & ~wish.deny | wish.allow
    return bool(bits & (Right.VIEW | Right.ADMINISTRATOR))


def _place(after: str) -> tuple[int, UUID]:
    """What an address says of where a page begins; nonsense is the beginning."""
    count, _dot, key = after.partition(".")
    try:
        return max(0, min(int(count), COUNT_MAX)), UUID(key)
    except ValueError:
        return FIRST


def _literal(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
