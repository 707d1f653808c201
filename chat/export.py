"""What talk has of a person, for their export: their own messages, reactions, drafts and places. Nothing that others said."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts import export
from accounts.export import Archive
from accounts.models import User
from chat.models import Membership, Reaction
from chatter.core.database import prepared_cursor

# So many numbers of a conversation are looked through at once: whoever said little in a large place waits for no index.
STRIDE = 5000
CHUNK = 1000

# What a place is called that they left is not theirs to know any more.
_PLACES = """
select m.conversation_id, v.kind, m.role, m.joined_at, m.left_at, m.muted_until, m.last_read_number, m.draft, v.message_count,
       case when v.kind <> 'direct' then case when m.left_at is null then v.title else '' end
            when o.deleted_at is not null then 'Deleted user' else coalesce(nullif(o.display_name, ''), o.username) end
  from chat_membership m
  join chat_conversation v on v.id = m.conversation_id
  left join accounts_user o on v.kind = 'direct'
   and o.id = (case when split_part(v.direct_key, ':', 1) = m.user_id::text then split_part(v.direct_key, ':', 2)
                    else split_part(v.direct_key, ':', 1) end)::uuid
 where m.user_id = %s order by m.joined_at, v.id
"""
_SAID = """
select t.id, t.number, t.kind, t.content, t.created_at, t.edited_at, t.deleted_at, q.number
  from chat_message t left join chat_message q on q.id = t.reply_to_id
 where t.conversation_id = %s and t.number > %s and t.number <= %s and t.sender_id = %s order by t.number
"""
_BEFORE = """
select r.message_id, r.kind, r.content, r.created_at from chat_messagerevision r where r.message_id = any(%s)
 order by r.message_id, r.created_at
"""


def collect(person: User, archive: Archive) -> None:
    places = _places(person)
    archive.add(
        "conversations", _("Conversations"), [{name: row[name] for name in row if name != "count"} for row in places]
    )
    archive.add_rows("messages", _("Messages you wrote"), _messages(person, places, archive))
    archive.add_rows("reactions", _("Your reactions"), _reactions(person))
    drafts = Membership.objects.filter(user=person).exclude(draft="").values("conversation_id", "draft")
    archive.add("drafts", _("Drafts"), list(drafts))


def _places(person: User) -> list[dict[str, Any]]:
    names = ("id", "kind", "role", "joined_at", "left_at", "muted_until", "last_read_number", "draft", "count", "title")
    with prepared_cursor() as cursor:
        cursor.execute(_PLACES, [person.pk])
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _messages(person: User, places: list[dict[str, Any]], archive: Archive) -> Iterator[dict[str, Any]]:
    """Place by place, in order; what each said before with it."""
    total = sum(place["count"] for place in places) or 1
    passed = 0
    for place in places:
        for after in range(0, place["count"], STRIDE):
            rows = _said(person, place["id"], after)
            before = _revisions([row[0] for row in rows])
            for row in rows:
                yield _message(row, place, before.get(row[0], []))
            passed += min(STRIDE, place["count"] - after)
            archive.report(passed / total)


def _said(person: User, place: UUID, after: int) -> list[tuple[Any, ...]]:
    with prepared_cursor() as cursor:
        cursor.execute(_SAID, [place, after, after + STRIDE, person.pk])
        return cursor.fetchall()


def _revisions(keys: list[UUID]) -> dict[UUID, list[dict[str, Any]]]:
    found: dict[UUID, list[dict[str, Any]]] = {}
    if not keys:
        return found
    with prepared_cursor() as cursor:
        cursor.execute(_BEFORE, [keys])
        for message, kind, content, at in cursor.fetchall():
            found.setdefault(message, []).append({"until": at, "ended_by": kind, "content": content})
    return found


def _message(row: tuple[Any, ...], place: dict[str, Any], before: list[dict[str, Any]]) -> dict[str, Any]:
    key, number, kind, content, created_at, edited_at, deleted_at, answered = row
    return {
        "id": key,
        "conversation": {"id": place["id"], "title": place["title"]},
        "number": number,
        "kind": kind,
        "content": content,
        "created_at": created_at,
        "edited_at": edited_at,
        "deleted_at": deleted_at,
        "answers_number": answered,
        "said_before": before,
    }


def _reactions(person: User) -> Iterator[dict[str, Any]]:
    rows = Reaction.objects.filter(user=person).order_by("pk")
    last: UUID | None = None
    while page := list((rows.filter(pk__gt=last) if last else rows).select_related("message")[:CHUNK]):
        for row in page:
            yield {
                "emoji": row.emoji,
                "conversation": row.message.conversation_id,
                "number": row.message.number,
                "created_at": row.created_at,
            }
        last = page[-1].pk


def register() -> None:
    export.register("chat", collect)
