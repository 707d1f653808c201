"""Telling many people the same: whom it concerns, which ways it takes for each, one row for each of them. Set-based.

Blocks hold here for whatever kind; where it happened, who may read there and what is muted is the caller's to say.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.utils import timezone

from accounts.channels import ALWAYS_IN_APP, channels_of, email_due, quiet_until
from accounts.models import Delivery
from accounts.preferences import zone_called
from chatter.core.database import prepared_cursor
from chatter.core.events import NotificationCreated
from chatter.core.realtime import publish

# Counted on the bell up to here; shown as "99+".
UNREAD_CAP = 100
LIFETIME = timedelta(days=60)
LIFETIMES: dict[str, timedelta] = {"message": timedelta(days=14), "reaction": timedelta(days=30)}

_PEOPLE = """
select u.id, u.status = 'dnd',
       (select json_object_agg(s.key, s.value)::text from accounts_setting s where s.user_id = u.id),
       exists (select from accounts_quietexception e where e.user_id = u.id
                and (e.person_id = t.actor or e.place = any(%(places)s::uuid[]) or e.kind = %(kind)s)),
       u.email is not null and reachable.now,
       reachable.now and exists (select from accounts_pushsubscription p where p.user_id = u.id)
  from unnest(%(people)s::uuid[], %(actors)s::uuid[]) t(id, actor)
  join accounts_user u on u.id = t.id
 cross join lateral (
   select u.suspended_at is null or coalesce(u.suspended_until <= now(), false) as now) reachable
 where u.is_active and u.deleted_at is null
   and (%(owed)s or not exists (select from accounts_block b
         where (b.blocker_id, b.blocked_id) in ((u.id, t.actor), (t.actor, u.id))))
 order by u.id
"""
# Rows of one group that are unread are one: counted, the newest on top. What is told twice changes nothing.
_TELL = """
with told as (
  insert into accounts_notification as n (recipient_id, kind, actor_id, source_type_id, source_id, place, position, group_key,
                                          count, payload, expires_at, in_app)
  select t.recipient, %(kind)s, t.actor, %(source_type)s, %(source)s, %(place)s, t.position, %(group_key)s,
         coalesce(t.count, 1), %(payload)s::jsonb || jsonb_build_object('actors', case when t.actor is null then '[]' else jsonb_build_array(t.actor) end),
         %(expires_at)s, t.in_app
    from unnest(%(recipients)s::uuid[], %(actors)s::uuid[], %(positions)s::bigint[], %(counts)s::int[], %(in_app)s::bool[])
      t(recipient, actor, position, count, in_app)
   order by t.recipient
  on conflict (recipient_id, group_key) where read_at is null do update set
    actor_id = excluded.actor_id, source_type_id = excluded.source_type_id, source_id = excluded.source_id,
    place = excluded.place, position = excluded.position, updated_at = clock_timestamp(),
    count = case when %(counted)s then excluded.count else n.count + 1 end,
    payload = excluded.payload || jsonb_build_object('actors', jsonb_path_query_array(
      (excluded.payload -> 'actors') || (coalesce(n.payload -> 'actors', '[]') - coalesce(excluded.actor_id::text, '')), '$[0 to 2]'))
      || case when n.payload ? 'since' then jsonb_build_object('since', n.payload -> 'since') else '{}' end,
    expires_at = greatest(n.expires_at, excluded.expires_at), in_app = n.in_app or excluded.in_app
    where case when excluded.position is null or n.position is null
               then (n.actor_id, n.source_id, n.payload - 'actors') is distinct from
                    (excluded.actor_id, excluded.source_id, excluded.payload - 'actors')
               else excluded.position > n.position end
  returning new.id, new.recipient_id, new.in_app, new.count, new.actor_id, new.position, old.id is null as is_new),
leaving as (
  insert into accounts_delivery (notification_id, recipient_id, channel, due_at)
  select told.id, told.recipient_id, d.channel, d.due_at
    from told join unnest(%(leaving)s::uuid[], %(channels)s::text[], %(dues)s::timestamptz[]) d(recipient, channel, due_at)
      on d.recipient = told.recipient_id
   where told.is_new or d.channel = 'push'
  on conflict (notification_id, channel) do nothing)
select id, recipient_id, in_app, count, actor_id, position,
       (select count(*) from (select from accounts_notification u where u.recipient_id = told.recipient_id and u.read_at is null
          and u.in_app and u.expires_at > now() and u.id <> told.id limit %(others)s) others) + 1
  from told
"""


@dataclass(frozen=True, slots=True)
class News:
    """What people are told, the same for all. A `counted` one says itself how many it stands for. `source` is a row, or
    its model and id. `within` is what the place belongs to. `payload["since"]` stays that of the first of a group."""

    kind: str
    group_key: str
    source: Model | tuple[type[Model], UUID | None] | None = None
    place: UUID | None = None
    within: UUID | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    counted: bool = False


class Recipient(NamedTuple):
    """One of those who are told, and by whom it is: who blocks them, or is blocked by them, hears nothing. A `muted` one
    is told on the page only."""

    id: UUID
    actor: UUID | None = None
    position: int | None = None
    stands_for: int | None = None
    muted: bool = False


def tell(news: News, people: Sequence[Recipient]) -> int:
    """Tell `people`, in the caller's transaction; returns how many rows that made or changed (two queries, none for nobody)."""
    told = _roads(news, people)
    if not told:
        return 0
    with prepared_cursor() as cursor:
        cursor.execute(_TELL, _columns(news, told))
        rows = cursor.fetchall()
    publish(*[_created(news, row) for row in rows if row[2]])
    return len(rows)


class _Road(NamedTuple):
    to: Recipient
    in_app: bool
    email_at: datetime | None
    push_at: datetime | None


def _roads(news: News, people: Sequence[Recipient]) -> list[_Road]:
    """Which ways the news takes for each; people for whom there is none are left out."""
    by_id = {person.id: person for person in people}
    if not by_id:
        return []
    asked: dict[str, Any] = {
        "people": list(by_id),
        "actors": [person.actor for person in by_id.values()],
        "places": [place for place in (news.place, news.within) if place],
        "kind": news.kind,
        "owed": news.kind in ALWAYS_IN_APP,
    }
    with prepared_cursor() as cursor:
        cursor.execute(_PEOPLE, asked)
        rows = cursor.fetchall()
    now = timezone.now()
    roads = [_road(news.kind, by_id[row[0]], row, now) for row in rows]
    return [road for road in roads if road.in_app or road.email_at or road.push_at]


def _road(kind: str, to: Recipient, row: tuple[Any, ...], now: datetime) -> _Road:
    _id, is_dnd, stored, breaks_through, has_email, has_push = row
    wishes = orjson.loads(stored) if stored else {}
    channels = channels_of(kind, wishes)
    if to.muted:
        return _Road(to, channels.in_app, None, None)
    zone = zone_called(wishes.get("time_zone") or wishes.get("browser_zone") or "")
    email_at = email_due(wishes, zone, now) if channels.email and has_email else None
    push_at = now if channels.push and has_push and (breaks_through or not is_dnd) else None
    if push_at and not breaks_through:
        push_at = quiet_until(wishes, zone, now) or now
    return _Road(to, channels.in_app, email_at, push_at)


def _columns(news: News, roads: list[_Road]) -> dict[str, Any]:
    leaving = [(road.to.id, Delivery.Channel.EMAIL.value, road.email_at) for road in roads if road.email_at]
    leaving += [(road.to.id, Delivery.Channel.PUSH.value, road.push_at) for road in roads if road.push_at]
    source_type, source = _source(news)
    return {
        "kind": news.kind,
        "group_key": news.group_key,
        "source_type": source_type,
        "source": source,
        "place": news.place,
        "payload": orjson.dumps(news.payload).decode(),
        "counted": news.counted,
        "others": UNREAD_CAP - 1,
        "expires_at": timezone.now() + LIFETIMES.get(news.kind, LIFETIME),
        "recipients": [road.to.id for road in roads],
        "actors": [road.to.actor for road in roads],
        "positions": [road.to.position for road in roads],
        "counts": [road.to.stands_for for road in roads],
        "in_app": [road.in_app for road in roads],
        "leaving": [person for person, _channel, _due in leaving],
        "channels": [channel for _person, channel, _due in leaving],
        "dues": [due for _person, _channel, due in leaving],
    }


def _source(news: News) -> tuple[int | None, UUID | None]:
    """The content type and the id of what caused the news."""
    if news.source is None:
        return None, None
    model, key = news.source if isinstance(news.source, tuple) else (type(news.source), news.source.pk)
    return ContentType.objects.get_for_model(model).pk, key


def _created(news: News, row: tuple[Any, ...]) -> NotificationCreated:
    """Ids only: what it shows is asked for, with the reader's rights."""
    key, recipient, _in_app, count, actor, position, unread = row
    wire = {
        "id": str(key),
        "kind": news.kind,
        "count": count,
        "actor": str(actor) if actor else None,
        "conversation": str(news.place) if news.place else None,
        "number": position,
    }
    return NotificationCreated(user=recipient, notification=wire, unread_count=unread)
