"""Commands that leave little or nothing behind: typing, and "this reached my device"."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING
from uuid import UUID

from chat.actions.read import mark_delivered as write_delivered
from chatter import frames
from chatter.core.errors import NotFound, Refused
from chatter.core.events import TypingStarted
from chatter.core.realtime import run_db

if TYPE_CHECKING:
    from chatter.consumers.server import Server
    from chatter.core.rooms import Room, Socket

log = logging.getLogger(__name__)

TYPING_SECONDS = 3.0
DELIVERED_SECONDS = 1.0


def room_of(server: Server, socket: Socket, conversation: UUID) -> Room:
    """The conversation, if this process knows the person as its member. Raises NotFound."""
    room = server.hub.rooms.get(conversation)
    if room is None or socket.person not in room.members:
        raise NotFound
    return room


def start_typing(server: Server, socket: Socket, command: frames.Typing) -> None:
    """Tell those who have it open, at most once in three seconds for each person."""
    room, person = room_of(server, socket, command.conversation), socket.person
    if not room.may_speak(person):
        raise Refused("forbidden")
    now, circle = time.monotonic(), person.circles.typing
    if circle != "nobody" and now - person.typed_at >= TYPING_SECONDS:
        person.typed_at = now
        typing = TypingStarted(conversation=room.id, access_version=room.access_version, user=person.id, circle=circle)
        server.accept([typing], socket)


def mark_delivered(server: Server, socket: Socket, command: frames.MarkDelivered) -> None:
    """Write the highest number, at once or when the second is over."""
    room_of(server, socket, command.conversation)
    key = (socket.person.id, command.conversation)
    if key in server.delivered:
        server.delivered[key] = max(server.delivered[key], command.number)
    else:
        server.delivered[key] = command.number
        server.hub.spawn(deliver(server, key))


async def deliver(server: Server, key: tuple[UUID, UUID]) -> None:
    person, conversation = key
    written = 0
    try:
        while server.delivered[key] > written:
            written = server.delivered[key]
            await run_db(write_delivered, reader=person, conversation_id=conversation, number=written)
            await asyncio.sleep(DELIVERED_SECONDS)
    except Refused:
        # They left in between.
        pass
    except Exception as error:  # noqa: BLE001 -- nobody waits for this answer
        log.warning("A receipt could not be written (%s)", error)
    finally:
        server.delivered.pop(key, None)
