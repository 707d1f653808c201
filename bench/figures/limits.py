"""The machine's own limits, measured on the same cores in the same run: what no product on it can pass."""

import asyncio
import os
import time

import psycopg

from bench import machine
from bench.figures import Effort, figure
from bench.load import ClosedLoop, Seat, close_all, connect_all
from bench.pages import visit
from bench.product import Product
from bench.report import Row


@figure("limits")
async def limits(product: Product, effort: Effort) -> list[Row]:
    product.stop()
    return [await _broadcast(product, effort), _commits(effort), await _hello_world(product, effort)]


async def _broadcast(product: Product, effort: Effort) -> Row:
    """uvicorn hands one ready-made text to 200 sockets: no product, no database."""
    port, log = machine.free_port(), product.folder / "bare.log"
    process = machine.spawn(["-m", "bench.bare", "broadcast", str(port)], os.environ, log)
    try:
        machine.wait_for(lambda: machine.listens(port), process, log)
        connections = await connect_all(f"ws://127.0.0.1:{port}/ws/", [""] * 200)
        loop = ClosedLoop([Seat(connection, "") for connection in connections], connections, 200, 32)
        await loop.run(1)
        outcome = await loop.run(effort.seconds)
        await close_all(connections)
    finally:
        machine.end(process)
    return Row(
        "raw-broadcast", "bare uvicorn: deliveries/s, 200 sockets", outcome.rate * 200, "/s", problem=outcome.problem
    )


def _commits(effort: Effort) -> Row:
    """One connection, one row a commit, default durability."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        owner.execute("create table measured (id bigint generated always as identity primary key, text text)")
        done, began = 0, time.perf_counter()
        while (taken := time.perf_counter() - began) < effort.seconds:
            owner.execute("insert into measured (text) values (%s)", ["x" * 200])
            done += 1
        owner.execute("drop table measured")
    return Row("raw-commits", "PostgreSQL: one-row commits/s, one connection", done / taken, "/s")


async def _hello_world(product: Product, effort: Effort) -> Row:
    """Django's ASGI entry with one async view and no middleware."""
    port, log = machine.free_port(), product.folder / "bare.log"
    environment = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    process = machine.spawn(["-m", "bench.bare", "page", str(port)], environment, log)
    try:
        machine.wait_for(lambda: machine.listens(port), process, log)
        requests = [lambda: ("GET", "/", "", b"")] * 4
        visits = await visit(f"http://127.0.0.1:{port}", requests, effort.seconds, lambda answer: answer.status == 200)
    finally:
        machine.end(process)
    await asyncio.sleep(0)
    return Row("raw-page", "Django: pages/s that say hello", visits.rate, "/s", problem=(visits.wrong or [""])[0])
