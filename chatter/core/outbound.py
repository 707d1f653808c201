"""HTTP out of the site, to addresses that people named: never into our own network, never for long, never for much.

A name is resolved once, every address it has is judged, and the connection goes to one that was judged; so a name that
answers differently the second time changes nothing. Nothing of the environment (proxies, .netrc) takes part.
"""

import http
import http.client
import ipaddress
import socket
import ssl
import string
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotResolved
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import SplitResult, quote, urljoin, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LONGEST_URL = 2000
CONNECT_SECONDS = 5.0
CHUNK = 16 * 1024
# Beside what the standard library calls global: relays, protocol assignments, addresses that hold another one in them.
REFUSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24"),
        *("192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
# All of IPv6 that is given out; everything else is local, mapped (::ffff:0:0/96), translated (64:ff9b::/96) or unknown.
GIVEN_OUT = ipaddress.ip_network("2000::/3")


class NotAllowed(ValueError):
    """This address may not be asked; nothing was sent."""


class Unreachable(OSError):
    """It was asked in vain: no connection, no answer in time, too many redirects."""


class Unwanted(Unreachable):
    """It answered what is not taken: too much, or another type. Asking again brings nothing else."""


def is_public(address: Address) -> bool:
    """Does the whole world reach `address`? By the registries of special addresses (RFC 6890 and its successors)."""
    if address.version == 6 and address not in GIVEN_OUT:
        return False
    return address.is_global and not address.is_multicast and not any(address in network for network in REFUSED)


@dataclass(frozen=True)
class Policy:
    """Where to, and how much. Tests reach their own servers by a policy of their own.

    Of an answer of one of `types` (none: of any) at most `largest` bytes are taken; with `is_cut` the beginning of a larger one,
    and reading ends after one of `ends` (in small letters).
    """

    schemes: frozenset[str] = frozenset({"https"})
    ports: frozenset[int] = frozenset({443})
    allows: Callable[[Address], bool] = is_public
    seconds: float = 10.0
    largest: int = 64 * 1024
    redirects: int = 0
    types: frozenset[str] = frozenset()
    is_cut: bool = False
    ends: tuple[bytes, ...] = ()
    context: ssl.SSLContext | None = None


@dataclass(frozen=True)
class Target:
    """A checked address: what is asked, and what of it goes over the wire."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """What stands in Host."""
        name = f"[{self.host}]" if ":" in self.host else self.host
        return name if self.port == {"https": 443, "http": 80}[self.scheme] else f"{name}:{self.port}"


@dataclass(frozen=True)
class Answer:
    """`body` as it came, at most `Policy.largest` bytes."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


PUBLIC = Policy()


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    policy: Policy = PUBLIC,
) -> Answer:
    """Ask `url` within the bounds of `policy`. Raises NotAllowed or Unreachable."""
    deadline = time.monotonic() + policy.seconds
    for _hop in range(policy.redirects + 1):
        answer = _ask(method, url, headers or {}, body, policy, deadline)
        location = answer.headers.get("location", "")
        if not policy.redirects or answer.status not in {301, 302, 303, 307, 308} or not location:
            return answer
        # Judged again like the first; what was meant for the first (a body, a password) is not taken along.
        method, url, headers, body = "GET", urljoin(url, _ascii(location)), None, None
    raise Unreachable("too many redirects")


def check_url(url: str, policy: Policy = PUBLIC) -> Target:
    """What `url` names, judged by its letters alone (no name is resolved). Raises NotAllowed."""
    if len(url) > LONGEST_URL or not url.isascii() or any(sign <= " " or sign in '\\"<>^`{|}\x7f' for sign in url):
        raise NotAllowed("not an address")
    try:
        parts = urlsplit(url)
        port = {"https": 443, "http": 80}.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError as error:
        raise NotAllowed("not an address") from error
    if parts.scheme not in policy.schemes:
        raise NotAllowed(f"not over {parts.scheme or 'nothing'}")
    if "@" in parts.netloc or not parts.hostname or "%" in parts.hostname:
        raise NotAllowed("no plain host")
    if port not in policy.ports:
        raise NotAllowed(f"not to port {port}")
    return Target(parts.scheme, parts.hostname, port, _path(parts))


def _ascii(location: str) -> str:
    """Some servers send their own letters as they are."""
    return quote(location.encode("latin-1", "replace"), safe=string.punctuation)


def _path(parts: SplitResult) -> str:
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


@cache
def _resolvers() -> ThreadPoolExecutor:
    """Resolving cannot be interrupted: who waits too long leaves a thread to it."""
    return ThreadPoolExecutor(8, thread_name_prefix="resolve")


def resolve(target: Target, policy: Policy, seconds: float) -> list[Address]:
    """The addresses of the target, all of them allowed. Raises NotAllowed when one is not, Unreachable when there is none."""
    try:
        asked = _resolvers().submit(socket.getaddrinfo, target.host, target.port, type=socket.SOCK_STREAM)
        found = asked.result(max(0.0, seconds))
    except (OSError, UnicodeError, NotResolved) as error:
        raise Unreachable(f"{target.host} has no address") from error
    addresses = [ipaddress.ip_address(str(entry[4][0])) for entry in found]
    if not addresses:
        raise Unreachable(f"{target.host} has no address")
    if not all(policy.allows(address) for address in addresses):
        raise NotAllowed(f"{target.host} is not a public address")
    return addresses


def _ask(
    method: str, url: str, headers: Mapping[str, str], body: bytes | None, policy: Policy, deadline: float
) -> Answer:
    target = check_url(url, policy)
    address = resolve(target, policy, deadline - time.monotonic())[0]
    connection = _connection(target, address, policy)
    try:
        with _cut_off(connection, deadline):
            connection.request(method, target.path, body=body, headers=_headers(target, headers), preload_content=False)
            # An answer that is not read to its end holds the line until it is closed.
            with closing(connection.getresponse()) as response:
                given = {name.lower(): text for name, text in response.headers.items()}
                _check_type(response.status, given, policy)
                return Answer(response.status, given, _body(response, policy, deadline), url)
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        raise error if isinstance(error, Unreachable) else Unreachable(f"{target.host}: {error}") from error
    finally:
        connection.close()


def _connection(target: Target, address: Address, policy: Policy) -> HTTPConnection:
    """To the address that was judged; the certificate must be the name's."""
    if target.scheme == "http":
        return HTTPConnection(str(address), target.port, timeout=CONNECT_SECONDS)
    return HTTPSConnection(
        str(address),
        target.port,
        timeout=CONNECT_SECONDS,
        server_hostname=target.host,
        assert_hostname=target.host,
        ssl_context=policy.context or ssl.create_default_context(),
    )


def _headers(target: Target, headers: Mapping[str, str]) -> dict[str, str]:
    ours = {"Host": target.header, "Accept-Encoding": "identity", "User-Agent": "Chatter", "Connection": "close"}
    return {**ours, **headers}


@contextmanager
def _cut_off(connection: HTTPConnection, deadline: float) -> Iterator[None]:
    """Connect, and cut the line at the deadline: a server that drips bytes would keep every single read from timing out."""

    def cut() -> None:
        ended.set()
        # The connection lets go of its socket once the answer has begun.
        for line in {*lines, connection.sock} - {None}:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    lines: list[Any] = []
    ended = threading.Event()
    timer = threading.Timer(max(0.0, deadline - time.monotonic()), cut)
    timer.daemon = True
    timer.start()
    try:
        connection.connect()
        lines.append(connection.sock)
        yield
        if ended.is_set():
            raise Unreachable("no answer in time")
    finally:
        timer.cancel()


def _check_type(status: int, headers: Mapping[str, str], policy: Policy) -> None:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if policy.types and status == http.HTTPStatus.OK and kind not in policy.types:
        raise Unwanted(f"the answer is {kind or 'of no type'}")


def _body(response: Any, policy: Policy, deadline: float) -> bytes:
    taken = bytearray()
    while chunk := response.read(CHUNK, decode_content=False):
        taken += chunk
        if time.monotonic() > deadline:
            raise Unreachable("no answer in time")
        if len(taken) > policy.largest:
            if policy.is_cut:
                break
            raise Unwanted("too large an answer")
        if policy.ends and _has_ended(taken, len(chunk), policy.ends):
            break
    return bytes(taken[: policy.largest])


def _has_ended(taken: bytearray, fresh: int, ends: tuple[bytes, ...]) -> bool:
    """Is one of `ends` in what came last, or across its seam?"""
    last = bytes(taken[-(fresh + max(map(len, ends))) :]).lower()
    return any(end in last for end in ends)
