"""Sockets and second factors: half way in one hears nothing; a change elsewhere closes what was open without it."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client as Browser

from accounts.actions.factors import remove_second_factor
from accounts.models import User
from chatter.core.realtime import run_db
from tests.cast import Cast, say
from tests.factors import code_of, give_app
from tests.live.client import connected
from tests.live.conftest import Join
from tests.servers import Address, SignedIn
from tests.stepup import confirm

pytestmark = pytest.mark.django_db(transaction=True)
PASSWORD = "long-and-unlike-7"
STEP = "/accounts/2fa/authenticate/"


def half_way_in(person: User) -> tuple[Browser, str]:
    """A browser that showed the password, and the secret of the app it has yet to show."""
    person.set_password(PASSWORD)
    person.save()
    secret = give_app(person)
    browser = Browser()
    assert browser.post("/accounts/login/", {"login": person.username, "password": PASSWORD})["Location"] == STEP
    return browser, secret


def key_of(browser: Browser) -> str:
    key: str = browser.cookies[settings.SESSION_COOKIE_NAME].value
    return key


async def test_only_the_second_step_opens_the_socket(server: Address, cast: Cast) -> None:
    browser, secret = await run_db(half_way_in, cast.alice)
    origin: dict[str, Any] = {"origin": server.url}
    early = key_of(browser)
    async with connected(
        server.ws_url, hello=False, additional_headers={"Cookie": f"sessionid={early}"}, **origin
    ) as client:
        assert await client.closed() == 4401
        assert client.events == []
    answer = await run_db(browser.post, STEP, {"code": code_of(secret)})
    assert answer.status_code == 302
    assert key_of(browser) != early
    async with connected(
        server.ws_url, hello=False, additional_headers={"Cookie": f"sessionid={early}"}, **origin
    ) as client:
        assert await client.closed() == 4401, "the key from before is worth nothing"
    async with connected(
        server.ws_url, additional_headers={"Cookie": f"sessionid={key_of(browser)}"}, **origin
    ) as client:
        assert client.hello["user"]["username"] == "alice"


async def test_a_change_of_the_factor_closes_the_other_sockets(
    server: Address, cast: Cast, join: Join, signed_in: SignedIn
) -> None:
    await run_db(give_app, cast.alice)
    other = await join(server, cast.alice)
    browser = Browser()

    def turn_off() -> int:
        browser.force_login(cast.alice)
        confirm(browser)
        return browser.post("/accounts/2fa/totp/deactivate/").status_code

    assert await run_db(turn_off) == 302
    assert await other.closed() == 4410
    await run_db(say, cast.bob, cast.direct, "For her alone")
    assert not [event for event in other.events if event["event"] == "message.created"]


async def test_a_factor_taken_away_by_the_staff_closes_every_socket(server: Address, cast: Cast, join: Join) -> None:
    await run_db(give_app, cast.alice)
    socket = await join(server, cast.alice)
    await run_db(User.objects.filter(pk=cast.mod.pk).update, is_superuser=True)
    cast.mod.is_superuser = True
    await run_db(remove_second_factor, actor=cast.mod, person=cast.alice, reason="Lost the phone")
    assert await socket.closed() == 4410
