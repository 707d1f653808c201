"""Notifications on sockets: to every socket of the person and nobody else's, with ids and the count."""

from accounts.actions.notifications import mark_all_read, notify
from accounts.models import Notification
from accounts.occasions import spread_due
from chat.actions.change import edit_message
from chatter.core.realtime import run_db
from tests.cast import Cast, say
from tests.live.client import Client
from tests.live.conftest import Join
from tests.servers import Address


async def settle(*clients: Client) -> None:
    """The making of the cast is no news, nor are the devices people come with."""
    await run_db(lambda: Notification.objects.all().delete())
    for client in clients:
        await client.quiet()
        client.events.clear()


def call(cast: Cast) -> None:
    say(cast.alice, cast.lobby, "A secret for @bob")
    while spread_due():
        pass


async def test_all_sockets_of_the_person_hear_of_it_and_of_its_reading(site: Address, cast: Cast, join: Join) -> None:
    desk, phone = await join(site, cast.bob), await join(site, cast.bob)
    stranger = await join(site, cast.charlie)
    await settle(desk, phone, stranger)
    await run_db(call, cast)
    row = await run_db(Notification.objects.get, recipient=cast.bob)
    for client in (desk, phone):
        told = await client.event("notification.created")
        assert told == {
            "event": "notification.created",
            "unread_count": 1,
            "notification": {
                "id": str(row.pk),
                "kind": "mention",
                "count": 1,
                "actor": str(cast.alice.pk),
                "conversation": str(cast.lobby.pk),
                "number": 1,
            },
        }
    await desk.ok("read", conversation=str(cast.lobby.pk), number=1)
    read = await phone.event("notification.read")
    assert (read["notifications"], read["unread_count"]) == ([str(row.pk)], 0)
    await run_db(lambda: notify(recipient=cast.bob, kind="system", group_key="1"))
    await phone.event("notification.created", unread_count=1)
    await run_db(lambda: mark_all_read(recipient=cast.bob))
    await phone.event("notification.read", unread_count=0)
    assert not [name for name in await stranger.quiet() if name.startswith("notification")]


async def test_an_edit_that_calls_somebody_pushes_the_mention(site: Address, cast: Cast, join: Join) -> None:
    sent = await run_db(say, cast.alice, cast.lobby, "Hello")
    bob, charlie = await join(site, cast.bob), await join(site, cast.charlie)
    await run_db(lambda: edit_message(editor=cast.alice, message_id=sent.id, content="Hello @bob"))
    called = await bob.event("mention")
    assert (called["conversation"], called["number"]) == (str(cast.lobby.pk), 1)
    assert "mention" not in await charlie.quiet()
