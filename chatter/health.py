"""Whether this process lives, is ready for traffic, and how it fares: `/livez`, `/readyz`, `/metrics`."""

import ipaddress
import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import REGISTRY, GaugeMetricFamily
from prometheus_client.registry import Collector

from chatter.core.realtime import registry
from chatter.ops.partitions import FEWEST_MONTHS_AHEAD, months_ahead

# Comparing takes 50 ms, and a probe comes every few seconds.
MIGRATIONS_STAY = 60.0
_migrated_until = {"time": 0.0}

logger = logging.getLogger(__name__)

# A request that came through a proxy has the proxy's address, not its own.
FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via")


@login_not_required
@require_safe
def livez(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """What this process needs is there: 200, else 503. A warning does not stop traffic."""
    answers = {name: _answer(check) for name, check in CHECKS.items()}
    ready = all(answer in {"ok", "off"} or answer.startswith("warning") for answer in answers.values())
    return JsonResponse({"ready": ready, **answers}, status=200 if ready else 503)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' format; for those who may see it, else there is nothing here."""
    if not may_see_metrics(request):
        raise Http404
    return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


def may_see_metrics(request: HttpRequest) -> bool:
    """The bearer of CHATTER_METRICS_TOKEN may; without proxies also peers in CHATTER_METRICS_NETWORKS."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if settings.CHATTER_METRICS_TOKEN and scheme.lower() == "bearer":
        return constant_time_compare(token, settings.CHATTER_METRICS_TOKEN)
    if settings.CHATTER_TRUSTED_PROXIES or any(header in request.headers for header in FORWARDED):
        return False
    try:
        peer = ipaddress.ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return False
    return any(peer in ipaddress.ip_network(network) for network in settings.CHATTER_METRICS_NETWORKS)


def _answer(check: Callable[[], str]) -> str:
    try:
        return check()
    except Exception:
        logger.exception("a readiness check failed")
        return "failed"


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return "ok"


def _migrations() -> str:
    if time.monotonic() < _migrated_until["time"]:
        return "ok"
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        return f"{len(missing)} missing"
    _migrated_until["time"] = time.monotonic() + MIGRATIONS_STAY
    return "ok"


def _partitions() -> str:
    months = months_ahead()
    return "ok" if months >= FEWEST_MONTHS_AHEAD else f"warning: {months} months ahead"


def _bus() -> str:
    live = registry.live
    if live is None:
        return "off"
    return "ok" if live.connected else "warning: not connected"


CHECKS: dict[str, Callable[[], str]] = {
    "database": _database,
    "migrations": _migrations,
    "partitions": _partitions,
    "bus": _bus,
}


class LiveCollector(Collector):
    """The sockets of this process, counted when asked."""

    def describe(self) -> list[GaugeMetricFamily]:
        return [GaugeMetricFamily("chatter_sockets", "Sockets open in this process.")]

    def collect(self) -> list[GaugeMetricFamily]:
        live = registry.live
        sockets = live.socket_count if live is not None else 0
        return [GaugeMetricFamily("chatter_sockets", "Sockets open in this process.", value=sockets)]


REGISTRY.register(LiveCollector())
