"""People on sockets: `join(person)` opens one, on uvicorn and on Daphne alike where a test asks for `server`.

Tests here are coroutines: they act through `run_db`, because Django keeps a connection for each one that does not.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import Any

import pytest
import pytest_asyncio

from chatter.core import bus
from chatter.core.realtime import registry, run_db
from tests import session
from tests.cast import Cast, make_cast
from tests.live.client import Client, connected
from tests.servers import HOST, START_SECONDS, Address, SignedIn, free_port

Join = Callable[..., Awaitable[Client]]
Start = Callable[..., Any]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


class DaphneAddress(Address):
    """Where a Daphne process answers."""

    pid = 0


@contextmanager
def daphne_process(environment: Mapping[str, str]) -> Iterator[DaphneAddress]:
    """Daphne serving the application, as `runserver` does."""
    address = DaphneAddress(free_port())
    program = [sys.executable, "-m", "daphne", "-b", HOST, "-p", str(address.port), "chatter.asgi:application"]
    whole = {**os.environ, "REDIS_URL": "", **environment}
    with subprocess.Popen(program, cwd=session.PROJECT, env=whole) as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not address.answers():
                assert process.poll() is None and time.monotonic() < deadline, "Daphne did not start"
                time.sleep(0.05)
            address.pid = process.pid
            yield address
        finally:
            process.kill()


@pytest.fixture(scope="session")
def _daphne(django_db_setup: None) -> Iterator[Address]:
    with daphne_process({}) as address:
        yield address


@pytest.fixture
def daphne(transactional_db: None, _daphne: Address) -> Address:
    return _daphne


@pytest.fixture(params=["uvicorn", "daphne"])
def server(request: pytest.FixtureRequest) -> Address:
    """The same application on both servers."""
    found: Address = request.getfixturevalue("site" if request.param == "uvicorn" else "daphne")
    return found


@pytest_asyncio.fixture
async def join(signed_in: SignedIn) -> AsyncIterator[Callable[..., Awaitable[Client]]]:
    """`await join(server, person)`: a signed-in browser's socket, closed at the end of the test."""
    async with AsyncExitStack() as stack:

        async def enter(server: Any, person: Any, *, cookie: str | None = None, **options: Any) -> Client:
            headers = {"Cookie": cookie or await run_db(signed_in.header, person)}
            return await stack.enter_async_context(
                connected(server.ws_url, origin=server.url, additional_headers=headers, **options)
            )

        yield enter


@pytest.fixture(params=["valkey", "postgres"])
def start(request: pytest.FixtureRequest, web_process: Start, settings: Any, monkeypatch: Any) -> Iterator[Start]:
    """Starts web processes that share a bus; this process publishes to it as a worker would."""
    url = request.getfixturevalue("valkey").url if request.param == "valkey" else ""
    settings.REDIS_URL = url
    monkeypatch.setattr(registry, "live", None)
    bus.outside_client.cache_clear()

    def begin(**env: str) -> Any:
        return web_process(redis_url=url, env=env)

    yield begin
    bus.outside_client.cache_clear()
