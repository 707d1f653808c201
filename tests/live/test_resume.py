"""Catching up: what `conversation.open` says after every kind of change, and when it starts anew."""

from typing import Any
from uuid import uuid4

import pytest

from chat.actions.change import add_reaction, delete_message, edit_message, pin_message, unpin_message
from chat.actions.conversation import rename_conversation
from chat.actions.send import SendInput, append_batch
from chat.models import Conversation
from chatter.core.realtime import run_db
from tests.cast import Cast, say
from tests.live.client import Client
from tests.live.conftest import Join
from tests.servers import Address


async def test_version_null_resets_to_the_latest_page(server: Address, cast: Cast, join: Join) -> None:
    sent = [await run_db(say, cast.bob, cast.lobby, f"Message {n}") for n in range(60)]
    alice = await join(server, cast.alice)
    opened = await alice.open(cast.lobby.pk)
    assert opened["reset"] is True
    assert opened["version"] == sent[-1].version
    assert opened["floor"] == 0
    assert opened["more"] is False
    numbers = [item["message"]["number"] for item in opened["changes"]]
    assert numbers == [each.number for each in sent[-len(numbers) :]]
    assert len(numbers) >= 50
    last = opened["changes"][-1]
    assert "Message 59" in last["html"]
    assert last["message"]["my_reactions"] == []


@pytest.mark.parametrize("version", [10**6, -1])
async def test_impossible_versions_reset(server: Address, cast: Cast, join: Join, version: int) -> None:
    await run_db(say, cast.bob, cast.lobby)
    alice = await join(server, cast.alice)
    opened = await alice.open(cast.lobby.pk, version)
    assert opened["reset"] is True
    assert len(opened["changes"]) == 1


async def test_up_to_date_is_empty(server: Address, cast: Cast, join: Join) -> None:
    sent = await run_db(say, cast.bob, cast.lobby)
    alice = await join(server, cast.alice)
    opened = await alice.open(cast.lobby.pk, sent.version)
    assert opened == {"version": sent.version, "floor": 0, "reset": False, "changes": [], "more": False}


async def test_below_the_floor_resets(server: Address, cast: Cast, join: Join) -> None:
    sent = [await run_db(say, cast.bob, cast.lobby) for _ in range(6)]
    await run_db(Conversation.objects.filter(pk=cast.lobby.pk).update, floor_version=4)
    alice = await join(server, cast.alice)
    assert (await alice.open(cast.lobby.pk, 3))["reset"] is True
    kept = await alice.open(cast.lobby.pk, 4)
    assert kept["reset"] is False
    assert kept["floor"] == 4
    assert [item["version"] for item in kept["changes"]] == [sent[4].version, sent[5].version]


async def test_every_kind_of_change_is_caught_up(server: Address, cast: Cast, join: Join) -> None:
    """Away during creates, edits, deletes, pins and reactions: each changed message once, in its latest state."""
    edited, deleted, pinned, reacted, same = [await run_db(say, cast.bob, cast.group, f"Message {n}") for n in range(5)]
    alice = await join(server, cast.alice)
    known = (await alice.open(cast.group.pk))["version"]
    await alice.connection.close()

    await run_db(edit_message, editor=cast.bob.pk, message_id=edited.id, content="Edited")
    await run_db(delete_message, actor=cast.bob.pk, message_id=deleted.id)
    await run_db(pin_message, actor=cast.bob.pk, message_id=pinned.id)
    await run_db(add_reaction, person=cast.bob.pk, message_id=reacted.id, emoji="👍")
    await run_db(add_reaction, person=cast.alice.pk, message_id=reacted.id, emoji="🎉")
    await run_db(rename_conversation, actor=cast.alice, conversation_id=cast.group.pk, title="New", topic="")
    created = await run_db(say, cast.bob, cast.group, "New")
    await run_db(edit_message, editor=cast.bob.pk, message_id=edited.id, content="Edited twice")

    again = await join(server, cast.alice)
    caught_up = await again.open(cast.group.pk, known)
    assert caught_up["reset"] is False
    assert caught_up["more"] is False
    found = {item["message"]["id"]: item for item in caught_up["changes"]}
    versions = [item["version"] for item in caught_up["changes"]]
    assert versions == sorted(versions)
    assert str(same.id) not in found
    assert found[str(edited.id)]["version"] == caught_up["version"]
    assert found[str(edited.id)]["message"]["content"] == "Edited twice"
    assert "Edited twice" in found[str(edited.id)]["html"]
    gone = found[str(deleted.id)]["message"]
    assert (gone["content"], gone["deleted_at"] is not None) == ("", True)
    assert "Message 1" not in found[str(deleted.id)]["html"]
    assert found[str(pinned.id)]["message"]["pinned_at"] is not None
    assert found[str(reacted.id)]["message"]["reactions"] == {"👍": 1, "🎉": 1}
    assert found[str(reacted.id)]["message"]["my_reactions"] == ["🎉"]
    assert found[str(created.id)]["message"]["content"] == "New"

    await run_db(unpin_message, actor=cast.bob.pk, message_id=pinned.id)
    assert (await again.event("message.unpinned"))["version"] == caught_up["version"] + 1


async def page_through(client: Client, place: Any, version: int) -> tuple[list[dict[str, Any]], int]:
    """Ask until there is no more: all items, and how often we asked."""
    items: list[dict[str, Any]] = []
    asked = 0
    while True:
        reply = await client.open(place, version)
        asked += 1
        assert reply["reset"] is False
        assert len(reply["changes"]) <= 100
        items += reply["changes"]
        if not reply["more"]:
            return items, asked
        version = reply["changes"][-1]["version"]


async def test_pages_of_100_items(server: Address, cast: Cast, join: Join) -> None:
    sent = [await run_db(say, cast.bob, cast.lobby, f"Message {n}") for n in range(250)]
    alice = await join(server, cast.alice)
    items, asked = await page_through(alice, cast.lobby.pk, 0)
    assert [item["message"]["number"] for item in items] == [each.number for each in sent]
    assert asked == 3


async def test_pages_of_256_kib(server: Address, cast: Cast, join: Join) -> None:
    sent = [await run_db(say, cast.bob, cast.group, "<&>" * 1333) for _ in range(40)]
    alice = await join(server, cast.alice)
    known = sent[0].version - 1
    version, sizes, numbers = known, [], []
    while True:
        ref = await alice.say("conversation.open", conversation=str(cast.group.pk), version=version)
        reply = await alice.reply(ref)
        sizes.append(len(str(reply).encode()))
        numbers += [item["message"]["number"] for item in reply["ok"]["changes"]]
        if not reply["ok"]["more"]:
            break
        version = reply["ok"]["changes"][-1]["version"]
    assert numbers == [each.number for each in sent]
    assert len(sizes) > 1
    assert max(sizes) < 300 * 1024


async def test_more_than_500_missing_resets(server: Address, cast: Cast, join: Join) -> None:
    first = await run_db(say, cast.bob, cast.lobby)
    inputs = [
        SendInput(sender=cast.bob.pk, conversation=cast.lobby.pk, client_id=uuid4(), content=f"Message {n}")
        for n in range(500)
    ]
    await run_db(append_batch, inputs)
    alice = await join(server, cast.alice)
    at_the_limit = await alice.open(cast.lobby.pk, first.version)
    assert at_the_limit["version"] - first.version == 500
    assert at_the_limit["reset"] is False
    assert (await alice.open(cast.lobby.pk, first.version - 1))["reset"] is True


async def test_events_go_on_from_the_version_of_the_reply(site: Address, cast: Cast, join: Join) -> None:
    """Opening while others talk: reply and events together hold every version once."""
    bob = await join(site, cast.bob)
    alice = await join(site, cast.alice)
    place = str(cast.lobby.pk)
    known = (await bob.send(place))["version"]
    for _ in range(10):
        await alice.ok("conversation.close", conversation=place)  # What is open still tells what the next reply holds.
        refs = [
            await bob.say("message.send", conversation=place, content="x", client_id=str(uuid4())) for _ in range(2)
        ]
        opened = await alice.open(place, known)
        last = max([(await bob.reply(ref))["ok"]["version"] for ref in refs])
        while known < last:
            versions = [item["version"] for item in opened["changes"]]
            for version in range(known + 1, last + 1):
                if version in versions:
                    continue
                await alice.event("message.created", version=version)
            known = last
        assert [event for event in alice.events if event["event"] == "message.created"] == []
        await alice.ok("conversation.close", conversation=place)
