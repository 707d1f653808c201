"""Several web processes: with Valkey and with LISTEN/NOTIFY, what happens in one is seen in the others; what was lost
on the way is repaired from the database."""

import asyncio
import signal
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session

from accounts.actions.sessions import set_password
from accounts.models import User
from chat.actions import membership
from chat.actions.conversation import create_group
from chat.actions.membership import remove_member
from chat.actions.send import SendInput, append_batch
from chatter.core.events import SessionsEnded
from chatter.core.realtime import publish, run_db
from tests.cast import Cast, say
from tests.live.conftest import Join, Start

pytestmark = pytest.mark.timeout(180)


async def test_talk_between_processes(start: Start, cast: Cast, join: Join) -> None:
    one, two = start(), start()
    alice, bob, tab = await join(one, cast.alice), await join(two, cast.bob), await join(two, cast.alice)
    place = str(cast.group.pk)
    for socket in (alice, bob):
        await socket.open(place)
    key = str(uuid4())
    sent = await alice.send(place, "Across **everything** @bob", client_id=key)
    created = await bob.event("message.created")
    assert created["version"] == sent["version"]
    assert created["message"]["content"] == "Across **everything** @bob"
    assert "<strong>everything</strong>" in created["html"]
    assert "client_id" not in created["message"]
    assert (await bob.event("mention"))["number"] == sent["number"]
    assert (await tab.event("conversation.activity"))["message_count"] == sent["number"]
    assert (await tab.send(place, client_id=key))["duplicate"] is True

    await alice.ok("message.edit", message=sent["id"], content="Edited")
    edited = await bob.event("message.edited")
    assert (edited["message"]["content"], "Edited" in edited["html"]) == ("Edited", True)
    await bob.ok("reaction.add", message=sent["id"], emoji="👍")
    assert (await alice.event("reactions.changed"))["reactions"] == {"👍": 1}
    await alice.ok("typing", conversation=place)
    assert (await bob.event("typing"))["user"] == str(cast.alice.pk)
    await bob.ok("read", conversation=place, number=sent["number"])
    assert (await alice.event("receipt", kind="read"))["number"] == sent["number"]
    await alice.ok("read", conversation=place, number=sent["number"])
    await alice.ok("presence.set", status="dnd")
    assert (await bob.event("presence.changed", user=str(cast.alice.pk), status="dnd"))["text"] == ""
    await alice.ok("message.delete", message=sent["id"])
    assert set((await bob.event("message.deleted"))["message"]) == {"id", "number", "deleted_at"}
    own = ["message.created", "message.edited", "typing", "message.deleted"]
    # That she came in with a second browser, and he into a group, are news of their own.
    assert spoken(await alice.quiet()) == own
    assert spoken(await bob.quiet()) == ["reactions.changed"]


def spoken(names: list[str]) -> list[str]:
    return [name for name in names if not name.startswith("notification.")]


async def test_versions_arrive_once_and_complete(start: Start, cast: Cast, join: Join) -> None:
    """Both processes write to one place at once: each of the two readers gets every version exactly once."""
    free = {"CHATTER_RATE_LIMITS": "off", "CHATTER_SOCKET_UNANSWERED": "100"}
    one, two = start(**free), start(**free)
    alice, bob = await join(one, cast.alice), await join(two, cast.bob)
    place = str(cast.group.pk)
    first = (await alice.open(place))["version"]
    await bob.open(place)
    await asyncio.gather(*(person.send(place, f"{n}") for n in range(60) for person in (alice, bob)))
    wanted = list(range(first + 1, first + 121))
    for socket in (alice, bob):

        def versions(socket: Any = socket) -> list[int]:
            return sorted(event["version"] for event in socket.events if event["event"] == "message.created")

        await socket.until(lambda versions=versions: len(versions()) >= 120)
        await socket.quiet()
        assert versions() == wanted


async def test_a_kick_in_one_process_silences_the_other(start: Start, cast: Cast, join: Join) -> None:
    one, two = start(), start()
    alice, bob = await join(one, cast.alice), await join(two, cast.bob)
    place = str(cast.group.pk)
    for socket in (alice, bob):
        await socket.open(place)
    await run_db(remove_member, actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    for number in range(5):
        await alice.send(place, f"After {number}")
    await bob.until(lambda: any(event["event"] == "membership.removed" for event in bob.events))
    await run_db(say, cast.mod, cast.lobby, "Later")
    await bob.event("conversation.activity", conversation=str(cast.lobby.pk))
    about = [event["event"] for event in bob.events if event.get("conversation") == place]
    assert about[-1] == "membership.removed"
    assert about.count("membership.removed") == 1
    assert await bob.refused("conversation.open", conversation=place, version=None) == "not_found"


async def test_commands_and_workers_publish_too(start: Start, cast: Cast, join: Join) -> None:
    one = start()
    bob = await join(one, cast.bob)
    place = await run_db(create_group, owner=cast.alice, title="From a worker", members=[cast.bob])
    await bob.event("membership.added", conversation=str(place.pk))
    await bob.open(place.pk)
    await run_db(say, cast.alice, place, "From a worker")
    created = await bob.event("message.created", conversation=str(place.pk))
    assert created["message"]["content"] == "From a worker"
    assert "From a worker" in created["html"]
    await run_db(publish, SessionsEnded(user=cast.bob.pk))
    assert await bob.closed() == 4410


async def test_lost_pushes_are_repaired(start: Start, cast: Cast, join: Join, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that died between commit and publish: a kick still silences, a message still shows, an ended session,
    a new password and a suspension still close."""
    one = start(CHATTER_REPAIR_SECONDS="0.5")
    group, lobby = str(cast.group.pk), str(cast.lobby.pk)
    alice, bob, charlie = [await join(one, person) for person in (cast.alice, cast.bob, cast.charlie)]
    mod, mallory = await join(one, cast.mod), await join(one, cast.mallory)
    versions = {place: (await bob.open(place))["version"] for place in (group, lobby)}

    with monkeypatch.context() as dying:
        dying.setattr(membership, "publish", lambda *_events: None)
        await run_db(remove_member, actor=cast.alice, conversation_id=cast.group.pk, person_id=cast.bob.pk)
    await bob.event("membership.removed", conversation=group, user=str(cast.bob.pk))
    await alice.send(group, "He is gone")

    lost = SendInput(sender=cast.alice.pk, conversation=cast.lobby.pk, client_id=uuid4(), content="Lost on the way")
    await run_db(append_batch, [lost])
    changed = await bob.event("conversation.changed", conversation=lobby)
    assert changed["version"] == versions[lobby] + 1
    caught_up = await bob.open(lobby, versions[lobby])
    assert [item["message"]["content"] for item in caught_up["changes"]] == ["Lost on the way"]
    about_group = [event["event"] for event in bob.events if event.get("conversation") == group]
    assert about_group == []

    def end_quietly() -> None:
        Session.objects.filter(session_key__in=keys_of(cast.charlie)).delete()
        cast.mod.set_password("another")
        cast.mod.save()
        User.objects.filter(pk=cast.mallory.pk).update(suspended_at=cast.mallory.created_at)

    await run_db(end_quietly)
    assert await charlie.closed() == 4410
    assert await mod.closed() == 4410
    assert await mallory.closed() == 4403
    await bob.ok("ping")


def keys_of(person: User) -> list[str]:
    return [row.session_key for row in Session.objects.all() if row.get_decoded()["_auth_user_id"] == str(person.pk)]


async def test_what_was_said_while_the_bus_was_away_is_told_when_it_is_back(
    web_process: Start, valkey: Any, cast: Cast, join: Join
) -> None:
    """Conversations nobody has open are compared too: their side bars would stay behind for ever."""
    one, two = (web_process(redis_url=valkey.url, env={"CHATTER_REPAIR_SECONDS": "3600"}) for _ in range(2))
    alice, bob = await join(one, cast.alice), await join(two, cast.bob)
    group, lobby = str(cast.group.pk), str(cast.lobby.pk)
    for socket in (alice, bob):
        await socket.open(group)
    await alice.send(group, "Before")
    await bob.event("message.created")
    valkey.stop()
    in_group, in_lobby = await alice.send(group, "During"), await alice.send(lobby, "During")
    await alice.event("message.created", version=in_group["version"])
    async with asyncio.timeout(20):
        while one.output().count("Events did not reach other processes") < 3:  # noqa: ASYNC110 -- it is in another process's log
            await asyncio.sleep(0.05)
    valkey.start()
    await bob.event("conversation.changed", 20, conversation=group, version=in_group["version"])
    await bob.event("conversation.changed", conversation=lobby, version=in_lobby["version"])
    after = await alice.send(group, "After")
    await bob.event("message.created", version=after["version"])


async def test_a_restarting_server_says_goodbye(start: Start, cast: Cast, join: Join) -> None:
    """SIGTERM: `reconnect`, every send taken is answered, close 1012, exit."""
    one = start(CHATTER_RATE_LIMITS="off")
    alice, bob = await join(one, cast.alice), await join(one, cast.bob)
    place = str(cast.group.pk)
    refs = [
        await alice.say("message.send", conversation=place, content=f"{n}", client_id=str(uuid4())) for n in range(20)
    ]
    await alice.reply(refs[0])
    ending = asyncio.create_task(asyncio.to_thread(one.terminate))
    assert (await bob.event("reconnect"))["after"] > 0
    assert await bob.closed() == 1012
    assert await alice.closed() == 1012
    await ending
    # uvicorn ends by the signal it was sent, once everything is done.
    assert one.process.returncode in (0, -signal.SIGTERM)
    assert all("ok" in alice.replies[ref] for ref in refs[1:])
    assert "Traceback" not in one.output()
    one.restart()
    back = await join(one, cast.alice)
    assert len((await back.ok("history", conversation=place, after=1))["messages"]) == 20


async def test_a_password_changed_in_one_process_closes_sockets_of_the_other(
    start: Start, cast: Cast, join: Join
) -> None:
    one = start()
    alice, bob = await join(one, cast.alice), await join(one, cast.bob)
    await run_db(set_password, person=cast.alice, password="another-secret-word")
    assert await alice.closed() == 4410
    await bob.ok("ping")
