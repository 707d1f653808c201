"""The table says what was reached, and a figure that lost something never reads as reached."""

import json

import pytest

from bench.report import Row, cost, document, number, table


@pytest.mark.parametrize(
    ("row", "reached"),
    [
        (Row("a", "A", 801, "/s", 800), True),
        (Row("a", "A", 799, "/s", 800), False),
        (Row("a", "A", 14, "ms", 15, True), True),
        (Row("a", "A", 16, "ms", 15, True), False),
        (Row("a", "A", 9_999, "/s", 800, problem="3 messages lost"), False),
        (Row("a", "A", None, "/s", 800), False),
        (Row("raw", "Raw", 100, "/s"), None),
    ],
)
def test_what_is_reached(row: Row, reached: bool | None) -> None:
    assert row.reached is reached


def test_the_table_has_targets_first_and_names_failures() -> None:
    rows = [
        Row("raw", "Raw", 128_000, "/s"),
        Row("a", "A", 900.4, "/s", 800),
        Row("b", "B", 1, "/s", 2, problem="lost"),
    ]
    lines = table(rows).splitlines()
    assert lines[2] == "| A | 900 /s | ≥ 800 | reached |"
    assert lines[3] == "| B | 1.00 /s | ≥ 2.00 | **failed**: lost |"
    assert lines[4] == "| Raw | 128,000 /s | – |  |"


def test_the_document_is_json() -> None:
    found = document([Row("a", "A", 1.5, "s", 3, True)], {"cores": 2}, {"quick": True})
    assert json.loads(json.dumps(found))["figures"][0]["reached"] is True


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (1.234, "1.23"), (12.34, "12.3"), (1234.5, "1,234")])
def test_numbers_are_short(value: float | None, text: str) -> None:
    assert number(value) == text


def test_cost_is_microseconds_for_each() -> None:
    assert cost({"web": 1.0, "database": 2.0}, {"web": 1.5, "database": 2.0}, 1000) == {"web": 500.0, "database": 0.0}
