"""People who do not give up: a talker sends again until it is acknowledged, a reader asks for whatever it missed."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol
from uuid import uuid4

from bench.client import Connection, NotUpgraded, Refusal, connect

RETRY_SECONDS = 0.05
# The protocol's time for a version that is on its way from another server.
GAP_SECONDS = 0.3

Wire = dict[str, Any]


class Web(Protocol):
    """Where a web server answers."""

    @property
    def ws_url(self) -> str: ...


async def until(ready: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for something that other tasks bring about. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not ready():  # noqa: ASYNC110 -- what is waited for is a state, in many places
            await asyncio.sleep(0.005)


class Line:
    """A signed-in connection that is dialled again whenever it is wanted and gone."""

    def __init__(self, web: Web, cookie: str) -> None:
        self.web = web
        self.cookie = cookie
        self.dialled = 0
        self._connection: Connection | None = None
        self._dialling = asyncio.Lock()

    async def connection(self) -> Connection:
        async with self._dialling:
            while self._connection is None or self._connection.closed.done():
                try:
                    self._connection = await asyncio.wait_for(connect(self.web.ws_url, self.cookie), 10)
                    self.dialled += 1
                except (OSError, NotUpgraded, TimeoutError):
                    await asyncio.sleep(RETRY_SECONDS)
            return self._connection

    async def ask(self, cmd: str, **fields: Any) -> Wire:
        """The answer, however often the connection is lost meanwhile. Raises Refusal for a real one."""
        while True:
            connection = await self.connection()
            try:
                return await connection.ask(cmd, **fields)
            except Refusal as refusal:
                if refusal.code not in ("lost", "rate_limited"):
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    async def close(self) -> None:
        if self._connection is not None:
            await self._connection.close()


class Talker:
    """Sends so many messages, some at once, each under one client_id until the server has acknowledged it.

    `pause` is the time between two of them (seconds).
    """

    def __init__(self, line: Line, place: str, name: str, count: int, at_once: int = 3, pause: float = 0) -> None:
        self.line = line
        self.place = place
        self.texts = {str(uuid4()): f"{name} says number {number}" for number in range(count)}
        self.at_once = at_once
        self.pause = pause
        self.acknowledged: dict[str, Wire] = {}
        self.resent = 0

    async def talk(self) -> None:
        """Return when everything is acknowledged."""
        waiting = iter(self.texts.items())

        async def voice() -> None:
            for client_id, content in waiting:
                self.acknowledged[client_id] = await self.deliver(client_id, content)
                await asyncio.sleep(self.pause)

        await asyncio.gather(*(voice() for _ in range(self.at_once)))

    async def deliver(self, client_id: str, content: str) -> Wire:
        tries = 0
        while True:
            connection = await self.line.connection()
            tries += 1
            self.resent += tries > 1
            try:
                return await connection.ask(
                    "message.send", conversation=self.place, client_id=client_id, content=content
                )
            except Refusal as refusal:
                if refusal.code not in ("lost", "rate_limited"):
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    async def insist(self) -> None:
        """Send everything once more: each answer must be the first one, marked as duplicate."""
        for client_id, content in self.texts.items():
            again = await self.deliver(client_id, content)
            first = self.acknowledged[client_id]
            assert again.pop("duplicate") is True
            assert again == {name: first[name] for name in again}


class Reader:
    """Has a place open and rebuilds it from events and catching up: `messages` by number, up to `version`."""

    def __init__(self, line: Line, place: str) -> None:
        self.line = line
        self.place = place
        self.messages: dict[int, Wire] = {}
        self.version: int | None = None
        self.seen_version = 0
        self.doubled: list[int] = []
        self.frames_about_place = 0
        self.names: list[str] = []
        self.removed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._behind = asyncio.Event()

    async def start(self) -> None:
        """Open the place; from now on this reader keeps itself up to date."""
        await self.catch_up(await self._attend())
        self._task = asyncio.create_task(self._stay())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self.line.close()

    async def until(self, ready: Callable[[], bool], seconds: float = 30) -> None:
        """Wait for something this reader can see; AssertionError with what it sees when the time is over."""
        try:
            await until(ready, seconds)
        except TimeoutError:
            raise AssertionError(f"still at version {self.version} with {len(self.messages)} messages") from None

    async def catch_up(self, connection: Connection) -> None:
        """Ask for what is missing until nothing is."""
        while True:
            reply = await connection.ask("conversation.open", conversation=self.place, version=self.version)
            if reply["reset"]:
                self.messages.clear()
            for item in reply["changes"]:
                self.messages[item["message"]["number"]] = {"message": item["message"], "html": item["html"]}
            self.version = reply["changes"][-1]["version"] if reply["more"] else reply["version"]
            if not reply["more"] and self.version >= self.seen_version:
                return

    async def _attend(self) -> Connection:
        connection = await self.line.connection()
        connection.on_event = self._hear
        return connection

    async def _stay(self) -> None:
        while True:
            connection = await self._attend()
            try:
                await self.catch_up(connection)
                await self._listen(connection)
            except Refusal as refusal:
                if refusal.code == "not_found":
                    return
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, connection: Connection) -> None:
        """Return when the connection is gone, or when a gap did not fill."""
        behind = asyncio.ensure_future(self._behind.wait())
        try:
            either: list[asyncio.Future[Any]] = [behind, connection.closed]
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if self._behind.is_set():
                await asyncio.sleep(GAP_SECONDS)
                self._behind.clear()
        finally:
            behind.cancel()

    def _hear(self, event: Wire) -> None:
        if event.get("conversation") != self.place:
            return
        self.frames_about_place += 1
        self.names.append(event["event"])
        if event["event"] == "membership.removed":
            self.removed.set()
        version = event.get("version")
        if version is None or self.version is None:
            return
        self.seen_version = max(self.seen_version, version)
        if version == self.version + 1 and event["event"] == "message.created":
            self._keep(event)
            self.version = version
        elif version > self.version:
            self._behind.set()

    def _keep(self, event: Wire) -> None:
        number = event["message"]["number"]
        if number in self.messages:
            self.doubled.append(number)
        self.messages[number] = {"message": event["message"], "html": event["html"]}

    def texts(self) -> list[str]:
        """What was said, in order of numbers."""
        return [self.messages[number]["message"]["content"] for number in sorted(self.messages)]
