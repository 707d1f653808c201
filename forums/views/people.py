"""What people follow, as pages and forms: posts, people, forums."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.views.contacts import anybody, viewer_of
from chatter.core.asking import is_own_address
from chatter.core.errors import Refused
from forums.actions.following import choose_news, follow_person, follow_post
from forums.addresses import post_url
from forums.following import followed_people, followed_posts
from forums.forms.following import FollowForm, ListForm, NewsForm
from forums.models import Forum, Member
from forums.permissions import forum_for, post_for
from forums.views.shell import forum_page


@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """Whom and what one follows."""
    viewer = viewer_of(request)
    given = ListForm(request.GET)
    given.is_valid()
    show, after = given.cleaned_data.get("show") or "people", given.cleaned_data.get("after") or 0
    page = followed_posts(viewer, after) if show == "posts" else followed_people(viewer, after)
    return render(request, "forums/following.html", {"show": show, "page": page, "at": "contacts"})


@require_POST
def person_follow(request: HttpRequest, username: str) -> HttpResponse:
    """Be told of what somebody posts, or no longer."""
    person, on = anybody(username), _wanted(request)
    follow_person(follower=viewer_of(request), person=person, on=on)
    told = _("You are told of what %(name)s posts.") if on else _("You do not follow %(name)s any more.")
    messages.success(request, told % {"name": person.name})
    return redirect(_onward(request) or person)


@require_POST
def post_follow(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Be told of new comments on a post, or of none."""
    viewer, on = viewer_of(request), _wanted(request)
    standing = forum_for(viewer, slug)
    post = post_for(standing, number)
    follow_post(person=viewer, post_id=post.pk, on=on)
    told = (
        _("You are told of new comments on this post.") if on else _("You are told of no more comments on this post.")
    )
    messages.success(request, told)
    return redirect(_onward(request) or post_url(standing.forum.slug, post.number, post.title))


@require_http_methods(["GET", "HEAD", "POST"])
def forum_follow(request: HttpRequest, slug: str) -> HttpResponse:
    """What one wants to be told of a forum one is in. `minutes` 0 makes a muted one loud again, as in the settings."""
    viewer = viewer_of(request)
    standing = forum_for(viewer, slug)
    if standing.member is None:
        raise Refused("forbidden", _("Join the forum first."))
    if request.POST.get("minutes") == "0":
        return _chosen(request, viewer, standing.forum, Member.Notify.ANSWERS)
    form = NewsForm(request.POST or None, initial={"notify": standing.member.notify})
    if request.method == "POST" and form.is_valid():
        return _chosen(request, viewer, standing.forum, form.cleaned_data["notify"])
    return render(request, "forums/follow.html", forum_page(request, standing, at="follow", form=form))


def _chosen(request: HttpRequest, viewer: User, forum: Forum, notify: str) -> HttpResponse:
    choose_news(person=viewer, forum_id=forum.pk, notify=notify)
    messages.success(request, _("Saved."))
    return redirect(_onward(request) or forum)


def _wanted(request: HttpRequest) -> bool:
    form = FollowForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid")
    return bool(form.cleaned_data["on"])


def _onward(request: HttpRequest) -> str:
    """Where the form was, if it says so and that is here."""
    asked = request.POST.get("next", "")
    return asked if is_own_address(request, asked) else ""
