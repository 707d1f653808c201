"""The application that servers run: pages, sockets, and what happens when a server starts and stops."""

import asyncio
import gc
import os
import signal
import threading
from types import FrameType
from typing import Any

import django
from channels.routing import ProtocolTypeRouter

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatter.settings")
django.setup(set_prefix=False)

from chatter.consumers import ChatConsumer  # noqa: E402 -- needs the apps
from chatter.consumers.server import Server, server_of_this_loop  # noqa: E402
from chatter.core.page_cache import PageCache  # noqa: E402
from chatter.core.pages import PageHandler  # noqa: E402
from chatter.core.servers import Receive, Send  # noqa: E402


async def lifespan(_scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """Start the live side with the server, and stop it when the server is told to end."""
    await receive()
    server = server_of_this_loop()
    stop_before(server)
    # What is loaded by now stays: collections need not walk over it again and again while sockets wait.
    gc.collect()
    gc.freeze()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await server.stop()
    await send({"type": "lifespan.shutdown.complete"})


def stop_before(server: Server) -> None:
    """On SIGTERM and SIGINT first say goodbye to the sockets; the web server's own ending comes after it.

    The web server would cut the sockets at once, before anybody could be told to come back.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        after = signal.getsignal(number)
        if callable(after):
            signal.signal(number, FirstGoodbye(server, after))


class FirstGoodbye:
    """The signal's first arrival stops the live side; its own ending follows, at once if the signal comes again."""

    def __init__(self, server: Server, after: Any) -> None:
        self.server = server
        self.after = after
        self.task: asyncio.Task[None] | None = None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.server.stopping:
            self.after(number, frame)
        else:
            self.server.loop.call_soon_threadsafe(self.begin, number)

    def begin(self, number: int) -> None:
        self.task = self.server.loop.create_task(self.end(number))

    async def end(self, number: int) -> None:
        try:
            await self.server.stop()
        finally:
            self.after(number, None)


application = ProtocolTypeRouter(
    {"http": PageCache(PageHandler()), "websocket": ChatConsumer.as_asgi(), "lifespan": lifespan}
)
