"""Sockets that do nothing: what one costs in memory, and how soon its first frame comes."""

import asyncio
import statistics
import time
from uuid import uuid4

from bench.client import connect
from bench.figures import Effort, figure
from bench.load import close_all, connect_all
from bench.machine import resident_bytes
from bench.people import cookies_of, enter_lobby, make_people, pair_of, room_of
from bench.product import Product
from bench.report import Row
from bench.stats import percentile, slope
from chat.actions.send import send_message

STEPS = 4
HELLOS = 40


@figure("memory")
async def memory(product: Product, effort: Effort) -> list[Row]:
    """Growth of the web process from a quarter of the sockets to all; each person is in the lobby and in a pair."""
    product.restart()
    people = make_people(effort.sockets)
    enter_lobby(people)
    for one, other in zip(people[::2], people[1::2], strict=True):
        place = pair_of(one, other)
        send_message(sender=one, conversation_id=place.pk, client_id=uuid4(), content="Hello!")
    cookies, connections, points = cookies_of(people), [], []
    step = effort.sockets // STEPS
    for start in range(0, effort.sockets, step):
        connections += await connect_all(product.ws_url, cookies[start : start + step])
        await asyncio.sleep(2)
        points.append((float(len(connections)), float(resident_bytes(product.pid))))
    await close_all(connections)
    notes = {"resident_mib": {int(sockets): round(size / 2**20, 1) for sockets, size in points}}
    return [Row("memory", "memory per idle signed-in socket", slope(points) / 1024, "KiB", 30, True, notes=notes)]


@figure("hello")
async def hello(product: Product, effort: Effort) -> list[Row]:
    """From dialling to `hello`, for a person with 250 groups and 250 direct conversations."""
    product.restart()
    person, *others = make_people(501)
    for index, other in enumerate(others):
        place = room_of([person, other], f"Room {index}") if index % 2 else pair_of(person, other)
        send_message(sender=other, conversation_id=place.pk, client_id=uuid4(), content=f"Hello number {index}!")
    cookie = cookies_of([person])[0]
    taken, listed = [], 0
    for _ in range(HELLOS):
        began = time.perf_counter()
        connection = await connect(product.ws_url, cookie)
        taken.append((time.perf_counter() - began) * 1000)
        listed = len((await connection.hello)["conversations"])
        await connection.close()
    problem = "" if listed == 500 else f"hello lists {listed} conversations"
    notes = {"p95_ms": round(percentile(taken, 95), 1), "first_ms": round(taken[0], 1)}
    return [Row("hello", "hello, 500 conversations", statistics.median(taken), "ms", 50, True, problem, notes)]
