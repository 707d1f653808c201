"""Calls of many and a channel's rights over the socket: who is called hears it wherever they are, in every web process."""

from typing import Any
from uuid import uuid4

import orjson
import pytest

from accounts.occasions import spread_due
from chat.models import Membership
from chat.permissions import Permission
from chatter.core.bus import notes_by_shard, unpacked
from chatter.core.events import PeopleCalled
from chatter.core.realtime import run_db
from tests.cast import Cast, say
from tests.groups.cast import Community, make_community
from tests.live.conftest import Join, Start
from tests.servers import Address


def spread() -> None:
    while spread_due():
        pass


async def test_everybody_called_hears_it_and_nobody_else(site: Address, cast: Cast, join: Join) -> None:
    atlas = await run_db(make_community, cast)
    await run_db(spread)
    people = (cast.alice, cast.bob, cast.mod, cast.charlie, cast.mallory)
    alice, bob, mod, charlie, mallory = [await join(site, person) for person in people]
    sent = await alice.send(atlas.talk.pk, "@everyone come")
    await run_db(spread)
    for socket in (bob, mod):
        mention = await socket.event("mention")
        assert (mention["conversation"], mention["number"]) == (str(atlas.talk.pk), sent["number"])
    for socket in (alice, charlie, mallory):
        assert "mention" not in await socket.quiet()


async def test_names_and_colours_are_on_the_wire(site: Address, cast: Cast, join: Join) -> None:
    atlas: Community = await run_db(make_community, cast)
    await run_db(Membership.objects.filter(user=cast.mod).exclude(hue=None).update, nickname="Zed")
    bob, mod = await join(site, cast.bob), await join(site, cast.mod)
    await bob.ok("conversation.open", conversation=str(atlas.talk.pk), version=None)
    first = await mod.send(atlas.talk.pk, "hello")
    await bob.ok(
        "message.send", conversation=str(atlas.talk.pk), client_id=str(uuid4()), content="hi", reply_to=first["id"]
    )
    created = await bob.event("message.created")
    assert (created["message"]["sender"]["display_name"], created["message"]["sender"]["hue"]) == ("Zed", 8)
    assert 'message__sender tinted hue-8" dir="auto" href="/people/mod/">Zed<' in created["html"]
    found = await bob.ok("history", conversation=str(atlas.talk.pk), before=100, limit=2)
    assert found["messages"][1]["reply_to"]["sender"]["display_name"] == "Zed"
    assert "hue" not in found["messages"][1]["sender"]


@pytest.mark.parametrize(
    ("command", "bit", "fields"),
    [
        ("message.send", Permission.SEND, {"content": "more"}),
        ("message.edit", Permission.SEND, {"message": 2, "content": "other"}),
        ("message.pin", Permission.PIN, {"message": 1}),
        ("reaction.add", Permission.REACT, {"message": 1, "emoji": "👍"}),
        ("message.delete", Permission.MANAGE_MESSAGES, {"message": 1}),
    ],
)
async def test_each_command_takes_its_bit(
    site: Address, cast: Cast, join: Join, command: str, bit: Permission, fields: dict[str, Any]
) -> None:
    atlas: Community = await run_db(make_community, cast)
    ids = {1: (await run_db(say, cast.mod, atlas.talk)).id, 2: (await run_db(say, cast.bob, atlas.talk)).id}
    if "message" in fields:
        fields = fields | {"message": str(ids[fields["message"]])}
    else:
        fields = fields | {"conversation": str(atlas.talk.pk), "client_id": str(uuid4())}
    bob = await join(site, cast.bob)
    rows = Membership.objects.filter(user=cast.bob, conversation=atlas.talk)
    everything = int(Permission.SEND | Permission.PIN | Permission.REACT | Permission.MANAGE_MESSAGES)
    await run_db(rows.update, permissions=everything & ~int(bit))
    assert await bob.refused(command, **fields) == "forbidden"
    await run_db(rows.update, permissions=int(bit))
    await bob.ok(command, **fields)


async def test_a_call_crosses_processes(start: Start, cast: Cast, join: Join) -> None:
    """People are called from a worker's process; each web process tells its own."""
    atlas: Community = await run_db(make_community, cast)
    await run_db(spread)
    bob, mod = await join(start(), cast.bob), await join(start(), cast.mod)
    sent = await run_db(say, cast.alice, atlas.talk, "@everyone")
    await run_db(spread)
    for socket in (bob, mod):
        assert (await socket.event("mention"))["number"] == sent.number


def test_a_call_of_many_fits_into_notes() -> None:
    people = tuple(uuid4() for _ in range(400))
    event = PeopleCalled(conversation=uuid4(), access_version=1, number=1, sender=uuid4(), people=people)
    notes = [orjson.loads(note) for _shard, note in notes_by_shard("me", [event])]
    [*parts] = [part for _sender, packets, _repair in notes for part in unpacked(packets)]
    assert sorted(key for part in parts if isinstance(part, PeopleCalled) for key in part.people) == sorted(people)
