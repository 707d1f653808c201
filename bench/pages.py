"""A small HTTP/1.1 client with kept connections, and a closed loop of requests. Bodies are counted, not parsed."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    head: bytes
    body: bytes


class PageConnection:
    """One kept connection: a request at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str) -> None:
        self.reader = reader
        self.writer = writer
        self.host = host

    @classmethod
    async def open(cls, url: str) -> "PageConnection":
        parts = urlsplit(url)
        assert parts.hostname
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port, limit=1 << 22)
        return cls(reader, writer, f"{parts.hostname}:{parts.port}")

    async def ask(self, method: str, path: str, *, cookie: str = "", body: bytes = b"") -> Answer:
        """Send one request and read its answer. Raises ValueError where its length is not told."""
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", f"Origin: http://{self.host}"]
        if cookie:
            lines.append(f"Cookie: {cookie}")
        if method == "POST":
            lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = await self.reader.readuntil(b"\r\n\r\n")
        return Answer(int(head[9:12]), head, await self.reader.readexactly(_length(head)))

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _colon, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise ValueError("the answer does not say how long it is")


@dataclass(slots=True)
class Visits:
    """What a loop of requests did."""

    answered: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    latencies: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return self.answered / self.seconds if self.seconds else 0.0


async def visit(
    url: str,
    requests: Sequence[Callable[[], tuple[str, str, str, bytes]]],
    seconds: float,
    is_right: Callable[[Answer], bool],
    *,
    most: int | None = None,
) -> Visits:
    """One connection for each of `requests`, which make (method, path, cookie, body), for so long or so many answers."""
    visits = Visits()
    connections = [await PageConnection.open(url) for _ in requests]
    start = time.perf_counter()
    stop = start + seconds

    async def loop(connection: PageConnection, request: Callable[[], tuple[str, str, str, bytes]]) -> None:
        while (began := time.perf_counter()) < stop and len(visits.wrong) < 20 and (not most or visits.answered < most):
            method, path, cookie, body = request()
            answer = await connection.ask(method, path, cookie=cookie, body=body)
            if is_right(answer):
                visits.answered += 1
                visits.latencies.append(time.perf_counter() - began)
            else:
                visits.wrong.append(f"{answer.status} {answer.body[:200]!r}")

    await asyncio.gather(*(loop(*pair) for pair in zip(connections, requests, strict=True)))
    visits.seconds = time.perf_counter() - start
    for connection in connections:
        await connection.close()
    return visits
