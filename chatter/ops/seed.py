"""The demo: four people who know each other, the places they share and some talk. Made through the product's own actions."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Delivery, Friendship, Occasion, User
from accounts.occasions import spread_due
from chat.actions.change import add_reaction, delete_message, edit_message, pin_message
from chat.actions.conversation import create_group, join_lobby, open_direct
from chat.actions.read import mark_read
from chat.actions.send import send_message
from chat.models import Conversation, Message
from chatter.ops.demo_groups import TALKS as GROUP_TALKS
from chatter.ops.demo_talk import TALKS, Line, Talk
from chatter.ops.errors import OpsError
from chatter.ops.seed_forums import make_forums, tell_then
from chatter.ops.seed_groups import make_groups

PASSWORD = "chatter-demo"  # noqa: S105 -- public on purpose: the demo's
PEOPLE = {"alice": "Alice Moreau", "bob": "Bob Tanaka", "charlie": "Charlie Okafor", "admin": "Admin"}
BIOS = {
    "alice": "Maps, harbours, tea. I answer slowly before nine.",
    "bob": "Counts benches. Writes SQL for a living.",
    "charlie": "Bakes, codes, asks.",
}


def is_empty() -> bool:
    """Whether nobody was ever here."""
    return not User.objects.exists() and not Conversation.objects.exists()


def is_seeded() -> bool:
    """Whether the demo's people are here, as the demo made them."""
    addresses = {name: f"{name}@example.org" for name in PEOPLE}
    found = dict(User.objects.filter(username__in=PEOPLE).values_list("username", "email"))
    return found == addresses


def seed_demo() -> bool:
    """Make the demo in an empty database, all or nothing. False where it is there already; OpsError beside other data."""
    if is_seeded():
        return False
    if not is_empty():
        raise OpsError("This database holds data already: the demo is only made in an empty one.")
    make_demo()
    return True


def make_demo() -> None:
    """Make the people, the places and the talk, all or nothing; whether there is room for them is the caller's to know."""
    with transaction.atomic():
        people = _make_people()
        places = _make_places(people) | make_groups(people)
        for talk in (*TALKS, *GROUP_TALKS):
            _Stage(people, places[talk.place]).play(talk)
        make_forums(people)
        _tell(people)


def _tell(people: dict[str, User]) -> None:
    """Let the bells say what was said, at the times it was said; no letter and no push leaves because of a demo."""
    Occasion.objects.update(due_at=timezone.now())
    while spread_due():
        pass
    Delivery.objects.filter(recipient__in=people.values()).delete()
    with connection.cursor() as cursor:
        cursor.execute(_NOTIFIED_THEN, [[person.pk for person in people.values()]])
    tell_then(people)


def _make_people() -> dict[str, User]:
    people = {}
    for name, display_name in PEOPLE.items():
        make = User.objects.create_superuser if name == "admin" else User.objects.create_user
        first, _space, last = display_name.partition(" ")
        people[name] = make(
            name,
            f"{name}@example.org",
            PASSWORD,
            display_name=display_name,
            first_name=first if last else "",
            last_name=last,
            bio=BIOS.get(name, ""),
        )
        EmailAddress.objects.create(user=people[name], email=people[name].email, verified=True, primary=True)
    _befriend([people[name] for name in ("alice", "bob", "charlie")])
    return people


def _befriend(people: list[User]) -> None:
    for place, person in enumerate(people):
        for friend in people[place + 1 :]:
            Friendship.objects.create(
                requester=person, addressee=friend, state=Friendship.State.ACCEPTED, accepted_at=timezone.now()
            )


def _make_places(people: dict[str, User]) -> dict[str, Conversation]:
    alice, bob, charlie = people["alice"], people["bob"], people["charlie"]
    for person in people.values():
        lobby = join_lobby(person=person)
    title = "Saturday cartographers"
    return {
        "lobby": lobby,
        "alice–bob": open_direct(person=alice, other=bob),
        "alice–charlie": open_direct(person=alice, other=charlie),
        title: create_group(owner=alice, title=title, members=[bob, charlie]),
    }


@dataclass(frozen=True, slots=True)
class _Stage:
    """Plays a talk in a place."""

    people: dict[str, User]
    place: Conversation

    def play(self, talk: Talk) -> None:
        newest = Message.objects.filter(conversation=self.place).order_by("-number").first()
        told = newest.number if newest is not None and newest.kind != Message.Kind.SYSTEM else 0
        sent: list[tuple[UUID, int]] = []
        for line in talk.lines:
            sent.append(self._say(line, sent))
        for line, (message, _number) in zip(talk.lines, sent, strict=True):
            self._act(line, message)
        for reader in talk.readers:
            mark_read(reader=self.people[reader], conversation_id=self.place.pk, number=sent[-1][1])
        now, spoken = timezone.now(), zip(talk.lines, sent, strict=True)
        times = {number: now - timedelta(minutes=line.minutes_ago) for line, (_id, number) in spoken}
        # A group opens with a message of the system's own: it is as old as the first line.
        _backdate(self.place, dict.fromkeys(range(told + 1, min(times)), min(times.values())) | times)

    def _say(self, line: Line, before: list[tuple[UUID, int]]) -> tuple[UUID, int]:
        sent = send_message(
            sender=self.people[line.speaker],
            conversation_id=self.place.pk,
            client_id=uuid4(),
            content=line.text,
            reply_to=before[line.reply_to - 1][0] if line.reply_to else None,
        )
        return sent.id, sent.number

    def _act(self, line: Line, message: UUID) -> None:
        for emoji, names in line.reactions.items():
            for name in names:
                add_reaction(person=self.people[name], message_id=message, emoji=emoji)
        speaker = self.people[line.speaker]
        if line.edited:
            edit_message(editor=speaker, message_id=message, content=line.edited)
        if line.pinned:
            pin_message(actor=speaker, message_id=message)
        if line.deleted:
            delete_message(actor=speaker, message_id=message)


# A talk takes days, a demo is made in a second: only times move, and they stay in the order of the numbers.
_SHIFT = (
    """update chat_message t set created_at = x.at, edited_at = t.edited_at - (t.created_at - x.at) + interval '1 minute',
              deleted_at = t.deleted_at - (t.created_at - x.at) + interval '1 minute'
         from unnest(%(numbers)s::bigint[], %(times)s::timestamptz[]) x(number, at)
        where t.conversation_id = %(place)s and t.number = x.number""",
    """update chat_change c set created_at = x.at from unnest(%(numbers)s::bigint[], %(times)s::timestamptz[]) x(number, at)
        where c.conversation_id = %(place)s and c.number = x.number""",
    "update chat_membership set joined_at = least(joined_at, %(start)s) where conversation_id = %(place)s",
    "update chat_conversation set created_at = least(created_at, %(start)s), last_message_at = %(end)s where id = %(place)s",
)

_NOTIFIED_THEN = """
update accounts_notification n set created_at = t.created_at, updated_at = t.created_at
  from chat_message t where t.id = n.source_id and n.recipient_id = any(%s)
"""


def _backdate(place: Conversation, times: dict[int, datetime]) -> None:
    """Give the messages with these numbers the times they are said to be of."""
    parameters: dict[str, Any] = {
        "place": place.pk,
        "numbers": list(times),
        "times": list(times.values()),
        "start": min(times.values()),
        "end": max(times.values()),
    }
    with connection.cursor() as cursor:
        for statement in _SHIFT:
            cursor.execute(statement, parameters)
