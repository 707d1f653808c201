"""Roles as what an @ may call in the channels of their group (chat.calls): `@role-name`."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from chat.calls import Callee, Source
from chat.calls import register as register_calls
from chat.models import Conversation
from chatter.core.database import prepared_cursor
from groups.models import MemberRole

_NAMES = """
select group_id, id, name, hue, is_mentionable from groups_role
 where group_id = any(%s) and not is_everyone order by position desc, id
"""
# Of those who hold the role the ones who may read the channel, if both are of one group.
_PEOPLE = """
select s.user_id
  from groups_role r
  join groups_channel c on c.group_id = r.group_id and c.conversation_id = %(conversation)s and c.deleted_at is null
  join groups_memberrole h on h.role_id = r.id
  join groups_member m on m.id = h.member_id
  join chat_membership s on s.conversation_id = c.conversation_id and s.user_id = m.user_id and s.left_at is null
 where r.id = %(role)s and (%(after)s::uuid is null or s.user_id > %(after)s)
 order by s.user_id limit %(limit)s
"""


def names_of(groups: Iterable[UUID]) -> dict[UUID, list[Callee]]:
    """The roles of each group but @everyone, the highest first (one query)."""
    found: dict[UUID, list[Callee]] = defaultdict(list)
    with prepared_cursor() as cursor:
        cursor.execute(_NAMES, [list(groups)])
        for group, *callee in cursor.fetchall():
            found[group].append(Callee(*callee))
    return found


def people_of(conversation: UUID, role: UUID, after: UUID | None, limit: int) -> list[UUID]:
    """Who holds the role and may read the channel."""
    with prepared_cursor() as cursor:
        cursor.execute(_PEOPLE, {"conversation": conversation, "role": role, "after": after, "limit": limit})
        return [row[0] for row in cursor.fetchall()]


def roles_of(group: UUID, person: UUID) -> list[UUID]:
    """The roles that the person holds there (one query)."""
    held = MemberRole.objects.filter(member__group=group, member__user=person)
    return list(held.values_list("role_id", flat=True))


def register() -> None:
    register_calls(Conversation.Kind.CHANNEL, Source(names_of, people_of, roles_of))
