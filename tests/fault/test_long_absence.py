"""Away while everything that can change changes, three hundred times: what catching up builds equals a fresh read."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import pytest

from bench.client import Connection, connect
from chat.actions import change
from chat.actions.conversation import rename_conversation
from chat.actions.send import send_message
from chat.models import Change, Conversation
from tests.fault.people import Line, Reader
from tests.fault.stage import Stage
from tests.servers import Address

EMOJI = ("👍", "❤️", "😂", "🎉")
KINDS = {"created", "edited", "deleted", "pinned", "unpinned", "reacted", "changed"}
QUOTE = re.compile(r'(<a class="message__quote" href="[^"]*" data-number="\d+").*?</a>', re.DOTALL)


@dataclass
class Said:
    """A message that stands, and what was done to it."""

    id: UUID
    sender: UUID
    pinned: bool = False
    reactions: set[tuple[UUID, str]] = field(default_factory=set)


class Life:
    """Everything that people do in a place, at random, in an order that repeats."""

    def __init__(self, room: Stage, seed: int) -> None:
        self.chance = random.Random(seed)
        self.place = UUID(room.place)
        self.people = [UUID(person) for person in room.people]
        self.version = Conversation.objects.get(pk=self.place).version
        self.said: list[Said] = []
        self.numbers = count(1)

    def go_on(self, changes: int) -> None:
        """Make exactly so many versions."""
        until = self.version + changes
        deeds = (self.edit, self.delete, self.pin, self.unpin, self.react, self.unreact)
        while self.version < until:
            if not self.said or self.chance.random() < 0.25:
                self.speak()
            elif self.chance.random() < 0.05:
                self.rename()
            else:
                self.chance.choice(deeds)(self.chance.choice(self.said))

    def speak(self) -> None:
        quoted = self.chance.choice(self.said).id if self.said and self.chance.random() < 0.4 else None
        sender, content = self.chance.choice(self.people), f"**Word** number {next(self.numbers)}"
        sent = send_message(
            sender=sender, conversation_id=self.place, client_id=uuid4(), content=content, reply_to=quoted
        )
        self.version = sent.version
        self.said.append(Said(sent.id, sender))

    def rename(self) -> None:
        self.version = rename_conversation(
            actor=self.people[0], conversation_id=self.place, title=f"Room {next(self.numbers)}"
        )

    def edit(self, said: Said) -> None:
        text = f"Rather `{next(self.numbers)}`"
        self.version = change.edit_message(editor=said.sender, message_id=said.id, content=text)

    def delete(self, said: Said) -> None:
        self.version = change.delete_message(actor=said.sender, message_id=said.id)
        self.said.remove(said)

    def pin(self, said: Said) -> None:
        self.version = change.pin_message(actor=self.people[0], message_id=said.id)
        said.pinned = True

    def unpin(self, said: Said) -> None:
        self.version = change.unpin_message(actor=self.people[0], message_id=said.id)
        said.pinned = False

    def react(self, said: Said) -> None:
        person, emoji = self.chance.choice(self.people), self.chance.choice(EMOJI)
        self.version = change.add_reaction(person=person, message_id=said.id, emoji=emoji)
        said.reactions.add((person, emoji))

    def unreact(self, said: Said) -> None:
        if said.reactions:
            person, emoji = self.chance.choice(sorted(said.reactions))
            self.version = change.remove_reaction(person=person, message_id=said.id, emoji=emoji)
            said.reactions.discard((person, emoji))


@pytest.mark.parametrize("seed", [1, 2])
async def test_catching_up_after_300_changes(stage: Callable[[int], Stage], site: Address, seed: int) -> None:
    room = stage(4)
    life = Life(room, seed)
    life.go_on(60)
    away = Reader(Line(site, room.cookies[1]), room.place)
    await away.start()
    await away.stop()
    version, known = away.version, dict(away.messages)
    assert version is not None and known

    life.go_on(300)
    missed = Change.objects.filter(conversation=life.place, version__gt=version)
    assert set(missed.values_list("kind", flat=True)) == KINDS
    assert missed.filter(number__in=known).exists(), "nothing that was known changed"

    back = await connect(site.ws_url, room.cookies[1])
    await away.catch_up(back)
    assert away.version == version + 300 == life.version
    fresh, title = await read_afresh(site, room, room.cookies[1])
    assert without_quotes(away.messages) == without_quotes(fresh)
    listed = {row["id"]: row["title"] for row in (await back.hello)["conversations"]}
    assert listed[room.place] == title == Conversation.objects.get(pk=room.place).title
    await back.close()


async def test_catching_up_after_too_many_changes_begins_anew(stage: Callable[[int], Stage], site: Address) -> None:
    room = stage(2)
    life = Life(room, 4)
    life.go_on(5)
    away = Reader(Line(site, room.cookies[1]), room.place)
    await away.start()
    await away.stop()
    for _ in range(501):
        life.speak()
    back = await connect(site.ws_url, room.cookies[1])
    reply = await back.ask("conversation.open", conversation=room.place, version=away.version)
    assert reply["reset"] is True and reply["more"] is False
    newest = {
        item["message"]["number"]: {"message": item["message"], "html": item["html"]} for item in reply["changes"]
    }
    fresh, _title = await read_afresh(site, room, room.cookies[1])
    assert newest == {number: fresh[number] for number in sorted(fresh)[-50:]}
    await back.close()


def without_quotes(messages: dict[int, Any]) -> dict[int, Any]:
    """What each message says itself. The words in a quote are those of the quoted one, whose own change brings them."""
    bare = {}
    for number, shown in messages.items():
        quoted = shown["message"]["reply_to"]
        message = {**shown["message"], "reply_to": quoted and (quoted["id"], quoted["number"])}
        bare[number] = {"message": message, "html": QUOTE.sub(r"\1></a>", shown["html"])}
    return bare


async def read_afresh(site: Address, room: Stage, cookie: str) -> tuple[dict[int, Any], str]:
    """Everything, read back page by page by somebody who knows nothing; and what the place is called."""
    connection: Connection = await connect(site.ws_url, cookie)
    found: dict[int, Any] = {}
    before = 10**9
    while before > 1:
        page = (await connection.ask("history", conversation=room.place, before=before, limit=37))["messages"]
        for message in page:
            html = message.pop("html")
            found[message["number"]] = {"message": message, "html": html}
        before = page[0]["number"]
    titles = {row["id"]: row["title"] for row in (await connection.hello)["conversations"]}
    await connection.close()
    return found, titles[room.place]
