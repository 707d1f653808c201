"""The benchmark's arithmetic."""

import pytest

from bench.stats import percentile, slope


@pytest.mark.parametrize(("q", "expected"), [(0, 1), (50, 3), (99, 4.96), (100, 5)])
def test_percentiles_lie_between_neighbours(q: float, expected: float) -> None:
    assert percentile([5, 1, 4, 2, 3], q) == pytest.approx(expected)


def test_a_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7.5], 99) == 7.5


def test_nothing_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_the_slope_is_what_one_more_costs() -> None:
    assert slope([(500, 60_000), (1000, 75_000), (2000, 105_000)]) == pytest.approx(30)


def test_a_slope_needs_two_places() -> None:
    with pytest.raises(ValueError, match="two different x"):
        slope([(500, 1), (500, 2)])
