"""Access that ends in one web process ends on the sockets of another at once: with Valkey and with LISTEN/NOTIFY.

The repair by the clock is switched off here: only the push can close.
"""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from accounts.actions.moderation import suspend_person
from accounts.actions.sessions import end_sessions, set_password
from accounts.actions.tokens import make_token, revoke_token
from accounts.models import Device, User
from chatter.core.realtime import run_db
from tests.cast import Cast
from tests.live.client import Client, connected
from tests.live.conftest import Join, Start
from tests.servers import SignedIn

pytestmark = pytest.mark.timeout(180)
NEVER = {"CHATTER_REPAIR_SECONDS": "3600"}
NAME = settings.SESSION_COOKIE_NAME


class Visitor:
    """A browser of `person` that posts to one process, by HTTP, with its cookies."""

    def __init__(self, cookies: dict[str, str]) -> None:
        self.browser = Browser()
        self.browser.cookies.load(cookies)

    @property
    def cookie(self) -> str:
        return f"{NAME}={self.browser.cookies[NAME].value}"

    async def post(self, address: str, fields: dict[str, str] | None = None) -> int:
        answer = await run_db(self.browser.post, address, fields or {})
        status: int = answer.status_code
        return status


async def visitor(signed_in: SignedIn, person: User) -> Visitor:
    return Visitor(await run_db(signed_in, person))


async def device_of(one: Visitor) -> Device:
    found: Device = await run_db(Device.objects.get, session_key=one.browser.cookies[NAME].value)
    return found


async def test_sessions_that_end(start: Start, cast: Cast, join: Join, signed_in: SignedIn) -> None:
    """Logging out one, all others, oneself; each seen by the sockets of both processes."""
    one, two = start(**NEVER), start(**NEVER)
    here, phone, desk = [await visitor(signed_in, cast.alice) for _ in range(3)]
    bob = await join(two, cast.bob)
    own = await join(two, cast.alice, cookie=here.cookie)
    tabs = [await join(server, cast.alice, cookie=phone.cookie) for server in (one, two)]
    others = [await join(server, cast.alice, cookie=desk.cookie) for server in (one, two)]

    await here.post(f"/settings/devices/{(await device_of(phone)).pk}/log-out/")
    assert [await tab.closed() for tab in tabs] == [4410, 4410]
    await others[1].ok("ping")

    await here.post("/settings/devices/log-out-others/")
    assert [await tab.closed() for tab in others] == [4410, 4410]
    await own.ok("ping")

    again = await join(one, cast.alice, cookie=here.cookie)
    await here.post("/accounts/logout/")
    assert await again.closed() == 4410
    assert await own.closed() == 4410, "its socket had gone on under the new key"
    await bob.ok("ping")


async def test_a_new_password_keeps_the_tabs_of_its_browser(
    start: Start, cast: Cast, join: Join, signed_in: SignedIn
) -> None:
    """They hear nothing of it, on either process; every other socket of the person closes."""
    one, two = start(**NEVER), start(**NEVER)
    here, there = await visitor(signed_in, cast.alice), await visitor(signed_in, cast.alice)
    before = here.cookie
    tabs = [await join(server, cast.alice, cookie=before) for server in (one, two)]
    others = [await join(server, cast.alice, cookie=there.cookie) for server in (one, two)]
    password = {"oldpassword": "secret-of-alice", "password1": "another-one-99", "password2": "another-one-99"}
    assert await here.post("/accounts/password/change/", password) == 302
    assert here.cookie != before
    assert [await tab.closed() for tab in others] == [4410, 4410]
    for tab in tabs:
        await tab.ok("ping")
    for server in (one, two):
        stale = await join(server, cast.alice, cookie=before, hello=False)
        assert await stale.closed() in (4401, 1012)
        fresh = await join(server, cast.alice, cookie=here.cookie)
        assert fresh.hello["user"]["username"] == "alice"


async def test_everything_else_that_ends_access(start: Start, cast: Cast, join: Join) -> None:
    """A password set by the staff, a suspension, the end of an account: told by a process without sockets of its own."""
    one, two = start(**NEVER), start(**NEVER)
    sockets = {
        person.username: [await join(server, person) for server in (one, two)]
        for person in (cast.alice, cast.bob, cast.charlie, cast.mod)
    }
    await run_db(set_password, person=cast.alice, password="another-secret-word")
    assert [await socket.closed() for socket in sockets["alice"]] == [4410, 4410]
    await run_db(User.objects.filter(pk=cast.mod.pk).update, is_superuser=True)
    cast.mod.is_superuser = True
    await run_db(suspend_person, actor=cast.mod, person=cast.bob)
    assert [await socket.closed() for socket in sockets["bob"]] == [4403, 4403]
    await run_db(end_sessions, person=cast.charlie, reason="deleted")
    assert [await socket.closed() for socket in sockets["charlie"]] == [4410, 4410]


async def test_tokens_that_end(start: Start, cast: Cast, join: Join) -> None:
    one, two = start(**NEVER), start(**NEVER)
    ended, stays = [await run_db(make_token, person=cast.alice, name="x", scope="read") for _ in range(2)]

    async def enter(server: Any, token: str) -> tuple[Any, Client]:
        opened = connected(server.ws_url, additional_headers={"Authorization": f"Bearer {token}"})
        return opened, await opened.__aenter__()

    programs = [await enter(server, made.access_token) for made in (ended, stays) for server in (one, two)]
    try:
        await run_db(revoke_token, person=cast.alice, token_id=ended.family.pk)
        assert [await client.closed() for _opened, client in programs[:2]] == [4410, 4410]
        for _opened, client in programs[2:]:
            await client.ok("ping")
        await run_db(set_password, person=cast.alice, password="another-secret-word")
        assert [await client.closed() for _opened, client in programs[2:]] == [4410, 4410]
    finally:
        for opened, _client in programs:
            await opened.__aexit__(None, None, None)
