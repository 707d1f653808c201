"""What a client may say on the socket: the text of one frame becomes one typed command, or `InvalidFrame`.

Pure: no database, no settings. Whether the command is allowed is decided elsewhere.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn
from uuid import UUID

import orjson
from django.utils.translation import gettext as _

MAX_BYTES = 64 * 1024
MAX_DEPTH = 8
# Above this a frame is not even searched for its `ref`.
READABLE_BYTES = 1024 * 1024
LARGEST_NUMBER = 2**53
LARGEST_PAGE = 100
STATUSES = ("online", "idle", "dnd", "offline")
CANONICAL_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
SURROGATE_ESCAPE = re.compile(r"\\ud[89a-f]", re.IGNORECASE)

type Ref = int | str | orjson.Fragment | None


class InvalidFrame(Exception):
    """A malformed frame: `ref` where one could be read, `message` for people."""

    def __init__(self, ref: Ref, message: str) -> None:
        super().__init__(message)
        self.ref = ref
        self.message = message


@dataclass(frozen=True, slots=True)
class Command:
    ref: Ref


@dataclass(frozen=True, slots=True)
class Ping(Command):
    pass


@dataclass(frozen=True, slots=True)
class OpenConversation(Command):
    conversation: UUID
    version: int | None


@dataclass(frozen=True, slots=True)
class CloseConversation(Command):
    conversation: UUID


@dataclass(frozen=True, slots=True)
class OpenDirect(Command):
    user: str


@dataclass(frozen=True, slots=True)
class History(Command):
    """Exactly one of `before` and `after` is given."""

    conversation: UUID
    before: int | None
    after: int | None
    limit: int


@dataclass(frozen=True, slots=True)
class SendMessage(Command):
    conversation: UUID
    client_id: UUID
    content: str
    reply_to: UUID | None
    attachments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditMessage(Command):
    message: UUID
    content: str


@dataclass(frozen=True, slots=True)
class DeleteMessage(Command):
    message: UUID


@dataclass(frozen=True, slots=True)
class PinMessage(Command):
    message: UUID


@dataclass(frozen=True, slots=True)
class UnpinMessage(Command):
    message: UUID


@dataclass(frozen=True, slots=True)
class AddReaction(Command):
    message: UUID
    emoji: str


@dataclass(frozen=True, slots=True)
class RemoveReaction(Command):
    message: UUID
    emoji: str


@dataclass(frozen=True, slots=True)
class MarkRead(Command):
    conversation: UUID
    number: int


@dataclass(frozen=True, slots=True)
class MarkUnread(Command):
    conversation: UUID
    number: int


@dataclass(frozen=True, slots=True)
class MarkDelivered(Command):
    conversation: UUID
    number: int


@dataclass(frozen=True, slots=True)
class Typing(Command):
    conversation: UUID


@dataclass(frozen=True, slots=True)
class SetPresence(Command):
    """`automatic`: the client noticed (inactivity, or activity again); what the person chose stays."""

    status: str
    text: str | None
    automatic: bool


@dataclass(frozen=True, slots=True)
class WatchPost(Command):
    post: UUID


@dataclass(frozen=True, slots=True)
class UnwatchPost(Command):
    post: UUID


class Fields:
    """The fields of one frame; each reader returns a checked value or raises InvalidFrame. Null means absent."""

    __slots__ = ("fields", "ref")

    def __init__(self, fields: dict[str, Any], ref: Ref) -> None:
        self.fields = fields
        self.ref = ref

    def refuse(self, name: str) -> NoReturn:
        raise InvalidFrame(self.ref, _("“%(field)s” is missing or malformed.") % {"field": name})

    def uuid(self, name: str) -> UUID:
        value = self.fields.get(name)
        if not isinstance(value, str) or not CANONICAL_UUID.fullmatch(value):
            self.refuse(name)
        return UUID(value)

    def optional_uuid(self, name: str) -> UUID | None:
        return None if self.fields.get(name) is None else self.uuid(name)

    def number(self, name: str) -> int:
        """An integer, clamped to what the database and JavaScript can count."""
        value = self.fields.get(name)
        if type(value) is not int:
            self.refuse(name)
        return max(-1, min(value, LARGEST_NUMBER))

    def optional_number(self, name: str) -> int | None:
        return None if self.fields.get(name) is None else self.number(name)

    def text(self, name: str, longest: int) -> str:
        """Text that can be stored (UTF-8, no NUL), at most `longest` code points."""
        value = self.fields.get(name)
        if not isinstance(value, str) or len(value) > longest or "\0" in value or not encodable(value):
            self.refuse(name)
        return value

    def content(self) -> str:
        """The words of a message. What they may be is the action's to judge: an unhappy paste is not a broken client."""
        value = self.fields.get("content")
        if not isinstance(value, str):
            self.refuse("content")
        return value

    def known_version(self) -> int | None:
        """The version the client has; null is allowed, absence is not. A negative one is as good as none."""
        if "version" not in self.fields:
            self.refuse("version")
        version = self.optional_number("version")
        return None if version is None or version < 0 else version

    def limit(self) -> int:
        limit = self.optional_number("limit")
        return 50 if limit is None else max(1, min(limit, LARGEST_PAGE))

    def attachments(self) -> tuple[str, ...]:
        value = self.fields.get("attachments") or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.refuse("attachments")
        return tuple(value)

    def status(self) -> str:
        value = self.fields.get("status")
        if value not in STATUSES:
            self.refuse("status")
        return str(value)

    def flag(self, name: str) -> bool:
        value = self.fields.get(name)
        if value is not None and not isinstance(value, bool):
            self.refuse(name)
        return bool(value)

    def status_text(self) -> str | None:
        return None if self.fields.get("text") is None else self.text("text", 1000)


def history(frame: Fields) -> History:
    before, after = frame.optional_number("before"), frame.optional_number("after")
    if (before is None) == (after is None):
        frame.refuse("before / after")
    return History(frame.ref, frame.uuid("conversation"), before, after, frame.limit())


def send_message(frame: Fields) -> SendMessage:
    return SendMessage(
        frame.ref,
        frame.uuid("conversation"),
        frame.uuid("client_id"),
        frame.content(),
        frame.optional_uuid("reply_to"),
        frame.attachments(),
    )


COMMANDS: dict[str, Callable[[Fields], Command]] = {
    "ping": lambda frame: Ping(frame.ref),
    "conversation.open": lambda frame: OpenConversation(frame.ref, frame.uuid("conversation"), frame.known_version()),
    "conversation.close": lambda frame: CloseConversation(frame.ref, frame.uuid("conversation")),
    "conversation.direct": lambda frame: OpenDirect(frame.ref, frame.text("user", 64)),
    "history": history,
    "message.send": send_message,
    "message.edit": lambda frame: EditMessage(frame.ref, frame.uuid("message"), frame.content()),
    "message.delete": lambda frame: DeleteMessage(frame.ref, frame.uuid("message")),
    "message.pin": lambda frame: PinMessage(frame.ref, frame.uuid("message")),
    "message.unpin": lambda frame: UnpinMessage(frame.ref, frame.uuid("message")),
    "reaction.add": lambda frame: AddReaction(frame.ref, frame.uuid("message"), frame.text("emoji", 64)),
    "reaction.remove": lambda frame: RemoveReaction(frame.ref, frame.uuid("message"), frame.text("emoji", 64)),
    "read": lambda frame: MarkRead(frame.ref, frame.uuid("conversation"), frame.number("number")),
    "unread": lambda frame: MarkUnread(frame.ref, frame.uuid("conversation"), frame.number("number")),
    "delivered": lambda frame: MarkDelivered(frame.ref, frame.uuid("conversation"), frame.number("number")),
    "typing": lambda frame: Typing(frame.ref, frame.uuid("conversation")),
    "presence.set": lambda frame: SetPresence(frame.ref, frame.status(), frame.status_text(), frame.flag("automatic")),
    "post.watch": lambda frame: WatchPost(frame.ref, frame.uuid("post")),
    "post.unwatch": lambda frame: UnwatchPost(frame.ref, frame.uuid("post")),
}


def parse(text: str | None) -> Command:
    """The command one frame carries (None stands for a binary frame). Raises InvalidFrame, and nothing else."""
    if text is None:
        raise InvalidFrame(None, _("Frames are text."))
    if len(text) > READABLE_BYTES:
        raise InvalidFrame(None, _("The frame is too large."))
    frame = decode(text)
    if not isinstance(frame, dict):
        raise InvalidFrame(None, _("A frame is one JSON object."))
    ref = readable_ref(frame.get("ref"), text)
    if too_large(text):
        raise InvalidFrame(ref, _("The frame is too large."))
    if too_deep(frame):
        raise InvalidFrame(ref, _("The frame is nested too deeply."))
    if ref is None and frame.get("ref") is not None:
        raise InvalidFrame(None, _("“ref” is an integer or a string."))
    name = frame.get("cmd")
    build = COMMANDS.get(name) if isinstance(name, str) else None
    if build is None:
        raise InvalidFrame(ref, _("Unknown command."))
    return build(Fields(frame, ref))


def decode(text: str) -> Any:
    """The JSON value in `text`. Escaped lone surrogates, which browsers do send, are read too, so that the sender
    gets an answer with its ref; orjson refuses them."""
    try:
        return orjson.loads(text)
    except (ValueError, UnicodeEncodeError):
        pass
    try:
        if SURROGATE_ESCAPE.search(text):
            return json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        pass
    raise InvalidFrame(None, _("The frame is not valid JSON."))


def refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def readable_ref(ref: Any, text: str) -> Ref:
    """`ref` in a form that can be encoded again, or None where it is neither an integer nor a string."""
    if type(ref) is int:
        return ref if -(2**63) <= ref < 2**64 else orjson.Fragment(str(ref))
    if isinstance(ref, str):
        return ref if encodable(ref) else orjson.Fragment(json.dumps(ref))
    return large_integer(text) if isinstance(ref, float) else None


def large_integer(text: str) -> Ref:
    """The `ref` of a frame as an exact integer: orjson reads integers over 64 bits as floats."""
    try:
        ref = json.loads(text).get("ref")
    except (ValueError, RecursionError):
        return None
    return orjson.Fragment(str(ref)) if type(ref) is int else None


def encodable(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def too_large(text: str) -> bool:
    if len(text) * 4 <= MAX_BYTES:
        return False
    return len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES


def too_deep(frame: dict[str, Any]) -> bool:
    """Is a value nested in more than MAX_DEPTH objects and arrays (the frame itself being the first)?"""
    level: list[Any] = [frame]
    for _depth in range(MAX_DEPTH):
        level = [
            item
            for container in level
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True
