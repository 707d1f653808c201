"""Pages and forms: what those get who use no script."""

import asyncio
import statistics
from collections.abc import Callable, Sequence
from urllib.parse import urlencode
from uuid import uuid4

from bench.client import connect
from bench.figures import Effort, figure
from bench.load import open_place, text_of
from bench.pages import Answer, PageConnection, Visits, visit
from bench.people import cookies_of, make_people, room_of, stored, tidy
from bench.product import Product
from bench.report import Row, cost
from bench.stats import percentile
from chatter.ops.seed_large import fill

READERS, WRITERS = 4, 8
PLACES = 30
WARM_SECONDS = 2.0
# Django takes the secret itself as token: 32 letters, the same in cookie and form.
CSRF = "measuredmeasuredmeasuredmeasured"

Request = tuple[str, str, str, bytes]


@figure("page")
async def page(product: Product, effort: Effort) -> list[Row]:
    """50 messages, 30 conversations in the side bar, 2 messages/s being posted; four people reload without pause. They bring the
    cookies that a browser has after its first page."""
    product.restart()
    readers, others = make_people(READERS), make_people(20)
    places = [room_of([*readers, *others], f"Room {index}") for index in range(PLACES)]
    for place in places:
        list(fill(place, 100))
    tidy()
    path, cookies = f"/c/{places[0].pk}/", cookies_of(readers)
    problem = await _look(product, path, cookies[0], places=PLACES)
    stop = asyncio.Event()
    chatter = asyncio.create_task(_post_now_and_then(product, cookies_of(others[:1])[0], str(places[0].pk), stop))
    requests = [_get(path, f"{cookie}; csrftoken={CSRF}") for cookie in cookies]
    rounds, spent = await _rounds(
        product, requests, effort, lambda answer: answer.status == 200 and b"</html>" in answer.body
    )
    stop.set()
    await chatter
    return [_row("page", "conversation pages/s (50 messages, 30 places)", rounds, 150, problem, spent)]


@figure("form")
async def form(product: Product, effort: Effort) -> list[Row]:
    """Eight people post by the form of the page, one request each in flight; each post answered by a redirect."""
    product.restart()
    people = make_people(50)
    place = room_of(people)
    requests = [_post(f"/c/{place.pk}/send/", cookie) for cookie in cookies_of(people[:WRITERS])]
    rounds, spent = await _rounds(product, requests, effort, lambda answer: answer.status == 302)
    held, answered = stored([place]), sum(visits.answered for visits in rounds)
    problem = "" if held == answered else f"{held} messages stored, {answered} posts answered"
    return [_row("form", "posts/s by the form", rounds, 200, problem, spent)]


async def _look(product: Product, path: str, cookie: str, *, places: int) -> str:
    """What is wrong with the page, or nothing: it must be the whole page that people get."""
    connection = await PageConnection.open(product.url)
    answer = await connection.ask("GET", path, cookie=cookie)
    await connection.close()
    messages, links = answer.body.count(b"<article"), {part[:39] for part in answer.body.split(b'href="/c/')[1:]}
    if answer.status != 200 or messages < 50 or len({link[:36] for link in links}) < places:
        return f"status {answer.status}, {messages} messages, {len(links)} places"
    return ""


async def _post_now_and_then(product: Product, cookie: str, place: str, stop: asyncio.Event) -> None:
    connection = await connect(product.ws_url, cookie)
    await open_place(connection, place)
    number = 0
    while not stop.is_set():
        number += 1
        connection.send_message(lambda _reply: None, place, text_of(number))
        await asyncio.sleep(0.5)
    await connection.close()


async def _rounds(
    product: Product, requests: Sequence[Callable[[], Request]], effort: Effort, is_right: Callable[[Answer], bool]
) -> tuple[list[Visits], dict[str, float]]:
    """A warm-up and the rounds; and what a request cost the servers after the warm-up."""
    rounds = [await visit(product.url, requests, WARM_SECONDS, is_right)]
    before = product.processor_seconds()
    rounds += [await visit(product.url, requests, effort.seconds, is_right) for _ in range(effort.rounds)]
    answered = sum(visits.answered for visits in rounds[1:])
    return rounds, cost(before, product.processor_seconds(), answered)


def _get(path: str, cookie: str) -> Callable[[], Request]:
    return lambda: ("GET", path, cookie, b"")


def _post(path: str, cookie: str) -> Callable[[], Request]:
    def request() -> Request:
        client_id = uuid4()
        fields = {"csrfmiddlewaretoken": CSRF, "client_id": client_id, "content": text_of(client_id.int % 10**8)}
        return "POST", path, f"{cookie}; csrftoken={CSRF}", urlencode(fields).encode()

    return request


def _row(name: str, title: str, rounds: Sequence[Visits], target: float, problem: str, spent: dict[str, float]) -> Row:
    wrong = [complaint for visits in rounds for complaint in visits.wrong]
    measured = rounds[1:]
    notes = {
        "rounds": [round(visits.rate, 1) for visits in measured],
        "microseconds_per_request": spent,
        "p50_ms": round(percentile(measured[-1].latencies, 50) * 1000, 1) if measured[-1].latencies else None,
    }
    return Row(
        name,
        title,
        statistics.median(visits.rate for visits in measured),
        "/s",
        target,
        problem=problem or (wrong[0] if wrong else ""),
        notes=notes,
    )
