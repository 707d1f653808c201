"""What of a text calls many: names in every script, the longest first, nothing in code, links and addresses."""

import pytest

from chatter.core.text import calls_in, has_unknown_names, may_call, render

CALLS = {
    "everyone": "everyone",
    "here": "here",
    "модераторы": "r-1",
    "管理者": "r-2",
    "c++-devs": "r-3",
    "strasse": "r-4",
    "map": "r-5",
    "map-makers": "r-6",
}
PEOPLE = {"bob": "1", "map": "2"}


@pytest.mark.parametrize(
    ("source", "called"),
    [
        ("@everyone come", ["everyone"]),
        ("(@HERE, now)", ["here"]),
        ("**@everyone** ||@here||", ["everyone", "here"]),
        ("@Модераторы: help", ["r-1"]),
        ("@модераторыs", []),
        ("@管理者请看", ["r-2"]),
        ("@C++-Devs!", ["r-3"]),
        ("@STRASSE @straße", ["r-4"]),
        ("@Map-Makers", ["r-6"]),
        ("@map-", ["r-5"]),
        ("@map-maker", []),
        ("@everyones @everyone-else @here.org @here/x", []),
        ("me@everyone x/@here @@everyone", []),
        ("`@everyone` [@here](https://example.org) https://example.org/@here", []),
        ("```\n@everyone\n```", []),
    ],
)
def test_what_calls_many(source: str, called: list[str]) -> None:
    rendered = render(source, calls=CALLS)
    assert list(rendered.called) == called
    assert calls_in(rendered.html) == set(called)


def test_people_win_over_what_has_their_name_but_not_over_longer_names() -> None:
    rendered = render("@map @map-makers @bob", mentions=PEOPLE, calls=CALLS)
    assert (rendered.mentioned, rendered.called) == (("map", "bob"), ("r-6",))


def test_the_markup_says_whom_and_holds_nothing_else() -> None:
    html = render("@everyone @管理者", calls={"everyone": "everyone", "管理者": 'x"><script>'}).html
    assert '<span class="mention" data-call="everyone">@everyone</span>' in html
    assert "<script" not in html


def test_markup_that_is_typed_calls_nobody() -> None:
    rendered = render('<span class="mention" data-call="everyone">@everyone</span>', calls={})
    assert (rendered.called, calls_in(rendered.html)) == ((), set())


@pytest.mark.parametrize(("source", "asks"), [("@x", True), ("a @ b", False), ("me@x.org", False), ("(@ж", True)])
def test_only_a_name_after_an_at_is_looked_up(source: str, asks: bool) -> None:
    assert may_call(source) is asks


@pytest.mark.parametrize(
    ("source", "unknown"), [("@bob", False), ("@bob- @everyone", False), ("@bob @carol", True), ("@модераторы", True)]
)
def test_names_of_members_need_no_other_look(source: str, unknown: bool) -> None:
    assert has_unknown_names(source, {"bob"}) is unknown
