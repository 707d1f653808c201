"""The arrows and the score of a post or comment, as html: pages show hundreds of them."""

from uuid import UUID

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from forums.reading.moulds import mould

PLACES = ("id", "score", "login")


def votes_html(target: str, key: UUID, score: int | None, mine: int, *, may_vote: bool, login: str = "") -> SafeString:
    """`target` is "post" or "comment"; `score` None is hidden; `mine` is the reader's own vote (-1, 0, 1). `login`: where the
    arrows lead whoever is signed out. The page holds `forums/_vote_form.html` once."""
    html = votes_mould(target, is_hidden=score is None, mine=mine, may_vote=may_vote, is_visitor=bool(login))
    return mark_safe(html % {"id": key, "score": score, "login": login and escape(login)})  # noqa: S308 -- a template's


def votes_mould(target: str, *, is_hidden: bool, mine: int, may_vote: bool, is_visitor: bool) -> str:
    """Of that look, to be filled in: `id`, `score`, `login`."""
    return mould(
        "forums/_votes.html",
        PLACES,
        target=target,
        is_hidden=is_hidden,
        mine=mine,
        may_vote=may_vote,
        is_visitor=is_visitor,
    )
