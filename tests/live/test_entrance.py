"""Who may come in, from which origin, and which code closes the door."""

import asyncio
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from accounts.actions.moderation import lift_suspension, suspend_person
from accounts.actions.sessions import set_password
from accounts.models import User
from chatter.consumers import entrance
from chatter.consumers.entrance import Knock, knock
from chatter.core.realtime import run_db
from tests.cast import Cast
from tests.live.client import connected
from tests.live.conftest import Join
from tests.servers import Address, SignedIn


async def handshake(server: Address, **options: Any) -> int:
    """The HTTP status of a handshake."""
    try:
        async with connect(server.ws_url, **options):
            return 101
    except InvalidStatus as refusal:
        return refusal.response.status_code


def foreign_origins(server: Address) -> list[str | None]:
    return [
        None,
        "null",
        "http://evil.example",
        f"http://{server.host}:{server.port + 1}",
        f"http://{server.host}",
        f"https://{server.host}:{server.port}",
        f"http://{server.host}@evil.example:{server.port}",
        f"http://evil.example/{server.url}",
        f"http://localhost:{server.port}",
        server.url + "/",
    ]


async def test_foreign_origins_with_a_cookie_are_refused(server: Address, cast: Cast, signed_in: SignedIn) -> None:
    cookie = {"Cookie": await run_db(signed_in.header, cast.alice)}
    for origin in foreign_origins(server):
        assert await handshake(server, origin=origin, additional_headers=cookie) == 403, origin
    # Daphne does not take this one for an origin at all.
    odd = await handshake(server, origin=f"{server.url}.evil.example", additional_headers=cookie)
    assert odd in (400, 403)
    assert await handshake(server, origin=server.url, additional_headers=cookie) == 101


async def test_without_a_session_the_socket_is_accepted_and_closed(server: Address) -> None:
    for options in (
        {},
        {"origin": server.url},
        {"origin": server.url, "additional_headers": {"Cookie": "sessionid=unknown"}},
        {"additional_headers": {"Authorization": "Bearer nobody-knows-this"}},
        {"origin": "http://evil.example", "additional_headers": {"Authorization": "Bearer x"}},
    ):
        async with connected(server.ws_url, hello=False, **options) as client:
            assert await client.closed() == 4401
            assert client.events == []


async def test_other_paths_are_no_sockets(server: Address) -> None:
    for path in ("/", "/ws", "/ws/more/", "/admin/"):
        address = f"ws://{server.host}:{server.port}{path}"
        with pytest.raises(InvalidStatus) as refusal:
            async with connect(address):
                pass
        assert refusal.value.response.status_code == 403


def headers(**named: str) -> dict[str, Any]:
    lines = [(name.replace("_", "-").encode(), text.encode()) for name, text in named.items()]
    return {"type": "websocket", "scheme": "ws", "path": "/ws/", "headers": lines}


def visit(origin: str, *, scheme: str = "ws", **named: str) -> Knock:
    return knock(
        {**headers(origin=origin, cookie="sessionid=abc", **{"host": "127.0.0.1:8000", **named}), "scheme": scheme}
    )


def test_default_ports_may_be_left_out() -> None:
    assert not visit("http://127.0.0.1", host="127.0.0.1:80").is_foreign
    assert not visit("http://127.0.0.1:80", host="127.0.0.1").is_foreign
    assert not visit("https://127.0.0.1", host="127.0.0.1:443", scheme="wss").is_foreign
    assert visit("https://127.0.0.1", host="127.0.0.1").is_foreign


def test_trusted_origins(settings: Any) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org", "https://*.example.net:8443"]
    assert not visit("https://chat.example.org").is_foreign
    assert not visit("https://a.b.example.net:8443").is_foreign
    for origin in (
        "http://chat.example.org",
        "https://chat.example.org:444",
        "https://other.example.org",
        "https://a.example.net",
        "https://example.net.evil.example:8443",
        "https://evilexample.net:8443",
    ):
        assert visit(origin).is_foreign, origin


def test_a_host_that_is_not_ours_has_no_origin_of_its_own() -> None:
    """DNS rebinding: the browser believes that our address is called evil.example."""
    assert visit("http://evil.example:8000", host="evil.example:8000").is_foreign


def test_behind_a_proxy_that_ends_tls(settings: Any) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    told = {"x_forwarded_proto": "https", "host": "127.0.0.1"}
    assert not visit("https://127.0.0.1", **told).is_foreign
    assert visit("http://127.0.0.1", **told).is_foreign
    assert not visit("http://127.0.0.1", host="127.0.0.1").is_foreign


@pytest.mark.parametrize("neighbour", ['seen={"a":1}', "who@host=1", "list=[1,2]", "caf\xe9=x", "flag"])
def test_odd_cookies_beside_ours_hide_nothing(neighbour: str) -> None:
    for cookie in (f"{neighbour}; sessionid=abc", f"sessionid=abc; {neighbour}"):
        assert knock(headers(host="127.0.0.1:8000", cookie=cookie)).session_key == "abc", cookie


@pytest.mark.parametrize("cookie", ["", "csrftoken=x", "sessionid=", "sessionid", "\x00=;;,", "a" * 5000])
def test_without_a_session_cookie_the_origin_does_not_matter(cookie: str) -> None:
    found = knock(headers(host="127.0.0.1:8000", origin="http://evil.example", cookie=cookie))
    assert found == Knock(None, None, is_foreign=False)


async def test_half_authenticated_gets_nothing(server: Address, cast: Cast, signed_in: SignedIn) -> None:
    """A session that waits for its second factor names nobody yet."""
    cookies = await run_db(signed_in, cast.alice)
    key = cookies[settings.SESSION_COOKIE_NAME]

    def forget_person() -> None:
        row = Session.objects.get(session_key=key)
        held = row.get_decoded()
        held = {"account_login": {"user_pk": held[SESSION_KEY]}}
        row.session_data = import_module(settings.SESSION_ENGINE).SessionStore().encode(held)
        row.save()

    await run_db(forget_person)
    async with connected(
        server.ws_url, hello=False, origin=server.url, additional_headers={"Cookie": f"sessionid={key}"}
    ) as client:
        assert await client.closed() == 4401
        assert client.events == []


async def test_suspended_people_are_closed_with_4403(server: Address, cast: Cast, join: Join) -> None:
    alice = await join(server, cast.alice)
    await run_db(User.objects.filter(pk=cast.mod.pk).update, is_superuser=True)
    cast.mod.is_superuser = True
    await run_db(suspend_person, actor=cast.mod, person=cast.alice)
    assert await alice.closed() == 4403
    again = await join(server, cast.alice, hello=False)
    assert await again.closed() == 4403


async def test_a_socket_of_before_the_suspension_does_not_come_back(
    server: Address, cast: Cast, join: Join, signed_in: SignedIn
) -> None:
    cookies = await run_db(signed_in, cast.alice)
    cookie = f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME]}"
    await run_db(User.objects.filter(pk=cast.mod.pk).update, is_superuser=True)
    cast.mod.is_superuser = True
    await run_db(suspend_person, actor=cast.mod, person=cast.alice)
    told_why = await join(server, cast.alice, cookie=cookie, hello=False)
    assert await told_why.closed() == 4403
    await run_db(lift_suspension, actor=cast.mod, person=cast.alice)
    gone = await join(server, cast.alice, cookie=cookie, hello=False)
    assert await gone.closed() == 4401


async def test_logging_out_closes_the_sockets_of_that_session_only(
    server: Address, cast: Cast, join: Join, signed_in: SignedIn
) -> None:
    here, elsewhere = await run_db(signed_in, cast.alice), await run_db(signed_in, cast.alice)
    name = settings.SESSION_COOKIE_NAME
    desk = await join(server, cast.alice, cookie=f"{name}={here[name]}")
    tab = await join(server, cast.alice, cookie=f"{name}={here[name]}")
    phone = await join(server, cast.alice, cookie=f"{name}={elsewhere[name]}")

    def log_out() -> int:
        browser = Browser()
        browser.cookies.load(here)
        return browser.post("/accounts/logout/").status_code

    assert await run_db(log_out) == 302
    assert await desk.closed() == 4410
    assert await tab.closed() == 4410
    await phone.ok("ping")
    again = await join(server, cast.alice, cookie=f"{name}={here[name]}", hello=False)
    assert await again.closed() == 4401


async def test_a_new_password_closes_all_sockets(server: Address, cast: Cast, join: Join) -> None:
    desk, phone = await join(server, cast.alice), await join(server, cast.alice)
    await run_db(set_password, person=cast.alice, password="another-secret-word")
    assert await desk.closed() == 4410
    assert await phone.closed() == 4410


async def test_deleted_and_switched_off_accounts_do_not_come_in(
    server: Address, cast: Cast, signed_in: SignedIn
) -> None:
    cookie = await run_db(signed_in.header, cast.alice)
    await run_db(User.objects.filter(pk=cast.alice.pk).update, is_active=False)
    async with connected(
        server.ws_url, hello=False, origin=server.url, additional_headers={"Cookie": cookie}
    ) as client:
        assert await client.closed() == 4401


async def test_many_come_at_once(site: Address, cast: Cast, join: Join) -> None:
    clients = await asyncio.gather(*(join(site, cast.alice) for _ in range(20)))
    assert all(client.hello["user"]["username"] == "alice" for client in clients)


async def test_while_the_database_is_away_one_is_asked_to_come_back(
    site: Address, cast: Cast, join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_visit: Knock) -> int:
        raise ConnectionError

    monkeypatch.setattr(entrance, "enter", away)
    alice = await join(site, cast.alice, hello=False)
    assert await alice.closed() == 1012
