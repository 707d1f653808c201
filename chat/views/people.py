"""Finding people and opening conversations with them."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.permissions import check_member, visible_people, visible_statuses
from accounts.search import find_people
from chat import reading
from chat.actions.conversation import create_group, open_direct
from chat.finding import places_called
from chat.forms import GroupForm, SearchForm, WriteToForm
from chat.models import Membership
from chat.views.access import checked, people_named, refusals_beside, room_of, status_of, viewer_of
from chat.views.membership import RESULTS_MAX, picker
from chat.views.sidebar import place_line, shell
from chatter.core.asking import wants_json
from chatter.core.errors import NotFound

NOT_FOUND = _("Nobody is called that.")


@require_safe
def people_search(request: HttpRequest) -> HttpResponse:
    """People, as JSON for scripts; for everybody else a page that finds conversations and places too, or what is found alone."""
    words = checked(SearchForm(request.GET))["q"]
    if wants_json(request):
        return JsonResponse({"people": _wires(viewer_of(request), _people_for_script(request, words))})
    return _found(request, words)


@require_http_methods(["GET", "HEAD", "POST"])
def new_direct(request: HttpRequest) -> HttpResponse:
    """Look for somebody; choosing them opens the one conversation of the two."""
    check_member(viewer_of(request))
    if request.method != "POST":
        return _found(request, checked(SearchForm(request.GET))["q"])
    form = WriteToForm(request.POST)
    name = form.cleaned_data["username"] if form.is_valid() else ""
    other = visible_people(viewer_of(request)).filter(username__iexact=name).first()
    if other is None:
        return _found(request, name, error=str(NOT_FOUND), status=404)
    return redirect(open_direct(person=viewer_of(request), other=other))


@require_http_methods(["GET", "HEAD", "POST"])
def new_group(request: HttpRequest) -> HttpResponse:
    """Name, people, done; the search inside keeps what was ticked."""
    viewer = viewer_of(request)
    check_member(viewer)
    form = GroupForm(request.POST if request.method == "POST" else request.GET)
    chosen = people_named(viewer, form.members_given())
    if form.is_valid() and request.method == "POST" and "search" not in request.POST:
        with refusals_beside(form, "q"):
            return redirect(create_group(owner=viewer, title=form.cleaned_data["title"], members=list(chosen)))
    context = {"form": form} | picker(viewer, form, chosen) | shell(request, pane="talk")
    return render(request, "chat/new_group.html", context, status=status_of(form))


def _found(request: HttpRequest, words: str, *, error: str = "", status: int = 200) -> HttpResponse:
    viewer = viewer_of(request)
    rows = [row for row in reading.conversations_of(viewer.pk) if words and words.casefold() in row.title.casefold()]
    rows = rows[:RESULTS_MAX]
    presence = visible_statuses(viewer.pk, (row.other_id for row in rows if row.other_id))
    context = {
        "words": words,
        "error": error,
        "places_found": [
            place_line(row, viewer, presence=presence.get(row.other_id, "offline") if row.other_id else "")
            for row in rows
        ],
        "elsewhere": places_called(viewer, words, limit=RESULTS_MAX),
        "people": find_people(viewer, words, limit=RESULTS_MAX),
    }
    if request.headers.get("X-Fragment") == "found":
        return render(request, "chat/_found.html", context)
    return render(
        request,
        "chat/new_direct.html",
        context | shell(request, pane="talk"),
        status=status,
    )


def _people_for_script(request: HttpRequest, words: str) -> list[User]:
    """At most 20; with `conversation` those who are not in it, with `in=1` only those who are, as they are called there."""
    if "conversation" not in request.GET:
        return find_people(viewer_of(request), words, limit=RESULTS_MAX)
    room = room_of(request, _uuid(request.GET["conversation"]))
    inside = Membership.objects.active().filter(conversation=room.conversation)
    if request.GET.get("in") != "1":
        members = set(inside.values_list("user_id", flat=True))
        return [person for person in find_people(viewer_of(request), words, limit=50) if person.pk not in members][
            :RESULTS_MAX
        ]
    called = Q(user__username__istartswith=words) | Q(user__display_name__istartswith=words)
    called |= Q(nickname__istartswith=words)
    rows = list(inside.filter(called).select_related("user").order_by("user__username")[:RESULTS_MAX])
    for row in rows:
        row.user.display_name = row.nickname or row.user.display_name
    return [row.user for row in rows]


def _wires(viewer: User, people: list[User]) -> list[dict[str, Any]]:
    status = visible_statuses(viewer.pk, (person.pk for person in people))
    return [
        {
            "id": str(person.pk),
            "username": person.username,
            "name": person.name,
            "status": status.get(person.pk, "offline"),
            "hue": person.hue,
            "initials": person.initials,
            "avatar": person.avatar_url,
        }
        for person in people
    ]


def _uuid(raw: str) -> UUID:
    try:
        return UUID(raw)
    except ValueError as error:
        raise NotFound from error
