"""What system messages say of people. They hold ids: what these are called is read when the message is shown."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from chat.rendering import person_wire
from chatter.core.database import prepared_cursor

_NAMES = "select id, username, display_name, deleted_at is not null from accounts_user where id = any(%s)"


def name_people(happenings: Iterable[dict[str, Any]]) -> None:
    """Put `actor` and `people` (names) beside the ids of each (one query, none where there are no ids). What was written
    before ids were kept has its names already."""
    with_ids = [said for said in happenings if "actor_id" in said]
    keys = {UUID(key) for said in with_ids for key in (said["actor_id"], *said.get("people_ids", ()))}
    names = _names(keys)
    for said in with_ids:
        said["actor"] = names.get(said["actor_id"], "")
        said["people"] = [names.get(key, "") for key in said.get("people_ids", ())]


def _names(keys: set[UUID]) -> dict[str, str]:
    if not keys:
        return {}
    with prepared_cursor() as cursor:
        cursor.execute(_NAMES, [list(keys)])
        rows = cursor.fetchall()
    return {str(key): person_wire(key, username, name, gone)["display_name"] for key, username, name, gone in rows}
