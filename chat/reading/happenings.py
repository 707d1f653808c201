"""What system messages say of people. They hold ids: what these are called is read when the message is shown."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from chat.rendering import person_wire
from chatter.core.database import prepared_cursor

_NAMES = """
select u.id, u.username, u.display_name, u.deleted_at is not null, n.nickname
  from accounts_user u left join chat_membership n on n.conversation_id = %s and n.user_id = u.id
 where u.id = any(%s)
"""
_NICKNAMES = (
    "select user_id, nickname from chat_membership where conversation_id = %s and user_id = any(%s) and nickname <> ''"
)


def name_people(place: UUID, happenings: Iterable[dict[str, Any]]) -> None:
    """Put `actor` and `people` (as they are called in `place`) beside the ids of each (one query, none where there are no
    ids). What was written before ids were kept has its names already."""
    with_ids = [said for said in happenings if "actor_id" in said]
    keys = {UUID(key) for said in with_ids for key in (said["actor_id"], *said.get("people_ids", ()))}
    names = _names(place, keys)
    for said in with_ids:
        said["actor"] = names.get(said["actor_id"], "")
        said["people"] = [names.get(key, "") for key in said.get("people_ids", ())]


def nicknames_in(place: UUID, people: Collection[UUID]) -> dict[UUID, str]:
    """What those of `people` who have one are called in `place` (one query, none for nobody)."""
    if not people:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(_NICKNAMES, [place, list(people)])
        return dict(cursor.fetchall())


def _names(place: UUID, keys: set[UUID]) -> dict[str, str]:
    if not keys:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(_NAMES, [place, list(keys)])
        rows = cursor.fetchall()
    wires = (person_wire(*person, nickname=nickname) for *person, nickname in rows)
    return {wire["id"]: wire["display_name"] for wire in wires}
