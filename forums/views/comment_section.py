"""The comments under a post, as a part of its page and of a comment's own page."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import uuid4

from django.http import HttpRequest
from django.template.loader import get_template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, pgettext

from chatter.core.errors import Refused
from chatter.core.fragments import TOKEN_PLACE, with_token
from forums.addresses import post_url
from forums.forms.comments import PartForm, fresh_form
from forums.models import Post
from forums.permissions import Standing, check_comments, may_read
from forums.reading.comment_html import Sight, more_html, tree_html
from forums.reading.tree import LEVELS, Forest, Line, Sort, ancestors_of, forest_of
from forums.templatetags.forum_votes import login_to_vote

NOTHING_ASKED: dict[str, Any] = {"under": 0, "after": 0, "since": 0, "level": 0, "sort": Sort.BEST, "only": None}
# Stands in the remembered form where the key of each goes.
_KEY_PLACE = str(uuid4())


@dataclass(frozen=True)
class SortLink:
    """One order of the comments, and the page in that order."""

    label: str
    url: str
    is_current: bool


def comments_of(request: HttpRequest, standing: Standing, post: Post) -> dict[str, Any]:
    """What `forums/_comments.html` shows under the post: sorted and cut as the request's address says."""
    asked = asked_of(request)
    sight = sight_of(request, standing, post, asked["sort"])
    forest = forest_of(standing, post, sight.sort, after=asked["after"])
    first = forest.answers.get(forest.roots, [])
    more = more_html(sight, under=0, after=first[-1].number) if forest.has_more and first else ""
    return _section(request, sight, tree_html(forest, sight), more, is_continued=bool(asked["after"]))


def thread_of(request: HttpRequest, standing: Standing, post: Post, line: Line) -> dict[str, Any]:
    """The same for the page of one comment: what it answers, up to three above it, the comment, and what answers it."""
    asked = asked_of(request)
    sight = sight_of(request, standing, post, asked["sort"], focus=line.number)
    above = ancestors_of(standing, line)
    forest = forest_of(standing, post, sight.sort, under=line.id, after=asked["after"], levels=LEVELS - 1)
    return _section(
        request,
        sight,
        _thread_html(sight, above, line, forest, asked["after"]),
        "",
        thread=line,
        top=(above or [line])[0],
    )


def _thread_html(sight: Sight, above: list[Line], line: Line, forest: Forest, after: int) -> SafeString:
    """What stands beside the ones above is left out, also the links to it."""
    for upper, lower in zip(above, [*above, line][1:], strict=True):
        forest.answers[upper.id] = [lower]
    rest = dict.fromkeys((upper.id for upper in above), "")
    if after:
        shown = forest.answers.get(line.id, [])
        rest[line.id] = more_html(sight, under=line.number, after=shown[-1].number) if forest.has_more and shown else ""
    return tree_html(forest, sight, roots=[(above or [line])[0]], level=-len(above), rest=rest)


def sight_of(request: HttpRequest, standing: Standing, post: Post, sort: Sort, focus: int = 0) -> Sight:
    return Sight(standing, post, sort, login_to_vote(request), focus)


def asked_of(request: HttpRequest) -> dict[str, Any]:
    """The checked query of the address; what makes no sense is as if it were not there."""
    if not request.GET:
        return NOTHING_ASKED
    form = PartForm(request.GET)
    form.is_valid()
    given = form.cleaned_data
    numbers = {name: given.get(name) or 0 for name in ("under", "after", "since", "level")}
    return {**numbers, "sort": Sort(given.get("sort") or Sort.BEST), "only": given.get("only")}


def _form(request: HttpRequest, sight: Sight) -> SafeString:
    """The form of a new comment, with a key of its own."""
    html = _form_html(get_language(), sight.standing.forum.slug, sight.post.number)
    return with_token(mark_safe(html.replace(_KEY_PLACE, str(uuid4()))), request)  # noqa: S308 -- made by a template


@lru_cache(maxsize=4096)
def _form_html(_language: str | None, slug: str, number: int) -> str:
    shown = {
        "form": fresh_form(_KEY_PLACE),
        "forum": {"slug": slug},
        "action": reverse("comment_new", args=[slug, number]),
    }
    return get_template("forums/_comment_form.html").render({**shown, "csrf_token": TOKEN_PLACE})


def _section(request: HttpRequest, sight: Sight, tree: SafeString, more: str, **shown: Any) -> dict[str, Any]:
    closed = closed_words(sight.standing, sight.post)
    return {
        "tree": tree,
        "more": mark_safe(more),  # noqa: S308 -- made of our own words
        "sight": sight,
        "sort_links": [_sort_link(request, sort, sight.sort) for sort in Sort],
        "comment_form": "" if closed or sight.reader is None else _form(request, sight),
        "closed": closed,
        "login": sight.login,
        "all_url": _post_address(sight.standing, sight.post),
        **shown,
    }


def closed_words(standing: Standing, post: Post) -> str:
    """Why the reader cannot write here; "" where they can, or could if they logged in."""
    if standing.person is None:
        return gettext("This post is locked; nobody can write under it.") if post.locked_at else ""
    if post.held_at is not None:
        return gettext("This post waits for approval; nobody can write under it yet.")
    try:
        check_comments(standing, post)
    except Refused as refusal:
        return str(refusal)
    return ""


def _post_address(standing: Standing, post: Post) -> str:
    return post_url(standing.forum.slug, post.number, post.title if may_read(standing, post) else "")


def _sort_link(request: HttpRequest, sort: Sort, current: Sort) -> SortLink:
    return SortLink(_sort_words(sort), f"{request.path}?sort={sort}#comments", sort is current)


def _sort_words(sort: Sort) -> str:
    return {
        Sort.BEST: pgettext("order of comments", "Best"),
        Sort.TOP: pgettext("order of comments", "Top"),
        Sort.NEW: pgettext("order of comments", "New"),
        Sort.OLD: pgettext("order of comments", "Old"),
        Sort.CONTROVERSIAL: pgettext("order of comments", "Controversial"),
    }[sort]
