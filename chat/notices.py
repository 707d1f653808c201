"""What notifications about talk show. Each row is read through the reader's membership when it is shown: who left, was put
out or blocked since sees nothing of it, a deleted message says nothing, an edited one what it says now.
"""

from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Notification, User
from accounts.notices import Place, Words, register, register_places
from chat.models import Conversation
from chat.rendering import PREVIEW_LENGTH, preview_of
from chatter.core.database import prepared_cursor

Kind = Notification.Kind
Rows = Sequence[Notification]

_PERSON = "s.id, s.username, s.display_name, s.avatar, s.deleted_at"
_NOT_BLOCKED = """not exists (select from accounts_block b
         where (b.blocker_id, b.blocked_id) in ((m.user_id, {person}), ({person}, m.user_id)))"""
# Messages by id, as the reader may see them now, and whether they still call or answer them.
_MESSAGES = f"""
select g.id, v.id, v.kind, v.title, g.number, g.content, g.sender_id = m.user_id,
       exists (select from chat_mention x where x.message_id = g.id and x.user_id = m.user_id),
       coalesce(answered.sender_id = m.user_id, false), {_PERSON}
  from chat_message g
  join chat_conversation v on v.id = g.conversation_id
  join chat_membership m on m.conversation_id = v.id and m.user_id = %(reader)s and m.left_at is null
   and m.history_from <= g.number
  join accounts_user s on s.id = g.sender_id
  left join chat_message answered on answered.id = g.reply_to_id
 where g.id = any(%(ids)s::uuid[]) and g.deleted_at is null and {_NOT_BLOCKED.format(person="g.sender_id")}
"""  # noqa: S608 -- names of columns, and a rule
_REACTIONS = f"""
select r.message_id, r.emoji, {_PERSON}
  from unnest(%(ids)s::uuid[]) asked(id)
 cross join lateral (select * from chat_reaction r where r.message_id = asked.id order by r.created_at desc limit 50) r
  join accounts_user s on s.id = r.user_id
  join accounts_user m on m.id = %(reader)s
 where r.user_id <> m.id and {_NOT_BLOCKED.format(person="r.user_id").replace("m.user_id", "m.id")}
 order by r.created_at desc
"""  # noqa: S608 -- names of columns, and a rule
# The newest words of a place that are news to the reader, and how many there are; of what was read, the last.
_TALK = f"""
select asked.id, v.id, v.kind, v.title, news.number, news.content, news.count, {_PERSON}
  from unnest(%(ids)s::uuid[], %(places)s::uuid[], %(positions)s::bigint[], %(unread)s::bool[])
    asked(id, place, position, is_unread)
  join chat_conversation v on v.id = asked.place
  join chat_membership m on m.conversation_id = v.id and m.user_id = %(reader)s and m.left_at is null
 cross join lateral (
   select g.number, g.content, g.sender_id, count(*) over () as count
     from chat_message g
    where g.conversation_id = v.id and g.number <= asked.position and g.number > asked.position - 100
      and g.number >= m.history_from and (g.number > m.last_read_number or not asked.is_unread)
      and g.sender_id <> m.user_id and g.deleted_at is null and {_NOT_BLOCKED.format(person="g.sender_id")}
    order by g.number desc limit 1) news
  join accounts_user s on s.id = news.sender_id
"""  # noqa: S608 -- names of columns, and a rule
_PLACES = f"""
select asked.id, v.id, v.title, {_PERSON}
  from unnest(%(ids)s::uuid[], %(places)s::uuid[], %(actors)s::uuid[]) asked(id, place, actor)
  join chat_conversation v on v.id = asked.place
  join chat_membership m on m.conversation_id = v.id and m.user_id = %(reader)s and m.left_at is null
  left join accounts_user s on s.id = asked.actor
 where {_NOT_BLOCKED.format(person="asked.actor")}
"""  # noqa: S608 -- names of columns, and a rule
_OWN = """
select m.id, v.id, v.kind, case when v.kind <> 'direct' then v.title when o.deleted_at is not null then %(gone)s
                  else coalesce(nullif(o.display_name, ''), o.username, '') end,
       case when m.muted_until > now() then m.muted_until end
  from chat_membership m
  join chat_conversation v on v.id = m.conversation_id
  left join lateral (select other.user_id from chat_membership other
     where v.kind = 'direct' and other.conversation_id = v.id and other.user_id <> m.user_id limit 1) pair on true
  left join accounts_user o on o.id = pair.user_id
 where m.user_id = %(reader)s and m.left_at is null and (v.kind <> 'direct' or v.message_count > 0)
 order by v.last_message_at desc nulls last, v.id limit 500
"""


type Naming = Callable[[Collection[UUID]], dict[UUID, str]]
_namings: dict[str, Naming] = {}


def register_naming(kind: str, naming: Naming) -> None:
    """Have `naming(places)` say what conversations of `kind` are called outside of what surrounds them (one query)."""
    _namings[kind] = naming


def show_messages(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """Messages that call the reader, still, or answer them."""
    messages = _messages(reader, rows)
    words = {}
    for row in rows:
        message = messages.get(row.source_id)
        if message and message[7 if row.kind == Kind.MENTION else 8]:
            words[row.pk] = Words(_title(row.kind, message), _link(message), _excerpt(message[5]), _person(message[9:]))
    return words


def show_reactions(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """What people think of the reader's messages, as far as they still do."""
    messages = _messages(reader, rows)
    reacted: dict[UUID | None, list[tuple[str, User]]] = {}
    for key, emoji, *person in _ask(_REACTIONS, reader=reader, ids=list(messages)) if messages else ():
        reacted.setdefault(key, []).append((emoji, _person(person)))
    words = {}
    for row in rows:
        message, found = messages.get(row.source_id), reacted.get(row.source_id)
        if message and message[6] and found:
            words[row.pk] = _reaction_words(message, found)
    return words


def show_talk(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """How many words of a place are new, and the newest of them."""
    asked = {
        "ids": [row.pk for row in rows],
        "places": [row.place for row in rows],
        "positions": [row.position for row in rows],
        "unread": [row.read_at is None for row in rows],
    }
    return {found[0]: _talk_words(found) for found in _called(_ask(_TALK, reader=reader, **asked))}


def show_invitations(reader: UUID, rows: Rows) -> dict[UUID, Words]:
    """Groups somebody brought the reader into, while they are in."""
    asked = {
        "ids": [row.pk for row in rows],
        "places": [row.place for row in rows],
        "actors": [row.actor_id for row in rows],
    }
    words = {}
    for key, place, title, *person in _ask(_PLACES, reader=reader, **asked):
        actor = _person(person) if person[0] else None
        by_whom = _("%(name)s added you to “%(place)s”") % {"name": actor.name if actor else "", "place": title}
        unknown = _("You were added to “%(place)s”") % {"place": title}
        words[key] = Words(by_whom if actor else unknown, f"/c/{place}/", person=actor)
    return words


def places_of(person: UUID) -> list[Place]:
    """The person's conversations, and until when they are muted."""
    rows = _called(_ask(_OWN, reader=person, gone=_("Deleted user")))
    return [Place(key, title, until, f"/c/{key}/", f"/c/{key}/mute/") for _id, key, _kind, title, until in rows]


def register_all() -> None:
    register(Kind.MESSAGE, show_talk)
    register(Kind.MENTION, show_messages)
    register(Kind.REPLY, show_messages)
    register(Kind.REACTION, show_reactions)
    register(Kind.INVITATION, show_invitations)
    register_places(places_of)


def _messages(reader: UUID, rows: Rows) -> dict[UUID | None, tuple[Any, ...]]:
    found = _called(_ask(_MESSAGES, reader=reader, ids=[row.source_id for row in rows]))
    return {row[0]: row for row in found}


def _called(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows of (…, place, kind, title, …), the title as one calls the place where others stand around it (one query for each
    such kind)."""
    places: dict[str, set[UUID]] = {}
    for row in rows:
        if row[2] in _namings:
            places.setdefault(row[2], set()).add(row[1])
    names = {key: name for kind, keys in places.items() for key, name in _namings[kind](keys).items()}
    return [(*row[:3], names.get(row[1], row[3]), *row[4:]) for row in rows]


def _title(kind: str, message: tuple[Any, ...]) -> str:
    names = {"name": _person(message[9:]).name, "place": message[3]}
    if message[2] == Conversation.Kind.DIRECT:
        return (_("%(name)s mentioned you") if kind == Kind.MENTION else _("%(name)s replied to you")) % names
    if kind == Kind.MENTION:
        return _("%(name)s mentioned you in “%(place)s”") % names
    return _("%(name)s replied to you in “%(place)s”") % names


def _reaction_words(message: tuple[Any, ...], found: list[tuple[str, User]]) -> Words:
    emoji = " ".join(dict.fromkeys(each for each, _person in found))
    people = list({person.pk: person for _emoji, person in found}.values())
    names = {"name": people[0].name, "emoji": emoji, "count": len(people) - 1}
    if len(people) == 1:
        title = _("%(name)s reacted %(emoji)s to your message") % names
    else:
        title = ngettext(
            "%(name)s and %(count)d other reacted %(emoji)s to your message",
            "%(name)s and %(count)d others reacted %(emoji)s to your message",
            len(people) - 1,
        )
        title %= names
    return Words(title, _link(message), _excerpt(message[5]), people[0])


def _talk_words(found: tuple[Any, ...]) -> Words:
    _id, place, kind, title, number, content, count, *person = found
    sender, excerpt = _person(person), _excerpt(content)
    is_direct = kind == Conversation.Kind.DIRECT
    name = sender.name if is_direct else title
    words = ngettext("%(name)s: %(count)d new message", "%(name)s: %(count)d new messages", count)
    text = excerpt if is_direct else _("%(name)s: %(words)s") % {"name": sender.name, "words": excerpt}
    return Words(words % {"name": name, "count": count}, _at(place, number), text, sender)


def _link(message: tuple[Any, ...]) -> str:
    return _at(message[1], message[4])


def _at(place: UUID, number: int) -> str:
    """Where the message stands in its conversation."""
    return f"/c/{place}/?at={number}#m-{number}"


def _excerpt(content: str) -> str:
    """One line of what it says. Not cut before it is read where cutting could part the bars of a spoiler."""
    line = preview_of(content if "||" in content else content[:400])
    return f"{line.rstrip()}…" if len(line) == PREVIEW_LENGTH else line


def _person(columns: Sequence[Any]) -> User:
    key, username, display_name, avatar, deleted_at = columns
    return User(id=key, username=username, display_name=display_name, avatar=avatar, deleted_at=deleted_at)


def _ask(sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
