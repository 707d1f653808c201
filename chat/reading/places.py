"""The places of a person, newest talk first: what the side bar and `hello` list."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.conf import settings
from django.utils import timezone

from accounts.models.user import Face, avatar_url, hue_of, initials_of
from chat.models import Conversation, Membership
from chatter.core.database import prepared_cursor

MENTION_CAP = 100
SMALL_PLACES = 500

_PLACES = f"""
select v.id, v.kind, v.title, v.topic, v.version, v.access_version, v.message_count, v.member_count,
       case when v.message_count >= m.history_from then v.preview else '' end,
       v.last_message_at, v.settings, v.archived_at, m.last_read_number, m.muted_until, m.archived_at,
       v.last_sender_id,
       case when s.deleted_at is not null then 'Deleted user'
            else coalesce(nullif(n.nickname, ''), nullif(s.display_name, ''), s.username, '') end,
       o.id, o.username, coalesce(nullif(o.display_name, ''), o.username), o.deleted_at,
       case when o.deleted_at is null then coalesce(o.avatar, '') else '' end, mentions.count, v.parent
  from chat_membership m
  join chat_conversation v on v.id = m.conversation_id and (v.kind <> 'channel' or %s)
  left join accounts_user s on s.id = v.last_sender_id
  left join chat_membership n on n.conversation_id = v.id and n.user_id = v.last_sender_id
  left join accounts_user o on v.kind = 'direct'
   and o.id = (case when split_part(v.direct_key, ':', 1) = m.user_id::text then split_part(v.direct_key, ':', 2)
                    else split_part(v.direct_key, ':', 1) end)::uuid
  cross join lateral (
    select count(*) from (
      select from chat_mention x
       where x.user_id = m.user_id and x.conversation_id = v.id and x.number > m.last_read_number limit {MENTION_CAP}) capped) mentions
 where m.user_id = %s and m.left_at is null and (v.kind <> 'direct' or v.message_count > 0 or v.id = %s::uuid)
 order by coalesce(v.last_message_at, case when v.kind = 'direct' then now() end) desc nulls last, v.id
 limit %s
"""


_COMMON = """
select v.id, v.title, v.member_count, count(*) over ()
  from chat_membership m
  join chat_membership t on t.conversation_id = m.conversation_id and t.user_id = %s and t.left_at is null
  join chat_conversation v on v.id = m.conversation_id and v.kind = 'group'
 where m.user_id = %s and m.left_at is null
 order by v.last_message_at desc nulls last, v.id limit %s
"""


class CommonPlace(NamedTuple):
    """A conversation that two people are in."""

    id: UUID
    title: str
    member_count: int

    @property
    def hue(self) -> int:
        return hue_of(self.id)

    @property
    def initials(self) -> str:
        return initials_of(self.title)


class ConversationRow(NamedTuple):
    """A conversation as its member `hello` or the side bar lists it. `other_*` are empty unless it is direct."""

    id: UUID
    kind: str
    title: str
    topic: str
    version: int
    access_version: int
    message_count: int
    member_count: int
    preview: str
    last_message_at: datetime | None
    last_read_number: int
    mention_count: int
    muted: bool
    archived: bool
    receipts: bool
    last_sender_id: UUID | None
    last_sender_name: str
    other_id: UUID | None
    other_username: str
    other_avatar: str
    parent: UUID | None = None

    @property
    def unread(self) -> int:
        return max(0, self.message_count - self.last_read_number)

    @property
    def hue(self) -> int:
        return hue_of(self.other_id or self.id)

    @property
    def initials(self) -> str:
        return initials_of(self.title)

    @property
    def face(self) -> Face | None:
        """Of the other one, where it is direct."""
        picture = avatar_url(self.other_avatar, 128) if self.other_avatar else ""
        return Face(self.other_id, self.initials, self.hue, picture) if self.other_id else None

    def as_wire(self) -> dict[str, Any]:
        """As `hello` lists it (docs/protocol.md)."""
        return {
            "id": str(self.id),
            "kind": self.kind,
            "parent": str(self.parent) if self.parent else None,
            "title": self.title,
            "version": self.version,
            "message_count": self.message_count,
            "last_read_number": self.last_read_number,
            "mention_count": self.mention_count,
            "muted": self.muted,
            "receipts": self.receipts,
        }


def receipts_in(kind: str, member_count: int, options: dict[str, Any]) -> bool:
    """Whether delivered and read receipts are told there: small, not the lobby, not switched off."""
    if kind == Conversation.Kind.LOBBY or options.get("receipts") is False:
        return False
    return member_count <= settings.CHATTER_RECEIPTS_MAX_MEMBERS


def conversations_of(
    person_id: UUID, limit: int = 500, *, current: UUID | None = None, channels: bool = False
) -> list[ConversationRow]:
    """The person's conversations, newest message first; at most `limit` (one query). Channels, which their groups list, only
    where asked for.

    A direct one without messages is listed first while it is `current`, else not at all.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_PLACES, [channels, person_id, current, limit])
        now = timezone.now()
        return [_row(row, now) for row in cursor.fetchall()]


def places_of_both(one: UUID, other: UUID, limit: int) -> tuple[list[CommonPlace], int]:
    """Group conversations that both are in, the newest talk first: at most `limit`, and how many more (one query)."""
    with prepared_cursor() as cursor:
        cursor.execute(_COMMON, [one, other, limit])
        rows = cursor.fetchall()
    return [CommonPlace(*row[:3]) for row in rows], rows[0][3] - len(rows) if rows else 0


def small_places_of(person_id: UUID) -> tuple[UUID, ...]:
    """The person's conversations where few enough talk to hear at once how each of them is and is called (one query)."""
    rows = Membership.objects.active().filter(
        user=person_id, conversation__member_count__lte=settings.CHATTER_PRESENCE_MAX_MEMBERS
    )
    return tuple(
        rows.order_by("-conversation__last_message_at").values_list("conversation_id", flat=True)[:SMALL_PLACES]
    )


def _row(row: tuple[Any, ...], now: datetime) -> ConversationRow:
    (place, kind, title, topic, version, access_version, count, members, preview, last_at, options, closed_at, last_read,
     muted_until, archived_at, sender_id, sender, other_id, other_username, other_name, other_deleted, other_avatar, mentions, parent) = row  # fmt: skip
    options = orjson.loads(options) if isinstance(options, str | bytes) else options
    archived = closed_at is not None or (archived_at is not None and (last_at is None or archived_at >= last_at))
    return ConversationRow(
        id=place,
        kind=kind,
        title=title if other_id is None else "Deleted user" if other_deleted else other_name,
        topic=topic,
        version=version,
        access_version=access_version,
        message_count=count,
        member_count=members,
        preview=preview,
        last_message_at=last_at,
        last_read_number=last_read,
        mention_count=mentions,
        muted=muted_until is not None and muted_until > now,
        archived=archived,
        receipts=receipts_in(kind, members, options),
        last_sender_id=sender_id,
        last_sender_name=sender,
        other_id=other_id,
        other_username=other_username or "",
        other_avatar=other_avatar,
        parent=parent,
    )
