"""Commands that read or change the database: each one action or reading, carried out in the executor.

A command is tried by whoever asks; the action decides, and every refusal is the action's. None: it replied itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.actions.profile import set_status
from accounts.models import User
from accounts.permissions import visible_people
from chat.actions import change, conversation, read
from chat.reading import changes_since, history
from chatter import frames
from chatter.consumers.entrance import user_id
from chatter.consumers.replies import Reply, ok_frame
from chatter.core.errors import NotFound, Refused
from chatter.core.realtime import run_db

if TYPE_CHECKING:
    from chatter.consumers.server import Server
    from chatter.core.rooms import Socket


async def open_conversation(server: Server, socket: Socket, command: frames.OpenConversation) -> Reply | None:
    """Register as pending, check and read, then activate: a removal in between cancels, an event in between waits."""
    hub, person = server.hub, socket.person
    known = hub.rooms.get(command.conversation)
    if known is not None and known in socket.rooms:
        return await open_again(server, socket, command)
    if len(socket.rooms) >= settings.CHATTER_SOCKET_OPEN:
        raise Refused("rate_limited", _("Too many conversations are open here. Close one first."))
    room, opening = hub.begin_opening(socket, command.conversation)
    try:
        found = await run_db(changes_since, person.id, command.conversation, command.version)
        if person not in room.members or room.access_version != found.access_version:
            await hub.refresh(room)
        if opening.cancelled or person not in room.members or socket.closed:
            raise NotFound  # noqa: TRY301 -- the same way out as for what the reading refuses
    except BaseException:
        hub.abandon_opening(socket, room)
        raise
    socket.push(ok_frame(command.ref, found.reply))
    hub.finish_opening(socket, room, opening, found.reply["version"])
    return None


async def open_again(server: Server, socket: Socket, command: frames.OpenConversation) -> Reply:
    """It is open: the client only asks what it missed. Events go on meanwhile; clients apply by version."""
    try:
        found = await run_db(changes_since, socket.person.id, command.conversation, command.version)
    except NotFound:
        server.hub.close(socket, command.conversation)
        raise
    if not any(room.id == command.conversation for room in socket.rooms):
        raise NotFound
    return found.reply


async def close_conversation(server: Server, socket: Socket, command: frames.CloseConversation) -> Reply:
    server.hub.close(socket, command.conversation)
    return {}


async def open_direct(_server: Server, socket: Socket, command: frames.OpenDirect) -> Reply:
    return await run_db(direct_with, socket.person.id, command.user)


def direct_with(person: UUID, name: str) -> Reply:
    """The conversation with the one called `name` (id or username); made if there is none."""
    me = User.objects.get(pk=person)
    key = user_id(name)
    people = visible_people(me)
    other = people.filter(pk=key).first() if key else people.filter(username__iexact=name).first()
    if other is None:
        raise NotFound
    return {"conversation": str(conversation.open_direct(person=me, other=other).pk)}


async def read_history(server: Server, socket: Socket, command: frames.History) -> Reply:
    """A removal while it is read cancels it, as it cancels an opening: not one more frame about the conversation."""
    room, reading = server.hub.begin_opening(socket, command.conversation)
    try:
        messages = await run_db(
            history,
            socket.person.id,
            command.conversation,
            before=command.before,
            after=command.after,
            limit=command.limit,
        )
    finally:
        server.hub.abandon_opening(socket, room)
    if reading.cancelled:
        raise NotFound
    return {"messages": messages}


async def edit(_server: Server, socket: Socket, command: frames.EditMessage) -> Reply:
    version = await run_db(
        change.edit_message, editor=socket.person.id, message_id=command.message, content=command.content
    )
    return {"version": version}


async def delete(_server: Server, socket: Socket, command: frames.DeleteMessage) -> Reply:
    return {"version": await run_db(change.delete_message, actor=socket.person.id, message_id=command.message)}


async def pin(_server: Server, socket: Socket, command: frames.PinMessage) -> Reply:
    return {"version": await run_db(change.pin_message, actor=socket.person.id, message_id=command.message)}


async def unpin(_server: Server, socket: Socket, command: frames.UnpinMessage) -> Reply:
    return {"version": await run_db(change.unpin_message, actor=socket.person.id, message_id=command.message)}


async def react(_server: Server, socket: Socket, command: frames.AddReaction) -> Reply:
    version = await run_db(
        change.add_reaction, person=socket.person.id, message_id=command.message, emoji=command.emoji
    )
    return {"version": version}


async def unreact(_server: Server, socket: Socket, command: frames.RemoveReaction) -> Reply:
    version = await run_db(
        change.remove_reaction, person=socket.person.id, message_id=command.message, emoji=command.emoji
    )
    return {"version": version}


async def mark_read(_server: Server, socket: Socket, command: frames.MarkRead) -> Reply:
    last, mentions = await run_db(
        read.mark_read, reader=socket.person.id, conversation_id=command.conversation, number=command.number
    )
    return {"last_read_number": last, "mention_count": mentions}


async def mark_unread(_server: Server, socket: Socket, command: frames.MarkUnread) -> Reply:
    last = await run_db(
        read.mark_unread, reader=socket.person.id, conversation_id=command.conversation, number=command.number
    )
    return {"last_read_number": last}


async def set_presence(server: Server, socket: Socket, command: frames.SetPresence) -> Reply:
    """What the client noticed stays with this socket; what the person chose goes to their account."""
    if command.automatic:
        server.presence.set_idle(socket, idle=command.status == "idle")
    else:
        await run_db(choose_status, socket.person.id, command.status, command.text)
    return {}


def choose_status(person: UUID, status: str, text: str | None) -> None:
    set_status(person=User.objects.get(pk=person), status=status, text=text)


async def watch_post(server: Server, socket: Socket, command: frames.WatchPost) -> Reply:
    await server.hub.topics.watch(socket, command.post)
    return {}


async def unwatch_post(server: Server, socket: Socket, command: frames.UnwatchPost) -> Reply:
    server.hub.topics.unwatch(socket, command.post)
    return {}


COMMANDS: dict[type[frames.Command], Callable[..., Awaitable[Reply | None]]] = {
    frames.OpenConversation: open_conversation,
    frames.CloseConversation: close_conversation,
    frames.OpenDirect: open_direct,
    frames.History: read_history,
    frames.EditMessage: edit,
    frames.DeleteMessage: delete,
    frames.PinMessage: pin,
    frames.UnpinMessage: unpin,
    frames.AddReaction: react,
    frames.RemoveReaction: unreact,
    frames.MarkRead: mark_read,
    frames.MarkUnread: mark_unread,
    frames.SetPresence: set_presence,
    frames.WatchPost: watch_post,
    frames.UnwatchPost: unwatch_post,
}

# All that a token may do whose scope is to read. Everything else writes, or is seen by others.
READING: frozenset[type[frames.Command]] = frozenset(
    {
        frames.Ping,
        frames.OpenConversation,
        frames.CloseConversation,
        frames.History,
        frames.WatchPost,
        frames.UnwatchPost,
    }
)
