"""Numbers about numbers: percentiles, slopes. Pure."""

from collections.abc import Sequence
from statistics import fmean


def percentile(values: Sequence[float], q: float) -> float:
    """The value below which `q` percent lie, between neighbours by straight line. Raises ValueError when empty."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    place = (len(ordered) - 1) * q / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def slope(points: Sequence[tuple[float, float]]) -> float:
    """How much y grows per x: least squares. Raises ValueError where all x are the same."""
    if len({x for x, _ in points}) < 2:
        raise ValueError("needs two different x")
    middle_x, middle_y = fmean(x for x, _ in points), fmean(y for _, y in points)
    return sum((x - middle_x) * (y - middle_y) for x, y in points) / sum((x - middle_x) ** 2 for x, _ in points)
