"""The batcher: batches without a timer, order kept, one bad message alone, nobody cancelled, nothing twice."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import DataError, InterfaceError, OperationalError
from django.utils import timezone
from psycopg import errors as pg

from chat import sending
from chat.actions.send import BUSY, SendInput, Sent
from chat.sending import Batcher, append_surely
from chatter.core.errors import Refused

ROOM, OTHER = uuid4(), uuid4()


def given(content: str = "Hello", conversation: UUID = ROOM) -> SendInput:
    return SendInput(sender=uuid4(), conversation=conversation, client_id=uuid4(), content=content)


def sent(number: int = 1) -> Sent:
    return Sent(id=uuid4(), number=number, version=number, created_at=timezone.now(), duplicate=False)


def database_error(kind: type[Exception], cause: Exception | None = None) -> Exception:
    """As Django raises it: with the driver's error as its cause."""
    error = kind("broken")
    error.__cause__ = cause
    return error


class Table:
    """Stands for the database: remembers batches, may be slow, busy or broken."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.busy: set[UUID] = set()
        self.failures: list[Exception] = []
        self.poison = ""
        self.go = threading.Event()
        self.go.set()

    def append(self, inputs: Sequence[SendInput]) -> list[Sent | Refused]:
        self.batches.append([each.content for each in inputs])
        assert self.go.wait(10)
        if self.failures:
            raise self.failures.pop(0)
        if self.poison and any(each.content == self.poison for each in inputs):
            raise DataError("poison")
        return [Refused(BUSY) if each.conversation in self.busy else sent() for each in inputs]


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
async def batcher(table: Table) -> Any:
    batcher = Batcher(lambda _events: None, table.append)
    batcher.start()
    yield batcher
    table.go.set()
    table.busy.clear()
    await batcher.drain(5)


class Answers(list[Any]):
    """Collects outcomes; `await until(n)` waits for so many."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    def taking(self, name: str) -> Callable[[Any], None]:
        def take(outcome: Any) -> None:
            self.append((name, outcome))
            self.changed.set()

        return take

    async def until(self, number: int) -> list[Any]:
        async with asyncio.timeout(10):
            while len(self) < number:
                self.changed.clear()
                await self.changed.wait()
        return list(self)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 -- a thread changes it
            await asyncio.sleep(0.001)


async def test_flushes_when_idle_and_collects_while_a_batch_is_in_flight(batcher: Batcher, table: Table) -> None:
    answers = Answers()
    table.go.clear()
    batcher.submit(given("0"), answers.taking("0"))
    await until(lambda: len(table.batches) == 1)
    for number in range(1, 8):
        batcher.submit(given(str(number)), answers.taking(str(number)))
    table.go.set()
    outcomes = await answers.until(8)
    assert table.batches == [["0"], ["1", "2", "3", "4", "5", "6", "7"]]
    assert [name for name, _outcome in outcomes] == [str(number) for number in range(8)]


async def test_batches_have_at_most_100(batcher: Batcher, table: Table) -> None:
    answers = Answers()
    for number in range(250):
        batcher.submit(given(str(number)), answers.taking(str(number)))
    await answers.until(250)
    assert max(map(len, table.batches)) <= 100
    assert [content for batch in table.batches for content in batch] == [str(number) for number in range(250)]


async def test_a_busy_conversation_delays_no_other_and_keeps_its_order(batcher: Batcher, table: Table) -> None:
    answers = Answers()
    table.busy.add(ROOM)
    for number in range(3):
        batcher.submit(given(f"held {number}"), answers.taking(f"held {number}"))
    batcher.submit(given("free", OTHER), answers.taking("free"))
    await answers.until(1)
    assert [name for name, _outcome in answers] == ["free"]
    batcher.submit(given("held 3"), answers.taking("held 3"))
    batcher.submit(given("free again", OTHER), answers.taking("free again"))
    await answers.until(2)
    table.busy.clear()
    await answers.until(6)
    assert [name for name, _outcome in answers] == ["free", "free again", *(f"held {n}" for n in range(4))]
    assert not any("free" in str(batch) and "held" in str(batch) for batch in table.batches[1:])


async def test_a_conversation_held_for_too_long_is_refused(
    batcher: Batcher, table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PATIENCE_SECONDS", 0.05)
    answers = Answers()
    table.busy.add(ROOM)
    batcher.submit(given(), answers.taking("held"))
    ((_name, outcome),) = await answers.until(1)
    assert outcome.code == "rate_limited"
    assert outcome.retry_after


async def test_one_bad_message_refuses_only_itself(batcher: Batcher, table: Table) -> None:
    answers = Answers()
    table.poison = "5"
    for number in range(12):
        batcher.submit(given(str(number)), answers.taking(str(number)))
    outcomes = dict(await answers.until(12))
    assert outcomes["5"].code == "invalid"
    assert [name for name, outcome in outcomes.items() if isinstance(outcome, Refused)] == ["5"]


@pytest.mark.parametrize(
    "failure",
    [
        database_error(OperationalError, pg.DeadlockDetected()),
        database_error(OperationalError, pg.AdminShutdown()),
        database_error(OperationalError),
        database_error(InterfaceError),
    ],
    ids=["deadlock", "shutdown", "connection lost", "connection closed"],
)
async def test_deadlocks_and_lost_connections_are_tried_again(
    batcher: Batcher, table: Table, failure: Exception
) -> None:
    answers = Answers()
    table.failures = [failure, failure]
    for number in range(4):
        batcher.submit(given(str(number)), answers.taking(str(number)))
    outcomes = await answers.until(4)
    assert all(isinstance(outcome, Sent) for _name, outcome in outcomes)
    assert table.batches == [["0", "1", "2", "3"]] * 3 or table.batches[0] == ["0"]


def test_what_fails_again_and_again_is_halved(table: Table) -> None:
    table.failures = [database_error(OperationalError, pg.ProgramLimitExceeded()) for _ in range(sending.ATTEMPTS + 1)]
    outcomes = append_surely([given(str(number)) for number in range(4)], table.append)
    assert all(isinstance(outcome, Sent) for outcome in outcomes)
    assert table.batches[-2:] == [["0", "1"], ["2", "3"]]


@pytest.mark.parametrize(
    ("cause", "code"),
    [
        (pg.DeadlockDetected(), "rate_limited"),
        (pg.LockNotAvailable(), "rate_limited"),
        (pg.QueryCanceled(), "rate_limited"),
        (pg.TooManyConnections(), "rate_limited"),
        (pg.ProgramLimitExceeded(), "invalid"),
    ],
)
def test_only_what_the_message_itself_breaks_is_final(table: Table, cause: Exception, code: str) -> None:
    table.failures = [database_error(OperationalError, cause) for _ in range(100)]
    (outcome,) = append_surely([given()], table.append)
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert (outcome.retry_after is not None) == (code == "rate_limited")


def test_a_database_that_stays_away_refuses(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "PATIENCE_SECONDS", 0.1)
    table.failures = [database_error(OperationalError) for _ in range(100)]
    (outcome,) = append_surely([given()], table.append)
    assert isinstance(outcome, Refused)
    assert outcome.code == "rate_limited"


async def test_drain_answers_everything_and_takes_nothing_more(table: Table) -> None:
    batcher = Batcher(lambda _events: None, table.append)
    batcher.start()
    answers = Answers()
    table.go.clear()
    for number in range(5):
        batcher.submit(given(str(number)), answers.taking(str(number)))
    await until(lambda: len(table.batches) == 1)
    draining = asyncio.create_task(batcher.drain(10))
    await asyncio.sleep(0)
    batcher.submit(given("late"), answers.taking("late"))
    table.go.set()
    await draining
    outcomes = dict(answers)
    assert outcomes["late"].code == "rate_limited"
    assert all(isinstance(outcomes[str(number)], Sent) for number in range(5))


async def test_a_broken_answer_stops_nobody(batcher: Batcher) -> None:
    answers = Answers()

    def broken(_outcome: Any) -> None:
        raise RuntimeError("this consumer went away")

    batcher.submit(given("1"), broken)
    batcher.submit(given("2"), answers.taking("2"))
    await answers.until(1)
