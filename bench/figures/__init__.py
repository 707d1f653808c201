"""The figures, by name. Each is a coroutine that measures on the running product and returns its rows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module

from bench.product import Product
from bench.report import Row


@dataclass(frozen=True, slots=True)
class Effort:
    """How long and how big: a quick run proves that everything works, a full one is what counts."""

    seconds: float = 6.0
    rounds: int = 3
    sockets: int = 2_000
    messages: int = 1_000_000

    @classmethod
    def quick(cls) -> "Effort":
        return cls(seconds=2.0, rounds=1, sockets=400, messages=50_000)


Measure = Callable[[Product, Effort], Awaitable[list[Row]]]
FIGURES: dict[str, Measure] = {}
MODULES = (
    *("limits", "rooms", "sockets", "web", "history", "people", "notifications", "group_page", "access", "forums"),
    "start",
)


def figure(name: str) -> Callable[[Measure], Measure]:
    """Register a figure under the name `--only` knows."""

    def register(measure: Measure) -> Measure:
        FIGURES[name] = measure
        return measure

    return register


def load_all() -> None:
    """Import the modules that hold figures, in the order they are measured (Django is set up by now)."""
    for name in MODULES:
        import_module(f"bench.figures.{name}")
