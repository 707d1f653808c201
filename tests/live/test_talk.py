"""One message's journey and every other event, as the protocol's table promises them, on both servers."""

import asyncio
from uuid import UUID, uuid4

import pytest

from chat.actions.conversation import create_group, open_direct, rename_conversation
from chat.actions.membership import add_members, remove_member, transfer_ownership
from chat.actions.read import mark_read
from chatter.core.realtime import run_db
from tests.cast import Cast, say
from tests.live.conftest import Join
from tests.servers import Address


async def test_hello(server: Address, cast: Cast, join: Join) -> None:
    await run_db(mark_read, reader=cast.alice, conversation_id=cast.group.pk, number=100)
    sent = await run_db(say, cast.bob, cast.group, "Hello @alice")
    alice = await join(server, cast.alice)
    assert alice.hello["user"] == {"id": str(cast.alice.pk), "username": "alice"}
    assert alice.hello["heartbeat"] == 25
    assert alice.hello["more"] is False
    listed = {row["id"]: row for row in alice.hello["conversations"]}
    assert set(listed) == {str(cast.lobby.pk), str(cast.group.pk)}
    group = listed[str(cast.group.pk)]
    assert group["kind"] == "group"
    assert group["title"] == "Cartographers"
    assert group["version"] == sent.version
    assert group["message_count"] == sent.number
    assert group["last_read_number"] == sent.number - 1
    assert group["mention_count"] == 1
    assert group["muted"] is False
    assert group["receipts"] is True
    assert listed[str(cast.lobby.pk)]["receipts"] is False


async def test_subprotocol(server: Address, cast: Cast, join: Join) -> None:
    spoken = await join(server, cast.alice, subprotocols=["other", "chatter.v1"])
    silent = await join(server, cast.alice)
    assert spoken.connection.subprotocol == "chatter.v1"
    assert silent.connection.subprotocol is None


async def test_a_message_reaches_everybody_who_has_it_open(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    opened = await alice.open(cast.group.pk)
    await bob.open(cast.group.pk)
    key = str(uuid4())
    sent = await alice.send(cast.group.pk, "Good **morning**", client_id=key)
    mine, theirs = await alice.event("message.created"), await bob.event("message.created")
    assert sent["duplicate"] is False
    assert sent["version"] == theirs["version"] == mine["version"] == opened["version"] + 1
    assert theirs["conversation"] == str(cast.group.pk)
    message = theirs["message"]
    assert message["id"] == sent["id"]
    assert message["number"] == sent["number"]
    assert message["created_at"] == sent["created_at"]
    assert message["conversation"] == str(cast.group.pk)
    assert message["kind"] == "text"
    assert message["sender"] == {"id": str(cast.alice.pk), "username": "alice", "display_name": "Alice"}
    assert message["content"] == "Good **morning**"
    assert message["reactions"] == {}
    assert message["reply_to"] is message["edited_at"] is message["deleted_at"] is None
    assert message["attachments"] == []
    assert "client_id" not in message
    assert "my_reactions" not in message
    assert mine["message"] == {**message, "client_id": key}
    assert "<strong>morning</strong>" in theirs["html"]
    assert mine["html"] == theirs["html"]


async def test_all_my_sockets_learn_my_client_id(server: Address, cast: Cast, join: Join) -> None:
    desk, phone = await join(server, cast.alice), await join(server, cast.alice)
    for socket in (desk, phone):
        await socket.open(cast.group.pk)
    key = str(uuid4())
    await desk.send(cast.group.pk, client_id=key)
    for socket in (desk, phone):
        assert (await socket.event("message.created"))["message"]["client_id"] == key


async def test_a_reply_quotes(server: Address, cast: Cast, join: Join) -> None:
    alice = await join(server, cast.alice)
    await alice.open(cast.group.pk)
    first = await alice.send(cast.group.pk, "Where is north?")
    await alice.send(cast.group.pk, "Up.", reply_to=first["id"])
    quote = (await alice.event("message.created", version=first["version"] + 1))["message"]["reply_to"]
    assert (quote["id"], quote["number"], quote["preview"]) == (first["id"], first["number"], "Where is north?")
    assert quote["sender"]["username"] == "alice"


async def test_closed_conversations_tell_activity_only(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    await alice.open(cast.group.pk)
    sent = await alice.send(cast.group.pk, "First **news**")
    activity = await bob.event("conversation.activity")
    assert activity["conversation"] == str(cast.group.pk)
    assert activity["version"] == sent["version"]
    assert activity["message_count"] == sent["number"]
    assert activity["preview"] == "First news"
    assert activity["sender"]["username"] == "alice"
    assert await bob.quiet() == []
    assert "conversation.activity" not in await alice.quiet()


async def test_activity_comes_at_once_then_once_a_second_with_the_last_state(
    site: Address, cast: Cast, join: Join
) -> None:
    alice, bob = await join(site, cast.alice), await join(site, cast.bob)
    first = await alice.send(cast.group.pk)
    assert (await bob.event("conversation.activity"))["version"] == first["version"]
    for _ in range(5):
        last = await alice.send(cast.group.pk)
    assert await bob.quiet() == []
    assert (await bob.event("conversation.activity"))["version"] == last["version"]
    assert await bob.quiet() == []


async def test_a_conversation_closed_again_tells_activity(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    await bob.open(cast.group.pk)
    assert await bob.ok("conversation.close", conversation=str(cast.group.pk)) == {}
    await alice.send(cast.group.pk)
    await bob.event("conversation.activity")
    assert "message.created" not in await bob.quiet()


async def test_edit_delete_pin_react(server: Address, cast: Cast, join: Join) -> None:
    """Each is one version and one event, and carries what the table says and no more."""
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    for socket in (alice, bob):
        await socket.open(cast.group.pk)
    sent = await alice.send(cast.group.pk, "Frist")
    ids = {"id": sent["id"], "number": sent["number"]}
    message, version = sent["id"], sent["version"]

    assert await alice.ok("message.edit", message=message, content="First") == {"version": version + 1}
    edited = await bob.event("message.edited", version=version + 1)
    assert edited["message"]["content"] == "First"
    assert edited["message"]["edited_at"] is not None
    assert "First" in edited["html"]

    assert await bob.ok("reaction.add", message=message, emoji="👍") == {"version": version + 2}
    reacted = await alice.event("reactions.changed", version=version + 2)
    assert reacted["message"] == ids
    assert (reacted["user"], reacted["emoji"], reacted["added"]) == (str(cast.bob.pk), "👍", True)
    assert reacted["reactions"] == {"👍": 1}
    assert await bob.ok("reaction.add", message=message, emoji="👍") == {"version": version + 2}
    assert await bob.ok("reaction.remove", message=message, emoji="👍") == {"version": version + 3}
    unreacted = await alice.event("reactions.changed", version=version + 3)
    assert (unreacted["added"], unreacted["reactions"]) == (False, {})
    assert await bob.ok("reaction.remove", message=message, emoji="👍") == {"version": version + 3}

    assert await bob.ok("message.pin", message=message) == {"version": version + 4}
    pinned = await alice.event("message.pinned", version=version + 4)
    assert (pinned["message"], pinned["user"]) == (ids, str(cast.bob.pk))
    assert await alice.ok("message.unpin", message=message) == {"version": version + 5}
    assert (await bob.event("message.unpinned", version=version + 5))["message"] == ids

    assert await alice.ok("message.delete", message=message) == {"version": version + 6}
    deleted = await bob.event("message.deleted", version=version + 6)
    assert set(deleted["message"]) == {"id", "number", "deleted_at"}
    assert "First" not in str(deleted)


async def test_rename_reaches_all_members_sockets(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    await alice.open(cast.group.pk)
    await run_db(rename_conversation, actor=cast.alice, conversation_id=cast.group.pk, title="Surveyors", topic="Maps")
    for socket in (alice, bob):
        changed = await socket.event("conversation.changed")
        assert changed["conversation"] == str(cast.group.pk)
        assert changed["title"] == "Surveyors"


async def test_mention_reaches_the_mentioned_wherever_they_are(server: Address, cast: Cast, join: Join) -> None:
    alice, bob, mod = [await join(server, person) for person in (cast.alice, cast.bob, cast.mod)]
    sent = await alice.send(cast.group.pk, "Look, @bob and @charlie")
    mention = await bob.event("mention")
    assert (mention["conversation"], mention["number"]) == (str(cast.group.pk), sent["number"])
    assert "mention" not in await mod.quiet()
    assert "mention" not in await alice.quiet()


async def test_reading_moves_my_other_sockets(server: Address, cast: Cast, join: Join) -> None:
    numbers = [(await run_db(say, cast.bob, cast.group, f"{n}")).number for n in range(4)]
    desk, phone, bob = await join(server, cast.alice), await join(server, cast.alice), await join(server, cast.bob)
    place = str(cast.group.pk)
    assert await desk.ok("read", conversation=place, number=numbers[2]) == {
        "last_read_number": numbers[2],
        "mention_count": 0,
    }
    assert (await phone.event("read.changed"))["last_read_number"] == numbers[2]
    backwards = await desk.ok("read", conversation=place, number=1)
    assert backwards["last_read_number"] == numbers[2]
    beyond = await desk.ok("read", conversation=place, number=10**9)
    assert beyond["last_read_number"] == numbers[3]
    assert await desk.ok("unread", conversation=place, number=numbers[1]) == {"last_read_number": numbers[1] - 1}
    assert (await phone.event("read.changed", last_read_number=numbers[1] - 1))["conversation"] == place
    assert "read.changed" not in await desk.quiet()
    assert "read.changed" not in await bob.quiet()


async def test_receipts_go_to_the_senders(server: Address, cast: Cast, join: Join) -> None:
    alice, bob, mod = [await join(server, person) for person in (cast.alice, cast.bob, cast.mod)]
    place = str(cast.group.pk)
    for socket in (alice, bob, mod):
        await socket.open(place)
    sent = await alice.send(place)
    assert await bob.ok("delivered", conversation=place, number=sent["number"]) == {}
    delivered = await alice.event("receipt")
    assert delivered["conversation"] == place
    assert (delivered["user"], delivered["number"], delivered["kind"]) == (
        str(cast.bob.pk),
        sent["number"],
        "delivered",
    )
    await bob.ok("read", conversation=place, number=sent["number"])
    read = await alice.event("receipt")
    assert (read["number"], read["kind"]) == (sent["number"], "read")
    assert "receipt" not in await mod.quiet()
    assert "receipt" not in await bob.quiet()


async def test_no_receipts_in_the_lobby(server: Address, cast: Cast, join: Join) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    place = str(cast.lobby.pk)
    sent = await alice.send(place)
    assert await bob.ok("delivered", conversation=place, number=sent["number"]) == {}
    await bob.ok("read", conversation=place, number=sent["number"])
    await bob.send(place, "done")
    await alice.event("conversation.activity")
    assert "receipt" not in await alice.quiet()


async def test_typing_at_most_once_in_three_seconds(server: Address, cast: Cast, join: Join) -> None:
    alice, bob, mod = [await join(server, person) for person in (cast.alice, cast.bob, cast.mod)]
    for socket in (alice, bob):
        await socket.open(cast.group.pk)
    for _ in range(3):
        assert await alice.ok("typing", conversation=str(cast.group.pk)) == {}
    typing = await bob.event("typing")
    assert (typing["conversation"], typing["user"]) == (str(cast.group.pk), str(cast.alice.pk))
    assert "typing" not in await bob.quiet()
    assert "typing" not in await mod.quiet()


async def test_a_new_group_reaches_its_members(site: Address, cast: Cast, join: Join) -> None:
    bob = await join(site, cast.bob)
    place = await run_db(create_group, owner=cast.alice, title="Walkers", members=[cast.bob])
    added = await bob.event("membership.added", conversation=str(place.pk), user=str(cast.bob.pk))
    assert added["user"] == str(cast.bob.pk)
    await bob.open(place.pk)
    assert (await bob.send(place.pk))["duplicate"] is False
    await bob.event("message.created")


async def test_membership_events(site: Address, cast: Cast, join: Join) -> None:
    alice, bob, charlie = [await join(site, person) for person in (cast.alice, cast.bob, cast.charlie)]
    place = str(cast.group.pk)
    await alice.open(place)
    await run_db(add_members, actor=cast.alice, conversation_id=cast.group.pk, people=[cast.charlie])
    for socket in (alice, charlie):
        await socket.event("membership.added", conversation=place, user=str(cast.charlie.pk))
    assert "membership.added" not in await bob.quiet()
    await charlie.open(place)

    await run_db(transfer_ownership, actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.charlie.pk)
    changed = await alice.event("membership.changed", user=str(cast.charlie.pk))
    assert changed["role"] == "owner"
    await charlie.event("membership.changed", user=str(cast.charlie.pk))

    await run_db(remove_member, actor=cast.charlie, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    for socket in (alice, bob, charlie):
        await socket.event("membership.removed", conversation=place, user=str(cast.bob.pk))


async def test_a_direct_conversation_appears_with_its_first_message(server: Address, cast: Cast, join: Join) -> None:
    alice, charlie = await join(server, cast.alice), await join(server, cast.charlie)
    place = (await alice.ok("conversation.direct", user="CHARLIE"))["conversation"]
    assert (await alice.ok("conversation.direct", user=str(cast.charlie.pk)))["conversation"] == place
    assert (await charlie.ok("conversation.direct", user="alice"))["conversation"] == place
    await alice.open(place)
    assert await charlie.quiet() == []
    sent = await alice.send(place, "Psst")
    await charlie.event("membership.added", conversation=place)
    activity = await charlie.event("conversation.activity", conversation=place)
    assert activity["message_count"] == sent["number"] == 1
    assert (await charlie.open(place))["changes"][0]["message"]["content"] == "Psst"
    await alice.event("message.created")


@pytest.mark.parametrize("content", ["Hello", "Hello again"])
async def test_the_same_client_id_makes_one_message(server: Address, cast: Cast, join: Join, content: str) -> None:
    """On any connection, with any text, in any order with others."""
    desk, phone, bob = await join(server, cast.alice), await join(server, cast.alice), await join(server, cast.bob)
    await bob.open(cast.group.pk)
    key = str(uuid4())
    first = await desk.send(cast.group.pk, "Hello", client_id=key)
    again = await phone.send(cast.group.pk, content, client_id=key)
    assert again == {**first, "duplicate": True}
    await bob.event("message.created")
    assert "message.created" not in await bob.quiet()
    assert (await bob.send(cast.group.pk, client_id=key))["duplicate"] is False


async def test_the_same_client_id_at_once(server: Address, cast: Cast, join: Join) -> None:
    desk, phone = await join(server, cast.alice), await join(server, cast.alice)
    key = str(uuid4())
    outcomes = await asyncio.gather(*(socket.send(cast.group.pk, client_id=key) for socket in (desk, phone) * 8))
    assert len({outcome["id"] for outcome in outcomes}) == 1
    assert sorted(outcome["duplicate"] for outcome in outcomes) == [False] + [True] * 15


async def test_history(server: Address, cast: Cast, join: Join) -> None:
    numbers = [(await run_db(say, cast.bob, cast.group, f"Message {n}")).number for n in range(7)]
    alice = await join(server, cast.alice)
    place = str(cast.group.pk)
    gone = (await alice.ok("history", conversation=place, after=numbers[0], limit=1))["messages"][0]
    bob = await join(server, cast.bob)
    await bob.ok("message.delete", message=gone["id"])
    before = (await alice.ok("history", conversation=place, before=numbers[3], limit=3))["messages"]
    assert [message["number"] for message in before] == numbers[0:3]
    assert before[1]["deleted_at"] is not None
    assert before[1]["content"] == ""
    after = (await alice.ok("history", conversation=place, after=numbers[3], limit=2))["messages"]
    assert [message["number"] for message in after] == numbers[4:6]
    assert after[0]["my_reactions"] == []
    everything = (await alice.ok("history", conversation=place, after=0, limit=1000))["messages"]
    assert len(everything) == numbers[-1]


async def test_presence_of_a_friend(server: Address, cast: Cast, join: Join) -> None:
    bob, charlie = await join(server, cast.bob), await join(server, cast.charlie)
    alice = await join(server, cast.alice)
    assert (await bob.event("presence.changed", user=str(cast.alice.pk)))["status"] == "online"
    assert await alice.ok("presence.set", status="dnd", text="In a meeting") == {}
    busy = await bob.event("presence.changed", user=str(cast.alice.pk))
    assert (busy["status"], busy["text"]) == ("dnd", "In a meeting")
    assert "presence.changed" not in await charlie.quiet(presence=True)
    assert UUID(busy["user"]) == cast.alice.pk


async def test_a_direct_conversation_may_be_opened_from_a_page(site: Address, cast: Cast, join: Join) -> None:
    charlie = await join(site, cast.charlie)
    place = await run_db(open_direct, person=cast.alice, other=cast.charlie)
    await run_db(say, cast.alice, place, "Hello from a form")
    await charlie.event("conversation.activity", conversation=str(place.pk))
