"""One conversation as its member sees it: the room, who is in it, how far they have read."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from accounts.models.user import avatar_url, hue_of, initials_of
from chat.models import Conversation, Membership
from chat.permissions import Permission, membership_of
from chat.reading.places import receipts_in
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound

MEMBERS_PER_PAGE = 200

_MEMBERS = """
select u.id, u.username, called.name, m.role,
       case when u.status_expires_at <= now() then '' else u.status_text end, u.is_guest,
       case when u.deleted_at is null then u.avatar else '' end,
       case when hidden then 0 else m.last_read_number end, case when hidden then 0 else m.last_delivered_number end,
       m.nickname, m.hue
  from chat_membership m join accounts_user u on u.id = m.user_id
  cross join lateral (select coalesce(nullif(m.nickname, ''), nullif(u.display_name, ''), u.username) as name) called
  cross join lateral (
    select case when %s then accounts_reach(%s, u.id, 'receipts') <> 'yes' else true end hidden
    -- Asked once for each member: without this it would be asked again wherever `hidden` stands above.
    offset 0) reach
 where m.conversation_id = %s and m.left_at is null
   and (lower(called.name), u.username) > (lower(%s::text), %s::text)
 order by lower(called.name), u.username limit %s
"""


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation through the eyes of one member."""

    conversation: Conversation
    membership: Membership
    other: User | None

    @property
    def id(self) -> UUID:
        return self.conversation.pk

    @property
    def title(self) -> str:
        return self.other.name if self.other else self.conversation.title

    @property
    def is_shared(self) -> bool:
        """Do others than the two of a pair talk here?"""
        return self.conversation.kind != Conversation.Kind.DIRECT

    @property
    def receipts(self) -> bool:
        return receipts_in(
            self.conversation.kind,
            self.conversation.member_count,
            self.conversation.settings,
        )

    @property
    def first_unread(self) -> int | None:
        """The number of the first message the member has not read, or None."""
        number = max(self.membership.last_read_number + 1, self.membership.history_from)
        return number if number <= self.conversation.message_count else None

    def can(self, bit: Permission) -> bool:
        return bool(self.membership.permissions & bit)


class MemberRow(NamedTuple):
    """A member as the members' list shows them. `name_hue` is the colour of their name there, `hue` that of their face."""

    id: UUID
    username: str
    name: str
    role: str
    status_text: str
    is_guest: bool
    avatar: str
    last_read_number: int
    last_delivered_number: int
    nickname: str = ""
    name_hue: int | None = None

    @property
    def key(self) -> str:
        """Where the next page of members goes on: people may share a name, never a username."""
        return f"{self.name}/{self.username}"

    @property
    def hue(self) -> int:
        return hue_of(self.id)

    @property
    def initials(self) -> str:
        return initials_of(self.name)

    @property
    def avatar_url(self) -> str:
        return avatar_url(self.avatar, 128) if self.avatar else ""


def conversation_for(person_id: UUID, conversation_id: UUID) -> Room:
    """The conversation with the person's membership (one query, two where it is direct). Raises NotFound."""
    membership = membership_of(person_id, conversation_id)
    conversation = membership.conversation
    other = None
    if conversation.kind == Conversation.Kind.DIRECT and conversation.direct_key:
        other_id = next(UUID(part) for part in conversation.direct_key.split(":") if UUID(part) != membership.user_id)
        other = User.objects.filter(pk=other_id).first()
        if other is None:
            raise NotFound
    return Room(conversation, membership, other)


def members_of(room: Room, *, after: str = "", limit: int = MEMBERS_PER_PAGE) -> list[MemberRow]:
    """Members in order of name, `limit` of them after the one with the key `after` (one query). How far somebody has
    read is told only where the viewer may know it."""
    name, _slash, username = after.rpartition("/")
    viewer, limit = room.membership.user_id, max(1, min(limit, MEMBERS_PER_PAGE))
    with prepared_cursor() as cursor:
        cursor.execute(_MEMBERS, [room.receipts, viewer, room.id, name, username, limit])
        return [MemberRow(*row) for row in cursor.fetchall()]


def readers_of(room: Room, number: int) -> list[MemberRow]:
    """Who, besides the viewer, has read message `number`; empty where receipts are off (one query)."""
    if not room.receipts:
        return []
    others = [row for row in members_of(room) if row.id != room.membership.user_id]
    return [row for row in others if row.last_read_number >= number]
