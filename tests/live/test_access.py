"""What one may not see does not exist: not to commands, not in pushes, not one frame after it ended."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from accounts.models import Block
from chat.actions.conversation import open_direct
from chat.actions.membership import add_members, leave_conversation, remove_member
from chat.actions.send import send_message
from chat.models import Membership
from chatter.core.events import RelationsChanged
from chatter.core.realtime import publish, run_db
from tests.cast import Cast, say
from tests.live.client import Client
from tests.live.conftest import Join
from tests.servers import Address

BY_CONVERSATION: dict[str, dict[str, Any]] = {
    "conversation.open": {"version": None},
    "history": {"before": 100},
    "message.send": {"content": "Hello"},
    "read": {"number": 1},
    "unread": {"number": 1},
    "delivered": {"number": 1},
    "typing": {},
}
BY_MESSAGE: dict[str, dict[str, Any]] = {
    "message.edit": {"content": "Hello"},
    "message.delete": {},
    "message.pin": {},
    "message.unpin": {},
    "reaction.add": {"emoji": "👍"},
    "reaction.remove": {"emoji": "👍"},
}


def fresh(cmd: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "client_id": str(uuid4())} if cmd == "message.send" else fields


async def test_foreign_ids_answer_as_unknown_ones(server: Address, cast: Cast, join: Join) -> None:
    """Every command, by an outsider: the whole answer is the same but for its ref."""
    sent = await run_db(say, cast.alice, cast.group)
    charlie = await join(server, cast.charlie)
    for cmd, fields in BY_CONVERSATION.items():
        foreign = await charlie.ask(cmd, conversation=str(cast.group.pk), **fresh(cmd, fields))
        unknown = await charlie.ask(cmd, conversation=str(uuid4()), **fresh(cmd, fields))
        assert foreign["error"]["code"] == "not_found", cmd
        assert foreign["error"] == unknown["error"], cmd
    for cmd, fields in BY_MESSAGE.items():
        foreign = await charlie.ask(cmd, message=str(sent.id), **fields)
        unknown = await charlie.ask(cmd, message=str(uuid4()), **fields)
        assert foreign["error"]["code"] == "not_found", cmd
        assert foreign["error"] == unknown["error"], cmd
    close = [await charlie.ok("conversation.close", conversation=str(key)) for key in (cast.group.pk, uuid4())]
    assert close == [{}, {}]
    assert await charlie.quiet() == []


async def test_people_one_may_not_see_do_not_exist(server: Address, cast: Cast, join: Join) -> None:
    mallory = await join(server, cast.mallory)
    answers = [
        (await mallory.ask("conversation.direct", user=name))["error"]
        for name in ("alice", "ALICE", str(cast.alice.pk), "nobody", str(uuid4()), "", "a b")
    ]
    assert {error["code"] for error in answers} == {"not_found"}
    assert len({error["message"] for error in answers}) == 1


async def test_a_reply_to_a_message_of_another_conversation_is_unknown(server: Address, cast: Cast, join: Join) -> None:
    elsewhere = await run_db(say, cast.alice, cast.lobby)
    alice = await join(server, cast.alice)
    fields = {"conversation": str(cast.group.pk), "content": "Hello"}
    foreign = await alice.ask("message.send", client_id=str(uuid4()), reply_to=str(elsewhere.id), **fields)
    unknown = await alice.ask("message.send", client_id=str(uuid4()), reply_to=str(uuid4()), **fields)
    assert foreign["error"]["code"] == "not_found"
    assert foreign["error"] == unknown["error"]


async def test_edits_of_others_messages_are_forbidden(server: Address, cast: Cast, join: Join) -> None:
    sent = await run_db(say, cast.alice, cast.group)
    bob = await join(server, cast.bob)
    assert await bob.refused("message.edit", message=str(sent.id), content="Mine") == "forbidden"
    assert await bob.refused("message.delete", message=str(sent.id)) == "forbidden"


async def test_content_limits(server: Address, cast: Cast, join: Join) -> None:
    """Code points count, not bytes or UTF-16 units."""
    alice = await join(server, cast.alice)
    group, lobby = str(cast.group.pk), str(cast.lobby.pk)

    async def refused(place: str, content: str) -> str:
        return await alice.refused("message.send", conversation=place, content=content, client_id=str(uuid4()))

    await alice.send(lobby, "x")
    await alice.send(lobby, "😀" * 1000)
    assert await refused(lobby, "😀" * 1001) == "too_long"
    await alice.send(group, "é" * 4000)
    assert await refused(group, "é" * 4001) == "too_long"
    for content in ("", " \n ", "a\0b", "\ud800", "\udfff x"):
        assert await refused(group, content) == "invalid", repr(content)
    assert await alice.refused("message.edit", message=str(uuid4()), content="\ud800") == "invalid"
    assert (
        await alice.refused(
            "message.send", conversation=group, content="x", client_id=str(uuid4()), attachments=[str(uuid4())]
        )
        == "unsupported"
    )


@pytest.mark.parametrize("way", ["removed", "left"])
async def test_not_one_frame_after_membership_removed(site: Address, cast: Cast, join: Join, way: str) -> None:
    alice, bob = await join(site, cast.alice), await join(site, cast.bob)
    tab = await join(site, cast.bob)
    place = str(cast.group.pk)
    for socket in (alice, bob):
        await socket.open(place)
    stop = asyncio.Event()

    async def chatter() -> None:
        while not stop.is_set():
            await run_db(say, cast.mod, cast.group)
            await alice.ok("typing", conversation=place)

    talking = asyncio.create_task(chatter())
    await bob.event("message.created")
    if way == "removed":
        await run_db(remove_member, actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    else:
        await run_db(leave_conversation, person=cast.bob, conversation_id=cast.group.pk)
    for socket in (bob, tab):
        await socket.until(lambda socket=socket: "membership.removed" in names_of(socket, place))
    seen = len(alice.events)
    await alice.until(lambda: len(alice.events) > seen + 8)
    stop.set()
    await talking
    for socket in (bob, tab):
        await socket.quiet()
        assert names_of(socket, place)[-1] == "membership.removed"
        assert names_of(socket, place).count("membership.removed") == 1
    assert await bob.refused("conversation.open", conversation=place, version=1) == "not_found"
    assert await bob.refused("typing", conversation=place) == "not_found"
    assert await bob.refused("history", conversation=place, after=0) == "not_found"
    assert (
        await bob.refused("message.send", conversation=place, content="Still here", client_id=str(uuid4()))
        == "not_found"
    )


def names_of(client: Client, place: str) -> list[str]:
    """The names of the events of one conversation, in order."""
    return [event["event"] for event in client.events if event.get("conversation") == place]


async def test_after_removal_frames_stop_in_order(server: Address, cast: Cast, join: Join) -> None:
    """The removed person's socket, frame by frame: nothing about the place follows the removal."""
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    place = str(cast.group.pk)
    for socket in (alice, bob):
        await socket.open(place)
    for number in range(10):
        await alice.send(place, f"Before {number}")
    await run_db(remove_member, actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    for number in range(5):
        await alice.send(place, f"After {number}")
    await alice.event("membership.removed")
    await bob.until(lambda: "membership.removed" in names_of(bob, place))
    await bob.quiet()
    assert names_of(bob, place)[-1] == "membership.removed"
    assert names_of(bob, place).count("membership.removed") == 1
    contents = [event["message"]["content"] for event in bob.events if event["event"] == "message.created"]
    assert contents[:10] == [f"Before {number}" for number in range(10)]
    assert not any("After" in content for content in contents)


async def test_back_again_after_removal(site: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(site, cast.alice), await join(site, cast.bob)
    place = str(cast.group.pk)
    await bob.open(place)
    await run_db(remove_member, actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    await bob.event("membership.removed", user=str(cast.bob.pk))
    await run_db(add_members, actor=cast.alice, conversation_id=cast.group.pk, people=[cast.bob])
    await bob.event("membership.added", user=str(cast.bob.pk))
    await bob.open(place)
    await alice.send(place, "Welcome back")
    await bob.event("message.created", conversation=place)


async def test_history_from_hides_the_past(site: Address, cast: Cast, join: Join) -> None:
    """Changes of older messages arrive as bare versions: none is missing, and nothing is told."""
    old = await run_db(say, cast.alice, cast.group, "Old secret")
    await run_db(Membership.objects.filter(conversation=cast.group, user=cast.bob).update, history_from=old.number + 1)
    alice, bob = await join(site, cast.alice), await join(site, cast.bob)
    place = str(cast.group.pk)
    opened = await bob.open(place)
    assert "Old secret" not in str(opened)
    await alice.open(place)
    version = (await alice.ok("message.edit", message=str(old.id), content="Older secret"))["version"]
    await alice.ok("reaction.add", message=str(old.id), emoji="👍")
    await alice.ok("message.pin", message=str(old.id))
    await alice.ok("message.delete", message=str(old.id))
    new = await alice.send(place, "New")
    await bob.event("message.created", version=new["version"])
    await bob.quiet()
    stand_ins = [event for event in bob.events if event["event"] not in ("presence.changed", "conversation.activity")]
    assert stand_ins == [
        {"event": "conversation.changed", "conversation": place, "version": version + n} for n in range(4)
    ]
    assert await bob.refused("reaction.add", message=str(old.id), emoji="👍") == "not_found"
    caught_up = await bob.open(place, version - 1)
    assert "secret" not in str(caught_up)


async def test_blocks_hide_typing_presence_and_receipts(site: Address, cast: Cast, join: Join) -> None:
    """Both ways, from the moment the block stands."""
    place = str(cast.group.pk)
    alice, bob, mod = [await join(site, person) for person in (cast.alice, cast.bob, cast.mod)]
    for socket in (alice, bob, mod):
        await socket.open(place)
    await run_db(Block.objects.create, blocker=cast.bob, blocked=cast.alice)
    await run_db(publish, RelationsChanged(user=cast.bob.pk))
    await settled(bob, alice, place)
    await alice.ok("typing", conversation=place)
    await mod.event("typing", user=str(cast.alice.pk))
    await bob.ok("typing", conversation=place)
    await mod.event("typing", user=str(cast.bob.pk))
    await alice.ok("presence.set", status="dnd")
    await mod.event("presence.changed", user=str(cast.alice.pk), status="dnd")
    await bob.ok("presence.set", status="dnd")
    await mod.event("presence.changed", user=str(cast.bob.pk), status="dnd")
    sent = await alice.send(place)
    await bob.ok("read", conversation=place, number=sent["number"])
    await mod.ok("read", conversation=place, number=sent["number"])
    await alice.event("receipt", user=str(cast.mod.pk))
    await bob.event("message.created", version=sent["version"])
    for socket, other in ((bob, cast.alice), (alice, cast.bob)):
        await socket.quiet()
        about = [event for event in socket.events if event.get("user") == str(other.pk)]
        assert [event for event in about if event["event"] != "presence.changed" or event["status"] == "dnd"] == []


async def settled(*people: Any) -> None:
    """The hub has read the new relations: its executor has nothing before this."""
    *sockets, place = people
    for socket in sockets:
        for _ in range(3):
            await socket.ok("history", conversation=place, after=0, limit=1)


async def test_blocked_people_read_forbidden(server: Address, cast: Cast, join: Join) -> None:
    place = (await run_db(open_direct, person=cast.bob, other=cast.charlie)).pk
    await run_db(send_message, sender=cast.bob, conversation_id=place, client_id=uuid4(), content="Hi")
    await run_db(Block.objects.create, blocker=cast.charlie, blocked=cast.bob)
    bob, charlie = await join(server, cast.bob), await join(server, cast.charlie)
    fields = {"conversation": str(place), "content": "Hello"}
    assert await bob.refused("message.send", client_id=str(uuid4()), **fields) == "forbidden"
    assert await charlie.refused("message.send", client_id=str(uuid4()), **fields) == "blocked"
