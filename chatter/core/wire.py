"""Events in their two written forms: the frame clients get, and the packet processes pass to each other."""

from collections.abc import Callable
from dataclasses import fields
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints
from uuid import UUID

from chatter.core import events
from chatter.core.events import EVENTS, Event, TopicEvent

# What hubs need and clients do not get.
UNSAID: dict[type[Event], frozenset[str]] = {
    events.MessageCreated: frozenset({"body", "client_id", "mentioned", "preview", "sender"}),
    events.MessageEdited: frozenset({"body", "mentioned"}),
    events.ReceiptGiven: frozenset({"senders"}),
    events.NotificationCreated: frozenset({"user"}),
    events.NotificationRead: frozenset({"user"}),
    events.TypingStarted: frozenset({"circle"}),
    events.PresenceChanged: frozenset({"announced", "circle", "conversations"}),
    events.PersonChanged: frozenset({"conversations"}),
    events.GroupChanged: frozenset({"user"}),
}
NEVER_SAID = frozenset({"access_version", "place"})
# The name of a topic on the wire: all of them are posts.
TOPIC = "post"


def said(kind: type[Event]) -> tuple[str, ...]:
    """The names of the fields that clients get."""
    return tuple(field.name for field in fields(kind) if field.name not in NEVER_SAID | UNSAID.get(kind, frozenset()))


SAID = {kind: said(kind) for kind in EVENTS.values()}


def payload(event: Event) -> dict[str, Any]:
    """The frame of `event` as the protocol writes it. Events of changes leave out what did not change (None)."""
    body = {"event": event.name, **{name: getattr(event, name) for name in SAID[type(event)]}}
    if isinstance(event, TopicEvent):
        body[TOPIC] = body.pop("topic")
    if isinstance(event, events.ConversationChanged | events.MembershipChanged):
        return {name: value for name, value in body.items() if value is not None}
    return body


def reader(hint: Any) -> Callable[[Any], Any] | None:
    """What reads a field of this type from JSON, None where JSON has the type already."""
    if hint is UUID:
        return UUID
    if get_origin(hint) is tuple:
        of_item = reader(get_args(hint)[0])
        return tuple if of_item is None else lambda items: tuple(map(of_item, items))
    if get_origin(hint) is UnionType:
        of_value = reader(get_args(hint)[0])
        return None if of_value is None else lambda value: None if value is None else of_value(value)
    return None


def carried(kind: type[Event]) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """The fields, each with what turns JSON back into it."""
    hints = get_type_hints(kind)
    return tuple((field.name, reader(hints[field.name])) for field in fields(kind))


CARRIED = {kind: carried(kind) for kind in EVENTS.values()}


def pack(event: Event) -> list[Any]:
    """`event` as JSON-able data; `unpack` reads it in another process."""
    return [event.name, {name: getattr(event, name) for name, _read in CARRIED[type(event)]}]


def unpack(packet: list[Any]) -> Event | None:
    """The event another process packed; None where this version of the code does not know it."""
    name, values = packet
    kind = EVENTS.get(name)
    if kind is None:
        return None
    known = {field: read(values[field]) if read else values[field] for field, read in CARRIED[kind] if field in values}
    return kind(**known)
