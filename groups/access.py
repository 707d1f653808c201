"""Making the membership rows of channels equal to what roles and overrides derive: `sync_access`, and who calls it when.

Invariant: after it, `chat_membership` holds for the people and channels of the scope exactly the rows of `groups_derive()`.
Losses come before gains; of a wide scope every chunk is one short transaction, so nobody who sends or reads waits for it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import batched
from typing import Any, NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.actions.notifications import withdraw_all
from accounts.background import background, enqueue_once
from chatter.core.database import prepared_cursor
from chatter.core.events import AccessChanged
from chatter.core.realtime import publish
from groups.models import Channel, Group, MemberRole
from groups.permissions import Right

ROWS_PER_CHUNK = 500
# So many rows are made equal within the transaction of their cause; more of them wait for the worker.
ROWS_AT_ONCE = 2000
# Tasks carry no more ids than this: who is more people than that is everybody.
IDS_PER_TASK = 500
# Whoever lost a right has it until the task is done: it is tried for weeks, an hour apart at last.
TRIES = 500

_HISTORY = int(Right.READ_HISTORY)
# As strong as an action's: between two chunks whoever waits for the group gets it.
_LOCK = "select from groups_group where id = %s for no key update"
_LOCK_PLACES = """
select from chat_conversation where id in (select conversation_id from groups_channel where id = any(%s::uuid[])) order by id for no key update
"""
# What is held beside what is derived. A full join, because that is never a loop in a loop, whatever the planner guesses.
_PAIRS = f"""
wanted as materialized (select * from groups_derive(%(group)s, %(users)s::uuid[], %(channels)s::uuid[])),
held as materialized (
  select m.* from chat_membership m
   where m.conversation_id = any(array(
           select conversation_id from groups_channel where group_id = %(group)s and id = any(%(channels)s::uuid[])))
     and m.user_id = any(%(users)s::uuid[]) and m.left_at is null),
pairs as materialized (
  select coalesce(w.conversation_id, h.conversation_id) as place, h.id, h.permissions as had, w.*, w.user_id is null as is_gone,
         h.id is not null and (w.user_id is null or h.permissions & ~w.permissions <> 0
           or w.timed_out_until is distinct from h.timed_out_until) as loses,
         w.user_id is not null and (h.id is null or h.permissions | w.permissions <> h.permissions
           or (h.nickname, h.hue) is distinct from (w.nickname, w.hue)
           or w.permissions & {_HISTORY} <> 0 and h.history_from <> 1) as gains
    from held h full join wanted w on (w.conversation_id, w.user_id) = (h.conversation_id, h.user_id))
"""  # noqa: S608 -- a bit
# The channels where somebody loses, and those where somebody gains.
_DIFFER = f"""
with {_PAIRS}
select array(select id from groups_channel where conversation_id in (select place from pairs where loses)),
       array(select id from groups_channel where conversation_id in (select place from pairs where gains))
"""  # noqa: S608 -- nothing of it comes from outside
# A row goes, or loses bits or words or the past: what it keeps is what both say. Hubs read these rows again before they
# deliver anything more: the conversation's access_version grows.
_LOSE = f"""
with {_PAIRS},
lost as (
  update chat_membership m
     set permissions = m.permissions & coalesce(w.permissions, 0),
         timed_out_until = case when w.user_id is null then m.timed_out_until else w.timed_out_until end,
         left_at = case when w.is_gone then clock_timestamp() end,
         draft = case when w.is_gone then '' else m.draft end,
         nickname = case when w.is_gone then '' else m.nickname end,
         hue = case when w.is_gone then null else m.hue end,
         history_from = case when w.had & {_HISTORY} <> 0 and w.permissions & {_HISTORY} = 0
                             then v.message_count + 1 else m.history_from end
    from pairs w join chat_conversation v on v.id = w.place
   where m.id = w.id and w.loses
  returning m.conversation_id, m.user_id, w.is_gone, v.access_version + 1 as access_version),
counted as (
  update chat_conversation v set member_count = v.member_count - x.gone, access_version = v.access_version + 1
    from (select conversation_id, count(*) filter (where is_gone) gone from lost group by 1) x where v.id = x.conversation_id)
select conversation_id, user_id, case when is_gone then 'lost' else 'changed' end, access_version from lost
"""  # noqa: S608 -- a bit
# Rows that are there only change, which is far cheaper than to insert them in vain; the others come, or come back.
_GAIN = f"""
with {_PAIRS},
changed as (
  update chat_membership m
     set permissions = m.permissions | w.permissions, nickname = w.nickname, hue = w.hue,
         history_from = case when w.permissions & {_HISTORY} <> 0 then 1 else m.history_from end
    from pairs w
   where m.id = w.id and w.gains
  returning m.conversation_id, m.user_id),
came as (
  insert into chat_membership as m (id, conversation_id, user_id, role, permissions, overrides, joined_at, history_from,
                                    timed_out_until, muted_until, last_read_number, last_delivered_number, draft, nickname, hue)
  select gen_random_uuid(), w.conversation_id, w.user_id, 'member', w.permissions, '{{}}', clock_timestamp(),
         case when w.permissions & {_HISTORY} <> 0 then 1 else v.message_count + 1 end,
         w.timed_out_until, w.muted_until, v.message_count, v.message_count, '', w.nickname, w.hue
    from pairs w join chat_conversation v on v.id = w.place
   where w.gains and w.id is null
  on conflict (conversation_id, user_id) do update set
    permissions = excluded.permissions, timed_out_until = excluded.timed_out_until, nickname = excluded.nickname,
    hue = excluded.hue, history_from = excluded.history_from, muted_until = greatest(m.muted_until, excluded.muted_until),
    last_read_number = excluded.last_read_number, last_delivered_number = excluded.last_delivered_number,
    joined_at = excluded.joined_at, left_at = null
  returning m.conversation_id, m.user_id),
counted as (
  update chat_conversation v set member_count = v.member_count + x.come
    from (select conversation_id, count(*) come from came group by 1) x where v.id = x.conversation_id)
select g.conversation_id, g.user_id, g.kind, v.access_version
  from (select *, 'changed' as kind from changed union all select *, 'came' from came) g
  join chat_conversation v on v.id = g.conversation_id
"""  # noqa: S608 -- a bit
# Members, and those who still hold rows of a group they are not in any more.
_PEOPLE = """
select m.user_id from groups_member m where m.group_id = %(group)s and (%(role)s::uuid is null or exists (
         select from groups_memberrole h where h.member_id = m.id and h.role_id = %(role)s))
union
select m.user_id from chat_membership m join groups_channel c on c.conversation_id = m.conversation_id
 where c.group_id = %(group)s and m.left_at is null and %(role)s::uuid is null
 order by 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose access to what may have changed: None means everybody, or every channel, of the group; `role`: its holders."""

    group: UUID
    users: tuple[UUID, ...] | None = None
    channels: tuple[UUID, ...] | None = None
    role: UUID | None = None


class Chunk(NamedTuple):
    """Some people, and some channels of one group."""

    group: UUID
    users: tuple[UUID, ...]
    channels: tuple[UUID, ...]


class Change(NamedTuple):
    """What became of one row: "lost", "came", or else "changed". `access_version` is its conversation's since."""

    conversation: UUID
    user: UUID
    kind: str
    access_version: int


def change_access(scope: Scope, *, first: Sequence[UUID] = ()) -> None:
    """Have the rows of `scope` follow a change that the caller makes in this transaction, the group locked: at once where they
    are few, else by the worker, begun when this is committed. The rows of the people `first` always follow at once."""
    if _is_narrow(scope):
        _sync_at_once(scope)
        return
    if first:
        _sync_at_once(replace(scope, users=tuple(first), role=None))
    users, channels = (
        None if keys is None or len(keys) > IDS_PER_TASK else [str(key) for key in keys]
        for keys in (scope.users, scope.channels)
    )
    enqueue_once(sync_wide, str(scope.group), users, channels, str(scope.role) if scope.role else None)


@background(queue="access", retries=TRIES)
def sync_wide(group: str, users: list[str] | None, channels: list[str] | None, role: str | None) -> None:
    """`sync_access` in the background. Begun again, by this worker or another, it finds what is left to do."""
    scope = Scope(
        group=UUID(group),
        users=None if users is None else tuple(map(UUID, users)),
        channels=None if channels is None else tuple(map(UUID, channels)),
        role=UUID(role) if role else None,
    )
    for _change in _synced(scope):
        pass


def sync_access(scope: Scope) -> list[Change]:
    """Make the rows equal the derivation, losses before gains; publish and return what changed. Idempotent. Wide scopes
    outside of a transaction: each chunk is one."""
    return list(_synced(scope))


def _synced(scope: Scope) -> Iterator[Change]:
    """What changes, as it is done: of a wide scope more than one wants to keep."""
    gaining = []
    for chunk in chunks(scope):
        lost, rest = _lose(chunk)
        yield from lost
        if rest.channels:
            gaining.append(rest)
    for chunk in gaining:
        yield from _apply(_GAIN, chunk)


def chunks(scope: Scope) -> Iterator[Chunk]:
    """People × channels of the scope, at most ROWS_PER_CHUNK pairs at a time: of one channel where people are many. One after
    the other they hold different conversations, so that who writes waits for no more than one."""
    channels = sorted(scope.channels if scope.channels is not None else _channels_of(scope.group))
    users = sorted(scope.users if scope.users is not None else _people_of(scope))
    for people in batched(users, ROWS_PER_CHUNK):
        for places in batched(channels, max(1, ROWS_PER_CHUNK // len(people))):
            yield Chunk(scope.group, people, places)


def _sync_at_once(scope: Scope) -> None:
    """All of a narrow scope in the caller's transaction, as one chunk: its conversations are locked in one order."""
    channels = tuple(scope.channels if scope.channels is not None else _channels_of(scope.group))
    users = tuple(scope.users if scope.users is not None else _people_of(scope))
    _lost, gaining = _lose(Chunk(scope.group, users, channels))
    if gaining.channels:
        _apply(_GAIN, gaining)


def _lose(chunk: Chunk) -> tuple[list[Change], Chunk]:
    """Take from the people of the chunk what they lose; and the part of it where somebody gains something."""
    with transaction.atomic(savepoint=False), prepared_cursor() as cursor:
        cursor.execute(_LOCK, [chunk.group])
        cursor.execute(_DIFFER, _parameters(chunk))
        losing, gaining = (chunk._replace(channels=tuple(channels or ())) for channels in cursor.fetchone())
        return (_apply(_LOSE, losing) if losing.channels else []), gaining


def _apply(sql: str, chunk: Chunk) -> list[Change]:
    """Lock order: the group (so that roles, and with them rows, stand still), its conversations by id, then the rows."""
    with transaction.atomic(savepoint=False), prepared_cursor() as cursor:
        cursor.execute(_LOCK, [chunk.group])
        cursor.execute(_LOCK_PLACES, [_array(chunk.channels)])
        cursor.execute(sql, _parameters(chunk))
        changes = [Change(*row) for row in cursor.fetchall()]
        _tell(changes)
    return changes


def _parameters(chunk: Chunk) -> dict[str, Any]:
    return {"group": chunk.group, "users": _array(chunk.users), "channels": _array(chunk.channels)}


@lru_cache(maxsize=8)
def _array(keys: tuple[UUID, ...]) -> str:
    """The ids as PostgreSQL writes an array: the same people are sent for one channel after the other."""
    return f"{{{','.join(map(str, keys))}}}"


def _tell(changes: Iterable[Change]) -> None:
    """Revocations and grants, one event for each conversation; who lost one is not told any more of what happened there."""
    found: dict[tuple[UUID, int], dict[str, list[UUID]]] = defaultdict(lambda: defaultdict(list))
    for change in changes:
        found[change.conversation, change.access_version][change.kind].append(change.user)
    withdraw_all([(user, place) for (place, _version), people in found.items() for user in people["lost"]])
    publish(
        *(
            AccessChanged(
                conversation=place,
                access_version=version,
                lost=tuple(people["lost"]),
                came=tuple(people["came"]),
                changed=tuple(people["changed"]),
            )
            for (place, version), people in found.items()
        )
    )


def _is_narrow(scope: Scope) -> bool:
    """Are the rows of the scope at most ROWS_AT_ONCE?"""
    channels = _channels_of(scope.group) if scope.channels is None else scope.channels
    return _count_people(scope) * len(channels) <= ROWS_AT_ONCE


def _count_people(scope: Scope) -> int:
    if scope.users is not None:
        return len(scope.users)
    if scope.role is not None:
        return MemberRole.objects.filter(role=scope.role).count()
    return Group.objects.filter(pk=scope.group).values_list("member_count", flat=True).get()


def _channels_of(group: UUID) -> list[UUID]:
    return list(Channel.objects.filter(group=group).values_list("pk", flat=True))


def _people_of(scope: Scope) -> list[UUID]:
    with prepared_cursor() as cursor:
        cursor.execute(_PEOPLE, {"group": scope.group, "role": scope.role})
        found: list[Any] = cursor.fetchall()
    return [row[0] for row in found]
