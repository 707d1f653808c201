"""Sending: a batch of messages becomes rows, verdicts and events through one SQL function.

Invariant: one transaction numbers, stores and logs a message; the same client_id never makes two.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from chat.calls import Asked, Named, named_in
from chat.rendering import iso, message_wire, person_wire, reply_wire
from chatter.core import text
from chatter.core.database import prepared_cursor
from chatter.core.errors import Refused
from chatter.core.events import ConversationEvent, MembershipAdded, MessageCreated
from chatter.core.realtime import publish

BUSY = "busy"
# The same words whatever stands between the two, as accounts.permissions says them.
NOT_REACHED = _("This person cannot be reached this way.")

_APPEND = "select * from append_messages(%s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[], %s::uuid[], %s::jsonb[], %s::jsonb[], %s::boolean[], %s::integer, %s::integer)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendInput:
    """One message that somebody wants to send. `limited` says that its sender is over the rate: only a duplicate passes."""

    sender: UUID
    conversation: UUID
    client_id: UUID
    content: str
    reply_to: UUID | None = None
    limited: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The acknowledgement. `events` are to be published after commit; a duplicate has none."""

    id: UUID
    number: int
    version: int
    created_at: datetime
    duplicate: bool
    events: tuple[ConversationEvent, ...] = ()

    def as_wire(self) -> dict[str, Any]:
        return {
            "id": str(self.id),
            "number": self.number,
            "version": self.version,
            "created_at": iso(self.created_at),
            "duplicate": self.duplicate,
        }


@dataclass(slots=True)
class _Prepared:
    """An input with its content cleaned, rendered, and what it calls: people, and what `append_messages` takes as calls."""

    given: SendInput
    content: str
    html: str
    plain: str
    mentioned: tuple[UUID, ...]
    calls: dict[str, Any] | None = None


def send_message(
    *,
    sender: Any,
    conversation_id: UUID,
    client_id: UUID,
    content: str,
    reply_to: UUID | None = None,
    limited: float | None = None,
) -> Sent:
    """Send one message and publish it: the door of the page without JavaScript. Raises Refused."""
    given = SendInput(
        sender=getattr(sender, "pk", sender),
        conversation=conversation_id,
        client_id=client_id,
        content=content,
        reply_to=reply_to,
        limited=limited,
    )
    outcome = append_batch([given])[0]
    while isinstance(outcome, Refused) and outcome.code == BUSY:
        _wait_for(conversation_id)
        outcome = append_batch([given])[0]
    if isinstance(outcome, Refused):
        raise outcome
    publish(*outcome.events)
    return outcome


def append_batch(inputs: Sequence[SendInput]) -> list[Sent | Refused]:
    """Append what may be appended; one outcome per input, in order. Refused("busy") asks to try that input again.

    At most two statements; three where a channel is asked for names that are not its members'. Nothing is published: the
    caller publishes `Sent.events` after commit.
    """
    outcomes: list[Sent | Refused | None] = [None] * len(inputs)
    prepared: list[tuple[int, _Prepared]] = []
    named = named_in([Asked(given.sender, given.conversation, given.content) for given in inputs])
    for place, given in enumerate(inputs):
        try:
            prepared.append((place, _prepare(given, named[place])))
        except Refused as refusal:
            outcomes[place] = refusal
    if prepared:
        rows = _append([each for _place, each in prepared])
        for (place, each), row in zip(prepared, rows, strict=True):
            outcomes[place] = _outcome(each, row)
    return [outcome if outcome is not None else Refused("invalid") for outcome in outcomes]


def checked_content(raw: str) -> str:
    """The text as it is stored. Raises Refused("invalid") for NUL, lone surrogates and nothing at all."""
    try:
        content = text.clean_text(raw)
    except ValueError as error:
        raise Refused("invalid", _("This text contains characters that cannot be stored.")) from error
    if not content:
        raise Refused("invalid", _("Write something first."))
    return content


def max_length_of(kind: str, options: dict[str, Any]) -> int:
    """The longest message, in code points, that a conversation of `kind` with these settings takes."""
    default = settings.CHATTER_LOBBY_MAX_LENGTH if kind == "lobby" else settings.CHATTER_MESSAGE_MAX_LENGTH
    return int(options.get("max_length") or default)


def _prepare(given: SendInput, named: Named) -> _Prepared:
    content = checked_content(given.content)
    if len(content) > max(settings.CHATTER_MESSAGE_MAX_LENGTH, settings.CHATTER_LOBBY_MAX_LENGTH, 4000):
        # Longer than any conversation takes: not worth rendering, still judged (it may be a duplicate).
        return _Prepared(given, content, "", "", ())
    rendered = text.render(content, mentions=named.people, calls=named.calls)
    mentioned = tuple(
        {UUID(named.people[name]) for name in rendered.mentioned if name in named.people} - {given.sender}
    )
    called = rendered.called
    calls = {"calls": called, "closed": named.takes_permission(called)} if called else None
    return _Prepared(given, content, rendered.html, rendered.plain[:200], mentioned, calls)


def _append(batch: Sequence[_Prepared]) -> list[tuple[Any, ...]]:
    columns: list[Any] = [
        [each.given.conversation for each in batch],
        [each.given.sender for each in batch],
        [each.given.client_id for each in batch],
        [each.content for each in batch],
        [each.html for each in batch],
        [each.plain for each in batch],
        [each.given.reply_to for each in batch],
        [orjson.dumps(each.mentioned).decode() if each.mentioned else None for each in batch],
        [orjson.dumps(each.calls).decode() if each.calls else None for each in batch],
        [each.given.limited is not None for each in batch],
    ]
    with prepared_cursor() as cursor:
        cursor.execute(
            _APPEND,
            [
                *columns,
                settings.CHATTER_MESSAGE_MAX_LENGTH,
                settings.CHATTER_LOBBY_MAX_LENGTH,
            ],
        )
        return cursor.fetchall()


def _outcome(each: _Prepared, row: tuple[Any, ...]) -> Sent | Refused:
    (
        _ord,
        verdict,
        message_id,
        number,
        version,
        created_at,
        retry_after,
        kind,
        access_version,
        username,
        name,
        avatar,
        nickname,
        hue,
        reply,
    ) = row
    if verdict == "rate_limited":
        return Refused(verdict, retry_after=each.given.limited)
    if verdict == "forbidden" and kind == "direct":
        return Refused(verdict, NOT_REACHED)
    if verdict not in ("new", "duplicate"):
        return Refused(verdict, retry_after=retry_after)
    sent = {
        "id": message_id,
        "number": number,
        "version": version,
        "created_at": created_at,
    }
    if verdict == "duplicate":
        return Sent(**sent, duplicate=True)
    sender = person_wire(each.given.sender, username, name, avatar=avatar, nickname=nickname, hue=hue)
    created = _created(each, Sent(**sent, duplicate=False), access_version, sender, reply)
    events: tuple[ConversationEvent, ...] = (created,)
    if kind == "direct" and number == 1:
        events = (*_first_contact(each.given, sender, access_version), created)
    return Sent(**sent, duplicate=False, events=events)


def _created(each: _Prepared, sent: Sent, access_version: int, sender: dict[str, Any], reply: Any) -> MessageCreated:
    place = each.given.conversation
    wire = message_wire(
        sent.id, place, sent.number, sent.created_at, sender=sender, content=each.content, reply_to=_reply(reply)
    )
    return MessageCreated(
        conversation=place,
        access_version=access_version,
        version=sent.version,
        message=wire,
        body=each.html,
        sender=each.given.sender,
        client_id=each.given.client_id,
        preview=each.plain,
        mentioned=each.mentioned,
    )


def _reply(row: Any) -> dict[str, Any] | None:
    if row is None:
        return None
    reply = orjson.loads(row) if isinstance(row, str | bytes) else row
    who = reply["sender"]
    names = ("id", "username", "display_name", "deleted", "avatar")
    sender = person_wire(*(who[name] for name in names), nickname=who["nickname"], hue=who["hue"]) if who else None
    return reply_wire(reply["id"], reply["number"], sender, reply["content"])


def _first_contact(given: SendInput, sender: dict[str, Any], access_version: int) -> tuple[ConversationEvent, ...]:
    """A direct conversation is unlisted until its first message: now its two members learn of it."""
    with prepared_cursor() as cursor:
        cursor.execute(
            "select user_id from chat_membership where conversation_id = %s and left_at is null",
            [given.conversation],
        )
        members = [row[0] for row in cursor.fetchall()]
    return tuple(
        MembershipAdded(
            conversation=given.conversation,
            access_version=access_version,
            user=member,
            person=sender,
        )
        for member in members
    )


def _wait_for(conversation_id: UUID) -> None:
    """Queue behind whoever holds the conversation, for at most the lock timeout."""
    with prepared_cursor() as cursor:
        cursor.execute(
            "select from chat_conversation where id = %s for no key update",
            [conversation_id],
        )
