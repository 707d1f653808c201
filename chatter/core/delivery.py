"""Who gets which frame: every event becomes at most two texts, handed to the sockets that may see it.

The rules of the page hold here too: no message from before a member's history, no actor whom a block hides.
"""

from __future__ import annotations

import time
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterable
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings

from chatter.core import events
from chatter.core.events import Event
from chatter.core.rooms import Credential, Frame, Parcel, Person, Room, Socket, frame_of, may_see
from chatter.core.wire import payload

ACTIVITY_SECONDS = 1.0
# Of many whose access changed at once, so many are told to everybody who has the conversation open.
FEW = 20
SESSION_ENDED, SUSPENDED = 4410, 4403
# Come back in a moment: the session goes on under another key, which the browser is just being told.
RENEWED = 1012


class Switchboard(Protocol):
    """What delivery asks of the hub: who is here, and the few things that only it does."""

    loop: AbstractEventLoop
    people: dict[UUID, Person]
    rooms: dict[UUID, Room]
    sockets: set[Socket]
    watchers: dict[UUID, set[Person]]
    topics: Any

    def payload_with_article(self, event: Any) -> dict[str, Any]: ...
    def remember_ending(self, event: Any) -> None: ...
    def reread_relations(self, key: UUID) -> None: ...


def to_open(room: Room, parcel: Parcel) -> None:
    """Hand the parcel to all sockets that have the conversation open, and keep it for those just opening it."""
    for opening in room.openings.values():
        opening.keep(parcel)
    if parcel.actor is not None or (parcel.number is not None and parcel.number < room.longest_history_from):
        to_each(room, parcel, room.sockets)
        return
    frame, own, sender = parcel.frame, parcel.own, parcel.sender
    for socket in room.sockets:
        socket.push(frame if own is None or socket.person.id != sender else own)


def to_each(room: Room, parcel: Parcel, sockets: Iterable[Socket]) -> None:
    for socket in sockets:
        frame = parcel.frame_for(socket.person, room) if socket.person in room.members else None
        if frame is not None:
            socket.push(frame)


def sockets_of(people: Iterable[Person | None]) -> Iterable[Socket]:
    return [socket for person in people if person is not None for socket in person.sockets]


def message_created(hub: Switchboard, room: Room, event: events.MessageCreated, _origin: Socket | None) -> None:
    if room.sockets or room.openings:
        shown = hub.payload_with_article(event)
        own = None
        if event.client_id is not None and event.sender in hub.people:
            own = frame_of({**shown, "message": {**event.message, "client_id": event.client_id}})
        number = oldest_quoted(event.message)
        instead = instead_of(room, event, number)
        to_open(room, Parcel(frame_of(shown), event.version, event.sender, own, number, instead))
    note_activity(hub, room, event)
    mention(hub, room, event.message["number"], event.mentioned, event.sender)


def people_called(hub: Switchboard, room: Room, event: events.PeopleCalled, _origin: Socket | None) -> None:
    mention(hub, room, event.number, event.people, event.sender)


def mention(hub: Switchboard, room: Room, number: int, people: Iterable[UUID], sender: UUID | None) -> None:
    for key in people:
        person = hub.people.get(key)
        if person is None or sender in person.hidden:
            continue
        member = room.members.get(person)
        if member is None or member.history_from > number:
            continue
        called = events.Mentioned(conversation=room.id, access_version=room.access_version, number=number, user=key)
        push_all(person.sockets, frame_of(payload(called)))


def push_all(sockets: Iterable[Socket], frame: Frame) -> None:
    for socket in sockets:
        socket.push(frame)


def note_activity(hub: Switchboard, room: Room, event: Any) -> None:
    """Tell members who have it closed: at once, then at most once a second, the newest state each time.

    `event` concerns the last message: it was appended, edited or deleted.
    """
    room.activity = event
    if room.activity_timer is None:
        wait = room.activity_at + ACTIVITY_SECONDS - time.monotonic()
        if wait <= 0:
            tell_activity(hub, room)
        else:
            room.activity_timer = hub.loop.call_later(wait, activity_due, hub, room)


def activity_due(hub: Switchboard, room: Room) -> None:
    room.activity_timer = None
    if room.waiting is not None:
        # Members are being read again: nobody hears of anything before that.
        room.activity_timer = hub.loop.call_later(ACTIVITY_SECONDS, activity_due, hub, room)
    elif room.activity is not None:
        tell_activity(hub, room)


def tell_activity(hub: Switchboard, room: Room) -> None:
    event = room.activity
    room.activity = None
    room.activity_at = time.monotonic()
    if event is None:
        return
    number = event.message["number"]
    told_to = [person for person, member in room.members.items() if member.history_from <= number]
    closed = [socket for socket in sockets_of(told_to) if room not in socket.rooms]
    if not closed:
        return
    told = events.ConversationActivity(
        conversation=room.id,
        access_version=room.access_version,
        version=event.version,
        message_count=number,
        preview=event.preview,
        sender=event.message.get("sender"),
        parent=room.parent,
    )
    push_all(closed, frame_of(payload(told)))


def message_changed(hub: Switchboard, room: Room, event: Any, _origin: Socket | None) -> None:
    """Edited, deleted, pinned, reacted: to everybody who has it open and may see that message."""
    if getattr(event, "preview", None) is not None:
        note_activity(hub, room, event)
    if isinstance(event, events.MessageEdited) and event.mentioned:
        sender = event.message.get("sender")
        mention(hub, room, event.message["number"], event.mentioned, UUID(sender["id"]) if sender else None)
    if not room.sockets and not room.openings:
        return
    shown = hub.payload_with_article(event) if isinstance(event, events.MessageEdited) else payload(event)
    number = oldest_quoted(event.message)
    to_open(room, Parcel(frame_of(shown), event.version, number=number, instead=instead_of(room, event, number)))


def oldest_quoted(message: dict[str, Any]) -> int:
    """The number of the oldest message that speaks in this one: itself, or the one it answers."""
    reply = message.get("reply_to")
    return int(min(message["number"], reply["number"]) if reply else message["number"])


def instead_of(room: Room, event: Any, number: int) -> Frame | None:
    """For members who may not see message `number`: that there is a new version, so that they ask."""
    if number >= room.longest_history_from:
        return None
    unseen = events.ConversationChanged(conversation=room.id, access_version=room.access_version, version=event.version)
    return frame_of(payload(unseen))


def conversation_changed(
    hub: Switchboard, room: Room, event: events.ConversationChanged, _origin: Socket | None
) -> None:
    push_all(sockets_of(room.members), frame_of(payload(event)))


def read_changed(hub: Switchboard, room: Room, event: events.ReadChanged, origin: Socket | None) -> None:
    person = hub.people.get(event.user)
    if person is not None and person in room.members:
        push_all([socket for socket in person.sockets if socket is not origin], frame_of(payload(event)))


def receipt(hub: Switchboard, room: Room, event: events.ReceiptGiven, _origin: Socket | None) -> None:
    senders = [hub.people.get(key) for key in event.senders if key != event.user]
    parcel = Parcel(frame_of(payload(event)), actor=event.user)
    to_each(room, parcel, sockets_of(senders))


def typing(hub: Switchboard, room: Room, event: events.TypingStarted, _origin: Socket | None) -> None:
    to_open(room, Parcel(frame_of(payload(event)), actor=event.user, circle=event.circle))


def membership_changed(hub: Switchboard, room: Room, event: Any, _origin: Socket | None) -> None:
    """Added, changed, removed: the member's own sockets, and those that have it open."""
    member = hub.people.get(event.user)
    own = member.sockets if member is not None and member in room.members else set()
    push_all(own | room.sockets, frame_of(payload(event)))


def lost_by(event: Event) -> tuple[UUID, ...]:
    """Whose access the event ends."""
    if isinstance(event, events.MembershipRemoved):
        return (event.user,)
    return event.lost if isinstance(event, events.AccessChanged) else ()


def moved_by(event: Event) -> tuple[UUID, ...]:
    """Who may see or do something else there than before, without being out."""
    if isinstance(event, events.MembershipAdded | events.MembershipChanged):
        return (event.user,)
    return (*event.came, *event.changed) if isinstance(event, events.AccessChanged) else ()


def access_changed(hub: Switchboard, room: Room, event: events.AccessChanged, _origin: Socket | None) -> None:
    """Each of them hears of it; those who have it open of the first few, enough to make their pages read the list again."""
    place: dict[str, Any] = {"conversation": room.id, "access_version": room.access_version}
    told: list[events.MembershipRemoved | events.MembershipAdded | events.MembershipChanged] = [
        *(events.MembershipRemoved(**place, user=key) for key in event.lost),
        *(events.MembershipAdded(**place, user=key) for key in event.came),
        *(events.MembershipChanged(**place, user=key) for key in event.changed),
    ]
    for number, news in enumerate(told):
        hearers = hearers_of(hub, room, news, told_to_all=number < FEW)
        if hearers:
            push_all(hearers, frame_of(payload(news)))


def hearers_of(
    hub: Switchboard,
    room: Room,
    news: events.MembershipRemoved | events.MembershipAdded | events.MembershipChanged,
    *,
    told_to_all: bool,
) -> set[Socket]:
    """The member, and those who have it open. Who was removed heard of it when they were silenced, or is in again."""
    person = hub.people.get(news.user)
    sockets = person.sockets if person is not None else set()
    everybody = room.sockets if told_to_all else set()
    if isinstance(news, events.MembershipRemoved):
        return everybody - sockets
    return everybody | sockets if person in room.members else everybody


def group_changed(hub: Switchboard, event: events.GroupChanged, _origin: Socket | None) -> None:
    """The person's sockets, or those that have a channel of the group open."""
    if event.user is not None:
        reached = set(sockets_of([hub.people.get(event.user)]))
    else:
        reached = {socket for room in hub.rooms.values() if room.parent == event.group for socket in room.sockets}
    push_all(reached, frame_of(payload(event)))


def presence_changed(hub: Switchboard, event: events.PresenceChanged, _origin: Socket | None) -> None:
    """Friends, and whoever has a small common conversation open; each socket once, nobody whom a block or wish hides."""
    frame = frame_of(payload(event))
    push_all([socket for socket in near(hub, event) if may_see(socket.person, event.user, event.circle)], frame)


def person_changed(hub: Switchboard, event: events.PersonChanged, _origin: Socket | None) -> None:
    """As presence, and the person's own sockets."""
    reached = near(hub, event) | set(sockets_of([hub.people.get(event.user)]))
    frame = frame_of(payload(event))
    push_all([socket for socket in reached if may_see(socket.person, event.user, "everyone")], frame)


def near(hub: Switchboard, event: events.PresenceChanged | events.PersonChanged) -> set[Socket]:
    """Sockets of friends, and those that have a small conversation of the person open."""
    reached = set(sockets_of(hub.watchers.get(event.user, ())))
    for key in event.conversations:
        room = hub.rooms.get(key)
        if room is not None and room.member_count <= settings.CHATTER_PRESENCE_MAX_MEMBERS:
            reached |= room.sockets
    return reached


def notifications_changed(
    hub: Switchboard, event: events.NotificationCreated | events.NotificationRead, _origin: Socket | None
) -> None:
    push_all(sockets_of([hub.people.get(event.user)]), frame_of(payload(event)))


def relations_changed(hub: Switchboard, event: events.RelationsChanged, _origin: Socket | None) -> None:
    hub.reread_relations(event.user)


def sessions_ended(hub: Switchboard, event: events.SessionsEnded, _origin: Socket | None) -> None:
    hub.remember_ending(event)
    for socket in sockets_of([hub.people.get(event.user)]):
        if is_ended(event, socket.credential):
            socket.close(SESSION_ENDED)
        elif event.auth_hash and is_kept(event, socket.credential):
            socket.credential = socket.credential._replace(auth_hash=event.auth_hash)


def is_ended(event: events.SessionsEnded, credential: Credential) -> bool:
    if event.session_key is not None or event.token is not None:
        return is_named(event, credential)
    return not is_kept(event, credential)


def is_named(event: events.SessionsEnded, credential: Credential) -> bool:
    """Does the event end this session, or the tokens of this family, and nothing else?"""
    if event.token is not None:
        return credential.token == event.token
    return event.session_key is not None and credential.session_key == event.session_key


def is_kept(event: events.SessionsEnded, credential: Credential) -> bool:
    """Is it of the session that all others ended for?"""
    return event.keep is not None and credential.session_key == event.keep


def session_renewed(hub: Switchboard, event: events.SessionRenewed, _origin: Socket | None) -> None:
    hub.remember_ending(event)
    for socket in sockets_of([hub.people.get(event.user)]):
        if socket.credential.session_key == event.formerly:
            socket.credential = socket.credential._replace(session_key=event.session_key)


def person_suspended(hub: Switchboard, event: events.PersonSuspended, _origin: Socket | None) -> None:
    hub.remember_ending(event)
    for socket in sockets_of([hub.people.get(event.user)]):
        socket.close(SUSPENDED)


def reconnect(hub: Switchboard, event: events.ReconnectPlanned, _origin: Socket | None) -> None:
    push_all(list(hub.sockets), frame_of(payload(event)))


def to_watchers(hub: Switchboard, event: events.TopicEvent, _origin: Socket | None) -> None:
    hub.topics.note(event)


def place_access_changed(hub: Switchboard, event: events.PlaceAccessChanged, _origin: Socket | None) -> None:
    hub.topics.access_changed(event)


IN_ROOMS: dict[type[Event], Callable[..., None]] = {
    events.MessageCreated: message_created,
    events.MessageEdited: message_changed,
    events.MessageDeleted: message_changed,
    events.MessagePinned: message_changed,
    events.MessageUnpinned: message_changed,
    events.ReactionsChanged: message_changed,
    events.ConversationChanged: conversation_changed,
    events.PeopleCalled: people_called,
    events.ReadChanged: read_changed,
    events.ReceiptGiven: receipt,
    events.TypingStarted: typing,
    events.MembershipAdded: membership_changed,
    events.MembershipRemoved: membership_changed,
    events.MembershipChanged: membership_changed,
    events.AccessChanged: access_changed,
}
ELSEWHERE: dict[type[Event], Callable[..., None]] = {
    events.PresenceChanged: presence_changed,
    events.PersonChanged: person_changed,
    events.GroupChanged: group_changed,
    events.NotificationCreated: notifications_changed,
    events.NotificationRead: notifications_changed,
    events.RelationsChanged: relations_changed,
    events.SessionsEnded: sessions_ended,
    events.SessionRenewed: session_renewed,
    events.PersonSuspended: person_suspended,
    events.ReconnectPlanned: reconnect,
    events.CommentsChanged: to_watchers,
    events.ScoresChanged: to_watchers,
    events.PollChanged: to_watchers,
    events.PostChanged: to_watchers,
    events.PlaceAccessChanged: place_access_changed,
}
