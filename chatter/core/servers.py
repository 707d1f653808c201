"""What uvicorn and Daphne do differently on a WebSocket: waiting for a full socket, cutting it off, queueing input.

Neither server offers these through ASGI; where a server is neither, sending never waits and nothing can be cut.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

type Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
type Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]


class Gate:
    """Twisted's push producer for one Daphne socket: open while its transport takes more."""

    __slots__ = ("opened",)

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.opened.set()

    def pauseProducing(self) -> None:  # noqa: N802 -- Twisted's interface
        self.opened.clear()

    def resumeProducing(self) -> None:  # noqa: N802 -- Twisted's interface
        self.opened.set()

    def stopProducing(self) -> None:  # noqa: N802 -- Twisted's interface
        self.opened.set()


def waiting_send(send: Send) -> Send:
    """`send` of an accepted socket, made to wait while the peer does not read. uvicorn's own does; Daphne's buffers
    without bound (100 MB to one non-reader in half a second)."""
    protocol = daphne_protocol(send)
    if protocol is None:
        return send
    gate = Gate()
    # The HTTP channel that accepted the connection is still registered; it has nothing more to produce.
    protocol.unregisterProducer()
    protocol.registerProducer(gate, True)

    async def send_when_open(message: MutableMapping[str, Any]) -> None:
        await gate.opened.wait()
        await send(message)

    return send_when_open


def abort(send: Send) -> None:
    """Cut the connection under `send` (the server's own) without waiting for what is still to be written."""
    protocol = daphne_protocol(send)
    if protocol is not None:
        protocol.transport.abortConnection()
        return
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is not None and hasattr(transport, "abort"):
        transport.abort()


def frames_waiting(receive: Receive) -> int:
    """How many frames the server has taken from the client and not handed out. uvicorn stops reading instead."""
    queue = getattr(receive, "__self__", None)
    return queue.qsize() if isinstance(queue, asyncio.Queue) else 0


def daphne_protocol(send: Send) -> Any:
    """Daphne's protocol object where `send` is Daphne's, else None."""
    if not isinstance(send, partial) or not send.args:
        return None
    protocol = send.args[0]
    return protocol if hasattr(protocol, "registerProducer") and hasattr(protocol, "transport") else None
