"""A client of the live protocol, as bare as a test wants it: replies by ref, events in order of arrival."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

SECONDS = 10.0


class Client:
    """One open socket. `hello` is its first frame."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.refs = itertools.count(1)
        self.replies: dict[Any, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.hello: dict[str, Any] = {}
        self.code: int | None = None
        self.news = asyncio.Condition()
        self.reader = asyncio.create_task(self.read())

    async def read(self) -> None:
        try:
            async for text in self.connection:
                frame = json.loads(text)
                async with self.news:
                    if "event" in frame:
                        self.events.append(frame)
                    else:
                        self.replies[frame["ref"]] = frame
                    self.news.notify_all()
        except ConnectionClosed:
            pass
        async with self.news:
            self.code = self.connection.close_code
            self.news.notify_all()

    async def until(self, ready: Any, seconds: float = SECONDS) -> Any:
        """The first true result of `ready()`, asked again at every frame."""
        async with asyncio.timeout(seconds), self.news:
            while not (found := ready()):
                assert self.code is None, f"closed {self.code} while waiting"
                await self.news.wait()
            return found

    async def until_over(self, ready: Any, seconds: float = SECONDS) -> None:
        """Return when `ready()` is true or the connection has ended."""
        async with asyncio.timeout(seconds), self.news:
            while self.code is None and not ready():
                await self.news.wait()

    async def say(self, cmd: str, **fields: Any) -> int:
        ref = next(self.refs)
        await self.connection.send(json.dumps({"cmd": cmd, "ref": ref, **fields}))
        return ref

    async def reply(self, ref: Any) -> dict[str, Any]:
        await self.until(lambda: ref in self.replies)
        return self.replies.pop(ref)

    async def ask(self, cmd: str, **fields: Any) -> dict[str, Any]:
        return await self.reply(await self.say(cmd, **fields))

    async def ok(self, cmd: str, **fields: Any) -> dict[str, Any]:
        reply = await self.ask(cmd, **fields)
        assert "ok" in reply, reply
        result: dict[str, Any] = reply["ok"]
        return result

    async def refused(self, cmd: str, **fields: Any) -> str:
        """The code of the refusal."""
        reply = await self.ask(cmd, **fields)
        assert "error" in reply, reply
        assert reply["error"]["message"]
        code: str = reply["error"]["code"]
        return code

    async def send(self, conversation: Any, content: str = "Hello", **fields: Any) -> dict[str, Any]:
        fields = {"client_id": str(uuid4()), **fields}
        return await self.ok("message.send", conversation=str(conversation), content=content, **fields)

    async def open(self, conversation: Any, version: int | None = None) -> dict[str, Any]:
        return await self.ok("conversation.open", conversation=str(conversation), version=version)

    async def event(self, name: str, seconds: float = SECONDS, **fields: Any) -> dict[str, Any]:
        """The next event called `name` with these fields; takes it out, and leaves the others."""

        def find() -> dict[str, Any] | None:
            for event in self.events:
                if event["event"] == name and all(event.get(key) == value for key, value in fields.items()):
                    self.events.remove(event)
                    return event
            return None

        found: dict[str, Any] = await self.until(find, seconds)
        return found

    async def quiet(self, *, presence: bool = False) -> list[str]:
        """The names of all events so far, once everything the server had for us before this call is here.

        People come and go when they like: `presence.changed` counts only where it is asked for.
        """
        await self.ok("ping")
        names = [event["event"] for event in self.events]
        return names if presence else [name for name in names if name != "presence.changed"]

    async def closed(self, seconds: float = SECONDS) -> int | None:
        """The close code, when the server has closed."""
        async with asyncio.timeout(seconds), self.news:
            while self.code is None and not self.reader.done():
                await self.news.wait()
        return self.code


@asynccontextmanager
async def connected(url: str, *, hello: bool = True, **options: Any) -> AsyncIterator[Client]:
    """An open socket; its `hello` has come unless `hello` is false."""
    async with connect(url, max_size=None, max_queue=None, ping_interval=None, **options) as connection:
        client = Client(connection)
        try:
            if hello:
                client.hello = await client.event("hello")
            yield client
        finally:
            client.reader.cancel()
