"""Forums from outside: the directory, a new forum, whether an address is free."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.errors import Refused
from chatter.core.limits import check_limit
from chatter.core.page_cache import shareable
from forums import slugs
from forums.actions.forum import check_free, create_forum
from forums.actions.invitations import living_invitations
from forums.directory import MEMBERS, SORTS, find_forums
from forums.forms.community import AddressForm, DirectoryForm, NewForumForm
from forums.models import Forum
from forums.views.shell import forums_page, reader

WAITING_MAX = 20
LOOKS_PER_MINUTE = 120


@login_not_required
@require_safe
@shareable
def forum_directory(request: HttpRequest) -> HttpResponse:
    """Public forums; on top invitations of the reader, and forums of theirs that wait to be deleted."""
    person, form = reader(request), DirectoryForm(request.GET)
    asked = checked(form)
    sort = asked["sort"] or MEMBERS
    context: dict[str, Any] = {
        "form": form,
        "words": asked["q"],
        "sort": sort,
        "sorts": SORTS,
        "page": find_forums(person, asked["q"], sort=sort, after=asked["after"]),
        **({} if asked["after"] or asked["q"] or person is None else _own(person)),
    }
    return render(request, "forums/directory.html", forums_page(request, at="browse", **context))


def _own(person: User) -> dict[str, object]:
    waiting = Forum.objects.filter(owner=person).exclude(deletion_due_at=None).order_by("deletion_due_at")
    return {"waiting": waiting[:WAITING_MAX], "invitations": living_invitations(person)[:WAITING_MAX]}


@require_http_methods(["GET", "HEAD", "POST"])
def forum_new(request: HttpRequest) -> HttpResponse:
    """Make a forum, and enter it."""
    person = viewer_of(request)
    if person.is_guest:
        return redirect("guest_claim")
    form = NewForumForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with refusals_beside(form, None):
            return redirect(create_forum(owner=person, **form.wanted()).get_absolute_url())
    return render(request, "forums/new.html", forums_page(request, at="new", form=form), status=status_of(form))


@require_safe
def forum_address(request: HttpRequest) -> JsonResponse:
    """For who makes a forum: what its name suggests as an address, or whether the one they typed can be had, in words."""
    check_limit("forum_address", viewer_of(request).pk, limit=LOOKS_PER_MINUTE, seconds=60)
    given = checked(AddressForm(request.GET))
    typed = given["slug"]
    slug = slugs.normal(typed) if typed else slugs.suggested(given["name"])
    answer = {"slug": slug, "free": False, "words": ""}
    if slug:
        try:
            check_free(slugs.checked_slug(slug))
            answer["free"] = True
        except Refused as refusal:
            answer["words"] = str(refusal)
    return JsonResponse(answer)
