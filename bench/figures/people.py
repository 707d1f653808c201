"""Finding people among very many, as the search field does while somebody types."""

import random
import time
from collections.abc import Iterator
from typing import Any

from django.db import connection

from accounts.models import User
from accounts.search import find_people
from bench.figures import Effort, figure
from bench.people import make_people, tidy
from bench.product import Product
from bench.report import Row
from bench.stats import percentile

PEOPLE = 100_000
FEW_FRIENDS_ONLY = 20
FIRST = ["anna", "ben", "carla", "david", "emma", "felix", "greta", "hugo", "ida", "jonas", "klara", "leo", "mia"]
FIRST += ["noah", "olga", "paul", "quinn", "rosa", "sam", "tina", "ute", "vera", "walter", "xenia", "yusuf", "zoe"]
LAST = ["adler", "becker", "conrad", "dietrich", "ernst", "fischer", "gruber", "hoffmann", "ivanov", "jansen", "klein"]
LAST += ["lehmann", "meyer", "neumann", "otto", "peters", "quast", "richter", "schmidt", "thoma", "ulrich", "vogel"]
LAST += ["weber", "xu", "yilmaz", "zimmermann"]

# One in twenty lets only friends find them: they are looked at and left out.
_FILL = """
insert into accounts_user (id, username, display_name, password, is_superuser, is_staff, is_active, is_guest, phone, first_name,
                           last_name, bio, status, status_text, suspended_reason, created_at, updated_at, privacy)
select gen_random_uuid(), first || '-' || last || '-' || to_hex(n), initcap(first) || ' ' || initcap(last), '!', false, false,
       true, false, '', '', '', '', 'online', '', '', now(), now(),
       case when n %% %(few)s = 0 then '{"find": "friends"}'::jsonb else '{}' end
  from (select n, (%(first)s::text[])[1 + (hashint8(n) & 1048575) %% 26] first,
               (%(last)s::text[])[1 + (hashint8(n + 7) & 1048575) %% 26] last from generate_series(1, %(count)s) n) people
"""


@figure("people")
async def people(product: Product, effort: Effort) -> list[Row]:
    """Different words each time: beginnings from one letter on, insides, surnames, whole names, and what nobody is called."""
    viewer = make_people(1)[0]
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"few": FEW_FRIENDS_ONLY, "first": FIRST, "last": LAST, "count": PEOPLE}
        cursor.execute(_FILL, values)
    tidy()
    words = list(dict.fromkeys(_words()))
    for text in words[:50]:
        find_people(viewer, text)
    times = {text: _seconds(viewer, text) for text in words}
    slowest = sorted(times, key=lambda text: times[text])[-5:]
    notes = {
        "queries": len(words),
        "people": User.objects.count(),
        "p50_ms": round(percentile(list(times.values()), 50) * 1000, 2),
        "max_ms": round(max(times.values()) * 1000, 2),
        "slowest": {text: round(times[text] * 1000, 2) for text in slowest},
    }
    p95 = percentile(list(times.values()), 95) * 1000
    title = "finding people among 100,000, p95 of different queries"
    return [Row("people", title, p95, "ms", 20, less_is_better=True, notes=notes)]


def _words() -> Iterator[str]:
    chance = random.Random(1)
    for _ in range(120):
        first, last, number = chance.choice(FIRST), chance.choice(LAST), f"{chance.randrange(PEOPLE):x}"
        name = f"{first}-{last}-{number}"
        yield from (first[:1], last[:1], first[:2], last[:2], first[:3], last[:4], first, last)
        yield from (f"{first} {last}", f"{first} {last[:2]}", name, name[3:9], last[1:5], number, f"x{number}y")


def _seconds(viewer: User, text: str) -> float:
    began = time.perf_counter()
    find_people(viewer, text, limit=20)
    return time.perf_counter() - began
