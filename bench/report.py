"""What was measured, as a table for people and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `target` is what must be reached: at least, or at most where `less_is_better`; None for a raw limit."""

    name: str
    title: str
    value: float | None
    unit: str
    target: float | None = None
    less_is_better: bool = False
    problem: str = ""
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def reached(self) -> bool | None:
        """Whether the target is met; None where there is none. What lost or doubled something reaches nothing."""
        if self.problem or self.value is None:
            return False
        if self.target is None:
            return None
        return self.value <= self.target if self.less_is_better else self.value >= self.target

    @property
    def verdict(self) -> str:
        if self.problem:
            return f"**failed**: {self.problem}"
        return {None: "", True: "reached", False: "**missed**"}[self.reached]


def cost(before: Mapping[str, float], after: Mapping[str, float], things: int) -> dict[str, float]:
    """Microseconds of processor time that each server spent on one thing: steadier than rates on a busy machine."""
    return {name: round((after[name] - before[name]) / max(things, 1) * 1e6, 1) for name in before}


def number(value: float | None) -> str:
    """Three or so significant digits, with separators."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table: figures with a target first, the machine's own limits below."""
    lines = ["| figure | measured | must reach | |", "| --- | ---: | ---: | --- |"]
    for row in sorted(rows, key=lambda row: row.target is None):
        sign = "≤" if row.less_is_better else "≥"
        target = "–" if row.target is None else f"{sign} {number(row.target)}"
        lines.append(f"| {row.title} | {number(row.value)} {row.unit} | {target} | {row.verdict} |")
    return "\n".join(lines)


def document(rows: Sequence[Row], machine: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The JSON form."""
    figures = [{**asdict(row), "reached": row.reached} for row in rows]
    return {"machine": machine, "options": options, "figures": figures}
