"""How talk forgets a person: they leave, nobody's text links to them any more, no title is made of their name.

What they said stays, as by "Deleted user", and so do their reactions, as a count.
"""

import re
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from accounts import erasure
from accounts.models import FormerName, User
from chat.actions.log import append_system_message, lock_conversation, log_change
from chat.actions.membership import dismiss, pass_on
from chat.models import Change, Conversation, Membership, Mention, Message
from chatter.core.database import prepared_cursor
from chatter.core.events import ConversationChanged
from chatter.core.realtime import publish

CHUNK = 200
GONE = "Deleted user"

# By the rows that say who was called, and by the words themselves: a block deletes the rows and leaves the text.
_CALLING = """
select id from (
  select t.id from chat_mention x join chat_message t on t.id = x.message_id
   where x.user_id = %(person)s and t.html like any(%(links)s)
  union
  select t.id from chat_message t where t.search @@ any(%(words)s::tsquery[]) and t.html like any(%(links)s)) calling
 where id > %(after)s order by id limit %(limit)s
"""


def erase_talk(person: User) -> None:
    for place in _places(person):
        _leave(person, place)
    _unlink_mentions(person)
    groups = Membership.objects.filter(user=person, conversation__kind=Conversation.Kind.GROUP)
    for place in groups.order_by("conversation_id").values_list("conversation_id", flat=True):
        _take_from_title(person, place)
        _take_from_happenings(person, place)
    Membership.objects.filter(user=person).exclude(draft="").update(draft="")


def _places(person: User) -> list[UUID]:
    """Where the person is. A direct conversation stays: it is the other's too. Channels go with their group."""
    others = (Conversation.Kind.DIRECT, Conversation.Kind.CHANNEL)
    rows = Membership.objects.active().filter(user=person).exclude(conversation__kind__in=others)
    return list(rows.order_by("conversation_id").values_list("conversation_id", flat=True))


def _leave(person: User, place: UUID) -> None:
    with transaction.atomic():
        conversation = lock_conversation(place)
        row = Membership.objects.active().filter(conversation=conversation, user=person).first()
        if row is None:
            return
        dismiss(conversation, row)
        if conversation.owner_id == person.pk:
            pass_on(conversation)
        if conversation.kind == Conversation.Kind.GROUP:
            publish(append_system_message(conversation, event="left", actor=person))


def _unlink_mentions(person: User) -> None:
    """The name stays in the text of others, and leads nowhere."""
    names = {person.username.lower(), *(name.lower() for name in _former_names(person))}
    link = re.compile(
        rf'<a class="mention" data-username="(?:{"|".join(map(re.escape, sorted(names)))})"[^>]*>(@[^<]*)</a>'
    )
    asked = {
        "person": person.pk,
        # With the bracket before it, which nobody can write: the rest of it anybody can say.
        "links": [f'%<a class="mention" data-username="{name.replace("_", r"\_")}"%' for name in sorted(names)],
        "words": _queries(names),
        "limit": CHUNK,
        "after": UUID(int=0),
    }
    while keys := _found(asked):
        asked["after"] = keys[-1]
        with transaction.atomic():
            for message in (
                Message.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=keys).order_by("pk")
            ):
                Message.objects.filter(pk=message.pk).update(html=link.sub(r"\1", message.html))
    Mention.objects.filter(user=person).delete()


def _former_names(person: User) -> list[str]:
    return list(FormerName.objects.filter(user=person).values_list("username", flat=True))


def _queries(names: set[str]) -> list[str]:
    with prepared_cursor() as cursor:
        cursor.execute("select phraseto_tsquery('simple', name)::text from unnest(%s::text[]) name", [sorted(names)])
        return [row[0] for row in cursor.fetchall()]


def _found(asked: dict[str, Any]) -> list[UUID]:
    with prepared_cursor() as cursor:
        cursor.execute(_CALLING, asked)
        return [row[0] for row in cursor.fetchall()]


def _take_from_title(person: User, place: UUID) -> None:
    """A group that nobody named is called after its people."""
    with transaction.atomic():
        conversation = lock_conversation(place)
        title = without(conversation.title, person)
        if title != conversation.title:
            conversation.title = title
            detail = {"title": title, "topic": conversation.topic}
            version = log_change(conversation, Change.Kind.CHANGED, actor=None, detail=detail, changed=["title"])
            publish(
                ConversationChanged(
                    conversation=place,
                    access_version=conversation.access_version,
                    version=version,
                    title=title,
                    topic=conversation.topic,
                    settings=conversation.settings,
                )
            )


def _take_from_happenings(person: User, place: UUID) -> None:
    """Titles that were, and names written down before system messages held ids."""
    named = Q(metadata__contains={"actor": person.name}) | Q(metadata__contains={"people": [person.name]})
    titled = Q(metadata__has_key="title")
    for note in Message.objects.filter(named | titled, conversation=place, kind=Message.Kind.SYSTEM).order_by("pk"):
        said = dict(note.metadata)
        if said.get("actor") == person.name:
            said["actor"] = GONE
        if "people" in said:
            said["people"] = [GONE if name == person.name else name for name in said["people"]]
        if "title" in said:
            said["title"] = without(said["title"], person)
        if said != note.metadata:
            Message.objects.filter(pk=note.pk).update(metadata=said)
    for change in Change.objects.filter(conversation=place, detail__has_key="title"):
        detail: dict[str, Any] = change.detail or {}
        title = without(str(detail["title"]), person)
        if title != detail["title"]:
            Change.objects.filter(pk=change.pk).update(detail=detail | {"title": title})


def without(title: str, person: User) -> str:
    """The list of names that `title` is, without this person's."""
    names = title.split(", ")
    if not {person.name, person.username} & set(names):
        return title
    return ", ".join(name for name in names if name not in (person.name, person.username)) or GONE


def register() -> None:
    erasure.register("chat", erase_talk)
