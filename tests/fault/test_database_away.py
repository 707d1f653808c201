"""PostgreSQL restarted, and killed, while people send: they wait, and lose nothing."""

import asyncio
import contextlib
from collections.abc import Callable

import psutil
import psycopg
import pytest

from chatter.ops.valkey import Valkey
from tests.fault.conftest import addresses
from tests.fault.people import Line, Reader, Talker, until
from tests.fault.stage import Stage, check
from tests.servers import SparePostgres, WebProcess

TALKERS, MESSAGES = 10, 50


@pytest.mark.parametrize("fault", ["restarted", "killed"])
async def test_database_goes_away_under_load(
    postgres: SparePostgres,
    stage_in: Callable[[SparePostgres, int], Stage],
    web: Callable[..., WebProcess],
    valkey: Valkey,
    fault: str,
) -> None:
    durable(postgres)
    room = stage_in(postgres, TALKERS + 1)
    server = web(redis_url=valkey.url, env=addresses(postgres))
    talkers = [
        Talker(Line(server, cookie), room.place, f"Person {number}", MESSAGES)
        for number, cookie in enumerate(room.cookies[1:])
    ]
    reader = Reader(Line(server, room.cookies[0]), room.place)

    def acknowledged() -> int:
        return sum(len(talker.acknowledged) for talker in talkers)

    async with asyncio.timeout(100):
        await reader.start()
        talking = asyncio.gather(*(talker.talk() for talker in talkers))
        await until(lambda: acknowledged() >= TALKERS * MESSAGES // 4)
        assert not talking.done(), "over before the database went away"
        await asyncio.to_thread(postgres.stop) if fault == "restarted" else crash(postgres)
        # Acknowledgements that were under way arrive; after them nothing can be promised without a database.
        await asyncio.sleep(0.3)
        before = acknowledged()
        await asyncio.sleep(0.3)
        assert acknowledged() == before, "acknowledged without a database"
        # In this thread: a server lives no longer than the thread that started it.
        postgres.start()
        await talking
        await asyncio.gather(*(talker.insist() for talker in talkers[:3]))
        check(postgres.owner_url, room, talkers)
        await reader.until(lambda: len(reader.messages) == TALKERS * MESSAGES + 1)
        assert reader.doubled == []
        await asyncio.gather(reader.stop(), *(talker.line.close() for talker in talkers))


def crash(postgres: SparePostgres) -> None:
    """Every process of it at once: a backend whose postmaster is gone would go on for a moment."""
    assert postgres._server.process is not None
    family = psutil.Process(postgres._server.process.pid).children(recursive=True)
    postgres.kill()
    for process in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(family, 10)


def durable(postgres: SparePostgres) -> None:
    """Commits wait for the log, as in production: test servers are started without."""
    with psycopg.connect(postgres.owner_url, autocommit=True) as owner:
        owner.execute("alter database chatter set synchronous_commit = on")
