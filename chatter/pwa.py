"""The site as an application one installs: its manifest, its service worker, and the page shown without a connection.

All three are the same for everybody who reads the same language; nothing of a person is in them or behind them.
"""

import hashlib
import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ICONS = (("any", 192), ("any", 512), ("maskable", 192), ("maskable", 512))
# All that is kept in the browser: what the offline page needs.
KEPT = ("css/offline.css", "img/logo.svg")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def manifest(request: HttpRequest) -> JsonResponse:
    """What a system needs to know to install the site (Web Application Manifest)."""
    told = {
        "id": "/",
        "name": "Chatter",
        "short_name": "Chatter",
        "description": _("Talk with your community: lobby, direct and group conversations."),
        "lang": translation.get_language(),
        "dir": "rtl" if translation.get_language_bidi() else "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbfaf8",
        "theme_color": "#5a54d6",
        "categories": ["social"],
        "icons": [_icon(purpose, size) for purpose, size in ICONS],
        "shortcuts": [
            {"name": _("New message"), "url": reverse("new_direct")},
            {"name": pgettext("a place to talk", "Lobby"), "url": reverse("lobby")},
            {"name": _("Notifications"), "url": reverse("notifications")},
        ],
    }
    return JsonResponse(told, content_type="application/manifest+json", json_dumps_params={"ensure_ascii": False})


def _icon(purpose: str, size: int) -> dict[str, str]:
    name = "app" if purpose == "any" else f"app-{purpose}"
    return {"src": static(f"img/{name}-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}


@login_not_required
@require_safe
@cache_control(no_cache=True)
def service_worker(request: HttpRequest) -> HttpResponse:
    """The script beside the pages. Its text changes with what it keeps, so browsers notice."""
    page = _offline_page()
    context = {
        "version": hashlib.sha256(page.encode()).hexdigest()[:12],
        "offline": json.dumps(reverse("offline")),
        "kept": json.dumps([reverse("offline"), *map(static, KEPT)]),
        "icon": json.dumps(static("img/app-192.png")),
        "badge": json.dumps(static("img/app-badge.png")),
    }
    return HttpResponse(render_to_string("pwa/worker.js", context), content_type="text/javascript; charset=utf-8")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def offline(request: HttpRequest) -> HttpResponse:
    """Kept by the service worker; shown instead of a page that could not be fetched."""
    return HttpResponse(_offline_page())


def _offline_page() -> str:
    """Made without the request: it could not tell who reads it if it wanted to."""
    context: dict[str, Any] = {}
    return render_to_string("pwa/offline.html", context)
