"""Presence over several sockets, devices and processes; crash-safe, and nothing of who is invisible or hidden."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from accounts.models import User
from chatter.core import presence, presence_stores
from chatter.core.presence import statuses
from chatter.core.presence_stores import Mark, MemoryStore, ValkeyStore, combine
from chatter.core.realtime import run_db
from tests.cast import Cast
from tests.live.client import Client
from tests.live.conftest import Join
from tests.servers import Address


@pytest.mark.parametrize(
    ("marks", "chosen", "status"),
    [
        ([], "online", "offline"),
        ([Mark.NONE], "dnd", "offline"),
        ([Mark.ONLINE], "online", "online"),
        ([Mark.IDLE], "online", "idle"),
        ([Mark.IDLE, Mark.ONLINE], "online", "online"),
        ([Mark.IDLE, Mark.ONLINE], "idle", "idle"),
        ([Mark.IDLE], "dnd", "dnd"),
        ([Mark.ONLINE], "offline", "offline"),
    ],
)
def test_one_status_from_all_devices(marks: list[Mark], chosen: str, status: str) -> None:
    assert combine(marks, chosen) == status


async def here(client: Client, person: User, status: str, **fields: Any) -> dict[str, Any]:
    return await client.event("presence.changed", user=str(person.pk), status=status, **fields)


@pytest.fixture
def graceless(settings: Any) -> None:
    settings.CHATTER_PRESENCE_GRACE = 0.05


async def test_online_idle_offline(site: Address, cast: Cast, join: Join, graceless: None) -> None:
    bob = await join(site, cast.bob)
    desk, phone = await join(site, cast.alice), await join(site, cast.alice)
    await here(bob, cast.alice, "online", last_seen_at=None)
    assert statuses([cast.alice.pk, cast.charlie.pk]) == {cast.alice.pk: "online"}
    await desk.ok("presence.set", status="idle", automatic=True)
    await desk.quiet()
    await phone.ok("presence.set", status="idle", automatic=True)
    await here(bob, cast.alice, "idle")
    await desk.ok("presence.set", status="online", automatic=True)
    await here(bob, cast.alice, "online")
    assert (await run_db(User.objects.get, pk=cast.alice.pk)).status == "online"
    await desk.connection.close()
    await here(bob, cast.alice, "idle")
    await phone.connection.close()
    gone = await here(bob, cast.alice, "offline")
    assert gone["last_seen_at"].endswith("Z")
    assert statuses([cast.alice.pk]) == {}
    async with asyncio.timeout(5):
        while (await run_db(User.objects.get, pk=cast.alice.pk)).last_seen_at is None:  # noqa: ASYNC110 -- nothing tells it
            await asyncio.sleep(0.01)


async def test_coming_back_within_the_grace_is_not_told(site: Address, cast: Cast, join: Join) -> None:
    bob, alice = await join(site, cast.bob), await join(site, cast.alice)
    await here(bob, cast.alice, "online")
    await alice.connection.close()
    again = await join(site, cast.alice)
    await again.ok("presence.set", status="dnd")
    await here(bob, cast.alice, "dnd")
    assert [event for event in bob.events if event.get("user") == str(cast.alice.pk)] == []


async def test_invisible_people_are_offline(site: Address, cast: Cast, join: Join, graceless: None) -> None:
    bob, alice = await join(site, cast.bob), await join(site, cast.alice)
    await here(bob, cast.alice, "online")
    await alice.ok("presence.set", status="offline")
    invisible = await here(bob, cast.alice, "offline")
    assert invisible["last_seen_at"] is None
    assert statuses([cast.alice.pk]) == {}
    tab = await join(site, cast.alice)
    await alice.connection.close()
    await tab.connection.close()
    await asyncio.sleep(0.2)
    assert "presence.changed" not in await bob.quiet(presence=True)
    assert (await run_db(User.objects.get, pk=cast.alice.pk)).last_seen_at is None


async def test_a_status_text_is_told_even_where_the_status_stays(site: Address, cast: Cast, join: Join) -> None:
    bob, alice = await join(site, cast.bob), await join(site, cast.alice)
    await here(bob, cast.alice, "online")
    await alice.ok("presence.set", status="online", text="Making maps")
    await here(bob, cast.alice, "online", text="Making maps")
    await alice.ok("presence.set", status="dnd")
    await here(bob, cast.alice, "dnd", text="Making maps")
    assert await alice.refused("presence.set", status="dnd", text="x" * 121) == "too_long"


async def test_hello_names_the_friends_who_are_here(site: Address, cast: Cast, join: Join) -> None:
    alice = await join(site, cast.alice)
    async with asyncio.timeout(5):
        while cast.alice.pk not in statuses([cast.alice.pk]):  # noqa: ASYNC110 -- nothing tells it
            await asyncio.sleep(0.01)
    bob, charlie = await join(site, cast.bob), await join(site, cast.charlie)
    assert bob.hello["presence"] == {str(cast.alice.pk): "online"}
    assert charlie.hello["presence"] == {}
    await alice.ok("ping")


async def test_strangers_see_it_in_small_open_conversations(
    site: Address, cast: Cast, join: Join, settings: Any
) -> None:
    mod, charlie = await join(site, cast.mod), await join(site, cast.charlie)
    await mod.open(cast.group.pk)
    alice = await join(site, cast.alice)
    await here(mod, cast.alice, "online")
    settings.CHATTER_PRESENCE_MAX_MEMBERS = 2
    await alice.ok("presence.set", status="dnd")
    bob = await join(site, cast.bob)
    assert bob.hello["user"]["username"] == "bob"
    assert "presence.changed" not in await mod.quiet(presence=True)
    assert "presence.changed" not in await charlie.quiet(presence=True)


# --- stores ------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def processes(valkey: Any) -> AsyncIterator[tuple[ValkeyStore, ValkeyStore]]:
    """The stores of two processes."""
    one, two = ValkeyStore(valkey.url), ValkeyStore(valkey.url)
    yield one, two
    await one.close()
    await two.close()


async def test_memory_store() -> None:
    store, person = MemoryStore(), uuid4()
    assert await store.update(person, Mark.ONLINE, "online") == ("online", "offline")
    assert await store.update(person, Mark.IDLE, "online") == ("idle", "online")
    assert store.statuses([person, uuid4()]) == {person: "idle"}
    assert await store.update(person, Mark.NONE, "online") == ("offline", "idle")
    assert store.statuses([person]) == {}


async def test_devices_at_two_processes(processes: tuple[ValkeyStore, ValkeyStore]) -> None:
    one, two = processes
    person = uuid4()
    assert await one.update(person, Mark.ONLINE, "online") == ("online", "offline")
    assert await two.update(person, Mark.IDLE, "online") == ("online", "online")
    assert await one.update(person, Mark.IDLE, "online") == ("idle", "online")
    assert await two.update(person, Mark.ONLINE, "dnd") == ("dnd", "idle")
    assert one.statuses([person, uuid4()]) == two.statuses([person]) == {person: "dnd"}
    assert await two.update(person, Mark.NONE, "online") == ("idle", "dnd")
    assert await one.update(person, Mark.NONE, "online") == ("offline", "idle")
    assert one.statuses([person]) == {}
    assert await one.expired() == []


async def test_a_crashed_process_leaves_nobody_online(
    processes: tuple[ValkeyStore, ValkeyStore], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its marks run out; exactly one of the others is given each person to announce."""
    one, two = processes
    now = 1_800_000_000.0
    monkeypatch.setattr("chatter.core.presence_stores.time.time", lambda: now)
    stays, crashed, moved = uuid4(), uuid4(), uuid4()
    for person in (crashed, moved):
        await one.update(person, Mark.ONLINE, "online")
    await two.update(stays, Mark.ONLINE, "online")
    await two.update(moved, Mark.IDLE, "online")
    now += presence_stores.MARK_SECONDS - 10
    await two.refresh([(stays, Mark.ONLINE, "online"), (moved, Mark.IDLE, "online")])
    now += 20
    assert await two.refresh([(moved, Mark.IDLE, "online")]) == [(moved, "idle")]
    found = [*await one.expired(), *await two.expired()]
    assert found == [crashed]


async def test_a_restarted_valkey_is_filled_again(processes: tuple[ValkeyStore, ValkeyStore], valkey: Any) -> None:
    one, _two = processes
    person = uuid4()
    await one.update(person, Mark.ONLINE, "online")
    valkey.stop()
    valkey.start()
    await one.refresh([(person, Mark.ONLINE, "dnd")])
    assert one.statuses([person]) == {person: "dnd"}


async def test_coming_back_while_the_store_is_told_of_the_leaving() -> None:
    """The answer to "they left" comes after they are back: they stay online, and can be seen to leave again."""
    asked, told, answer = asyncio.Event(), [], asyncio.Event()

    class SlowStore(MemoryStore):
        async def update(self, person: UUID, mark: Mark, chosen: str) -> tuple[str, str]:
            found = await super().update(person, mark, chosen)
            if mark is Mark.NONE:
                asked.set()
                await answer.wait()
            return found

    class Loop:
        loop = asyncio.get_running_loop()
        people: dict[UUID, Any] = {}  # noqa: RUF012 (of this test only)

        def spawn(self, work: Any) -> asyncio.Task[None]:
            return self.loop.create_task(work)

    async def save_seen(_people: Any, _at: Any) -> None:
        return None

    here = presence.Presence(Loop(), lambda event: told.append(event.status), save_seen)  # type: ignore[arg-type]
    here.store, person = SlowStore(), uuid4()
    here.arrived(person, "online", "")
    await here.updating[person]
    here.left(person)
    here.gone(person)
    await asked.wait()
    here.arrived(person, "online", "")
    answer.set()
    await here.updating[person]
    assert statuses([person]) == {person: "online"}
    assert told[-1] == "online"
    here.left(person)
    here.gone(person)
    await here.updating[person]
    assert (told[-1], statuses([person]), here.people, here.updating) == ("offline", {}, {}, {})


async def test_presence_without_its_store_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        def statuses(self, _people: list[UUID]) -> dict[UUID, str]:
            raise ConnectionError

    monkeypatch.setattr(presence, "shared_store", Away)
    assert statuses([uuid4()]) == {}
