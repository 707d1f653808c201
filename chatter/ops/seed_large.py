"""A big community in minutes: set-based SQL that keeps every invariant of `dbcheck` (numbers, versions, log, counters).

The change log holds the last CHATTER_CHANGES_DAYS days, as the log of a community of that age would.
"""

import random
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from chat.actions.conversation import ensure_lobby
from chat.models import Conversation, Membership
from chat.permissions import permissions_of_role
from chatter.core import text
from chatter.ops import large_talk
from chatter.ops.errors import OpsError
from chatter.ops.seed import PASSWORD, is_empty, make_demo
from chatter.ops.seed_large_groups import make_large_groups

Progress = Callable[[int, int], None]

CHUNK = 20_000
AGE = timedelta(days=730)
# The demo's own talk begins after this, so that times stay in the order of numbers.
QUIET = timedelta(days=4)
REPLIES, REACTIONS = 0.08, 0.03

_FILL = """
with planned as materialized (
  select number, at, uuidv7(at - clock_timestamp()) id, random() < %(replies)s replies,
         (%(members)s::uuid[])[1 + floor(random() * cardinality(%(members)s::uuid[]))::int] sender,
         1 + floor(random() * %(texts)s)::int line
    from (select number, %(start)s::timestamptz + %(step)s::interval * (number + random() * 0.9) as at
            from generate_series(%(first)s::bigint, %(last)s::bigint) number) times),
linked as (
  select planned.*, case when replies then lag(id, 1 + (number %% 5)::int) over (order by number) end reply from planned),
stored as (
  insert into chat_message (id, conversation_id, sender_id, kind, number, content, html, reply_to_id, metadata, created_at)
  select id, %(place)s, sender, 'text', number, content, html, reply, '{}', at
    from linked join unnest(%(contents)s::text[], %(htmls)s::text[]) with ordinality x(content, html, line) using (line) order by number
  returning id, number, sender_id, created_at),
liked as (
  insert into chat_reaction (id, message_id, user_id, emoji, created_at)
  select gen_random_uuid(), id, (%(members)s::uuid[])[1 + floor(random() * cardinality(%(members)s::uuid[]))::int],
         (%(emoji)s::text[])[1 + (number %% cardinality(%(emoji)s::text[]))::int], created_at + interval '2 minutes'
    from stored where random() < %(reactions)s)
insert into chat_change (conversation_id, version, kind, message_id, number, actor_id, client_id, created_at)
select %(place)s, %(shift)s + number, 'created', id, number, sender_id, gen_random_uuid(), created_at
  from stored where created_at >= %(floor)s order by number
"""

_COUNT = """
update chat_conversation v
   set message_count = last.number, version = v.version + %(count)s, last_message_at = last.created_at, last_sender_id = last.sender_id,
       preview = left(last.content, 200), created_at = least(v.created_at, %(begin)s), updated_at = now(),
       floor_version = greatest(v.floor_version, v.version + (
         select count(*) from chat_message t
          where t.conversation_id = v.id and t.number > v.message_count and t.created_at < %(floor)s))
  from (select number, created_at, sender_id, content from chat_message
         where conversation_id = %(place)s order by number desc limit 1) last
 where v.id = %(place)s
"""

_READ = """
update chat_membership m set joined_at = least(m.joined_at, %(begin)s),
       last_read_number = greatest(m.last_read_number, v.message_count - floor(random() * random() * 60)::int, 0),
       last_delivered_number = v.message_count
  from chat_conversation v where v.id = m.conversation_id and v.id = %(place)s
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything."""

    people: int = 1_000
    conversations: int = 500
    groups: int = 12
    messages: int = 1_000_000


def seed_large(size: Size, progress: Progress, more: Callable[[Sequence[User]], None] = lambda _people: None) -> None:
    """Fill an empty database with a community, with `more` of its people, and the demo in front of it. Raises OpsError where it is
    not empty."""
    if not is_empty():
        raise OpsError("This database holds data already: a large community is only made in an empty one.")
    chance = random.Random(7)  # noqa: S311 -- the same community every time
    people = _make_people(size.people, chance)
    places = _make_places(people, size.conversations, chance) + make_large_groups(people, size.groups, chance)
    done = 0
    for place, count in zip(places, _shares(size.messages, len(places)), strict=True):
        for written in fill(place, count):
            progress(done := done + written, size.messages)
    more(people)
    make_demo()


def fill(place: Conversation, count: int) -> Iterator[int]:
    """Append `count` messages to a conversation, after the last one or over the last two years; yields how many at a time."""
    place.refresh_from_db()
    base = place.message_count
    start, step = _times(place, count)
    contents, htmls = _lines()
    parameters: dict[str, Any] = {
        "place": place.pk,
        "members": _members(place),
        "emoji": list(large_talk.EMOJI),
        "contents": contents,
        "htmls": htmls,
        "texts": len(contents),
        "replies": REPLIES,
        "reactions": REACTIONS,
        "begin": start,
        "start": start - step * base,
        "step": step,
        "shift": place.version - base,
        "floor": timezone.now() - timedelta(days=settings.CHATTER_CHANGES_DAYS),
        "count": count,
    }
    for first in range(base + 1, base + count + 1, CHUNK):
        last = min(first + CHUNK - 1, base + count)
        _run(_FILL, parameters | {"first": first, "last": last})
        yield last - first + 1
    if count:
        _run(_COUNT, parameters)
    _run(_READ, parameters)


def _times(place: Conversation, count: int) -> tuple[datetime, timedelta]:
    """When the first of `count` messages was said, and the time between two."""
    now = timezone.now()
    end = now - QUIET - timedelta(minutes=random.random() * 4000)  # noqa: S311
    start = place.last_message_at or end - AGE
    return start, ((end if start < end else now) - start) / (count + 2)


@cache
def _lines() -> tuple[list[str], list[str]]:
    """What is said, as it is written and as the product renders it."""
    contents = list(large_talk.lines())
    return contents, [text.render(line).html for line in contents]


def _run(sql: str, parameters: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("set local statement_timeout = 0")
        cursor.execute(sql, parameters)


def _members(place: Conversation) -> list[UUID]:
    return list(Membership.objects.active().filter(conversation=place).values_list("user_id", flat=True)[:300])


def _make_people(count: int, chance: random.Random) -> list[User]:
    """People with names and addresses; one password, hashed once, for all of them."""
    password = make_password(PASSWORD)
    people = []
    for number in range(1, count + 1):
        first, last = chance.choice(large_talk.FIRST_NAMES), chance.choice(large_talk.LAST_NAMES)
        username = f"{first}-{_ascii(last)}-{number}".lower()
        people.append(
            User(
                username=username,
                email=f"{username}@example.org",
                password=password,
                display_name=f"{first} {last}",
                first_name=first,
                last_name=last,
            )
        )
    with transaction.atomic():
        User.objects.bulk_create(people, batch_size=1000)
        addresses = [EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people]
        EmailAddress.objects.bulk_create(addresses, batch_size=1000)
    return people


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _make_places(people: list[User], count: int, chance: random.Random) -> list[Conversation]:
    """The lobby with everybody, then groups of up to 200, then pairs: two of five are groups."""
    lobby = ensure_lobby()
    members = {lobby: people}
    pairs: set[str] = set()
    for number in range(1, count):
        if number % 5 < 2:
            chosen = chance.sample(people, min(len(people), chance.choice((4, 6, 9, 15, 40, 200))))
            title = f"{chance.choice(large_talk.TOPICS)} {number}"
            members[Conversation(kind=Conversation.Kind.GROUP, title=title, owner=chosen[0])] = chosen
        else:
            chosen, key = _new_pair(people, pairs, chance)
            members[Conversation(kind=Conversation.Kind.DIRECT, direct_key=key)] = chosen
    for place, inside in members.items():
        place.member_count = len(inside)
    with transaction.atomic():
        Conversation.objects.bulk_create([place for place in members if place is not lobby], batch_size=1000)
        Conversation.objects.filter(pk=lobby.pk).update(member_count=len(people))
        rows = [row for place, inside in members.items() for row in _rows(place, inside)]
        Membership.objects.bulk_create(rows, batch_size=2000)
    return list(members)


def _new_pair(people: list[User], pairs: set[str], chance: random.Random) -> tuple[list[User], str]:
    while True:
        chosen = chance.sample(people, 2)
        key = ":".join(sorted(str(person.pk) for person in chosen))
        if key not in pairs:
            pairs.add(key)
            return chosen, key


def _rows(place: Conversation, inside: Sequence[User]) -> Iterator[Membership]:
    for person in inside:
        role = Membership.Role.OWNER if place.owner == person else Membership.Role.MEMBER
        yield Membership(conversation=place, user=person, role=role, permissions=permissions_of_role(place.kind, role))


def _shares(total: int, places: int) -> list[int]:
    """How many messages each place gets: few places much, many little, `total` together."""
    weights = [1 / (rank + 2) ** 0.8 for rank in range(places)]
    shares = [int(total * weight / sum(weights)) for weight in weights]
    shares[0] += total - sum(shares)
    return shares
