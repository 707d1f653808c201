"""Where whoever asks comes from, for actions to write down without knowing of requests (accounts/actions/audit.py)."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.adapter import client_address
from chatter.core.asking import asker_address


class AskerMiddleware:
    """Keeps the address of the request at hand."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._answer_async(request)
        token = asker_address.set(client_address(request))
        try:
            answer: HttpResponseBase = self.get_response(request)
        finally:
            asker_address.reset(token)
        return answer

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        """Each request has a context of its own here: what is set ends with it."""
        asker_address.set(client_address(request))
        answer: HttpResponseBase = await self.get_response(request)
        return answer
