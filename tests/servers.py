"""Servers for tests: the real application in a thread or in processes of its own, Valkey, a PostgreSQL to break.

Loaded by `addopts = -p`, so nothing of Django is imported before a fixture runs.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import pytest

from chatter.ops.postgres import Postgres
from chatter.ops.valkey import Valkey
from tests import session
from tests.databases import empty, transplant

HOST = "127.0.0.1"
START_SECONDS = 40


class Address:
    """Where a web server answers."""

    host = HOST

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://{HOST}:{port}"
        self.ws_url = f"ws://{HOST}:{port}/ws/"

    def answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/livez", timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True


class WebProcess(Address):
    """`manage.py serve` as a process of its own, with this test's database."""

    def __init__(self, log: Path, environment: Mapping[str, str]) -> None:
        super().__init__(free_port())
        self.log = log
        self.environment = {**os.environ, **environment, "CHATTER_PARENT": str(os.getpid())}
        self.process: subprocess.Popen[bytes] = self._launch()
        self.wait()

    @property
    def pid(self) -> int:
        return self.process.pid

    def output(self) -> str:
        """All it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self.process.wait()

    def terminate(self, seconds: float = 20) -> None:
        """Ask it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(seconds)

    def restart(self) -> None:
        """Start it again on the same port (end it first)."""
        self.process = self._launch()
        self.wait()

    def wait(self) -> None:
        """Return when it answers."""
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"the web process did not start:\n{self.output()}")
            time.sleep(0.02)

    def _launch(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return _manage(["serve", f"--host={HOST}", f"--port={self.port}"], self.environment, output)


def _manage(arguments: list[str], environment: Mapping[str, str], output: IO[bytes]) -> subprocess.Popen[bytes]:
    program = [sys.executable, "manage.py", *arguments]
    return subprocess.Popen(program, cwd=session.PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def _site_thread(django_db_setup: None, django_db_blocker: Any) -> Iterator[Address]:
    """The application in a thread; it may use the database between tests, as its upkeep does."""
    import uvicorn
    from django.conf import settings

    # Files do not change while tests run: browsers that stay need not ask for them again.
    settings.WHITENOISE_MAX_AGE = 3600
    from chatter.asgi import application
    from chatter.ops.serve import web_config

    listener = socket.create_server((HOST, 0), backlog=2048)
    server = uvicorn.Server(web_config(application))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="site", daemon=True)
    with django_db_blocker.unblock():
        thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not server.started:
            assert thread.is_alive() and time.monotonic() < deadline, "the site's thread did not start"
            time.sleep(0.01)
        yield Address(listener.getsockname()[1])
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def site(transactional_db: None, _site_thread: Address) -> Address:
    """The real application on uvicorn, in a thread of this process, without Redis."""
    from chatter.core import page_cache

    # What visitors of the last test were shown.
    page_cache.memory.clear()
    return _site_thread


@pytest.fixture
def web_process(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., WebProcess]]:
    """Starts web servers as processes: `web_process(redis_url=None, env={})`."""
    started: list[WebProcess] = []

    def start(*, redis_url: str | None = None, env: Mapping[str, str] | None = None) -> WebProcess:
        environment = {"REDIS_URL": redis_url or "", **(env or {})}
        started.append(WebProcess(tmp_path / f"web-{len(started)}.log", environment))
        return started[-1]

    yield start
    for web in started:
        web.kill()


@pytest.fixture(scope="session")
def _valkey_of_worker() -> Iterator[Valkey]:
    server = Valkey(session.folder() / session.WORKER)
    yield server
    server.stop()


@pytest.fixture
def valkey(_valkey_of_worker: Valkey) -> Valkey:
    """This worker's Valkey, running and empty."""
    server = _valkey_of_worker
    # A test may have stopped it, and what it held is nobody's business any more.
    server.stop()
    server.start()
    return server


class SparePostgres:
    """A PostgreSQL of a test's own, to stop and to kill."""

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self.url = server.url("app")
        self.owner_url = server.url("owner")

    def start(self) -> None:
        self._server.start(holder="a test")

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    @property
    def running(self) -> bool:
        return self._server.process is not None


@pytest.fixture(scope="session")
def _spare_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    var = session.folder() / f"spare-{session.WORKER}"
    server = Postgres(var, settings=session.FORGETFUL)
    server.start(holder="a test")
    session.migrated(session.folder() / "migrate")
    transplant(session.server(), "chatter", server)
    yield server
    server.stop()


@pytest.fixture
def postgres(_spare_postgres: Postgres) -> Iterator[SparePostgres]:
    """A migrated PostgreSQL that belongs to this test alone."""
    spare = SparePostgres(_spare_postgres)
    if not spare.running:
        spare.start()
    yield spare
    if not spare.running:
        spare.start()
    empty("chatter", server=_spare_postgres.url("superuser"))


class SignedIn:
    """Makes sessions without a password."""

    def __call__(self, user: Any) -> dict[str, str]:
        """The cookies of a new session of `user`."""
        from django.conf import settings
        from django.test import Client

        client = Client()
        client.force_login(user)
        return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}

    def header(self, user: Any) -> str:
        """The same as the Cookie header of a socket."""
        return "; ".join(f"{name}={text}" for name, text in self(user).items())


@pytest.fixture
def signed_in(db: None) -> SignedIn:
    return SignedIn()
