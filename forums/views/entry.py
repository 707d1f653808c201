"""The way to a forum's pages: its address, the reader's standing in it, and the question whether they want to see such a place."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from chatter.core.asking import is_own_address, wants_json
from chatter.core.errors import NotFound
from chatter.core.page_key import heed
from chatter.views import without_token_for_visitors
from forums import slugs
from forums.models import FormerSlug
from forums.permissions import Standing, forum_for, visible_forums
from forums.views.shell import forums_page, reader

ADULT = "adult"
ADULT_SECONDS = 30 * 24 * 3600
heed(ADULT, ("1",))

type View = Callable[..., HttpResponseBase]


def in_forum(view: View) -> View:
    """`view(request, standing, …)` of an address with a `slug`: nothing for who may not know of the forum, a way from former and
    otherwise written addresses to the present one, and a question before what is for adults."""

    @wraps(view)
    def entered(request: HttpRequest, slug: str, *args: Any, **more: Any) -> HttpResponseBase:
        try:
            standing = forum_for(reader(request), slug)
        except NotFound:
            if elsewhere := _moved(request, slug) or _missing(request, slug):
                return elsewhere
            raise
        if is_gated(request, standing):
            return gate(request, standing)
        answer = view(request, standing, *args, **more)
        if not standing.forum.is_public:
            answer.headers.setdefault("X-Robots-Tag", "noindex")
        return answer

    return entered


def is_gated(request: HttpRequest, standing: Standing) -> bool:
    """Must somebody who is not known first say that they want to see what is for adults?"""
    is_visitor = standing.person is None or standing.person.is_guest
    return standing.forum.is_nsfw and is_visitor and request.COOKIES.get(ADULT) != "1"


def gate(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Asks; the same for all visitors, with nothing of what is behind it but the name."""
    asks = request.method in {"GET", "HEAD"}
    context = {
        "forum": standing.forum,
        "onward": request.get_full_path() if asks else standing.forum.get_absolute_url(),
    }
    answer = render(request, "forums/gate.html", context, status=200 if asks else 403)
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@login_not_required
@require_POST
@without_token_for_visitors
def forum_adult(request: HttpRequest) -> HttpResponse:
    """They want to: this browser is not asked again for a month."""
    onward = request.POST.get("next", "")
    answer = redirect(onward if is_own_address(request, onward) else "forum_directory")
    answer.set_cookie(ADULT, "1", max_age=ADULT_SECONDS, secure=request.is_secure(), httponly=True, samesite="Lax")
    return answer


def _moved(request: HttpRequest, slug: str) -> HttpResponse | None:
    """To the same page at the forum's present address, for who reads the forum."""
    match = request.resolver_match
    present = present_slug(reader(request), slug) if request.method in {"GET", "HEAD"} and match else ""
    if not present or match is None:
        return None
    address = reverse(match.view_name, args=match.args, kwargs={**match.kwargs, "slug": present})
    query = request.META.get("QUERY_STRING", "")
    answer = HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
    # Whose way it is, is asked each time; and a forum may take an address back that it gave up.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _missing(request: HttpRequest, slug: str) -> HttpResponse | None:
    """For who could ask to be let in: not found, and how to ask. The same whether there is a private forum or none."""
    person, address = reader(request), slugs.normal(slug)
    if person is None or person.is_guest or not address or len(address) > slugs.MAX or "/" in address:
        return None
    if request.method not in {"GET", "HEAD"} or wants_json(request):
        return None
    return render(request, "forums/missing.html", forums_page(request, address=address), status=404)


def present_slug(person: User | None, slug: str) -> str:
    """The address that `slug`, written otherwise or given up, stands for; "" where there is none that `person` may know of."""
    wanted = slugs.normal(slug)
    if not wanted or len(wanted) > slugs.MAX:
        return ""
    forums = visible_forums(person)
    if wanted != slug and forums.filter(slug=wanted).exists():
        return wanted
    former = FormerSlug.objects.filter(slug=wanted, forum__in=forums)
    return former.values_list("forum__slug", flat=True).first() or ""
