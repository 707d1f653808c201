"""What was done by whom, written down where it was done: `audit()`, the last line of every action that moderates or administers.

The chain's head is locked until the caller's transaction ends, so nothing else may be waited for after it.
"""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import orjson
from django.db.models import Model

from accounts.models import AuditDetail, User
from chatter.core.asking import asker_address
from chatter.core.database import prepared_cursor
from chatter.core.limits import check_limit

ACTION = re.compile(r"[a-z]+(?:\.[a-z_]+)+")
# What is written here stays for ever: no program writes it full in somebody's name.
DEEDS_PER_HOUR = 5000
_APPEND = "select accounts_audit(%s, %s, %s, %s, %s, %s::jsonb, %s::jsonb)"


def audit(
    *,
    actor: User | UUID | None,
    action: str,
    place: UUID | None = None,
    target: Model | tuple[str, UUID] | None = None,
    reason: str = "",
    said: Mapping[str, Any] | None = None,
    **facts: Any,
) -> None:
    """Append an entry to the chain, in the caller's transaction.

    `action` is dotted and past: "group.member.banned"; `actor` None is the system itself; `place` the group. `target` is a row,
    or its kind and id: of a membership it is the person. `facts` stay for ever: ids, bits, numbers, names of things. `reason`
    and `said` (a nickname, say: words about people) lie apart and go with the account of the actor or the target.
    Raises Refused for who asked for more than anybody does by hand.
    """
    if not ACTION.fullmatch(action):
        raise ValueError(f"no name of an action: {action}")
    kind, key = _target(target)
    words = dict(said or {}) | ({"reason": reason} if reason else {}) | _address()
    actor_id = actor.pk if isinstance(actor, User) else actor
    if actor_id and asker_address.get():
        check_limit("deeds", actor_id, limit=DEEDS_PER_HOUR, seconds=3600)
    with prepared_cursor() as cursor:
        cursor.execute(_APPEND, [actor_id, action, place, kind, key, _json(facts), _json(words)])


def forget_audited(person: User) -> None:
    """Delete the personal details of what the person did and of what was done to them. The chain stays whole without."""
    AuditDetail.objects.filter(entry__actor=person).delete()
    AuditDetail.objects.filter(entry__target_kind="user", entry__target_id=person.pk).delete()


def _target(target: Model | tuple[str, UUID] | None) -> tuple[str, UUID | None]:
    if target is None:
        return "", None
    if isinstance(target, tuple):
        return target
    kind = str(target._meta.model_name)  # noqa: SLF001 -- public by documentation
    return ("user", target.user_id) if kind == "member" else (kind, target.pk)  # type: ignore[attr-defined]


def _address() -> dict[str, str]:
    """Where the request at hand comes from; work in the background has none."""
    address = asker_address.get()
    return {"address": address} if address else {}


def _json(values: Mapping[str, Any]) -> str:
    """What JSON cannot say (lazy words, say) as text."""
    return orjson.dumps(values, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
