"""One @everyone in a channel of ten thousand: how long the worker tells them, and what a room beside it feels of that."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import uuid4

from accounts.models import Notification, Occasion, User
from bench import machine
from bench.client import Wire
from bench.figures import Effort, figure
from bench.load import Seat, close_all, connect_all, open_place, quiet_collector, text_of
from bench.people import community_of, cookies_of, make_people, room_of, tidy
from bench.product import Product
from bench.report import Row
from bench.stats import percentile
from chat.actions.send import send_message
from chat.models import Conversation

CALLED = 10_000
# A lively room: far below what the server can take, so that what is lost is lost to the telling.
OFFERED = 200
PATIENCE = 60.0


@dataclass
class Pace:
    """Messages sent at a steady pace: when each was acknowledged, and how long that took."""

    began: float = field(default_factory=time.perf_counter)
    seconds: float = 0.0
    acknowledged: int = 0
    latencies: list[float] = field(default_factory=list)
    refused: str = ""

    @property
    def rate(self) -> float:
        return self.acknowledged / self.seconds

    @property
    def p95(self) -> float:
        return percentile(self.latencies, 95) * 1000


@figure("mention-10000")
async def mention_of_ten_thousand(product: Product, effort: Effort) -> list[Row]:
    product.restart()
    owner, seats, channel = await _seated(product)
    worker = machine.spawn(["manage.py", "worker"], product.environment, product.folder / "worker.log")
    try:
        await _paced(seats, _for(2.0))
        spreads: list[float] = []
        ratios: list[float] = []
        notes: dict[str, list[float]] = {"rate": [], "rate_meanwhile": [], "p95_ms": [], "p95_ms_meanwhile": []}
        problem = ""
        for _ in range(effort.rounds):
            alone = await _paced(seats, _for(max(effort.seconds, 3.0)))
            expected = _told() + CALLED
            await asyncio.to_thread(_call, owner, channel)
            began = time.perf_counter()
            meanwhile = await _paced(seats, _until_told)
            spreads.append(time.perf_counter() - began)
            ratios.append(meanwhile.rate / alone.rate)
            for key, value in (("rate", alone.rate), ("rate_meanwhile", meanwhile.rate)):
                notes[key].append(round(value, 1))
            for key, value in (("p95_ms", alone.p95), ("p95_ms_meanwhile", meanwhile.p95)):
                notes[key].append(round(value, 1))
            problem = problem or alone.refused or meanwhile.refused or _missing(expected)
    finally:
        _end(worker)
        await close_all([seat.connection for seat in seats])
    title = "telling 10,000 people of one @everyone"
    beside = f"sends in another room ({OFFERED}/s offered) meanwhile, of those before"
    return [
        Row("mention-10000", title, max(spreads), "s", 5, True, problem, notes),
        Row("mention-beside", beside, min(ratios), "", 0.9, False, problem, {"ratios": ratios}),
    ]


async def _seated(product: Product) -> tuple[User, list[Seat], Conversation]:
    """The owner of a group and its channel, where the crowd is, and twenty others in a room of their own, connected with it
    open."""
    owner, *crowd = await asyncio.to_thread(make_people, CALLED + 1)
    channel = await asyncio.to_thread(community_of, owner, crowd)
    people = make_people(20)
    place = room_of(people)
    connections = await connect_all(product.ws_url, cookies_of(people))
    await asyncio.gather(*(open_place(connection, str(place.pk)) for connection in connections))
    await asyncio.to_thread(tidy)
    return owner, [Seat(connection, str(place.pk)) for connection in connections], channel


def _call(owner: User, channel: Conversation) -> None:
    """One message that calls everybody in the crowd."""
    send_message(sender=owner, conversation_id=channel.pk, client_id=uuid4(), content="Hello @everyone")


def _missing(expected: int) -> str:
    return "" if (told := _told()) == expected else f"{told} notifications instead of {expected}"


def _told() -> int:
    return Notification.objects.filter(kind="mention").count()


def _for(seconds: float) -> Callable[[Pace], bool]:
    return lambda pace: time.perf_counter() - pace.began >= seconds


def _until_told(pace: Pace) -> bool:
    """Asked for each message, so seldom enough."""
    if time.perf_counter() - pace.began > PATIENCE:
        pace.refused = "not told in time"
        return True
    return pace.acknowledged % 20 == 0 and not Occasion.objects.filter(kind="chat.call").exists()


async def _paced(seats: Sequence[Seat], is_over: Callable[[Pace], bool]) -> Pace:
    """OFFERED messages a second, each by another member, until it is over."""
    pace = Pace()

    def noted(began: float) -> Callable[[Wire], None]:
        def heard(reply: Wire) -> None:
            pace.acknowledged += 1
            pace.latencies.append(time.perf_counter() - began)
            if "ok" not in reply:
                pace.refused = str(reply["error"])

        return heard

    number = 0
    with quiet_collector():
        while not is_over(pace):
            seat = seats[number % len(seats)]
            seat.connection.send_message(noted(time.perf_counter()), seat.place, text_of(number))
            number += 1
            await asyncio.sleep(max(0.0, pace.began + number / OFFERED - time.perf_counter()))
    pace.seconds = time.perf_counter() - pace.began
    return pace


def _end(worker: subprocess.Popen[bytes]) -> None:
    worker.terminate()
    try:
        worker.wait(15)
    except subprocess.TimeoutExpired:
        worker.kill()
