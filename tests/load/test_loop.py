"""The closed loop counts what it sent, what was acknowledged and what arrived; it must notice what is missing."""

import asyncio
from collections.abc import AsyncIterator, Callable

import orjson
import pytest
from websockets.asyncio.server import ServerConnection, serve

from bench import load
from bench.load import ClosedLoop, Outcome, Seat, connect_all, text_of
from bench.pages import Answer, PageConnection, visit

Chooser = Callable[[int], bool]


@pytest.fixture
def room() -> Callable[[Chooser, Chooser], AsyncIterator[str]]:
    """A server that hands each message to everybody, unless told to forget or refuse the nth."""

    async def run(forgets: Chooser, refuses: Chooser) -> AsyncIterator[str]:
        sockets: set[ServerConnection] = set()
        heard = 0

        async def answer(socket: ServerConnection) -> None:
            nonlocal heard
            sockets.add(socket)
            await socket.send('{"event":"hello"}')
            async for text in socket:
                heard += 1
                number, ref = heard, orjson.loads(text)["ref"]
                outcome = '"error":{"code":"forbidden"}' if refuses(number) else '"ok":{}'
                await socket.send(f'{{"ref":{ref},{outcome}}}')
                for other in () if refuses(number) else sockets:
                    if not forgets(number):
                        await other.send('{"event":"message.created","number":%d}' % number)  # noqa: UP031

        async with serve(answer, "127.0.0.1", 0) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws/"

    return run


def never(_number: int) -> bool:
    return False


async def outcome_of(url: str, *, per_message: int = 3) -> Outcome:
    connections = await connect_all(url, [""] * 3)
    loop = ClosedLoop([Seat(connection, "x") for connection in connections], connections, per_message, 4)
    outcome = await loop.run(60, most=12)
    await load.close_all(connections)
    return outcome


async def test_all_is_well(room: Callable[..., AsyncIterator[str]]) -> None:
    async for url in room(never, never):
        outcome = await outcome_of(url)
        assert outcome.problem == ""
        assert outcome.sent == outcome.acknowledged == 12
        assert outcome.delivered == outcome.sent * 3
        assert outcome.rate > 0 and len(outcome.latencies) == outcome.sent


async def test_a_lost_delivery_is_noticed(room: Callable[..., AsyncIterator[str]]) -> None:
    async for url in room(lambda number: number == 3, never):
        assert "deliveries instead of" in (await outcome_of(url)).problem


async def test_a_doubled_delivery_is_noticed(room: Callable[..., AsyncIterator[str]]) -> None:
    async for url in room(never, never):
        assert "deliveries instead of" in (await outcome_of(url, per_message=2)).problem


async def test_a_refusal_is_noticed(room: Callable[..., AsyncIterator[str]]) -> None:
    async for url in room(never, lambda number: number == 2):
        assert (await outcome_of(url)).problem.startswith("1 sends refused")


def test_messages_are_200_bytes_and_differ() -> None:
    texts = {text_of(number) for number in range(1000)}
    assert len(texts) == 1000 and {len(text.encode()) for text in texts} == {200}


async def test_pages_are_read_over_one_kept_connection() -> None:
    opened, asked = 0, 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened, asked
        opened += 1
        while head := await reader.read(4096):
            asked += 1
            assert head.startswith(b"POST /c/ HTTP/1.1\r\n") and head.endswith(b"\r\n\r\na=1")
            writer.write(b"HTTP/1.1 302 Found\r\nContent-Length: 3\r\n\r\nyes")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        right = await visit(
            url, [lambda: ("POST", "/c/", "a=b", b"a=1")] * 2, 60, lambda page: page.status == 302, most=10
        )
        wrong = await visit(url, [lambda: ("POST", "/c/", "a=b", b"a=1")], 60, lambda page: page.status == 200)
    assert opened == 3
    assert right.answered == asked - 20 and not right.wrong
    assert wrong.answered == 0 and len(wrong.wrong) == 20


async def test_an_answer_without_a_length_is_refused() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        connection = await PageConnection.open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        with pytest.raises(ValueError, match="how long"):
            await connection.ask("GET", "/")
        await connection.close()
    assert Answer(200, b"", b"").status == 200
