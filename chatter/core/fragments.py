"""Pieces of pages that stay the same from request to request: rendered once, remembered by everything they show."""

import secrets
from collections.abc import Hashable, Mapping
from functools import lru_cache
from typing import cast

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Stands in remembered pieces where a request's CSRF token belongs. Nobody can write it: it is made at start.
TOKEN_PLACE = secrets.token_hex(24)
GAP_PLACE = secrets.token_hex(24)
REMEMBERED = 4096


def remembered(template: str, gaps: Mapping[str, str] | None = None, **shown: Hashable) -> SafeString:
    """`template` with `shown` and nothing else. Forms in it need `with_token` before they are sent.

    `gaps` are pieces of html that stand in it by their names and are not remembered: they change all the time.
    """
    html = _rendered(template, get_language(), tuple(gaps or ()), tuple(shown.items()))
    for name, piece in (gaps or {}).items():
        html = html.replace(_gap(name), piece)
    return mark_safe(html)  # noqa: S308 -- made by templates


def _gap(name: str) -> str:
    return f"{GAP_PLACE}{name};"


def with_token(html: str, request: HttpRequest) -> SafeString:
    """The piece with the request's own CSRF token in its forms."""
    if TOKEN_PLACE not in html:
        return cast("SafeString", html)
    # One mask for all forms of a page is enough.
    token = request.META.get("CHATTER_PAGE_TOKEN") or get_token(request)
    request.META["CHATTER_PAGE_TOKEN"] = token
    return mark_safe(html.replace(TOKEN_PLACE, token))  # noqa: S308 -- made by a template


@lru_cache(maxsize=REMEMBERED)
def _rendered(
    template: str, language: str | None, gaps: tuple[str, ...], shown: tuple[tuple[str, Hashable], ...]
) -> str:
    """`language` is part of what is remembered by."""
    places = {name: mark_safe(_gap(name)) for name in gaps}  # noqa: S308 -- letters and digits
    return get_template(template).render({**dict(shown), **places, "csrf_token": TOKEN_PLACE})
