"""Search in a forum, and in all forums that the reader may read."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.permissions import blocked_by
from chatter.core.asking import asker_address
from chatter.core.limits import check_limit
from forums.forms.lists import SearchForm
from forums.models import Forum
from forums.permissions import Standing
from forums.reading import search
from forums.reading.cards import Card
from forums.reading.highlight import Wanted, excerpt, marked, plain_of, wanted
from forums.reading.keyset import cursor_of
from forums.reading.said import Said
from forums.views.entry import in_forum
from forums.views.lists import form_of, is_part, older_address
from forums.views.shell import forum_page, forums_page, reader

# Searching costs more than reading.
SEARCHES, SECONDS = 30, 60


@login_not_required
@require_safe
@in_forum
def forum_search(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Posts or comments of a forum that hold the words."""
    shown = _found(request, standing.forum)
    if is_part(request):
        return render(request, shown["part"], shown)
    return render(request, "forums/search.html", forum_page(request, standing, at="search", **shown))


@login_not_required
@require_safe
def forums_search(request: HttpRequest) -> HttpResponse:
    """The same over all forums that the reader may read."""
    shown = _found(request, None)
    if is_part(request):
        return render(request, shown["part"], shown)
    return render(request, "forums/search.html", forums_page(request, at="search", **shown))


def _found(request: HttpRequest, forum: Forum | None) -> dict[str, Any]:
    given = form_of(SearchForm, request)
    words = wanted(given["q"])
    after = cursor_of(given["after"]) if given["after"] else None
    shown: dict[str, Any] = {"words": given["q"], "kind": given["in"] or "posts", "part": "forums/_said_list.html"}
    if words is None:
        return shown | {"lines": [], "older": ""}
    person = reader(request)
    check_limit("forum-search", person.pk if person else asker_address.get(), limit=SEARCHES, seconds=SECONDS)
    hidden = blocked_by(person) if person else frozenset()
    if shown["kind"] == "comments":
        talk = search.find_comments(person, words, after, forum)
        lines = [(said, _excerpt(said, words)) for said in talk.comments if said.author_id not in hidden]
        return shown | {"lines": lines, "older": older_address(request, talk.after)}
    page = search.find_posts(person, words, after, forum)
    found = [_post_line(card, content, words) for card, content in page.posts if card.author_id not in hidden]
    return shown | {
        "part": "forums/_found_list.html",
        "lines": found,
        "with_forum": forum is None,
        "older": older_address(request, page.after),
    }


def _excerpt(said: Said, words: Wanted) -> str:
    return "" if said.is_veiled else excerpt(plain_of(said.content), words.pattern)


def _post_line(card: Card, content: str, words: Wanted) -> tuple[Card, str, str]:
    is_veiled = card.is_spoiler or card.is_nsfw or card.forum_is_nsfw
    text = "" if is_veiled else excerpt(plain_of(content), words.pattern)
    return card, marked(card.title, words.pattern), text
