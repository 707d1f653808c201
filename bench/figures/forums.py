"""Forums: a hundred of them with a hundred thousand posts, a million comments and five million votes."""

import statistics
import time
from collections.abc import Callable
from itertools import count

from django.db.models import Count, F, Q

from accounts.models import User
from bench.figures import Effort, figure
from bench.pages import Answer, PageConnection, Visits, visit
from bench.people import cookies_of, make_people
from bench.product import Product
from bench.report import Row, cost
from bench.stats import percentile
from chatter.ops.seed_large_forums import ForumsSize, make_large_forums
from forums.models import Forum, Post, PostVote
from forums.permissions import standing_in
from forums.reading.lists import PAGE, Asked, posts_everywhere, posts_in

READERS, VOTERS = 4, 8
READINGS = 300
WARM_SECONDS = 2.0
COMMENT = b'<li class="comment'
CSRF = "measuredmeasuredmeasuredmeasured"
FEW = ForumsSize(forums=5, posts=1_000, comments=10_000, votes=50_000)

Request = tuple[str, str, str, bytes]


@figure("forums")
async def forums(product: Product, effort: Effort) -> list[Row]:
    """Everything about forums on one community, since making it takes minutes."""
    product.restart()
    people, is_full = make_people(1_000), effort.messages >= 1_000_000
    make_large_forums(people, FEW, _quietly)
    few = _readings(people[0])
    began = time.monotonic()
    size = ForumsSize() if is_full else ForumsSize(forums=20, posts=5_000, comments=50_000, votes=200_000)
    make_large_forums(people, size, _quietly)
    seeded = time.monotonic() - began
    many = _readings(people[0])
    rows = [
        Row("forum-seed", f"{size.rows:,} rows of forums made", seeded, "s", 300, True),
        _ratio(few, many),
        _in_database(people[0]),
    ]
    for measure in (_listings, _pages, _votes):
        rows += await measure(product, effort, people)
    return rows


def _quietly(_done: int, _total: int) -> None:
    """Nobody looks."""


def _readings(person: User) -> list[float]:
    """How long the hot list over all forums takes, without the page around it."""
    return _timed(lambda: posts_everywhere(person, Asked()).cards)


def _timed(read: Callable[[], list[object]] | Callable[[], object]) -> list[float]:
    times = []
    for _ in range(READINGS):
        began = time.perf_counter()
        read()
        times.append((time.perf_counter() - began) * 1000)
    return times[READINGS // 5 :]


def _ratio(few: list[float], many: list[float]) -> Row:
    small, large = statistics.median(few), statistics.median(many)
    notes = {"few_ms": round(small, 3), "many_ms": round(large, 3)}
    return Row("forum-ratio", "hot list of 100,000 posts : of 1,000", large / small, "times", 1.3, True, notes=notes)


def _largest() -> Forum:
    return Forum.objects.filter(is_public=True, is_nsfw=False).order_by("-post_count")[0]


def _in_database(person: User) -> Row:
    standing = standing_in(_largest().pk, person)
    times = _timed(lambda: posts_in(standing, Asked()))
    notes = {"p50_ms": round(statistics.median(times), 2), "posts": standing.forum.post_count}
    return Row("forum-hot", f"hot list of {PAGE} posts, read (p95)", percentile(times, 95), "ms", 15, True, notes=notes)


async def _listings(product: Product, effort: Effort, people: list[User]) -> list[Row]:
    path = f"/f/{_largest().slug}/"
    return [
        await _rate(product, effort, "forum-list", "lists of 25 posts/s, signed in", _gets(path, people), PAGE, 150),
        await _rate(product, effort, "forum-guest", "lists of 25 posts/s, signed out", _gets(path, []), PAGE, 1_000),
    ]


async def _pages(product: Product, effort: Effort, people: list[User]) -> list[Row]:
    """Posts with about so many comments, read by people who are signed in."""
    rows = []
    for comments, target in ((100, 120), (500, 30)):
        post = (
            Post.objects.filter(forum__is_public=True, forum__is_nsfw=False, comment_count__gte=comments)
            .select_related("forum")
            .order_by("comment_count")[0]
        )
        title = f"pages of a post with {post.comment_count} comments/s, signed in"
        requests = _gets(f"/f/{post.forum.slug}/{post.number}/", people)
        requests = [await _followed(product, request) for request in requests]
        rows.append(await _rate(product, effort, f"post-{comments}", title, requests, 80, target, COMMENT))
    return rows


async def _followed(product: Product, request: Callable[[], Request]) -> Callable[[], Request]:
    """The same for where the short address leads."""
    method, path, cookie, body = request()
    connection = await PageConnection.open(product.url)
    answer = await connection.ask(method, path, cookie=cookie)
    await connection.close()
    for line in answer.head.split(b"\r\n"):
        if line.lower().startswith(b"location:"):
            path = line.partition(b":")[2].strip().decode()
    return lambda: (method, path, cookie, body)


def _gets(path: str, people: list[User]) -> list[Callable[[], Request]]:
    cookies = cookies_of(people[:READERS]) if people else [""] * READERS
    return [lambda cookie=cookie: ("GET", path, cookie, b"") for cookie in cookies]  # type: ignore[misc]


async def _rate(
    product: Product,
    effort: Effort,
    name: str,
    title: str,
    requests: list[Callable[[], Request]],
    least: int,
    target: float,
    sign: bytes = b"<article",
) -> Row:
    """Whole pages with at least so many posts or comments, by how one begins."""

    def is_whole(answer: Answer) -> bool:
        return answer.status == 200 and answer.body.count(sign) >= least and b"</html>" in answer.body

    await visit(product.url, requests, WARM_SECONDS, is_whole)
    before = product.processor_seconds()
    rounds = [await visit(product.url, requests, effort.seconds, is_whole) for _ in range(effort.rounds)]
    return _row(product, name, title, target, rounds, before)


def _row(
    product: Product,
    name: str,
    title: str,
    target: float,
    rounds: list[Visits],
    before: dict[str, float],
    bad: str = "",
) -> Row:
    answered = sum(visits.answered for visits in rounds)
    wrong = [complaint for visits in rounds for complaint in visits.wrong]
    notes = {
        "rounds": [round(visits.rate, 1) for visits in rounds],
        "microseconds_per_request": cost(before, product.processor_seconds(), answered),
    }
    rate = statistics.median(visits.rate for visits in rounds)
    return Row(name, title, rate, "/s", target, problem=bad or (wrong[0] if wrong else ""), notes=notes)


async def _votes(product: Product, effort: Effort, people: list[User]) -> list[Row]:
    """Eight people vote on the hot posts, up and down in turn; afterwards every count must be what the votes are."""
    posts = [card.id for card in posts_everywhere(None, Asked()).cards]
    numbers = count()
    requests = []
    for cookie in cookies_of(people[:VOTERS]):

        def request(cookie: str = cookie) -> Request:
            number = next(numbers)
            post, value = posts[number // VOTERS % len(posts)], (1, -1)[number // VOTERS // len(posts) % 2]
            body = f"csrfmiddlewaretoken={CSRF}&vote=post.{post}.{value}&next=/"
            return "POST", "/f/vote/", f"{cookie}; csrftoken={CSRF}", body.encode()

        requests.append(request)
    await visit(product.url, requests, WARM_SECONDS, lambda answer: answer.status == 302)
    before = product.processor_seconds()
    rounds = [
        await visit(product.url, requests, effort.seconds, lambda answer: answer.status == 302)
        for _ in range(effort.rounds)
    ]
    counted = Post.objects.filter(pk__in=posts).annotate(
        ups=Count("votes", filter=Q(votes__value=1)), downs=Count("votes", filter=Q(votes__value=-1))
    )
    lost = counted.exclude(ups=F("up_count"), downs=F("down_count")).count()
    bad = f"{lost} posts count otherwise than their {PostVote.objects.count()} votes" if lost else ""
    return [_row(product, "votes", "votes/s by eight people", 300, rounds, before, bad)]
