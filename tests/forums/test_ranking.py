"""Ranks: larger votes and younger posts stand higher, in every case that chance finds."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forums.ranking import EPOCH, SECONDS_PER_DECADE, best, controversy, hot

counts = st.integers(0, 2**31 - 1)
few = st.integers(0, 5_000)
times = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 -- the strategy adds the zone
spans = st.timedeltas(timedelta(0), timedelta(days=3650))


@given(counts, counts, counts, times)
def test_a_higher_score_never_stands_lower(up: int, down: int, more: int, when: datetime) -> None:
    assert hot(up + more, down, when) >= hot(up, down, when)
    assert hot(up, down + more, when) <= hot(up, down, when)


@given(few, few, times, spans)
def test_of_two_with_the_same_votes_the_younger_stands_higher(
    up: int, down: int, when: datetime, later: timedelta
) -> None:
    assert hot(up, down, when + later) >= hot(up, down, when)
    if later >= timedelta(milliseconds=1):
        assert hot(up, down, when + later) > hot(up, down, when)


@given(st.integers(1, 10**6), times)
def test_ten_times_the_score_weighs_as_much_as_half_a_day(score: int, when: datetime) -> None:
    earlier = when - timedelta(seconds=SECONDS_PER_DECADE)
    assert abs(hot(10 * score, 0, earlier) - hot(score, 0, when)) < 1e-6


@given(counts, counts, times)
def test_votes_for_and_against_weigh_alike(up: int, down: int, when: datetime) -> None:
    age = hot(0, 0, when)
    assert abs((hot(up, down, when) - age) + (hot(down, up, when) - age)) < 1e-6


def test_the_rank_begins_at_nothing() -> None:
    assert hot(0, 0, EPOCH) == hot(1, 0, EPOCH) == 0.0
    assert hot(100, 0, EPOCH) == 2.0
    assert hot(0, 100, EPOCH) == -2.0


@given(counts, counts)
def test_best_is_a_share(up: int, down: int) -> None:
    assert 0.0 <= best(up, down) <= 1.0


@given(counts, counts, st.integers(1, 10**6))
def test_best_rises_with_votes_for_and_falls_with_votes_against(up: int, down: int, more: int) -> None:
    nearly = 1e-9
    assert best(up + more, down) >= best(up, down) - nearly
    assert best(up, down + more) <= best(up, down) + nearly


@given(st.integers(1, 10**4), st.integers(0, 10**4), st.integers(2, 100))
def test_of_two_with_the_same_share_the_one_with_more_votes_is_better(up: int, down: int, times_more: int) -> None:
    assert best(up * times_more, down * times_more) >= best(up, down) - 1e-12


def test_best_knows_wilsons_values() -> None:
    assert best(0, 0) == best(0, 10) == 0.0
    # The bound for 1 of 1 and for 60 of 100, at 80 %.
    assert abs(best(1, 0) - 0.378437) < 1e-4
    assert abs(best(60, 40) - 0.535763) < 1e-3
    assert best(1, 0) < best(10, 1) < best(100, 1)


@given(counts, counts)
def test_controversy_takes_no_side(up: int, down: int) -> None:
    assert controversy(up, down) == controversy(down, up) >= 0.0


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_where_all_agree_nothing_is_controversial(up: int, apart: int) -> None:
    assert controversy(up, 0) == controversy(0, up) == controversy(0, 0) == 0.0
    assert controversy(up, up) == 2 * up
    assert controversy(up + apart, up) <= controversy(up + apart, up + apart)


@given(st.integers(1, 10**4), st.integers(1, 10**4), st.integers(2, 100))
def test_more_votes_of_the_same_balance_are_more_controversial(up: int, down: int, times_more: int) -> None:
    assert controversy(up * times_more, down * times_more) > controversy(up, down)
