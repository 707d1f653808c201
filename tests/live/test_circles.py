"""Who may see somebody type, be here, and read: the circles of their privacy, over open sockets."""

from typing import Any

import pytest

from accounts.models import User
from chatter.core.events import RelationsChanged
from chatter.core.realtime import publish, run_db
from tests.cast import Cast
from tests.live.client import Client
from tests.live.conftest import Join
from tests.servers import Address


def wish(person: User, **circles: str) -> None:
    User.objects.filter(pk=person.pk).update(privacy=circles)
    publish(RelationsChanged(user=person.pk))


async def trio(site: Address, cast: Cast, join: Join) -> tuple[Client, Client, Client]:
    """Alice, her friend Bob and Mod, who is none, with their group open."""
    clients = await join(site, cast.alice), await join(site, cast.bob), await join(site, cast.mod)
    for client in clients:
        await client.open(cast.group.pk)
    return clients


@pytest.mark.parametrize(("circle", "friend_sees"), [("friends", True), ("nobody", False)])
async def test_typing_stays_in_its_circle(
    site: Address, cast: Cast, join: Join, circle: str, friend_sees: bool
) -> None:
    await run_db(wish, cast.alice, typing=circle)
    alice, bob, mod = await trio(site, cast, join)
    await alice.ok("typing", conversation=str(cast.group.pk))
    if friend_sees:
        assert "circle" not in await bob.event("typing", user=str(cast.alice.pk))
    assert "typing" not in await bob.quiet()
    assert "typing" not in await mod.quiet()


async def told(client: Client, person: User, status: str) -> dict[str, Any]:
    return await client.event("presence.changed", user=str(person.pk), status=status)


async def test_who_lets_only_friends_see_them_leaves_the_others_at_once(site: Address, cast: Cast, join: Join) -> None:
    alice, bob, mod = await trio(site, cast, join)
    await alice.ok("presence.set", status="dnd")
    await told(bob, cast.alice, "dnd")
    await told(mod, cast.alice, "dnd")
    await run_db(wish, cast.alice, presence="friends")
    assert (await told(mod, cast.alice, "offline"))["last_seen_at"] is None
    await told(bob, cast.alice, "dnd")
    await alice.ok("presence.set", status="idle", text="Only for friends")
    await told(bob, cast.alice, "idle")
    assert "presence.changed" not in await mod.quiet(presence=True)


async def test_nobody_sees_who_wants_to_be_seen_by_nobody(site: Address, cast: Cast, join: Join, settings: Any) -> None:
    settings.CHATTER_PRESENCE_GRACE = 0.05
    await run_db(wish, cast.alice, presence="nobody")
    bob = await join(site, cast.bob)
    alice = await join(site, cast.alice)
    await alice.ok("presence.set", status="dnd")
    again = await join(site, cast.bob)
    assert again.hello["presence"] == {}
    assert "presence.changed" not in await bob.quiet(presence=True)
    await run_db(wish, cast.alice, presence="everyone")
    await told(bob, cast.alice, "dnd")


async def test_when_somebody_was_last_here_is_told_only_where_all_who_see_it_may_know(
    site: Address, cast: Cast, join: Join, settings: Any
) -> None:
    settings.CHATTER_PRESENCE_GRACE = 0.05
    await run_db(wish, cast.alice, last_seen="nobody")
    bob, alice = await join(site, cast.bob), await join(site, cast.alice)
    await told(bob, cast.alice, "online")
    await alice.connection.close()
    assert (await told(bob, cast.alice, "offline"))["last_seen_at"] is None


@pytest.mark.parametrize(("circle", "sees"), [("friends", False), ("everyone", True)])
async def test_reading_is_told_to_whom_the_reader_lets(
    site: Address, cast: Cast, join: Join, circle: str, sees: bool
) -> None:
    await run_db(wish, cast.alice, receipts=circle)
    alice, bob, mod = await trio(site, cast, join)
    for sender in (bob, mod):
        sent = await sender.send(cast.group.pk)
    await alice.ok("read", conversation=str(cast.group.pk), number=sent["number"])
    await bob.event("receipt", user=str(cast.alice.pk), kind="read")
    assert ("receipt" in await mod.quiet()) is sees
