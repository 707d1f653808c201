"""Whom what happened in talk concerns: members who may read it and have not yet, as far as blocks, circles, mute and what they
want to be told of that place allow.

Written by `append_messages()` and `chat.actions`; spread by the worker through `accounts.occasions`. What the people are
then shown is in `chat.notices`.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.actions.notifications import mark_these, withdraw
from accounts.actions.telling import News, Recipient, tell
from accounts.models import Notification, Occasion
from accounts.occasions import CHUNK, note, register
from chat.calls import EVERYONE, called_after
from chat.models import Conversation, Message
from chatter.core.database import prepared_cursor
from chatter.core.events import PeopleCalled
from chatter.core.realtime import publish

Kind = Notification.Kind
# The occasion of the call is gone by then.
AFTER_A_CALL = timedelta(seconds=2)

# Of a long absence the newest hundred messages count; one that calls many, when these are called.
_TALK = """
with recent as materialized (
  select g.number, g.sender_id, answered.sender_id as answered
    from chat_message g left join chat_message answered on answered.id = g.reply_to_id
   where g.conversation_id = %(place)s and g.sender_id is not null and g.deleted_at is null
     and g.number > (select message_count - 100 from chat_conversation where id = %(place)s)
     and not exists (select from accounts_occasion o
          where o.kind = 'chat.call' and o.place = g.conversation_id and o.source_id = g.id))
select m.user_id, news.sender, news.number, news.count
  from chat_membership m
 cross join lateral (
   select count(*)::int as count, max(r.number) as number, (array_agg(r.sender_id order by r.number desc))[1] as sender
     from recent r
    where r.number > m.last_read_number and r.number >= m.history_from and r.sender_id <> m.user_id
      and r.answered is distinct from m.user_id
      and not exists (select from chat_mention x
           where x.user_id = m.user_id and x.conversation_id = m.conversation_id and x.number = r.number)
      and not exists (select from accounts_block b
           where (b.blocker_id, b.blocked_id) in ((m.user_id, r.sender_id), (r.sender_id, m.user_id)))) news
 where m.conversation_id = %(place)s and m.left_at is null and news.count > 0 and m.notify {wanted}
   and (m.muted_until is null or m.muted_until <= now()) and (%(cursor)s::uuid is null or m.user_id > %(cursor)s)
 order by m.user_id limit %(limit)s
"""
_TALK_TO_ALL = _TALK.format(wanted="in ('', 'all')")
_TALK_TO_SOME = _TALK.format(wanted="= 'all'")
# A chunk of the called, and who of them may read the message and has not. Who was called when it was edited may have read
# past it. The chunk is cut first: to judge costs more than to count.
_CALLED = """
with called as materialized (
  select x.user_id, x.number, x.conversation_id from chat_mention x
   where x.message_id = %(source)s and (%(cursor)s::uuid is null or x.user_id > %(cursor)s)
   order by x.user_id limit %(limit)s)
select c.user_id, coalesce(m.last_read_number < c.number, false), coalesce(m.muted_until > now(), false),
       case when m.user_id is null or c.user_id = %(actor)s or m.notify = 'nothing' then false
            when %(added)s::uuid[] is null and m.last_read_number >= c.number then false
            when c.user_id <> all(%(added)s) then false
            else accounts_reach(%(actor)s, c.user_id, 'mention') = 'yes' end
  from called c
  join chat_message g on g.id = %(source)s and g.deleted_at is null
  left join chat_membership m on m.conversation_id = c.conversation_id and m.user_id = c.user_id and m.left_at is null
   and m.history_from <= c.number
 order by c.user_id
"""
_ANSWERED = """
select m.user_id, false
  from chat_message g
  join chat_message answered on answered.id = g.reply_to_id and answered.sender_id <> g.sender_id
  join chat_membership m on m.conversation_id = g.conversation_id and m.user_id = answered.sender_id and m.left_at is null
   and m.history_from <= g.number and m.last_read_number < g.number
 where g.id = %(source)s and g.deleted_at is null and m.notify <> 'nothing'
   and (m.muted_until is null or m.muted_until <= now())
   and not exists (select from chat_mention x where x.message_id = g.id and x.user_id = m.user_id)
"""
_REACTED_TO = """
select m.user_id, false
  from chat_message g
  join chat_membership m on m.conversation_id = g.conversation_id and m.user_id = g.sender_id and m.left_at is null
 where g.id = %(source)s and g.deleted_at is null and g.sender_id <> %(actor)s
   and m.notify <> 'nothing' and (m.muted_until is null or m.muted_until <= now())
   and exists (select from chat_reaction r where r.message_id = g.id and r.user_id = %(actor)s)
"""
# Calls of many do not break through: who muted the place or wants nothing of it is not called. The message is held, so that
# it cannot be deleted before what is written here is there to be deleted too.
_CALL = """
with message as materialized (
  select g.id, g.number, g.conversation_id, v.access_version
    from chat_message g join chat_conversation v on v.id = g.conversation_id
   where g.id = %(source)s and g.deleted_at is null for share of g),
called as (
  insert into chat_mention (user_id, conversation_id, number, message_id)
  select m.user_id, m.conversation_id, g.number, g.id
    from message g
    join chat_membership m on m.conversation_id = g.conversation_id and m.user_id = any(%(people)s::uuid[]) and m.left_at is null
     and m.history_from <= g.number
   where m.user_id <> %(actor)s and m.notify <> 'nothing' and (m.muted_until is null or m.muted_until <= now())
     and accounts_reach(%(actor)s, m.user_id, 'mention') = 'yes'
   order by m.user_id
  on conflict do nothing returning user_id)
select c.user_id, m.last_read_number < g.number, g.access_version
  from called c cross join message g
  join chat_membership m on m.conversation_id = g.conversation_id and m.user_id = c.user_id
"""
_READ_MEANWHILE = """
select n.recipient_id, array_agg(n.id)
  from chat_membership m
  join accounts_notification n on n.recipient_id = m.user_id and n.place = m.conversation_id and n.read_at is null
   and n.position <= m.last_read_number
 where m.conversation_id = %(place)s and m.last_read_number >= %(position)s
 group by n.recipient_id
"""


def spread_talk(occasion: Occasion) -> UUID | None:
    """New words in a place: one notification for each who wants to be told and has not read them, with how many there are."""
    place = _place(occasion)
    conversation = Conversation.objects.filter(pk=place).first()
    if conversation is None:
        return None
    sql = _TALK_TO_ALL if conversation.tells_everything else _TALK_TO_SOME
    rows = _rows(sql, {"place": place, "cursor": occasion.cursor, "limit": CHUNK})
    news = News(Kind.MESSAGE, f"talk:{place}", source=(Conversation, place), place=place, counted=True)
    tell(news, [Recipient(person, sender, number, count) for person, sender, number, count in rows])
    return _next(rows)


def spread_message(occasion: Occasion) -> UUID | None:
    """A message that calls people or answers somebody. Who muted the place sees on the page that they were called."""
    if occasion.cursor is None:
        answered = _rows(_ANSWERED, {"source": occasion.source_id})
        tell(_about(occasion, Kind.REPLY), _recipients(occasion, answered))
    rows = _rows(_CALLED, _asked(occasion, None))
    called = [(person, muted) for person, _is_new, muted, may_hear in rows if may_hear]
    tell(_about(occasion, Kind.MENTION), _recipients(occasion, called))
    return _next(rows)


def spread_edit(occasion: Occasion) -> UUID | None:
    """A message that calls somebody only since it was edited. Without a position where they had read it already: reading
    on does not tell them what they have not seen."""
    rows = _rows(_CALLED, _asked(occasion, [UUID(key) for key in occasion.detail["people"]]))
    people = [
        Recipient(person, occasion.actor_id, occasion.position if is_new else None, muted=muted)
        for person, is_new, muted, may_hear in rows
        if may_hear
    ]
    tell(_about(occasion, Kind.MENTION), people)
    return _next(rows)


def spread_call(occasion: Occasion) -> UUID | None:
    """A message that calls many: each gets a mention as if they were named, and is told. Then the others may hear of it as
    of any other message."""
    people, after = called_after(_place(occasion), occasion.detail["calls"], occasion.cursor)
    rows = _rows(_CALL, {"source": occasion.source_id, "people": people, "actor": occasion.actor_id}) if people else []
    recipients = [
        Recipient(person, occasion.actor_id, occasion.position if is_new else None)
        for person, is_new, _version in rows
        if is_new or "edited" in occasion.detail
    ]
    tell(_about(occasion, Kind.MENTION), recipients)
    if rows:
        _publish_call(occasion, tuple(row[0] for row in rows), rows[0][2])
    if after is None:
        place = {"place": occasion.place, "position": occasion.position}
        note("chat.talk", f"talk:{occasion.place}", **place, due_at=timezone.now() + AFTER_A_CALL)
    return after


def spread_recall(occasion: Occasion) -> UUID | None:
    """A message that called many is deleted: what they have unread of it goes too."""
    people, after = called_after(_place(occasion), [EVERYONE], occasion.cursor)
    withdraw(people=people, place=_place(occasion), source=occasion.source_id)
    return after


def spread_reaction(occasion: Occasion) -> UUID | None:
    """Somebody reacted, and has not taken it back since."""
    rows = _rows(_REACTED_TO, {"source": occasion.source_id, "actor": occasion.actor_id})
    tell(_about(occasion, Kind.REACTION), [Recipient(person, occasion.actor_id) for person, _muted in rows])
    return None


def read_meanwhile(occasion: Occasion) -> None:
    """Somebody may have read there while this was told, before there was anything to mark: a second look, with a snapshot
    from after the telling. Who reads later marks it themselves."""
    for person, keys in _rows(_READ_MEANWHILE, {"place": occasion.place, "position": occasion.position}):
        mark_these(recipient=person, notifications=keys)


def register_all() -> None:
    register("chat.talk", spread_talk, read_meanwhile)
    register("chat.message", spread_message, read_meanwhile)
    register("chat.edit", spread_edit, read_meanwhile)
    register("chat.call", spread_call, read_meanwhile)
    register("chat.recall", spread_recall)
    register("chat.reaction", spread_reaction)


def _about(occasion: Occasion, kind: str) -> News:
    """News about one message: each message is told of once."""
    return News(kind, f"{kind}:{occasion.source_id}", source=(Message, occasion.source_id), place=occasion.place)


def _publish_call(occasion: Occasion, people: tuple[UUID, ...], access_version: int) -> None:
    place, number, sender = _place(occasion), occasion.position, occasion.actor_id
    assert number is not None and sender is not None  # noqa: PT018 -- whoever notes a call says both
    publish(
        PeopleCalled(conversation=place, access_version=access_version, number=number, sender=sender, people=people)
    )


def _place(occasion: Occasion) -> UUID:
    assert occasion.place is not None
    return occasion.place


def _asked(occasion: Occasion, added: list[UUID] | None) -> dict[str, Any]:
    return {
        "source": occasion.source_id,
        "cursor": occasion.cursor,
        "actor": occasion.actor_id,
        "added": added,
        "limit": CHUNK,
    }


def _recipients(occasion: Occasion, rows: Sequence[tuple[Any, ...]]) -> list[Recipient]:
    return [Recipient(person, occasion.actor_id, occasion.position, muted=muted) for person, muted in rows]


def _next(rows: Sequence[tuple[Any, ...]]) -> UUID | None:
    """Where the next chunk begins; None when this was the last."""
    return rows[-1][0] if len(rows) == CHUNK else None


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
