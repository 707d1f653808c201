"""What the same server does without any product: a broadcast of ready-made text, and a Django page that says hello.

`python -m bench.bare broadcast|page PORT` serves one of them on uvicorn as the product is served.
"""

import asyncio
import sys
from typing import Any

import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

# About as long as a message.created event with its html and 200 bytes of text.
EVENT = '{"event":"message.created","padding":"' + "x" * 1100 + '"}'


class Broadcast:
    """Hands one ready-made text to every socket for each frame it gets, and says so to the sender."""

    def __init__(self) -> None:
        self.sockets: list[Any] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "websocket":
            return
        await receive()
        await send({"type": "websocket.accept", "subprotocol": "chatter.v1"})
        await send({"type": "websocket.send", "text": '{"event":"hello"}'})
        self.sockets.append(send)
        try:
            await self._serve(receive, send)
        finally:
            self.sockets.remove(send)

    async def _serve(self, receive: Any, send: Any) -> None:
        loop = asyncio.get_running_loop()
        push = {"type": "websocket.send", "text": EVENT}
        while (frame := await receive())["type"] == "websocket.receive":
            for other in self.sockets:
                asyncio.Task(other(push), loop=loop, eager_start=True)
            ref = frame["text"].partition('"ref":')[2].partition(",")[0]
            await send({"type": "websocket.send", "text": f'{{"ref":{ref},"ok":{{}}}}'})


def page() -> Any:
    """A Django project of one view, with Django's own ASGI entry."""

    async def hello(request: HttpRequest) -> HttpResponse:
        return HttpResponse("hello, world", headers={"Content-Length": "12"})

    settings.configure(ALLOWED_HOSTS=["*"], SECRET_KEY="measured, never served", ROOT_URLCONF=(path("", hello),))
    return get_asgi_application()


def main(kind: str, port: int) -> None:
    application = Broadcast() if kind == "broadcast" else page()
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=port,
        ws="websockets-sansio",
        http="httptools",
        loop="uvloop",
        lifespan="off",
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        access_log=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
