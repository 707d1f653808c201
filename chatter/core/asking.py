"""What a request says of who asks: a script that reads JSON, and addresses that lead nowhere but here."""

from contextvars import ContextVar

from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

# What browsers call a request that no other site caused.
OURS = frozenset({"none", "same-origin"})
# Where the request at hand comes from, as accounts.adapter.client_address says; "" outside of requests.
asker_address: ContextVar[str] = ContextVar("asker_address", default="")


def wants_json(request: HttpRequest) -> bool:
    """Does a script ask, which reads JSON?"""
    return "application/json" in request.headers.get("Accept", "")


def is_own_address(request: HttpRequest, url: str) -> bool:
    """Does `url`, which the request named, lead to this site and to no other? One word is no address: it might name a view."""
    return url.startswith(("/", "http://", "https://")) and url_has_allowed_host_and_scheme(
        url, {request.get_host()}, require_https=request.is_secure()
    )


def is_own_origin(request: HttpRequest) -> bool:
    """Was the form sent from a page of ours, as far as the browser says where from?"""
    own = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin", own) == own and request.headers.get("Sec-Fetch-Site", "none") in OURS
