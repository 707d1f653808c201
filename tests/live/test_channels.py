"""Private channels on the wire: who is not let in hears nothing of them, from their first moment to their last."""

import json

from chatter.core.realtime import run_db
from groups.actions.channels import create_channel, delete_channel, edit_channel
from groups.actions.opening import set_privacy
from groups.places import Target
from tests.cast import Cast, say
from tests.groups.cast import make_community
from tests.live.conftest import Join
from tests.servers import Address


async def test_who_is_not_let_in_hears_nothing_of_it(site: Address, cast: Cast, join: Join) -> None:
    atlas = await run_db(make_community, cast)
    group = atlas.group.pk
    inside = Target("role", atlas.moderators.pk)
    old = await run_db(
        create_channel, actor=cast.alice, group_id=group, name="quartz", topic="quartz", closed=True, shown_to=[inside]
    )
    bob, mod = await join(site, cast.bob), await join(site, cast.mod)
    assert "quartz" not in json.dumps(bob.hello)
    assert await bob.refused("conversation.open", conversation=str(old.conversation_id), version=None) == "not_found"
    await mod.open(old.conversation_id)

    new = await run_db(
        create_channel, actor=cast.alice, group_id=group, name="quartz two", closed=True, shown_to=[inside]
    )
    await mod.event("membership.added", conversation=str(new.conversation_id))
    for channel in (old, new):
        await run_db(edit_channel, actor=cast.alice, group_id=group, channel_id=channel.pk, topic="quartz three")
        await run_db(say, cast.alice, channel.conversation, "quartz four")
    await mod.event("message.created", conversation=str(old.conversation_id))
    await bob.quiet()
    assert "quartz" not in json.dumps(bob.events)
    assert str(old.conversation_id) not in json.dumps(bob.events)

    await run_db(set_privacy, actor=cast.alice, group_id=group, kind="channel", place_id=new.pk, closed=False)
    await bob.event("membership.added", conversation=str(new.conversation_id))
    await bob.open(new.conversation_id)
    await run_db(delete_channel, actor=cast.alice, group_id=group, channel_id=new.pk)
    for client in (bob, mod):
        await client.event("membership.removed", conversation=str(new.conversation_id))
        assert (
            await client.refused("conversation.open", conversation=str(new.conversation_id), version=None)
            == "not_found"
        )
