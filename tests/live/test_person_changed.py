"""A new name or picture reaches the pages that show the person, and nobody from whom a block parts them."""

from typing import Any
from uuid import uuid4

from accounts.actions.pictures import remove_picture
from accounts.actions.profile import update_profile
from accounts.models import Block, User
from chat.actions.membership import add_members
from chat.reading import small_places_of
from chatter.core.bus import NOTIFY_BYTES, notes_by_shard
from chatter.core.events import PersonChanged
from chatter.core.realtime import run_db
from tests.cast import Cast
from tests.live.conftest import Join
from tests.servers import Address, WebProcess


async def test_own_pages_friends_and_small_rooms_hear_of_a_new_name(site: Address, cast: Cast, join: Join) -> None:
    alice, bob, mod, charlie = [await join(site, person) for person in (cast.alice, cast.bob, cast.mod, cast.charlie)]
    await mod.open(cast.group.pk)
    await run_db(update_profile, person=cast.alice, display_name="Alice the Second")
    told = {"user": str(cast.alice.pk), "username": "alice", "display_name": "Alice the Second", "initials": "AS"}
    for client in (alice, bob, mod):
        event = await client.event("person.changed")
        assert event == {"event": "person.changed", "avatar": "", **told}
    assert "person.changed" not in await charlie.quiet(), "the lobby is not open on this page"


async def test_who_is_parted_by_a_block_hears_nothing(site: Address, cast: Cast, join: Join) -> None:
    await run_db(add_members, actor=cast.alice, conversation_id=cast.group.pk, people=[cast.charlie])
    await run_db(Block.objects.create, blocker=cast.charlie, blocked=cast.alice)
    mod, charlie = await join(site, cast.mod), await join(site, cast.charlie)
    for client in (mod, charlie):
        await client.open(cast.group.pk)
    await run_db(update_profile, person=cast.alice, display_name="Alice the Second")
    await mod.event("person.changed")
    assert "person.changed" not in await charlie.quiet()


async def test_a_picture_that_is_taken_away_is_told(site: Address, cast: Cast, join: Join) -> None:
    await run_db(User.objects.filter(pk=cast.alice.pk).update, avatar="0" * 32)
    bob = await join(site, cast.bob)
    await run_db(remove_picture, person=cast.alice)
    assert (await bob.event("person.changed"))["avatar"] == ""


async def test_other_processes_hear_of_it(site: Address, cast: Cast, join: Join, web_process: Any) -> None:
    other: WebProcess = web_process()
    bob, mod = await join(other, cast.bob), await join(other, cast.mod)
    await mod.open(cast.group.pk)
    await run_db(update_profile, person=cast.alice, display_name="Alice the Second")
    for client in (bob, mod):
        assert (await client.event("person.changed"))["display_name"] == "Alice the Second"


async def test_large_rooms_hear_nothing_at_once(cast: Cast, settings: Any) -> None:
    settings.CHATTER_PRESENCE_MAX_MEMBERS = 3
    assert cast.lobby.pk not in await run_db(small_places_of, cast.alice.pk)
    assert {cast.group.pk, cast.direct.pk} == set(await run_db(small_places_of, cast.alice.pk))


def test_a_note_of_many_rooms_is_parted() -> None:
    event = PersonChanged(
        user=uuid4(),
        username="x" * 50,
        display_name="ж" * 80,
        initials="Ж",
        avatar=f"/avatars/{'0' * 32}-128.webp",
        conversations=tuple(uuid4() for _each in range(500)),
    )
    notes = notes_by_shard("", [event])
    assert len(notes) == 4
    assert all(len(note.encode()) < NOTIFY_BYTES for _shard, note in notes)
