"""Feeds, site maps and what robots are told."""

from collections.abc import Iterable
from uuid import UUID
from xml.sax.saxutils import escape

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.adapter import client_address
from accounts.models import User
from accounts.permissions import check_member
from chat.views.access import viewer_of
from chatter.core.errors import NotFound
from chatter.core.limits import check_limit
from chatter.core.page_cache import share, shareable
from forums.permissions import forum_for
from forums.views.shell import forums_page, reader
from forums.web import feeds, sitemaps
from forums.web.heads import absolute

ATOM = "application/atom+xml; charset=utf-8"
# Guesses of keys, from one address.
ASKED_MAX, ASKED_SECONDS = 120, 60
PRIVATE = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex", "Referrer-Policy": "no-referrer"}
# Nothing of these is for search engines; what is not public a stranger does not get anyway.
NOT_FOR_ROBOTS = (
    "/admin/",
    "/account/",
    "/settings/",
    "/i/",
    "/people/",
    "/forums/search/",
    "/f/*/search/",
    "/f/*/submit/",
)


@login_not_required
@require_safe
def forum_feed(request: HttpRequest, slug: str) -> HttpResponse:
    """The forum's newest posts. With `?key=` as its keeper reads them: that is the way into a private forum's feed."""
    key = request.GET.get("key", "")
    person = _keeper(request, key) if key else reader(request)
    standing = forum_for(person, slug)
    path = reverse("forum_feed", args=[slug])
    atom = feeds.feed_of_forum(standing, absolute(path))
    answer = _atom(atom, is_private=bool(key) or not standing.forum.is_public)
    return answer if key else share(request, answer)


@login_not_required
@require_safe
def home_feed(request: HttpRequest) -> HttpResponse:
    """The newest posts of the forums that the keeper of the key subscribes to."""
    person = _keeper(request, request.GET.get("key", ""))
    return _atom(feeds.feed_of_home(person, absolute(reverse("home_feed"))), is_private=True)


@never_cache
@require_safe
def forum_feeds(request: HttpRequest) -> HttpResponse:
    """Where one's feeds lie. A new key is shown on the page that made it, and never again."""
    person = viewer_of(request)
    check_member(person)
    return render(request, "forums/feeds.html", forums_page(request, has_key=hasattr(person, "feed_key")))


@never_cache
@require_POST
def feed_key(request: HttpRequest) -> HttpResponse:
    """Make a new key, or (`off`) let none open anything any more."""
    person = viewer_of(request)
    check_member(person)
    if request.POST.get("off"):
        feeds.forget_feed_key(person=person)
        messages.success(request, gettext("Your feeds are off: no key opens them."))
        return redirect("forum_feeds")
    check_limit("feed_key", person.pk, limit=20, seconds=3600)
    key = feeds.new_feed_key(person=person)
    made = absolute(f"{reverse('home_feed')}?key={key}")
    return render(request, "forums/feeds.html", forums_page(request, has_key=True, made=made, key=key))


@login_not_required
@require_safe
@shareable
def robots(_request: HttpRequest) -> HttpResponse:
    """RFC 9309."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    lines += ["", f"Sitemap: {absolute(reverse('sitemap'))}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@login_not_required
@require_safe
@shareable
def sitemap(_request: HttpRequest) -> HttpResponse:
    """The map of maps."""
    return _xml("sitemapindex", "sitemap", sitemaps.parts())


@login_not_required
@require_safe
@shareable
def sitemap_forums(_request: HttpRequest) -> HttpResponse:
    return _xml("urlset", "url", sitemaps.forums())


@login_not_required
@require_safe
@shareable
def sitemap_posts(_request: HttpRequest, forum_id: UUID, part: int) -> HttpResponse:
    return _xml("urlset", "url", sitemaps.posts(forum_id, part))


def _keeper(request: HttpRequest, key: str) -> User:
    check_limit("feed", client_address(request), limit=ASKED_MAX, seconds=ASKED_SECONDS)
    if not key:
        raise NotFound
    return feeds.keeper_of(key)


def _atom(atom: str, *, is_private: bool) -> HttpResponse:
    return HttpResponse(atom, content_type=ATOM, headers=PRIVATE if is_private else None)


def _xml(root: str, entry: str, found: Iterable[sitemaps.Entry]) -> HttpResponse:
    lines = [
        f"<{entry}><loc>{escape(url)}</loc>{f'<lastmod>{at.isoformat()}</lastmod>' if at else ''}</{entry}>"
        for url, at in found
    ]
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
    return HttpResponse(f"{head}{'\n'.join(lines)}\n</{root}>\n", content_type="application/xml; charset=utf-8")
