"""How a message looks: on the wire (docs/protocol.md, "Message") and as the article that page and push share."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.template.loader import get_template
from django.utils.safestring import mark_safe

from accounts.models.user import avatar_url, hue_of, initials_of
from chatter.core import text

Wire = dict[str, Any]
# Words that a page writes into articles, by their keys.
type Labels = tuple[tuple[str, str], ...]
# Longer articles are rendered each time: the markup of 4,000 characters can be 50,000 long, and anybody may send many.
REMEMBERED_LENGTH = 8_000
PREVIEW_LENGTH = 120


@dataclass(frozen=True, slots=True)
class Shown:
    """A message ready to be shown: its wire form and its rendered body (safe html)."""

    wire: Wire
    body: str


def iso(moment: datetime | None) -> str | None:
    """RFC 3339 in UTC with microseconds, or None."""
    return None if moment is None else moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def person_wire(
    person_id: UUID,
    username: str,
    display_name: str,
    deleted: bool = False,
    avatar: str = "",
    *,
    nickname: str | None = None,
    hue: int | None = None,
) -> Wire:
    """A person as messages and events name them; with `avatar` (its key) where they have a picture, under their `nickname`
    and with the `hue` of their name where they have them in that place. Who is gone keeps the id and loses the names."""
    if deleted:
        return {"id": str(person_id), "username": "", "display_name": "Deleted user"}
    wire: Wire = {"id": str(person_id), "username": username, "display_name": nickname or display_name or username}
    if avatar:
        wire["avatar"] = avatar_url(avatar, 128)
    if hue is not None:
        wire["hue"] = hue
    return wire


@lru_cache(maxsize=4096)
def preview_of(content: str) -> str:
    """One line of plain text that stands for `content` in quotes and side bars."""
    return text.render(content).plain[:PREVIEW_LENGTH]


def reply_wire(message_id: UUID, number: int, sender: Wire | None, content: str) -> Wire:
    """The quoted message; emptied when it was deleted (content is blank then)."""
    if not content:
        return {"id": str(message_id), "number": number, "sender": None, "preview": ""}
    # The beginning is enough, unless cutting could part the bars of a spoiler and show what it hides.
    beginning = content if "||" in content else content[:400]
    return {
        "id": str(message_id),
        "number": number,
        "sender": sender,
        "preview": preview_of(beginning),
    }


def message_wire(
    message_id: UUID,
    conversation_id: UUID,
    number: int,
    created_at: datetime,
    *,
    kind: str = "text",
    sender: Wire | None = None,
    content: str = "",
    reply_to: Wire | None = None,
) -> Wire:
    """A message as it was just written, on the wire; what happened to it since, the caller adds."""
    return {
        "id": str(message_id),
        "conversation": str(conversation_id),
        "number": number,
        "kind": kind,
        "sender": sender,
        "content": content,
        "reply_to": reply_to,
        "attachments": [],
        "reactions": {},
        "created_at": iso(created_at),
        "edited_at": None,
        "deleted_at": None,
        "pinned_at": None,
        "metadata": {},
    }


def article(shown: Shown, labels: Labels = ()) -> str:
    """The message's `<article>`, for everybody: no viewer, no local time; words only where `labels` brings them."""
    if is_plain(shown.wire):
        return _cast(shown, labels)
    wire = orjson.dumps(shown.wire)
    render = _remembered if len(wire) + len(shown.body) <= REMEMBERED_LENGTH else _article
    return render(wire, shown.body, labels)


def _article(wire: bytes, body: str, labels: Labels) -> str:
    message = orjson.loads(wire)
    # Django's trust boundary: `body` was sanitised by chatter.core.text when it was written.
    context = {
        "message": message,
        "body": mark_safe(body),  # noqa: S308 -- see above
        "labels": dict(labels),
        "mine": message.get("my_reactions", ()),
    }
    context |= {"number": str(message["number"]), "time": message["created_at"][11:16]}
    context["answers"] = str(message.get("reply_count") or "")
    if sender := message["sender"]:
        context |= {
            "hue": str(hue_of(UUID(sender["id"]))),
            "initials": initials_of(sender["display_name"]),
            "avatar": sender.get("avatar") or "",
            "tint": f" tinted hue-{sender['hue']}" if "hue" in sender else "",
        }
    return get_template("chat/_message.html").render(context)


_remembered = lru_cache(maxsize=8192)(_article)

# What differs between the plain messages of one sender in one place. No name or text holds NUL.
_ID, _NUMBER, _TIME, _BODY = "\0id", "\0number", "\0time", "\0body"
_CREATED = f"\0created at{_TIME}"


_HAPPENED = ("reply_to", "reactions", "edited_at", "deleted_at", "pinned_at", "reply_count")


def is_plain(wire: Wire) -> bool:
    """A text as it was sent: it quotes nothing, and nothing has happened to it."""
    if wire["kind"] != "text" or wire["number"] <= 0:
        return False
    return not any(map(wire.get, _HAPPENED))


def _cast(shown: Shown, labels: Labels) -> str:
    """A plain message cast in the mould of its sender and place: the template runs once for all of them."""
    wire = shown.wire
    sender, created = wire["sender"], wire["created_at"]
    html = _mould(wire["conversation"], tuple(sender.items()) if sender else None, labels)
    for token, value in (
        (_ID, wire["id"]),
        (_NUMBER, str(wire["number"])),
        (_CREATED, created),
        (_TIME, created[11:16]),
    ):
        html = html.replace(token, value)
    return html.replace(_BODY, shown.body)


@lru_cache(maxsize=2048)
def _mould(conversation: str, sender: tuple[tuple[str, Any], ...] | None, labels: Labels) -> str:
    same = {"id": _ID, "conversation": conversation, "number": _NUMBER, "kind": "text", "created_at": _CREATED}
    wire = same | {"sender": dict(sender) if sender else None, **dict.fromkeys(_HAPPENED), "reactions": {}}
    return _article(orjson.dumps(wire), _BODY, labels)
