"""Messages through rooms and pairs: all connected with the place open, everything stored, acknowledged, delivered."""

import asyncio
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from bench.client import Acknowledge, Connection
from bench.figures import Effort, figure
from bench.load import ClosedLoop, Outcome, Seat, close_all, connect_all, open_place, text_of
from bench.people import cookies_of, make_people, pair_of, room_of, stored
from bench.product import Product
from bench.report import Row, cost
from bench.stats import percentile
from chat.models import Conversation

IN_FLIGHT = 32
WARM_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Rounds:
    """What the rounds of a closed loop gave, and what a message cost the servers."""

    rates: list[float]
    problem: str
    cost: dict[str, float]


@figure("room-50")
async def room_of_50(product: Product, effort: Effort) -> list[Row]:
    rounds = await _room(product, effort, 50)
    return [_row("room-50", "messages/s, one room of 50", rounds, 800)]


@figure("room-200")
async def room_of_200(product: Product, effort: Effort) -> list[Row]:
    rounds = await _room(product, effort, 200)
    return [
        _row("room-200", "messages/s, one room of 200", rounds, 250),
        _row("deliveries-200", "deliveries/s, room of 200", rounds, 50_000, times=200),
    ]


@figure("pairs-50")
async def pairs(product: Product, effort: Effort) -> list[Row]:
    product.restart()
    people = make_people(100)
    places = [pair_of(one, other) for one, other in zip(people[::2], people[1::2], strict=True)]
    connections = await connect_all(product.ws_url, cookies_of(people))
    seats = [Seat(connection, str(places[index // 2].pk)) for index, connection in enumerate(connections)]
    # Turns go over all pairs before the other half of a pair answers.
    seats = seats[::2] + seats[1::2]
    await asyncio.gather(*(open_place(seat.connection, seat.place) for seat in seats))
    rounds = await _rounds(product, ClosedLoop(seats, connections, 2, IN_FLIGHT), effort, places)
    await close_all(connections)
    return [_row("pairs-50", "messages/s, 50 direct conversations", rounds, 2_000)]


@figure("unheard")
async def unheard(product: Product, effort: Effort) -> list[Row]:
    """Nobody has the room open; its 50 members send, one message each in flight."""
    product.restart()
    people = make_people(50)
    place = room_of(people)
    connections = await connect_all(product.ws_url, cookies_of(people))
    seats = [Seat(connection, str(place.pk)) for connection in connections]
    rounds = await _rounds(product, ClosedLoop(seats, connections, 0, 50), effort, [place])
    await close_all(connections)
    return [_row("unheard", "acknowledged sends/s, 50 senders, nobody listens", rounds, 2_500)]


@figure("latency")
async def latency(product: Product, effort: Effort) -> list[Row]:
    """From the moment a send is written to the moment each of 200 sockets has read the event."""
    product.restart()
    connections, place = await _seated(product, 200)
    seats = [Seat(connection, str(place.pk)) for connection in connections]
    await ClosedLoop(seats, connections, 200, 8).run(WARM_SECONDS)
    taken = await _paced(seats, connections, max(effort.seconds * effort.rounds, 4.0))
    await close_all(connections)
    expected = len(taken[1]) * 200
    problem = "" if len(taken[0]) == expected else f"{len(taken[0])} deliveries instead of {expected}"
    p50, p99 = (percentile(taken[0], q) * 1000 for q in (50, 99))
    notes = {"deliveries": len(taken[0]), "acknowledged_p50_ms": percentile(taken[1], 50) * 1000}
    return [
        Row("latency-p50", "send → receive p50, 5/s, room of 200", p50, "ms", 6, True, problem, notes),
        Row("latency-p99", "send → receive p99, 5/s, room of 200", p99, "ms", 15, True, problem, notes),
    ]


async def _paced(
    seats: Sequence[Seat], connections: Sequence[Connection], seconds: float
) -> tuple[list[float], list[float]]:
    """Five messages a second, each by another member: delivery times of all, and times to the acknowledgement."""
    sent_at: dict[bytes, float] = {}
    taken: list[float] = []
    acknowledged: list[float] = []

    def heard(raw: bytes) -> None:
        content = orjson.loads(raw)["message"]["content"]
        taken.append(time.perf_counter() - sent_at[content[:8].encode()])

    def noted(began: float) -> Acknowledge:
        return lambda _reply: acknowledged.append(time.perf_counter() - began)

    for connection in connections:
        connection.on_created = heard
    for number in range(int(seconds * 5)):
        began = time.perf_counter()
        sent_at[f"{number:08d}".encode()] = began
        seat = seats[number * 7 % len(seats)]
        seat.connection.send_message(noted(began), seat.place, text_of(number))
        await asyncio.sleep(0.2)
    await asyncio.sleep(1)
    return taken, acknowledged


async def _room(product: Product, effort: Effort, size: int) -> Rounds:
    product.restart()
    connections, place = await _seated(product, size)
    seats = [Seat(connection, str(place.pk)) for connection in connections]
    rounds = await _rounds(product, ClosedLoop(seats, connections, size, IN_FLIGHT), effort, [place])
    await close_all(connections)
    return rounds


async def _seated(product: Product, size: int) -> tuple[list[Connection], Conversation]:
    """A room of so many, all connected with it open."""
    people = make_people(size)
    place = room_of(people)
    connections = await connect_all(product.ws_url, cookies_of(people))
    await asyncio.gather(*(open_place(connection, str(place.pk)) for connection in connections))
    return connections, place


async def _rounds(product: Product, loop: ClosedLoop, effort: Effort, places: Sequence[Conversation]) -> Rounds:
    """The rounds after a warm-up; and what was wrong with any of them, the database asked at the end."""
    outcomes: list[Outcome] = [await loop.run(WARM_SECONDS)]
    before = product.processor_seconds()
    outcomes += [await loop.run(effort.seconds) for _ in range(effort.rounds)]
    after = product.processor_seconds()
    problem = next((outcome.problem for outcome in outcomes if outcome.problem), "")
    acknowledged = sum(outcome.acknowledged for outcome in outcomes)
    if not problem and (held := stored(places)) != acknowledged:
        problem = f"{held} messages stored, {acknowledged} acknowledged"
    spent = cost(before, after, acknowledged - outcomes[0].acknowledged)
    return Rounds([outcome.rate for outcome in outcomes[1:]], problem, spent)


def _row(name: str, title: str, rounds: Rounds, target: float, times: int = 1) -> Row:
    rates = [rate * times for rate in rounds.rates]
    notes = {"rounds": [round(rate, 1) for rate in rates], "microseconds_per_message": rounds.cost}
    return Row(name, title, statistics.median(rates), "/s", target, problem=rounds.problem, notes=notes)
