"""What one person wrote in forums, for people who are signed in: posts or comments, as far as the reader may see them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.former_names import person_called
from accounts.models import User
from chatter.core.errors import NotFound
from forums.actions.seen import see_person
from forums.forms.lists import PersonForm
from forums.reading import lists
from forums.reading.highlight import plain_of
from forums.reading.keyset import cursor_of
from forums.reading.lists import Sort
from forums.reading.said import Said, comments_by
from forums.views.lists import asked_of, form_of, is_part, older_address, shown_list
from forums.views.shell import forums_page

EXCERPT = 400


@require_safe
def person_posts(request: HttpRequest, username: str) -> HttpResponse:
    """Nobody whom they blocked learns more than that the page is not there."""
    assert isinstance(request.user, User)
    shown = person_called(request.user, username)
    if shown is None:
        raise NotFound
    if shown.username != username:
        return redirect("person_posts", shown.username)
    given = form_of(PersonForm, request)
    kept = _comments(request, shown, given) if given["tab"] == "comments" else _posts(request, shown, given)
    part, context = kept
    context |= {"whose": shown, "tab": given["tab"] or "posts", "base": reverse("person_posts", args=[shown.username])}
    if is_part(request):
        return render(request, part, context)
    see_person(request.user, shown)
    return render(request, "forums/person.html", forums_page(request, **context, part=part))


def _posts(request: HttpRequest, shown: User, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    asked = asked_of(given, Sort.NEW)
    page = lists.posts_by(shown, request.user, asked)  # type: ignore[arg-type]  # a view for people signed in
    return "forums/_post_list.html", shown_list(request, page, given, asked, "person")


def _comments(request: HttpRequest, shown: User, given: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    after = cursor_of(given["after"]) if given["after"] else None
    talk = comments_by(shown, request.user, after)  # type: ignore[arg-type]
    lines = [(said, _beginning(said)) for said in talk.comments]
    return "forums/_said_list.html", {"lines": lines, "older": older_address(request, talk.after), "is_own": True}


def _beginning(said: Said) -> str:
    plain = plain_of(said.content)
    return plain if len(plain) <= EXCERPT else f"{plain[:EXCERPT].rstrip()}…"
