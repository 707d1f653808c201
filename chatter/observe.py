"""What an operator sees of a running process: request ids, structured logs, counts of requests. No personal details."""

import contextvars
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

# A proxy's own id is kept, so that its log and ours can be read together.
GIVEN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
JSON_FIELDS = ["asctime", "levelname", "name", "message", "request_id"]

request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

requests_total = Counter("chatter_requests_total", "Requests answered.", ["method", "status"])
request_seconds = Histogram(
    "chatter_request_seconds", "Time to answer a request.", buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)
)


class RequestId(logging.Filter):
    """Puts the id of the request at hand on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def id_for(given: str) -> str:
    """The id of a request: the proxy's own where there is one to believe, else a new one."""
    return given if settings.CHATTER_TRUSTED_PROXIES and GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


def count(method: str, status: int, seconds: float) -> None:
    """One more request was answered."""
    requests_total.labels(method if method in METHODS else "other", f"{status // 100}xx").inc()
    request_seconds.observe(seconds)


def logging_settings(*, structured: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as JSON lines or for people to read."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": RequestId}},
        "formatters": {
            "json": {
                "()": "pythonjsonlogger.json.JsonFormatter",
                "fmt": JSON_FIELDS,
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
            "text": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "filters": ["request_id"],
                "formatter": "json" if structured else "text",
            }
        },
        "root": {"handlers": ["console"], "level": level},
        # Django's own handlers would print the same lines again, or mail them.
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django_tasks_db": {"level": "ERROR"},
            "django.tasks": {"level": "WARNING"},
        },
    }


class ObserveMiddleware:
    """Gives every request an id (header X-Request-ID) and counts the answers."""

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
        started = self._begin(request)
        return self._end(request, self.get_response(request), started)

    async def _answer_async(self, request: HttpRequest) -> HttpResponseBase:
        started = self._begin(request)
        return self._end(request, await self.get_response(request), started)

    def _begin(self, request: HttpRequest) -> float:
        request_id.set(id_for(request.headers.get("X-Request-ID", "")))
        return time.perf_counter()

    def _end(self, request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
        response.headers["X-Request-ID"] = request_id.get()
        count(request.method or "", response.status_code, time.perf_counter() - started)
        return response
