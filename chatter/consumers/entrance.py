"""Who comes in: the origin of a browser's socket, the session or token behind it, and what `hello` tells them."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http.cookie import parse_cookie
from django.http.request import split_domain_port, validate_host
from django.utils.http import is_same_domain
from django.utils.translation import get_language_from_request

from accounts.actions.tokens import family_of_bearer
from accounts.adapter import address_of
from accounts.models import User
from accounts.permissions import visible_statuses
from chat.reading import conversations_of
from chatter.consumers.truth import relations_of, standings_of
from chatter.core.delivery import SUSPENDED
from chatter.core.rooms import Credential, Relations, Standing

NOT_SIGNED_IN = 4401
CONVERSATIONS = 500
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody who may come in, with everything `hello` and the hub need, read together."""

    user: User
    credential: Credential
    hello: dict[str, Any]
    standings: list[Standing]
    relations: Relations


@dataclass(frozen=True, slots=True)
class Knock:
    """What a handshake brings: the session cookie or a bearer token, whether its origin is ours, and from where it comes."""

    session_key: str | None
    token: str | None
    is_foreign: bool
    language: str = settings.LANGUAGE_CODE
    address: str = "local"


def knock(scope: Mapping[str, Any]) -> Knock:
    """Read the handshake. A browser always sends Origin, and only there a cookie comes without being asked for."""
    headers = {name.decode("latin-1").lower(): text.decode("latin-1") for name, text in scope["headers"]}
    scheme, _space, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        peer = (scope.get("client") or (None,))[0]
        address = address_of(peer, headers.get("x-forwarded-for", ""))
        return Knock(None, token.strip(), is_foreign=False, language=language_of(headers), address=address)
    session_key = session_cookie(headers.get("cookie", ""))
    own = own_origin(scope, headers)
    is_foreign = session_key is not None and not is_ours(headers.get("origin"), own)
    return Knock(session_key, None, is_foreign, language_of(headers))


def language_of(headers: Mapping[str, str]) -> str:
    """The language that pages speak to this client, for the words of refusals."""
    asked: Any = SimpleNamespace(
        COOKIES=parse_cookie(headers.get("cookie", "")),
        META={"HTTP_ACCEPT_LANGUAGE": headers.get("accept-language", "")},
    )
    return get_language_from_request(asked)


def session_cookie(header: str) -> str | None:
    """Read as the pages read it: a neighbour's odd cookie must not hide ours."""
    return parse_cookie(header).get(settings.SESSION_COOKIE_NAME) or None


def own_origin(scope: Mapping[str, Any], headers: Mapping[str, str]) -> tuple[str, str, int | None] | None:
    """The scheme, host and port of the request itself; None where the host is not ours."""
    scheme = "https" if scope.get("scheme") in ("wss", "https") else "http"
    if settings.SECURE_PROXY_SSL_HEADER:
        name, secure = settings.SECURE_PROXY_SSL_HEADER
        told = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower(), "").split(",")[0].strip()
        scheme = "https" if told == secure else "http"
    host = headers.get("host", "")
    if settings.USE_X_FORWARDED_HOST:
        host = headers.get("x-forwarded-host", host)
    allowed = settings.ALLOWED_HOSTS
    if settings.DEBUG and not allowed:
        allowed = [".localhost", "127.0.0.1", "[::1]"]
    domain, _port = split_domain_port(host)
    return parts(f"{scheme}://{host}") if domain and validate_host(domain, allowed) else None


def is_ours(origin: str | None, own: tuple[str, str, int | None] | None) -> bool:
    """Is `origin` the request's own, or one of CSRF_TRUSTED_ORIGINS?"""
    given = parts(origin) if origin else None
    if given is None or own is None:
        return False
    return given == own or any(is_trusted(given, trusted) for trusted in settings.CSRF_TRUSTED_ORIGINS)


def is_trusted(given: tuple[str, str, int | None], trusted: str) -> bool:
    scheme, _separator, host = trusted.partition("://")
    if host.startswith("*"):
        wanted = parts(f"{scheme}://wildcard{host[1:]}")
        return (
            wanted is not None
            and (given[0], given[2]) == (wanted[0], wanted[2])
            and is_same_domain(given[1], wanted[1].removeprefix("wildcard"))
        )
    return given == parts(trusted)


def parts(origin: str) -> tuple[str, str, int | None] | None:
    """Scheme, host and port of an origin, the default port filled in; None for `null` and anything else."""
    try:
        split = urlsplit(origin)
        if not split.scheme or not split.hostname or split.username or split.path or split.query or split.fragment:
            return None
        return (split.scheme, split.hostname, split.port or DEFAULT_PORTS.get(split.scheme))
    except ValueError:
        return None


def enter(visit: Knock) -> Entrant | int:
    """The entrant, or the code their socket closes with. Synchronous: reads the database."""
    if visit.token is not None:
        found = person_of_token(visit.token, visit.address)
    else:
        found = person_of_session(visit.session_key)
    if found is None:
        return NOT_SIGNED_IN
    user, credential = found
    if user.deleted_at is not None:
        return NOT_SIGNED_IN
    if user.is_suspended:
        return SUSPENDED
    relations = relations_of(user.pk)
    return Entrant(user, credential, hello(user, relations), standings_of(user.pk), relations)


def person_of_token(token: str, address: str) -> tuple[User, Credential] | None:
    """The person an access token speaks for. Its socket stays as long as the family lives, beyond the token's own end."""
    family = family_of_bearer(token=token, address=address)
    if family is None:
        return None
    user = family.user
    return user, Credential(user.pk, None, user.get_session_auth_hash(), token=family.pk, scope=family.scope)


def person_of_session(session_key: str | None) -> tuple[User, Credential] | None:
    """The person a session was signed in as: password unchanged, account switched on, second factor passed (before
    that, allauth has not written them into the session). Suspended people too: they are told why."""
    if session_key is None:
        return None
    session = import_module(settings.SESSION_ENGINE).SessionStore(session_key)
    if session.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = User.objects.filter(pk=session[SESSION_KEY], is_active=True).first()
    told = session.get(HASH_SESSION_KEY, "")
    if user is None or not (user.accepts(told) or user.was_shut_out_of(told)):
        return None
    return user, Credential(user.pk, session.session_key, user.get_session_auth_hash())


def hello(user: User, relations: Relations) -> dict[str, Any]:
    """The first frame. `presence` holds the friends who are not offline."""
    rows = conversations_of(user.pk, CONVERSATIONS + 1, channels=True)
    present = visible_statuses(user.pk, relations.friends - relations.hidden)
    return {
        "event": "hello",
        "user": {"id": user.pk, "username": user.username},
        "heartbeat": settings.CHATTER_HEARTBEAT,
        "more": len(rows) > CONVERSATIONS,
        "presence": {str(friend): status for friend, status in present.items()},
        "conversations": [row.as_wire() for row in rows[:CONVERSATIONS]],
    }


def user_id(value: str) -> UUID | None:
    """`value` as a person's id, None if it is a username."""
    try:
        return UUID(value)
    except ValueError:
        return None
