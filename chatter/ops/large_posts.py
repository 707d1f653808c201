"""What a large community posts: words, trees of answers and votes, by chance that is the same every time. Pure."""

import random
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from chatter.core import text
from chatter.ops import large_talk

VARIANTS = 6_000
# Words that only few texts hold, as in any language: the second half as often as the first.
_SYLLABLES = ("ba", "ko", "ri", "tu", "me", "sa", "lo", "vi", "ne", "da", "zu", "pe", "fi", "ga", "ho", "ju")
RARE = 20_000
# So much of what is said answers the post itself; the rest one of the last few comments.
TO_THE_POST, LATELY = 0.42, 40


class Text(NamedTuple):
    """A text as it is written, rendered and shortened."""

    content: str
    html: str
    plain: str


def rare_word(number: int) -> str:
    """The word of that number, as long as it must be."""
    syllables = []
    number += len(_SYLLABLES) ** 2
    while number:
        number, place = divmod(number, len(_SYLLABLES))
        syllables.append(_SYLLABLES[place])
    return "".join(syllables)


def rare_words(chance: random.Random, count: int) -> str:
    """Some words, the earlier ones more often."""
    return " ".join(rare_word(int(RARE * chance.random() ** 3)) for _ in range(count))


def texts(chance: random.Random) -> list[Text]:
    """VARIANTS texts, as the product renders them."""
    lines = list(large_talk.lines())
    return [_text(f"{chance.choice(lines)} {rare_words(chance, 3).capitalize()}.") for _ in range(VARIANTS)]


def _text(content: str) -> Text:
    rendered = text.render(content)
    return Text(content, rendered.html, rendered.plain[:300])


def titles(chance: random.Random) -> Iterator[str]:
    """Endless titles."""
    lines = [line for line in large_talk.lines() if len(line) > 40]
    while True:
        words = chance.choice(lines).replace("*", "").replace("`", "").strip(".").rpartition(". ")[2]
        yield f"{words.strip()[:120].capitalize()}: {rare_words(chance, 2)}"


class Node(NamedTuple):
    """A comment's place: the index of what it answers (-1: the post), and how deep it stands."""

    parent: int
    depth: int


def tree(count: int, chance: random.Random) -> list[Node]:
    """`count` comments in the order they are written."""
    nodes: list[Node] = []
    for number in range(count):
        if not number or chance.random() < TO_THE_POST:
            nodes.append(Node(-1, 0))
        else:
            parent = number - 1 - int(min(number, LATELY) * chance.random())
            nodes.append(Node(parent, nodes[parent].depth + 1))
    return nodes


def chain(count: int) -> list[Node]:
    """Each comment answers the one before."""
    return [Node(number - 1, number) for number in range(count)]


def shares(total: int, most: Sequence[int], chance: random.Random, *, least: int = 0) -> list[int]:
    """`total` over so many places as `most` has limits, few of them much and many little, each at least `least`; what fits
    nowhere is left out."""
    weights = [chance.paretovariate(1.15) for _ in most]
    scale = max(0, total - least * len(most)) / sum(weights or [1])
    given = [min(limit, least + int(weight * scale)) for weight, limit in zip(weights, most, strict=True)]
    rest = min(total, sum(most)) - sum(given)
    while rest > 0:
        for place, limit in enumerate(most):
            step = min(rest, limit - given[place], max(1, rest // len(most)))
            given[place] += step
            rest -= step
    return given


class Ring:
    """People in some orders, so that "the author and n others" is one slice."""

    def __init__(self, people: Sequence[str], chance: random.Random, orders: int = 12) -> None:
        self.size = len(people)
        self._orders: list[tuple[list[str], dict[str, int]]] = []
        for _ in range(orders):
            order = chance.sample(people, len(people))
            self._orders.append((order + order, {person: place for place, person in enumerate(order)}))

    def around(self, person: str, count: int, chance: random.Random) -> list[str]:
        """`count` people, all different, the person first."""
        order, places = self._orders[int(chance.random() * len(self._orders))]
        start = places[person]
        return order[start : start + min(count, self.size)]


@lru_cache(maxsize=100_000)
def split(count: int, taste: int) -> tuple[int, int]:
    """Of `count` votes how many are for and against; the first is the author's own."""
    down = int((count - 1) * (0.02, 0.05, 0.08, 0.12, 0.2, 0.3, 0.45, 0.6)[taste % 8])
    return count - down, down
