"""Programs on the socket: what each scope may say, when their tokens let them in, and what closes them."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from django.db.models import F
from django.utils import timezone

from accounts.actions.moderation import suspend_person
from accounts.actions.sessions import set_password
from accounts.actions.tokens import Issued, make_token, refresh_token, revoke_token
from accounts.models import ApiToken, Device, User
from chatter import frames
from chatter.consumers.commands import COMMANDS, READING
from chatter.consumers.entrance import knock
from chatter.consumers.truth import DatabaseTruth
from chatter.core.realtime import run_db
from chatter.core.rooms import Credential
from tests import session
from tests.cast import Cast, say
from tests.live.client import Client, connected
from tests.live.conftest import Join
from tests.servers import Address

type Listen = Callable[..., Awaitable[Client]]


@pytest_asyncio.fixture
async def listen() -> AsyncIterator[Listen]:
    """`await listen(server, token)`: a program's socket, closed at the end of the test."""
    async with AsyncExitStack() as stack:

        async def enter(server: Any, token: str, **options: Any) -> Client:
            headers = {"Authorization": f"Bearer {token}", **options.pop("headers", {})}
            return await stack.enter_async_context(connected(server.ws_url, additional_headers=headers, **options))

        yield enter


async def token_of(person: User, scope: str = "write") -> Issued:
    return await run_db(make_token, person=person, name="Program", scope=scope)


async def test_an_access_token_lets_in(server: Address, cast: Cast, listen: Listen) -> None:
    issued = await token_of(cast.alice)
    program = await listen(server, issued.access_token)
    assert program.hello["user"]["username"] == "alice"
    place = str(cast.group.pk)
    await program.open(place)
    await program.send(place, "From a program")
    assert (await program.event("message.created"))["message"]["content"] == "From a program"
    family = await run_db(ApiToken.objects.get)
    assert (family.last_address, family.last_used_at is not None) == ("127.0.0.1", True)


async def test_nothing_else_lets_in(server: Address, cast: Cast, listen: Listen) -> None:
    issued = await token_of(cast.alice)
    spent = (await run_db(refresh_token, token=issued.refresh_token, address="local")).refresh_token
    for token in (issued.access_token, issued.refresh_token, spent, "", "x", "chatter_access_", "é"):
        program = await listen(server, token, hello=False)
        assert await program.closed() == 4401, token
        assert program.events == []


async def test_a_cookie_beside_it_counts_for_nothing(site: Address, cast: Cast, listen: Listen, signed_in: Any) -> None:
    """Neither to come in with a bad token, nor to be somebody else with a good one."""
    headers = {"Cookie": await run_db(signed_in.header, cast.bob)}
    program = await listen(site, "bad", hello=False, headers=headers)
    assert await program.closed() == 4401
    issued = await token_of(cast.alice)
    program = await listen(site, issued.access_token, headers=headers, origin="http://evil.example")
    assert program.hello["user"]["username"] == "alice"


async def test_an_expired_token_does_not_let_in_but_its_socket_stays(site: Address, cast: Cast, listen: Listen) -> None:
    issued = await token_of(cast.alice)
    program = await listen(site, issued.access_token)
    await run_db(ApiToken.objects.update, access_expires_at=timezone.now())
    late = await listen(site, issued.access_token, hello=False)
    assert await late.closed() == 4401
    await program.ok("ping")


# --- scopes ---------------------------------------------------------------------------------------------------------

FIELDS: dict[str, dict[str, Any]] = {
    "ping": {},
    "conversation.open": {"version": None},
    "conversation.close": {},
    "history": {"before": 100},
    "conversation.direct": {"user": "charlie"},
    "message.send": {"content": "Hello"},
    "message.edit": {"content": "Edited"},
    "message.delete": {},
    "message.pin": {},
    "message.unpin": {},
    "reaction.add": {"emoji": "👍"},
    "reaction.remove": {"emoji": "👍"},
    "read": {"number": 1},
    "unread": {"number": 1},
    "delivered": {"number": 1},
    "typing": {},
    "presence.set": {"status": "dnd"},
    "post.watch": {},
    "post.unwatch": {},
}
READS = {"ping", "conversation.open", "conversation.close", "history", "post.watch", "post.unwatch"}


def test_every_command_is_listed() -> None:
    assert set(FIELDS) == set(frames.COMMANDS)
    assert len(READING) == len(READS)
    assert READING - {frames.Ping} <= set(COMMANDS)


@pytest.mark.parametrize("scope", ["read", "write"])
async def test_every_command_in_every_scope(site: Address, cast: Cast, listen: Listen, scope: str) -> None:
    said = await run_db(say, cast.alice, cast.group)
    program = await listen(site, (await token_of(cast.alice, scope)).access_token)
    before = await run_db(traces_of, cast)
    common = {"conversation": str(cast.group.pk), "message": str(said.id), "post": str(uuid4())}
    refused = set()
    for cmd, fields in FIELDS.items():
        reply = await program.ask(cmd, **common, **fields, client_id=str(uuid4()))
        # The message is gone by the time it is pinned.
        if reply.get("error", {}).get("code") == "forbidden":
            refused.add(cmd)
    if scope == "read":
        assert refused == set(FIELDS) - READS
        assert await run_db(traces_of, cast) == before
    else:
        assert refused == set()


def traces_of(cast: Cast) -> list[Any]:
    """All that a command could have changed."""
    cast.group.refresh_from_db()
    cast.alice.refresh_from_db()
    memberships = cast.group.memberships.order_by("pk").values_list("last_read_number", flat=True)
    return [cast.group.version, cast.alice.status, *memberships]


async def test_a_reading_program_makes_nobody_look_busy(site: Address, cast: Cast, listen: Listen, join: Join) -> None:
    bob = await join(site, cast.bob)
    await listen(site, (await token_of(cast.alice, "read")).access_token)
    assert (await bob.event("presence.changed", user=str(cast.alice.pk)))["status"] == "idle"


async def test_events_reach_readers(site: Address, cast: Cast, listen: Listen) -> None:
    program = await listen(site, (await token_of(cast.bob, "read")).access_token)
    await program.open(cast.group.pk)
    await run_db(say, cast.alice, cast.group, "For everybody")
    assert (await program.event("message.created"))["message"]["content"] == "For everybody"


# --- what closes ----------------------------------------------------------------------------------------------------


async def test_revoking_closes_the_sockets_of_that_family(
    server: Address, cast: Cast, listen: Listen, join: Join
) -> None:
    issued, other = await token_of(cast.alice), await token_of(cast.alice)
    first, second = await listen(server, issued.access_token), await listen(server, issued.access_token)
    stays, tab = await listen(server, other.access_token), await join(server, cast.alice)
    await run_db(revoke_token, person=cast.alice, token_id=issued.family.pk)
    assert await first.closed() == 4410
    assert await second.closed() == 4410
    await stays.ok("ping")
    await tab.ok("ping")
    again = await listen(server, issued.access_token, hello=False)
    assert await again.closed() == 4401


async def test_reuse_closes_too(site: Address, cast: Cast, listen: Listen) -> None:
    issued = await token_of(cast.alice)
    fresh = await run_db(refresh_token, token=issued.refresh_token, address="local")
    program = await listen(site, fresh.access_token)
    await run_db(ApiToken.objects.update, rotated_at=F("rotated_at") - timedelta(minutes=1))

    def reuse() -> str:
        try:
            return refresh_token(token=issued.refresh_token, address="local").refresh_token
        except Exception as refusal:  # noqa: BLE001 -- whichever it is
            return type(refusal).__name__

    assert await run_db(reuse) == "InvalidToken"
    assert await program.closed() == 4410


async def test_a_new_password_and_a_suspension_close(site: Address, cast: Cast, listen: Listen) -> None:
    alice, bob = await token_of(cast.alice), await token_of(cast.bob)
    one, two = await listen(site, alice.access_token), await listen(site, bob.access_token)
    await run_db(set_password, person=cast.alice, password="another-secret-word")
    assert await one.closed() == 4410
    await run_db(User.objects.filter(pk=cast.mod.pk).update, is_superuser=True)
    cast.mod.is_superuser = True
    await run_db(suspend_person, actor=cast.mod, person=cast.bob)
    assert await two.closed() == 4403
    told_why = await listen(site, bob.access_token, hello=False)
    assert await told_why.closed() == 4403


async def test_deleted_and_switched_off_people_do_not_come_in(site: Address, cast: Cast, listen: Listen) -> None:
    issued = await token_of(cast.alice)
    for fields in ({"is_active": False}, {"is_active": True, "deleted_at": timezone.now()}):
        await run_db(User.objects.filter(pk=cast.alice.pk).update, **fields)
        program = await listen(site, issued.access_token, hello=False)
        assert await program.closed() == 4401


async def test_the_repair_finds_what_no_push_told(transactional_db: None, cast: Cast) -> None:
    """Revoked, run out, or of a password that is gone, by a process that died before it could say so."""
    families = [(await token_of(person)).family for person in (cast.alice, cast.bob, cast.charlie, cast.mod)]
    held = [Credential(one.user_id, None, one.auth_hash, one.pk, one.scope) for one in families]

    def end_quietly() -> None:
        ApiToken.objects.filter(pk=families[0].pk).update(revoked_at=timezone.now())
        ApiToken.objects.filter(pk=families[1].pk).update(refresh_expires_at=timezone.now())
        cast.charlie.set_password("another")
        cast.charlie.save()

    await run_db(end_quietly)
    ended = await run_db(DatabaseTruth().ended, held)
    assert ended == dict.fromkeys(held[:3], 4410)


async def test_open_sockets_keep_their_device_fresh(site: Address, cast: Cast, join: Join) -> None:
    await join(site, cast.alice)
    device = await run_db(Device.objects.get, user=cast.alice)
    await run_db(Device.objects.update, last_active_at=timezone.now() - timedelta(hours=1))
    auth_hash = cast.alice.get_session_auth_hash()
    ended = await run_db(DatabaseTruth().ended, [Credential(cast.alice.pk, device.session_key, auth_hash)])
    assert ended == {}
    fresh = await run_db(Device.objects.get)
    assert fresh.last_active_at > timezone.now() - timedelta(minutes=1)


def test_where_a_program_comes_from(settings: Any) -> None:
    """Its own words about that count only behind proxies of ours."""
    headers = [(b"authorization", b"Bearer x"), (b"x-forwarded-for", b"203.0.113.5, 198.51.100.7")]
    scope = {"path": "/ws/", "headers": headers, "client": ("192.0.2.1", 4711)}
    assert knock(scope).address == "192.0.2.1"
    settings.CHATTER_TRUSTED_PROXIES = 1
    assert knock(scope).address == "198.51.100.7"
    assert knock({**scope, "client": None, "headers": headers[:1]}).address == "local"


# --- the example ----------------------------------------------------------------------------------------------------


async def test_the_example_of_the_docs_prints_messages(site: Address, cast: Cast, tmp_path: Path) -> None:
    source = session.PROJECT / "examples" / "listen.py"
    assert len(source.read_text(encoding="utf-8").splitlines()) < 40
    issued = await token_of(cast.bob, "read")
    keeper = tmp_path / "token.txt"
    keeper.write_text(issued.refresh_token + "\n")
    program = await asyncio.create_subprocess_exec(
        sys.executable, source, site.url, keeper, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert program.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = asyncio.create_task(program.stdout.readline())
            while not line.done():
                await run_db(say, cast.alice, cast.group, "Is anybody listening?")
                await asyncio.wait([line], timeout=0.3)
            assert line.result().decode().strip() == "Alice: Is anybody listening?"
            assert keeper.read_text().startswith("chatter_refresh_")
            assert keeper.read_text().strip() != issued.refresh_token
            await run_db(revoke_token, person=cast.bob, token_id=issued.family.pk)
            _rest, complaint = await program.communicate()
        assert b"4410" in complaint
        assert program.returncode == 1
    finally:
        if program.returncode is None:
            program.kill()
            await program.wait()
