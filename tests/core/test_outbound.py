"""The way out over HTTP: where it never goes, what it connects to, and that it comes back in time."""

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from chatter.core.outbound import NotAllowed, Policy, Target, Unreachable, check_url, fetch, is_public, resolve

PRIVATE = [  # judged, not bound
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.8.8"),  # noqa: S104
    *("169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.0.9", "192.0.2.1", "192.88.99.1"),
    *("192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:10.0.0.1"),
    *("64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:7f00:1::", "2001:db8::1"),
    *("2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0"),
    *("fec0::1", "ff02::1", "4000::1"),
]
PUBLIC = ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "2606:4700::1111", "2a00:1450::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_addresses_that_are_not_the_worlds(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_that_are_the_worlds(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("", "nonsense", "//example.org/", "http://example.org/", "ftp://example.org/", "file:///etc/passwd"),
        *(
            "gopher://example.org/",
            "javascript:alert(1)",
            "https://",
            "https:///path",
            "https://:443/",
            "HTTPS:example.org",
        ),
        *("https://user:secret@example.org/", "https://user@example.org/", "https://@example.org/"),
        *("https://example.org:80/", "https://example.org:22/", "https://example.org:0/", "https://example.org:99999/"),
        *(
            "https://example.org:port/",
            "https://exa mple.org/",
            "https://example.org/\r\nHost: x",
            "https://example.org\\@x/",
        ),
        *("https://[::1/", "https://[fe80::1%25eth0]/", "https://exämple.org/", "https://example.org/" + "a" * 2000),
    ],
)
def test_addresses_that_are_refused_unresolved(url: str) -> None:
    with pytest.raises(NotAllowed):
        check_url(url)


def test_what_goes_over_the_wire_is_what_was_checked() -> None:
    assert check_url("https://Example.org/a/b?c=d#e") == Target("https", "example.org", 443, "/a/b?c=d")
    assert check_url("https://example.org").path == "/"
    assert Target("https", "2606:4700::1", 443, "/").header == "[2606:4700::1]"
    assert Target("http", "example.org", 8080, "/").header == "example.org:8080"


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "localhost", "[::1]", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "127.1", "0", "169.254.169.254"),
        *("[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "10.0.0.1"),
    ],
)
def test_no_way_of_writing_it_leads_into_our_own_network(host: str) -> None:
    with pytest.raises((NotAllowed, Unreachable)):
        fetch("GET", f"https://{host}/")


Answers = Callable[[str], list[str]]


@pytest.fixture
def name_server(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names and what they answer, turn by turn; the last answer stays."""
    names: dict[str, list[list[str]]] = {}

    def getaddrinfo(host: str, port: int, *_more: Any, **_named: Any) -> list[Any]:
        if host[0].isdigit():
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))]
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        turns = names[host]
        found = turns.pop(0) if len(turns) > 1 else turns[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in found]

    monkeypatch.setattr("chatter.core.outbound.socket.getaddrinfo", getaddrinfo)
    return names


def target(host: str) -> Target:
    return Target("https", host, 443, "/")


def test_a_name_with_one_private_address_is_refused(name_server: dict[str, list[list[str]]]) -> None:
    name_server["mixed.test"] = [["1.1.1.1", "10.0.0.1"]]
    with pytest.raises(NotAllowed):
        resolve(target("mixed.test"), Policy(), 1)


@pytest.mark.parametrize("answer", [[], None])
def test_a_name_without_an_address_is_unreachable(
    name_server: dict[str, list[list[str]]], answer: list[str] | None
) -> None:
    if answer is not None:
        name_server["nowhere.test"] = [answer]
    with pytest.raises(Unreachable):
        resolve(target("nowhere.test"), Policy(), 1)


class Visitors(BaseHTTPRequestHandler):
    """Answers by the path, and remembers who asked what."""

    seen: list[tuple[str, str]] = []  # noqa: RUF012 -- emptied by the fixture

    def do_GET(self) -> None:
        self.seen.append((self.headers["Host"], self.path))
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        if self.path == "/drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
            self.drip()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"x" * int(self.path.strip("/") or 2))

    do_POST = do_GET  # noqa: N815

    def drip(self) -> None:
        try:
            while not self.server.ended.wait(0.01):  # type: ignore[attr-defined]  # set by the fixture
                self.wfile.write(b"x")
        except OSError:
            pass

    def log_message(self, *_words: Any) -> None:
        pass


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    made = ThreadingHTTPServer(("127.0.0.1", 0), Visitors)
    made.ended = threading.Event()  # type: ignore[attr-defined]  # read by drip()
    Visitors.seen.clear()
    thread = threading.Thread(target=made.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.ended.set()  # type: ignore[attr-defined]
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def policy(server: ThreadingHTTPServer) -> Policy:
    """Over HTTP to the test's server, and to no other private address."""
    return Policy(
        schemes=frozenset({"http"}),
        ports=frozenset({server.server_port}),
        allows=lambda address: str(address) == "127.0.0.1" or is_public(address),
        seconds=5,
    )


def test_it_asks_and_brings_the_answer(server: ThreadingHTTPServer, policy: Policy) -> None:
    answer = fetch("GET", f"http://127.0.0.1:{server.server_port}/5", policy=policy)
    assert (answer.status, answer.body) == (200, b"xxxxx")
    assert "server" in answer.headers


def test_a_name_that_changes_its_mind_is_asked_once(
    server: ThreadingHTTPServer, policy: Policy, name_server: dict[str, list[list[str]]]
) -> None:
    name_server["rebinding.test"] = [["127.0.0.1"], ["10.0.0.1"]]
    fetch("GET", f"http://rebinding.test:{server.server_port}/", policy=policy)
    assert Visitors.seen == [(f"rebinding.test:{server.server_port}", "/")]
    assert name_server["rebinding.test"] == [["10.0.0.1"]]


def test_a_redirect_is_not_followed(server: ThreadingHTTPServer, policy: Policy) -> None:
    answer = fetch("GET", f"http://127.0.0.1:{server.server_port}/to/http://10.0.0.1/", policy=policy)
    assert answer.status == 302
    assert len(Visitors.seen) == 1


@pytest.mark.parametrize(
    "where", ["http://10.0.0.1:{port}/", "http://127.0.0.1:1/", "https://127.0.0.1/", "file:///etc/passwd"]
)
def test_a_redirect_is_judged_like_the_first_address(server: ThreadingHTTPServer, policy: Policy, where: str) -> None:
    port = server.server_port
    with pytest.raises(NotAllowed):
        fetch("GET", f"http://127.0.0.1:{port}/to/{where.format(port=port)}", policy=replace(policy, redirects=3))


def test_redirects_end(server: ThreadingHTTPServer, policy: Policy) -> None:
    base = f"http://127.0.0.1:{server.server_port}/"
    assert fetch("GET", f"{base}to/{base}3", policy=replace(policy, redirects=1)).body == b"xxx"
    with pytest.raises(Unreachable):
        fetch("GET", f"{base}to/{base}to/{base}3", policy=replace(policy, redirects=1))


def test_a_large_answer_is_not_taken(server: ThreadingHTTPServer, policy: Policy) -> None:
    base = f"http://127.0.0.1:{server.server_port}/"
    assert len(fetch("GET", f"{base}100000", policy=replace(policy, largest=100_000)).body) == 100_000
    with pytest.raises(Unreachable, match="too large"):
        fetch("GET", f"{base}100001", policy=replace(policy, largest=100_000))


def test_a_server_that_drips_is_cut_off(server: ThreadingHTTPServer, policy: Policy) -> None:
    with pytest.raises(Unreachable):
        fetch("GET", f"http://127.0.0.1:{server.server_port}/drip", policy=replace(policy, seconds=0.3))


def test_a_server_that_says_nothing_is_cut_off(policy: Policy) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(Unreachable):
            fetch("GET", f"http://127.0.0.1:{port}/", policy=replace(policy, ports=frozenset({port}), seconds=0.3))


def test_proxies_of_the_environment_take_no_part(
    server: ThreadingHTTPServer, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert fetch("GET", f"http://127.0.0.1:{server.server_port}/", policy=policy).status == 200


# TLS: a server with the certificate of one name.


def certificate(name: str, folder: Path) -> Path:
    """A self-signed certificate of `name`, with its key, as one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path = folder / f"{name}.pem"
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@pytest.fixture
def tls(tmp_path: Path, policy: Policy, server: ThreadingHTTPServer) -> Policy:
    """The server speaks TLS as push.test, which the client trusts."""
    path = certificate("push.test", tmp_path)
    side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    side.load_cert_chain(path)
    server.socket = side.wrap_socket(server.socket, server_side=True)
    trusting = ssl.create_default_context(cafile=str(path))
    return replace(policy, schemes=frozenset({"https"}), context=trusting)


def test_the_certificate_is_the_names_though_the_connection_goes_to_an_address(
    server: ThreadingHTTPServer, tls: Policy, name_server: dict[str, list[list[str]]]
) -> None:
    name_server["push.test"] = [["127.0.0.1"]]
    assert fetch("GET", f"https://push.test:{server.server_port}/", policy=tls).status == 200


@pytest.mark.parametrize("trusted", [True, False])
def test_another_certificate_is_refused(
    server: ThreadingHTTPServer, tls: Policy, name_server: dict[str, list[list[str]]], trusted: bool
) -> None:
    name, told = ("other.test", tls) if trusted else ("push.test", replace(tls, context=None))
    name_server[name] = [["127.0.0.1"]]
    with pytest.raises(Unreachable):
        fetch("GET", f"https://{name}:{server.server_port}/", policy=told)
    assert Visitors.seen == []
