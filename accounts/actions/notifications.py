"""What people do with notifications, and how one comes about: tell somebody, mark as read, take back, forget the old.

Everything that reads them here tells the person's other tabs.
"""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.db.models import Model

from accounts.actions.telling import UNREAD_CAP, News, Recipient, tell
from accounts.models import Notification
from chatter.core.database import prepared_cursor
from chatter.core.errors import NotFound
from chatter.core.events import NotificationRead
from chatter.core.realtime import publish

PRUNE_CHUNK = 2000

# Of the marked, only what the page lists is news to the person's other tabs.
_MARK = """
update accounts_notification set read_at = clock_timestamp()
 where recipient_id = %(person)s and read_at is null and {where}
returning id, in_app
"""
_MARK_THERE = _MARK.format(where="place = %(place)s and position <= %(position)s")
_MARK_ABOUT = _MARK.format(
    where="(place = %(place)s and position <= %(position)s or source_id = %(source)s and count = 1)"
)
_MARK_THESE = _MARK.format(where="id = any(%(ids)s::uuid[])")
_MARK_ALL = _MARK.format(where="(%(kind)s = '' or kind = %(kind)s)")
_WITHDRAW = """
with gone as (
  delete from accounts_notification
   where recipient_id = any(%(people)s::uuid[]) and place = %(place)s and read_at is null
     and (%(source)s::uuid is null or source_id = %(source)s)
  returning recipient_id, id, in_app),
deliveries as (delete from accounts_delivery where notification_id in (select id from gone))
select * from gone
"""
_WITHDRAW_ALL = """
with gone as (
  delete from accounts_notification
   where (recipient_id, place) in (select * from unnest(%(people)s::uuid[], %(places)s::uuid[])) and read_at is null
  returning recipient_id, id, in_app),
deliveries as (delete from accounts_delivery where notification_id in (select id from gone))
select * from gone
"""
# From everybody, by the index of places. One that stands for several things stays where one of them goes.
_WITHDRAW_HERE = """
with going as (
  select id from accounts_notification
   where place = %(place)s and read_at is null and (%(source)s::uuid is null or source_id = %(source)s and count = 1)
   order by id limit %(limit)s for update),
gone as (
  delete from accounts_notification where id in (select id from going) returning recipient_id, id, in_app),
deliveries as (delete from accounts_delivery where notification_id in (select id from going))
select * from gone
"""
_UNREAD = """
select count(*) from (select from accounts_notification where recipient_id = %s and read_at is null and in_app
  and expires_at > now() limit %s) unread
"""
_PRUNE = """
with gone as (
  delete from accounts_notification where id in (
    select id from accounts_notification where expires_at <= now() order by expires_at limit %s for update skip locked)
  returning id),
deliveries as (delete from accounts_delivery where notification_id in (select id from gone))
select count(*) from gone
"""


def notify(
    *,
    recipient: Any,
    kind: str,
    group_key: str,
    actor: Any = None,
    source: Model | None = None,
    place: UUID | None = None,
    position: int | None = None,
    payload: dict[str, Any] | None = None,
) -> bool:
    """Tell one person, in the caller's transaction; the matrix, mute, blocks and quiet hours decide whether and how.

    Unread ones with one `group_key` are one row; the same again changes nothing. True if a row was made or changed.
    """
    doer = _key(actor)
    news = News(kind=kind, group_key=group_key, source=source, place=place, payload=payload or {})
    return bool(tell(news, [Recipient(_key(recipient), doer, position)]))


def mark_notification_read(*, recipient: Any, notification_id: UUID) -> Notification:
    """Mark one's own as read; twice changes nothing. Returns it. Raises NotFound."""
    row = Notification.objects.filter(pk=notification_id, recipient=_key(recipient)).first()
    if row is None:
        raise NotFound
    if row.read_at is None:
        mark_these(recipient=recipient, notifications=[row.pk])
    return row


def mark_these(*, recipient: Any, notifications: Collection[UUID]) -> int:
    """Mark those of `notifications` as read that are the person's own. Returns how many were unread."""
    return _mark(_MARK_THESE, _key(recipient), ids=list(notifications)) if notifications else 0


def mark_all_read(*, recipient: Any, kind: str = "") -> int:
    """Mark everything as read, or everything of one kind. Returns how many were unread."""
    return _mark(_MARK_ALL, _key(recipient), kind=kind)


def read_place(recipient_id: UUID, place: UUID, position: int) -> int:
    """The person read there up to `position`: what happened until then is read here too. One probe of an index."""
    return _mark(_MARK_THERE, recipient_id, place=place, position=position)


def read_about(recipient_id: UUID, place: UUID, position: int, source: UUID) -> int:
    """As `read_place`, and what told of `source` alone, wherever that was said to be."""
    return _mark(_MARK_ABOUT, recipient_id, place=place, position=position, source=source)


def withdraw_here(*, place: UUID, source: UUID | None, limit: int) -> list[UUID]:
    """Take back from everybody, `limit` at a time, what is unread from `place`, or of it what `source` alone caused. Returns
    from whom."""
    with prepared_cursor() as cursor:
        cursor.execute(_WITHDRAW_HERE, {"place": place, "source": source, "limit": limit})
        rows = cursor.fetchall()
    _tell_gone(rows)
    return [row[0] for row in rows]


def withdraw(*, people: Iterable[UUID], place: UUID, source: UUID | None = None) -> None:
    """Take back what `people` have unread from `place`: all of it (they lost access), or what `source` caused (it is gone)."""
    with prepared_cursor() as cursor:
        cursor.execute(_WITHDRAW, {"people": sorted(people), "place": place, "source": source})
        _tell_gone(cursor.fetchall())


def withdraw_all(lost: Collection[tuple[UUID, UUID]]) -> None:
    """Take back all that people have unread from places they lost: pairs of a person and a place."""
    if not lost:
        return
    people, places = zip(*lost, strict=True)
    with prepared_cursor() as cursor:
        cursor.execute(_WITHDRAW_ALL, {"people": list(people), "places": list(places)})
        _tell_gone(cursor.fetchall())


def _tell_gone(rows: Iterable[tuple[UUID, UUID, bool]]) -> None:
    """Their other tabs hear of what is not there any more: (person, notification, was it shown in the product)."""
    gone: dict[UUID, list[UUID]] = {}
    for person, key, in_app in rows:
        if in_app:
            gone.setdefault(person, []).append(key)
    for person, keys in gone.items():
        tell_read(person, keys)


def unread_count(recipient_id: UUID) -> int:
    """What the bell says, counted up to UNREAD_CAP."""
    with prepared_cursor() as cursor:
        cursor.execute(_UNREAD, [recipient_id, UNREAD_CAP])
        return int(cursor.fetchone()[0])


def tell_read(person: UUID, keys: Collection[UUID]) -> None:
    """The person's other tabs hear that these are not unread any more."""
    count = unread_count(person)
    shown = tuple(str(key) for key in list(keys)[:UNREAD_CAP])
    publish(NotificationRead(user=person, notifications=shown, unread_count=count))


def prune_notifications() -> int:
    """Delete what has expired, a chunk at a time. Returns how many went."""
    total, gone = 0, PRUNE_CHUNK
    while gone == PRUNE_CHUNK:
        with prepared_cursor() as cursor:
            cursor.execute(_PRUNE, [PRUNE_CHUNK])
            gone = cursor.fetchone()[0]
        total += gone
    return total


def _mark(sql: str, person: UUID, **which: Any) -> int:
    with prepared_cursor() as cursor:
        cursor.execute(sql, {"person": person, **which})
        rows = cursor.fetchall()
    shown = [key for key, in_app in rows if in_app]
    if shown:
        tell_read(person, shown)
    return len(rows)


def _key(person: Any) -> Any:
    """The id of a person given as a user or as an id; None for nobody."""
    return getattr(person, "pk", person)
