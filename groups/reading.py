"""What the pages of a group show to one of its members: its head, its channels, who is in it, the groups of the rail."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from accounts.models.user import hue_of, initials_of
from chat.models import Membership
from chat.reading.places import MENTION_CAP
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound
from chatter.core.rows import columns, instance, width
from groups.models import Channel, Group, Member
from groups.permissions import ALL, OWNER_RANK, Right, Standing

RAIL_MAX = 300

# Unread mentions of the member `m` in the conversation `v`; where nothing is unread, nothing is asked.
_MENTIONS = f"""
cross join lateral (
  select count(*) from (
    select from chat_mention x
     where v.message_count > m.last_read_number and x.user_id = m.user_id and x.conversation_id = v.id
       and x.number > m.last_read_number limit {MENTION_CAP}) capped) mentions
"""  # noqa: S608 -- a number
_CHANNELS = f"""
with everyone as (select id, permissions from groups_role where group_id = %(group)s and is_everyone),
wishes as (
  select o.channel_id, o.category_id, o.allow, o.deny from groups_override o join everyone e on e.id = o.role_id)
select c.id, c.conversation_id, c.kind, v.title, k.id, k.name, v.message_count, m.last_read_number, mentions.count, m.muted_until,
       ((e.permissions & ~coalesce(w.deny, 0)) | coalesce(w.allow, 0)) & {int(Right.VIEW)} = 0
  from groups_channel c
  join chat_membership m on m.conversation_id = c.conversation_id and m.user_id = %(person)s and m.left_at is null
  join chat_conversation v on v.id = c.conversation_id
  cross join everyone e
  left join groups_category k on k.id = c.category_id
  left join wishes w on case when c.is_synced and k.id is not null then w.category_id = k.id else w.channel_id = c.id end
  {_MENTIONS}
 where c.group_id = %(group)s and c.deleted_at is null
 order by k.position nulls first, k.id, c.position, c.id
"""  # noqa: S608 -- numbers and a part of a statement
_RAIL = f"""
select g.id, g.name, g.icon, coalesce(p.is_unread, false), coalesce(p.mentions, 0)
  from groups_member gm
  join groups_group g on g.id = gm.group_id and g.deletion_due_at is null
  left join (
    select v.parent, bool_or(v.message_count > m.last_read_number) is_unread, sum(mentions.count) mentions
      from chat_membership m
      join chat_conversation v on v.id = m.conversation_id and v.kind = 'channel'
      {_MENTIONS}
     where m.user_id = %(person)s and m.left_at is null and (m.muted_until is null or m.muted_until <= now())
     group by v.parent) p on p.parent = g.id
 where gm.user_id = %(person)s
 order by gm.joined_at, gm.id limit {RAIL_MAX}
"""  # noqa: S608 -- numbers and a part of a statement


class RailRow(NamedTuple):
    """A group of the rail; what is muted counts for nothing."""

    pk: UUID
    name: str
    icon: str
    is_unread: bool
    mentions: int

    @property
    def hue(self) -> int:
        return hue_of(self.pk)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    def icon_url(self, size: int) -> str:
        return reverse("group_icon", args=[self.icon, size]) if self.icon else ""


@dataclass(frozen=True, slots=True)
class ChannelRow:
    """A channel as the side bar lists it to somebody who may read it."""

    id: UUID
    conversation: UUID
    kind: str
    title: str
    category: UUID | None
    category_name: str | None
    message_count: int
    last_read_number: int
    mention_count: int
    muted: bool
    is_private: bool

    @property
    def unread(self) -> int:
        return max(0, self.message_count - self.last_read_number)

    @property
    def is_announcement(self) -> bool:
        return self.kind == Channel.Kind.ANNOUNCEMENT


def group_for(person: UUID, group: UUID) -> Standing:
    """The group and what the member may in it (one query). Raises NotFound as `visible_group` does."""
    with prepared_cursor() as cursor:
        cursor.execute(_standing_sql(), [group, person])
        row = cursor.fetchone()
    if row is None:
        raise NotFound
    head, member = instance(Group, row[: width(Group)]), instance(Member, row[width(Group) : -2])
    rights, rank = Right(row[-2]), row[-1]
    if head.owner_id == person:
        return Standing(head, member, ALL, OWNER_RANK)
    return Standing(head, member, ALL if rights & Right.ADMINISTRATOR else rights, rank)


@cache
def _standing_sql() -> str:
    return (
        f"select {columns(Group, 'g')}, {columns(Member, 'm')}, bit_or(r.permissions), max(r.position)"  # noqa: S608 -- names of columns
        " from groups_group g join groups_member m on m.group_id = g.id"
        " join groups_role r on r.group_id = g.id and (r.is_everyone or exists ("
        "select from groups_memberrole h where h.member_id = m.id and h.role_id = r.id))"
        " where g.id = %s and m.user_id = %s and g.deletion_due_at is null group by g.id, m.id"
    )


def channels_for(person: UUID, group: UUID) -> list[ChannelRow]:
    """The channels that the person may read, in the order of the side bar (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(_CHANNELS, {"group": group, "person": person})
        now = timezone.now()
        return [_channel(row, now) for row in cursor.fetchall()]


def last_channel_of(person: UUID, channels: list[ChannelRow]) -> UUID:
    """The conversation among those of `channels` that the person read last, else the first (one query)."""
    keys = [row.conversation for row in channels]
    read = Membership.objects.active().filter(user=person, conversation__in=keys, last_read_at__isnull=False)
    found = read.order_by("-last_read_at").values_list("conversation_id", flat=True).first()
    return found or keys[0]


def groups_for(person: UUID) -> list[RailRow]:
    """The groups of the person in the order they joined them, and what is unread there (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(_RAIL, {"person": person})
        return [
            RailRow(key, name, icon, unread, int(mentions)) for key, name, icon, unread, mentions in cursor.fetchall()
        ]


def _channel(row: tuple[Any, ...], now: datetime) -> ChannelRow:
    *known, muted_until, is_private = row
    values = [*known, muted_until is not None and muted_until > now, is_private]
    return ChannelRow(*values)
