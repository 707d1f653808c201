"""Reading the newest messages of a place with very many beside one with few."""

import asyncio
import statistics
import time

from bench.figures import Effort, figure
from bench.people import make_people, room_of, tidy
from bench.product import Product
from bench.report import Row
from chat.models import Conversation
from chat.reading import conversation_for, page_of
from chatter.ops.seed_large import fill

FEW = 1_000
READINGS = 300


@figure("newest")
async def newest(product: Product, effort: Effort) -> list[Row]:
    """The same reading as the page does, taken in turn from both, without the page around it."""
    people = make_people(20)
    few, many = room_of(people, "Few"), room_of(people, "Many")
    for place, count in ((few, FEW), (many, effort.messages)):
        for _ in fill(place, count):
            await asyncio.sleep(0)
    tidy()
    reader = people[1].pk
    times: dict[str, list[float]] = {"few": [], "many": []}
    for _ in range(READINGS):
        for name, place in (("few", few), ("many", many)):
            times[name].append(_read(reader, place))
    small, large = (statistics.median(times[name][20:]) * 1000 for name in ("few", "many"))
    notes = {"few_ms": round(small, 3), "many_ms": round(large, 3), "messages": effort.messages}
    return [Row("newest", "newest 50 of 1,000,000 : of 1,000", large / small, "times", 1.2, True, notes=notes)]


def _read(reader: object, place: Conversation) -> float:
    began = time.perf_counter()
    page = page_of(conversation_for(reader, place.pk))  # type: ignore[arg-type]
    taken = time.perf_counter() - began
    assert len(page.messages) == 50
    return taken
