"""Django's pages on ASGI: one thread hop for a request, in the same threads that serve the sockets' commands."""

import asyncio
from collections.abc import Iterator, MutableMapping
from contextvars import copy_context
from functools import partial
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import FileResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

from chatter.core.realtime import executor
from chatter.core.servers import Receive

END: bytes = b""
TOO_LARGE = "chatter.body_too_large"


class BoundedReceive:
    """`receive`, until the body it brings is larger than `limit` bytes: then as if the client were gone."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive = receive
        self.left = limit

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self.receive()
        self.left -= len(message.get("body", b""))
        return {"type": "http.disconnect"} if self.is_exceeded else message

    @property
    def is_exceeded(self) -> bool:
        return self.left < 0


class PageHandler(ASGIHandler):
    """Runs the whole chain of a request, which is synchronous, in one thread of the executor.

    Django's own handler changes threads twice for each middleware and makes a thread for each request (2 ms a page).
    """

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        bounded = BoundedReceive(receive, settings.CHATTER_BODY_MAX)
        try:
            body = await self.read_body(bounded)
        except RequestAborted:
            if not bounded.is_exceeded:
                return
            # Nothing of it is kept; BodyMiddleware answers.
            scope[TOO_LARGE], body = True, BytesIO()
        with body:
            response: HttpResponseBase = await in_thread(self.respond, scope, body)
            if response.streaming:
                await self.stream(response, send)
            else:
                await self.send_response(response, send)

    def respond(self, scope: dict[str, Any], body: Any) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body)
        response: Any = refusal if request is None else self.get_response(request)
        response._handler_class = self.__class__  # noqa: SLF001 -- as Django's own handlers name the signal's sender
        if not response.streaming:
            # Its content is complete: the thread's connection goes back to the pool before a slow client reads.
            response.close()
        return response

    async def stream(self, response: Any, send: Any) -> None:
        """A response whose body is an iterator (files): read it in threads, piece by piece."""
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        head = [(name.encode("ascii"), text.encode("latin-1")) for name, text in response.items()]
        head += [(b"Set-Cookie", morsel.OutputString().encode("ascii")) for morsel in response.cookies.values()]
        await send({"type": "http.response.start", "status": response.status_code, "headers": head})
        try:
            pieces: Iterator[bytes] = iter(response)
            while piece := await in_thread(next, pieces, END):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body"})
        finally:
            await in_thread(response.close)


async def in_thread(function: Any, *args: Any) -> Any:
    call = partial(copy_context().run, function, *args)
    return await asyncio.get_running_loop().run_in_executor(executor(), call)
