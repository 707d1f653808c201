"""What an @ calls: people by their names, and many at once: @everyone, @here, and what else a kind of place has names for.

That others (groups: their roles) register. Who is called by it is found a chunk of people at a time.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.models import User
from chat.models import Conversation, Membership
from chat.permissions import Permission
from chatter.core import text
from chatter.core.database import prepared_cursor
from chatter.core.presence import SEEN_SECONDS, statuses

EVERYONE, HERE = "everyone", "here"
# So many names of people, and so many of anything else, are looked at in one message.
NAMES_MAX = 50
CHUNK = 500
COUNTED_UP_TO = 1000

# Of each text how its sender stands in the place, and the members it names, as far as they may be mentioned. The people are
# found first: to go through the members of a large place costs more than all else.
_NAMED = """
with asked as materialized (select * from unnest(%s::bigint[], %s::uuid[], %s::uuid[], %s::text[]) i(ord, c, sender, name)),
found as materialized (
  select i.ord, i.c, i.sender, i.name, u.id from asked i join accounts_user u on upper(u.username) = i.name
   where i.name <> '' and u.deleted_at is null)
select f.ord, f.name, f.id, null::bigint, null::text, null::uuid
  from found f
 where exists (select from chat_membership m where m.conversation_id = f.c and m.user_id = f.id and m.left_at is null offset 0)
   and accounts_reach(f.sender, f.id, 'mention') in ('yes', 'self')
union all
select i.ord, null, null, m.permissions, v.kind, v.parent
  from asked i
  join chat_membership m on m.conversation_id = i.c and m.user_id = i.sender and m.left_at is null
  join chat_conversation v on v.id = i.c
 where i.name = ''
"""
_MEMBERS = """
select user_id from chat_membership
 where conversation_id = %s and left_at is null and (%s::uuid is null or user_id > %s) order by user_id limit %s
"""
_NOTIFIED = """
select count(*) from chat_membership
 where conversation_id = %s and user_id = any(%s) and user_id <> %s and left_at is null and notify <> 'nothing'
   and (muted_until is null or muted_until <= now())
"""


class Callee(NamedTuple):
    """What has a name and stands for several people. Who is not `is_open` is called only with MENTION_ALL."""

    id: UUID
    name: str
    hue: int | None
    is_open: bool

    @property
    def spelled(self) -> str:
        """The name as it follows an @."""
        return "-".join(self.name.split())


class Source(NamedTuple):
    """Where the names of a kind of conversation come from. The first of two with one name counts.

    `names(parents)` are the callees of each; `people(conversation, callee, after, limit)` who is called, in order of their
    ids, of those who may read there; `held(parent, person)` the callees that call the person.
    """

    names: Callable[[Iterable[UUID]], dict[UUID, list[Callee]]]
    people: Callable[[UUID, UUID, UUID | None, int], list[UUID]]
    held: Callable[[UUID, UUID], list[UUID]]


_sources: dict[str, Source] = {}


def register(kind: str, source: Source) -> None:
    """Say what else may be called in conversations of `kind`."""
    _sources[kind] = source


@dataclass(frozen=True, slots=True)
class Named:
    """What one text may call: people (lower-case username → id), others (case-folded name → key), and which of those keys
    take MENTION_ALL."""

    people: dict[str, str] = field(default_factory=dict)
    calls: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)

    def takes_permission(self, called: Iterable[str]) -> bool:
        return not self.closed.isdisjoint(called)


class Asked(NamedTuple):
    """A text that `sender` writes there."""

    sender: UUID
    place: UUID
    content: str


def named_in(asked: Sequence[Asked]) -> list[Named]:
    """What each of the texts may call. No query where none holds an @, two where a name is not that of a member, else one."""
    named = [Named() for _each in asked]
    rows = _ask(_NAMED, *columns) if (columns := _columns_of(asked)) else ()
    standings: dict[int, tuple[int, str, UUID | None]] = {}
    for number, name, person, permissions, kind, parent in rows:
        if person is None:
            standings[number] = permissions, kind, parent
        else:
            named[number].people[name.lower()] = str(person)
    callees = _callees_of(asked, named, standings)
    for number, (permissions, _kind, parent) in standings.items():
        may_all = bool(permissions & Permission.MENTION_ALL)
        if may_all:
            named[number].calls.update({EVERYONE: EVERYONE, HERE: HERE})
            named[number].closed.update((EVERYONE, HERE))
        _add(named[number], asked[number].content, callees.get(parent, ()), may_all=may_all)
    return named


def _columns_of(asked: Sequence[Asked]) -> list[list[Any]]:
    told = [
        (number, each.place, each.sender, name.upper())
        for number, each in enumerate(asked)
        if text.may_call(each.content)
        for name in ("", *text.mention_candidates(each.content)[:NAMES_MAX])
    ]
    return [list(column) for column in zip(*told, strict=True)]


def _callees_of(
    asked: Sequence[Asked], named: Sequence[Named], standings: dict[int, tuple[int, str, UUID | None]]
) -> dict[UUID | None, list[Callee]]:
    """What the places know by name, of those where a text names what is no member."""
    parents: dict[str, set[UUID]] = {}
    for number, (_permissions, kind, parent) in standings.items():
        if parent and kind in _sources and text.has_unknown_names(asked[number].content, named[number].people):
            parents.setdefault(kind, set()).add(parent)
    return {key: found for kind, keys in parents.items() for key, found in _sources[kind].names(keys).items()}


def _add(named: Named, content: str, callees: Iterable[Callee], *, may_all: bool) -> None:
    folded = content.casefold()
    for callee in callees:
        name = callee.spelled.casefold()
        if len(named.calls) >= NAMES_MAX or not (may_all or callee.is_open) or f"@{name}" not in folded:
            continue
        key = named.calls.setdefault(name, str(callee.id))
        if key == str(callee.id) and not callee.is_open:
            named.closed.add(key)


def offered_to(membership: Membership) -> tuple[bool, list[Callee]]:
    """Whether the member may call everyone there, and what else they may call."""
    place, may_all = membership.conversation, bool(membership.permissions & Permission.MENTION_ALL)
    source = _sources.get(place.kind)
    callees = source.names([place.parent]).get(place.parent, []) if source and place.parent else []
    return may_all, [callee for callee in callees if may_all or callee.is_open]


def held_by(membership: Membership) -> list[UUID]:
    """The callees of the place that call the member."""
    place = membership.conversation
    source = _sources.get(place.kind)
    return source.held(place.parent, membership.user_id) if source and place.parent else []


def called_after(place: UUID, keys: Sequence[str], cursor: UUID | None) -> tuple[list[UUID], UUID | None]:
    """The next people, in order of their ids, whom the `keys` call there; and where to go on, None at the end."""
    found: dict[UUID, bool] = {}
    more = False
    for key in keys:
        people = _people(place, key, cursor)
        more = more or len(people) == CHUNK
        for person in people:
            found[person] = found.get(person, False) or key != HERE
    ordered = sorted(found)[:CHUNK]
    present = _present([person for person in ordered if not found[person]])
    people = [person for person in ordered if found[person] or person in present]
    return people, ordered[-1] if more or len(found) > CHUNK else None


def count_in(asked: Asked) -> int:
    """How many people are told when this text is sent, of those it calls without naming them."""
    [named] = named_in([asked])
    called = text.render(asked.content, mentions=named.people, calls=named.calls).called if named.calls else ()
    return count_called(asked.place, called, asked.sender)


def count_called(place: UUID, keys: Sequence[str], sender: UUID) -> int:
    """How many people are told when the keys are called there by `sender`: exactly up to COUNTED_UP_TO, then more than that."""
    count, cursor, more = 0, None, bool(keys)
    while more and count <= COUNTED_UP_TO:
        people, cursor = called_after(place, keys, cursor)
        more = cursor is not None
        count += _ask(_NOTIFIED, place, people, sender)[0][0] if people else 0
    return count


def _people(place: UUID, key: str, cursor: UUID | None) -> list[UUID]:
    """The first CHUNK after `cursor` whom one key may call."""
    if key in (EVERYONE, HERE):
        return [row[0] for row in _ask(_MEMBERS, place, cursor, cursor, CHUNK)]
    kind = Conversation.objects.filter(pk=place).values_list("kind", flat=True).first()
    source = _sources.get(kind or "")
    return source.people(place, UUID(key), cursor, CHUNK) if source else []


def _present(people: list[UUID]) -> set[UUID]:
    """Those of `people` who are here now. Without a store that processes share, who was seen last counts as well."""
    present = set(statuses(people)) if people else set()
    if people and not settings.REDIS_URL:
        seen = timezone.now() - timedelta(seconds=SEEN_SECONDS)
        lately = User.objects.filter(pk__in=people, last_seen_at__gte=seen).exclude(status="offline")
        present.update(lately.values_list("pk", flat=True))
    return present


def _ask(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
