"""The places of a person, newest talk first: what the side bar and `hello` list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.utils import timezone

from accounts.models.user import hue_of, initials_of
from chat.models import Conversation
from chatter.core.database import prepared_cursor

MENTION_CAP = 100

_PLACES = f"""
select v.id, v.kind, v.title, v.topic, v.version, v.access_version, v.message_count, v.member_count,
       case when v.message_count >= m.history_from then v.preview else '' end,
       v.last_message_at, v.settings, v.archived_at, m.last_read_number, m.muted_until, m.archived_at,
       v.last_sender_id,
       case when s.deleted_at is not null then 'Deleted user' else coalesce(nullif(s.display_name, ''), s.username, '') end,
       o.id, o.username, coalesce(nullif(o.display_name, ''), o.username), o.deleted_at, mentions.count
  from chat_membership m
  join chat_conversation v on v.id = m.conversation_id
  left join accounts_user s on s.id = v.last_sender_id
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


@dataclass(frozen=True, slots=True)
class ConversationRow:
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

    @property
    def unread(self) -> int:
        return max(0, self.message_count - self.last_read_number)

    @property
    def hue(self) -> int:
        return hue_of(self.other_id or self.id)

    @property
    def initials(self) -> str:
        return initials_of(self.title)

    def as_wire(self) -> dict[str, Any]:
        """As `hello` lists it (docs/protocol.md)."""
        return {
            "id": str(self.id),
            "kind": self.kind,
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


def conversations_of(person_id: UUID, limit: int = 500, *, current: UUID | None = None) -> list[ConversationRow]:
    """The person's conversations, newest message first; at most `limit` (one query).

    A direct one without messages is listed first while it is `current`, else not at all.
    """
    with prepared_cursor() as cursor:
        cursor.execute(_PLACES, [person_id, current, limit])
        now = timezone.now()
        return [_row(row, now) for row in cursor.fetchall()]


def _row(row: tuple[Any, ...], now: datetime) -> ConversationRow:
    (place, kind, title, topic, version, access_version, count, members, preview, last_at, options, closed_at, last_read,
     muted_until, archived_at, sender_id, sender, other_id, other_username, other_name, other_deleted, mentions) = row  # fmt: skip
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
    )
