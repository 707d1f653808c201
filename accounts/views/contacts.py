"""The page of contacts, and what is done to a person from anywhere: ask, answer, part, block. Scripts get JSON."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import contacts as reading
from accounts.actions import relationships as actions
from accounts.contacts import Relation
from accounts.forms.contacts import BlockForm, ContactForm, ListForm
from accounts.models import User
from accounts.permissions import check_member, visible_people
from chatter.core.asking import is_own_address, wants_json
from chatter.core.errors import NotFound, Refused

NOT_FOUND = _("Nobody is called that.")


@require_http_methods(["GET", "HEAD", "POST"])
def contacts(request: HttpRequest) -> HttpResponse:
    """Friends, requests both ways, the blocked; the form on it asks somebody by username."""
    viewer = viewer_of(request)
    form = ContactForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            return _asked(request, form.cleaned_data["username"])
        except Refused as refusal:
            form.add_error("username", str(NOT_FOUND if isinstance(refusal, NotFound) else refusal))
    if request.method != "POST" and wants_json(request):
        return JsonResponse({"received": viewer.requests_waiting})
    given = ListForm(request.GET)
    given.is_valid()
    context = _section(viewer, given.cleaned_data) | {
        "form": form,
        "waiting": viewer.requests_waiting,
        "at": "contacts",
    }
    return render(request, "accounts/contacts.html", context, status=400 if form.errors else 200)


@require_POST
def contact_request(request: HttpRequest, username: str) -> HttpResponse:
    return _asked(request, username)


@require_POST
def contact_answer(request: HttpRequest, username: str) -> HttpResponse:
    """`answer` is "accept" or "decline"."""
    viewer, requester = viewer_of(request), anybody(username)
    if request.POST.get("answer") == "accept":
        relation = actions.accept_contact(addressee=viewer, requester=requester)
        return _done(request, requester, relation, _("You are friends with %(name)s now."))
    if request.POST.get("answer") != "decline":
        raise Refused("invalid")
    relation = actions.decline_contact(addressee=viewer, requester=requester)
    return _done(request, requester, relation, _("The request is gone. %(name)s is not told."))


@require_POST
def contact_cancel(request: HttpRequest, username: str) -> HttpResponse:
    other = anybody(username)
    relation = actions.cancel_request(requester=viewer_of(request), addressee=other)
    return _done(request, other, relation, _("You took your request to %(name)s back."))


@require_POST
def contact_remove(request: HttpRequest, username: str) -> HttpResponse:
    other = anybody(username)
    relation = actions.remove_contact(person=viewer_of(request), friend=other)
    return _done(request, other, relation, _("%(name)s is not among your friends any more."))


@require_http_methods(["GET", "HEAD", "POST"])
def block_person(request: HttpRequest, username: str) -> HttpResponse:
    """Asks first, with room for a reason that only the blocker reads; then blocks."""
    viewer, other = viewer_of(request), anybody(username)
    if other.pk == viewer.pk:
        raise Refused("invalid", _("You cannot do this with yourself."))
    form = BlockForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        relation = actions.block_person(blocker=viewer, blocked=other, reason=form.cleaned_data["reason"])
        return _done(request, other, relation, _("You blocked %(name)s."))
    context = {"person": other, "form": form, "next": _onward(request)}
    return render(request, "accounts/contacts_block.html", context, status=400 if form.errors else 200)


@require_POST
def unblock_person(request: HttpRequest, username: str) -> HttpResponse:
    other = anybody(username, also_gone=True)
    relation = actions.unblock_person(blocker=viewer_of(request), blocked=other)
    return _done(request, other, relation, _("You no longer block %(name)s."))


def viewer_of(request: HttpRequest) -> User:
    """The person who asks. Raises Refused for guests: they know nobody yet."""
    person = request.user
    assert isinstance(person, User)
    check_member(person)
    return person


def anybody(username: str, *, also_gone: bool = False) -> User:
    """The account of that name, whoever blocks whom: what one did to somebody can be undone. Raises NotFound."""
    people = User.objects.all() if also_gone else User.objects.reachable()
    person = people.filter(username__iexact=username).first()
    if person is None:
        raise NotFound
    return person


def _asked(request: HttpRequest, username: str) -> HttpResponse:
    """Ask somebody whom the viewer may see: who blocks them is not there. Raises Refused."""
    viewer = viewer_of(request)
    addressee = visible_people(viewer).filter(username__iexact=username).first()
    if addressee is None:
        raise NotFound
    relation = actions.request_contact(requester=viewer, addressee=addressee)
    words = _("%(name)s has your request.") if relation == Relation.SENT else _("You are friends with %(name)s now.")
    return _done(request, addressee, relation, words)


def _done(request: HttpRequest, other: User, relation: Relation, words: Any) -> HttpResponse:
    told = words % {"name": other.name}
    if wants_json(request):
        return JsonResponse({"username": other.username, "relation": relation.value, "message": told})
    messages.success(request, told)
    return redirect(_onward(request) or "contacts")


def _onward(request: HttpRequest) -> str:
    """Where the form was, if it says so and that is here."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    safe = is_own_address(request, asked)
    return asked if safe else ""


def _section(viewer: User, given: dict[str, Any]) -> dict[str, Any]:
    """What the asked-for part of the page lists."""
    shown, after, words = given.get("show") or "friends", given.get("after") or "", given.get("q") or ""
    lists: dict[str, Callable[[], Any]] = {
        "friends": lambda: reading.friends_page(viewer, words=words, after=after),
        "received": lambda: reading.received_page(viewer, after=after),
        "sent": lambda: reading.sent_page(viewer, after=after),
        "blocked": lambda: reading.blocks_page(viewer, after=after),
    }
    return {"show": shown, "page": lists[shown](), "words": words, "after": after}
