"""Who is in a channel, for the pane beside it: first who has a role that stands apart, then who is here, then who is away.

Of a large channel never all members are read: those who are connected, and the first who joined the group.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString

from accounts.permissions import visible_statuses
from chat.reading import MemberRow, Room
from chat.views.details import MEMBERS_SHOWN, member_line
from chatter.core.addresses import address
from chatter.core.database import prepared_cursor
from chatter.core.fragments import remembered
from chatter.core.presence import present_people
from groups.models import Group

# So many members are read whole; of more, so many of those who are connected, and of these so many are looked at.
SMALL = 300
PRESENT_ASKED = 600
LOOKED_AT = 130

# Of the rows `chosen`: (member, user, nickname, hue, read, delivered, role, role_name, position).
_PEOPLE = """
select c.role, c.role_name, c.position, u.id, u.username,
       coalesce(nullif(c.nickname, ''), nullif(u.display_name, ''), u.username) as called,
       case when u.id = %(owner)s then 'owner' else 'member' end,
       case when u.status_expires_at <= now() then '' else u.status_text end, u.is_guest,
       case when u.deleted_at is null then u.avatar else '' end,
       case when hidden then 0 else c.last_read_number end, case when hidden then 0 else c.last_delivered_number end,
       c.nickname, c.hue
  from chosen c join accounts_user u on u.id = c.user_id
  cross join lateral (
    select case when %(receipts)s then accounts_reach(%(viewer)s, u.id, 'receipts') <> 'yes' else true end hidden) reach
 order by c.position desc nulls last, lower(coalesce(nullif(c.nickname, ''), nullif(u.display_name, ''), u.username)), u.username
"""
_CHOSEN = """
select gm.user_id, m.nickname, m.hue, m.last_read_number, m.last_delivered_number, apart.id as role, apart.name as role_name,
       apart.position
"""
_APART = """
  left join lateral (
    select r.id, r.name, r.position from groups_memberrole h join groups_role r on r.id = h.role_id and r.is_shown_apart
     where h.member_id = gm.id order by r.position desc limit 1) apart on true
"""
_ALL = f"""
with chosen as materialized ({_CHOSEN} from chat_membership m
  join groups_member gm on gm.group_id = %(group)s and gm.user_id = m.user_id {_APART}
 where m.conversation_id = %(place)s and m.left_at is null limit %(most)s)
{_PEOPLE}
"""
_PRESENT = f"""
with chosen as materialized ({_CHOSEN} from unnest(%(people)s::uuid[]) p(id)
  join chat_membership m on m.conversation_id = %(place)s and m.user_id = p.id and m.left_at is null
  join groups_member gm on gm.group_id = %(group)s and gm.user_id = m.user_id {_APART}
 order by apart.position desc nulls last limit %(most)s)
{_PEOPLE}
"""
# Those who have been there longest.
_FIRST = f"""
with chosen as materialized ({_CHOSEN} from groups_member gm
  join chat_membership m on m.conversation_id = %(place)s and m.user_id = gm.user_id and m.left_at is null {_APART}
 where gm.group_id = %(group)s and not gm.user_id = any(%(people)s::uuid[])
 order by gm.joined_at, gm.id limit %(most)s)
{_PEOPLE}
"""


class Known:
    """A member, their role that stands apart (id and name, or None) with its position, and how they are."""

    def __init__(self, row: Sequence[Any]) -> None:
        self.role: tuple[UUID, str] | None = (row[0], row[1]) if row[0] else None
        self.position: int = row[2] or 0
        self.person = MemberRow(*row[3:])
        self.status = "offline"

    @property
    def is_away(self) -> bool:
        return self.status == "offline"


def member_pane(room: Room, group: Group, own_status: str = "offline") -> SafeString:
    """The `<member-list>` of a channel (three queries, four where it is large). Who reads it is here, as they chose, also
    before their socket is open."""
    people = shown_members(room, group, own_status)
    sections: dict[Any, list[Known]] = {}
    for known in people:
        sections.setdefault(known.role or ("away" if known.is_away else "here"), []).append(known)
    roles = [(*role, section) for role, section in sections.items() if isinstance(role, tuple)]
    html = [_apart(room, name, section) for _key, name, section in roles]
    html += [_section(room, where, sections.get(where, [])) for where in ("here", "away")]
    return remembered(
        "groups/_members.html",
        gaps={"sections": "".join(html)},
        place=room.id,
        hidden=room.conversation.member_count - len(people),
        members=address("group_members", group.pk),
    )


def shown_members(room: Room, group: Group, own_status: str = "offline") -> list[Known]:
    """At most MEMBERS_SHOWN members: by role, then by whether they are here, then by name."""
    given = {
        "owner": group.owner_id,
        "group": group.pk,
        "place": room.id,
        "viewer": room.membership.user_id,
        "receipts": room.receipts,
    }
    if room.conversation.member_count <= SMALL:
        people = _read(_ALL, given | {"most": SMALL})
        _look(room, people, own_status)
    else:
        people = _read(_PRESENT, given | {"people": present_people(PRESENT_ASKED), "most": LOOKED_AT})
        _look(room, people, own_status)
        people = [known for known in people if not known.is_away][:MEMBERS_SHOWN]
        keys = [known.person.id for known in people]
        if len(people) < MEMBERS_SHOWN:
            people += _read(_FIRST, given | {"people": keys, "most": MEMBERS_SHOWN - len(people)})
    # Sorting keeps the order of names. Where not all fit, those go first who are away.
    chosen = sorted(people, key=lambda known: (known.is_away, known.role is None))[:MEMBERS_SHOWN]
    return sorted(chosen, key=lambda known: (-known.position, known.is_away))


def _read(sql: str, given: dict[str, Any]) -> list[Known]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, given)
        return [Known(row) for row in cursor.fetchall()]


def _look(room: Room, people: Iterable[Known], own_status: str) -> None:
    """See who of them is here, as far as the viewer may know."""
    own = {room.membership.user_id: own_status}
    statuses = own | visible_statuses(room.membership.user_id, [known.person.id for known in people])
    for known in people:
        known.status = statuses.get(known.person.id, "offline")


def _lines(room: Room, people: Iterable[Known]) -> str:
    viewer = room.membership.user_id
    return "".join(
        member_line(known.person, known.status, with_marks=room.receipts and known.person.id != viewer)
        for known in people
    )


def _apart(room: Room, name: str, people: list[Known]) -> str:
    return remembered("groups/_members_role.html", gaps={"lines": _lines(room, people)}, name=name, count=len(people))


def _section(room: Room, where: str, people: list[Known]) -> str:
    return remembered("groups/_members_rest.html", gaps={"lines": _lines(room, people)}, where=where, count=len(people))
