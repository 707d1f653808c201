"""The one way out for events, and the one way from the event loop to the database.

`publish` is called by actions, in any thread of any process; after commit the events reach this process's hub, if it
has one, and the bus. Core imports no app: what rendering needs is registered here by the app that knows it.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import Any, Protocol
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, transaction

from chatter.core import bus
from chatter.core.events import Event
from chatter.core.rooms import Socket

log = logging.getLogger(__name__)

# The socket whose command is being carried out: its person's other sockets are told, it gets the reply.
origin: contextvars.ContextVar[Socket | None] = contextvars.ContextVar("origin", default=None)


class Live(Protocol):
    """This process's event loop with its hub and bus."""

    loop: asyncio.AbstractEventLoop

    @property
    def connected(self) -> bool:
        """Is the bus subscribed?"""

    @property
    def socket_count(self) -> int: ...

    def accept(self, events: Sequence[Event], origin: Socket | None = None) -> None:
        """Deliver to local sockets first, then hand to the bus. Called on the loop."""


class Registry:
    """What other parts of the process bring: the app that shows messages, and the server while it runs."""

    live: Live | None = None
    render: Callable[[dict[str, Any], str], str]
    messages: Callable[[list[UUID]], dict[UUID, tuple[dict[str, Any], str]]]
    small_places: Callable[[UUID], tuple[UUID, ...]] = staticmethod(lambda _person: ())


registry = Registry()


def register(
    *,
    render: Callable[[dict[str, Any], str], str],
    messages: Callable[[list[UUID]], dict[UUID, tuple[dict[str, Any], str]]],
    small_places: Callable[[UUID], tuple[UUID, ...]],
) -> None:
    """`render(wire, body)` makes the article of a message; `messages(ids)` reads (wire, body) for nobody in particular;
    `small_places(person)` are the conversations where everybody hears at once how the person is and is called."""
    registry.render, registry.messages = staticmethod(render), staticmethod(messages)
    registry.small_places = staticmethod(small_places)


def publish(*events: Event) -> None:
    """Tell everybody whom it concerns, once the transaction around this call is committed (now, where there is none)."""
    if events:
        transaction.on_commit(partial(announce, events, origin.get()), robust=True)


def announce(events: Sequence[Event], source: Socket | None = None) -> None:
    """Hand committed events to the hub of this process, else straight to the bus. Never raises for a failed push."""
    live = registry.live
    if live is None or live.loop.is_closed():
        bus.send_from_outside(events)
    elif running_loop() is live.loop:
        live.accept(events, source)
    else:
        live.loop.call_soon_threadsafe(live.accept, events, source)


def running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@cache
def executor() -> ThreadPoolExecutor:
    """The threads that use the database: as many as there are connections, but for the batcher's."""
    return ThreadPoolExecutor(max(2, settings.DATABASE_POOL_SIZE - 1), thread_name_prefix="database")


async def run_db[**P, T](function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a synchronous function that uses the database in one of the executor's threads."""
    call = partial(contextvars.copy_context().run, with_connection, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(executor(), call)


def with_connection[**P, T](function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Call, and give the thread's connection back to the pool."""
    try:
        return function(*args, **kwargs)
    finally:
        close_old_connections()
