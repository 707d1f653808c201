"""One message's journey, on both servers."""

from uuid import uuid4

from tests.cast import Cast
from tests.live.conftest import Join
from tests.servers import Address


async def test_a_message_reaches_everybody_who_has_it_open(
    server: Address, cast: Cast, join: Join
) -> None:
    alice, bob = await join(server, cast.alice), await join(server, cast.bob)
    await alice.open(cast.group.pk)
    await bob.open(cast.group.pk)
    key = str(uuid4())
    sent = await alice.send(cast.group.pk, "Good **morning**", client_id=key)
    mine, theirs = (
        await alice.event("message.created"),
        await bob.event("message.created"),
    )
    assert sent["duplicate"] is False
    assert theirs["version"] == sent["version"]
    assert theirs["message"]["id"] == sent["id"]
    assert theirs["message"]["content"] == "Good **morning**"
    assert "<strong>morning</strong>" in theirs["html"]
    assert "client_id" not in theirs["message"]
    assert mine["message"]["client_id"] == key
