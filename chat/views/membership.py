"""Being in a conversation: who is in it, coming and going, handing over, its name. What costs something asks first."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.notices import Place
from accounts.search import find_people
from chat import reading
from chat.actions.conversation import rename_conversation
from chat.actions.membership import (
    add_members,
    check_leavable,
    leave_conversation,
    remove_member,
    transfer_ownership,
)
from chat.forms import AfterForm, MuteForm, PeopleForm, PersonForm, RenameForm
from chat.models import Membership
from chat.permissions import RANKS, Permission, check_permission, membership_of
from chat.reading import MemberRow, Room
from chat.reading.rooms import MEMBERS_PER_PAGE
from chat.views.access import checked, people_named, refusals_beside, room_of, status_of, viewer_of
from chat.views.details import details_of
from chat.views.sidebar import shell
from chatter.core.errors import Refused

RESULTS_MAX = 20


@require_safe
def conversation_members(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Everybody in it, a page at a time by name; scripts ask for the part alone."""
    room = room_of(request, conversation_id)
    if request.headers.get("X-Fragment") == "members":
        return render(request, "chat/_members.html", details_of(room) | {"room": room})
    members = reading.members_of(room, after=checked(AfterForm(request.GET))["after"])
    has_more = len(members) == MEMBERS_PER_PAGE
    context = {
        "members": [(member, may_remove(room, member), may_crown(room, member)) for member in members],
        "next": members[-1].key if has_more else "",
        "can_add": may_add(room),
    }
    return _page(request, "chat/members.html", room, context)


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_settings(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Name and topic for those who may; mute, put away and leave for everybody."""
    room = room_of(request, conversation_id)
    place = room.conversation
    initial = {"title": place.title, "topic": place.topic}
    form = RenameForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        with refusals_beside(form, "title"):
            rename_conversation(actor=viewer_of(request), conversation_id=place.pk, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return redirect("conversation_settings", place.pk)
    muted_until = room.membership.muted_until
    context = {
        "form": form,
        "can_edit": room.can(Permission.EDIT_CONVERSATION),
        "can_add": may_add(room),
        "is_muted": muted_until is not None and muted_until > timezone.now(),
        "is_muted_for_good": Place(room.id, room.title, muted_until).is_muted_for_good,
        "mute_choices": MuteForm.TIMES,
        "notify_choices": Membership.Notify.choices,
    }
    return _page(request, "chat/settings.html", room, context, form)


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_add(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Look for people, tick them, add them; one form does both."""
    room = room_of(request, conversation_id)
    if not may_add(room):
        raise Refused("forbidden")
    form = PeopleForm(request.POST if request.method == "POST" else request.GET)
    chosen = people_named(viewer_of(request), form.members_given())
    if form.is_valid() and request.method == "POST" and "search" not in request.POST:
        with refusals_beside(form, "q"):
            return _added(request, room, chosen)
    return _page(
        request,
        "chat/add.html",
        room,
        {"form": form} | picker(viewer_of(request), form, chosen),
        form,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_leave(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Asks first, then leaves."""
    room = room_of(request, conversation_id)
    check_leavable(room.conversation)
    if request.method != "POST":
        return _page(request, "chat/leave.html", room, {})
    leave_conversation(person=viewer_of(request), conversation_id=room.id)
    messages.success(request, gettext("You left “%(title)s”.") % {"title": room.title})
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_remove(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Asks first, then puts the member out."""
    room, person = _room_and_person(request, conversation_id, Permission.REMOVE_MEMBERS)
    if request.method != "POST":
        return _page(request, "chat/remove.html", room, {"person": person})
    remove_member(actor=viewer_of(request), conversation_id=room.id, person_id=person.pk)
    messages.success(request, gettext("%(name)s was removed.") % {"name": person.name})
    return redirect("conversation_members", room.id)


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_transfer(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Asks first, then hands the conversation over."""
    room, person = _room_and_person(request, conversation_id, Permission.TRANSFER)
    if request.method != "POST":
        return _page(request, "chat/transfer.html", room, {"person": person})
    transfer_ownership(actor=viewer_of(request), conversation_id=room.id, person_id=person.pk)
    messages.success(request, gettext("%(name)s owns this conversation now.") % {"name": person.name})
    return redirect("conversation_members", room.id)


def may_add(room: Room) -> bool:
    return room.conversation.kind == "group" and room.can(Permission.ADD_MEMBERS)


def may_remove(room: Room, member: MemberRow) -> bool:
    """Nobody of one's own rank or above; the action asks the same again."""
    return room.can(Permission.REMOVE_MEMBERS) and RANKS[room.membership.role] > RANKS[member.role]  # type: ignore[index]


def may_crown(room: Room, member: MemberRow) -> bool:
    return room.can(Permission.TRANSFER) and member.id != room.membership.user_id


def picker(viewer: User, form: PeopleForm, chosen: list[User]) -> dict[str, Any]:
    """The people who are ticked, and those whom the words find besides."""
    words = form.cleaned_data.get("q", "") if form.is_valid() else ""
    found = find_people(viewer, words, limit=RESULTS_MAX) if words else []
    ticked = {person.pk for person in chosen}
    return {
        "chosen": chosen,
        "found": [person for person in found if person.pk not in ticked],
        "words": words,
    }


def _added(request: HttpRequest, room: Room, chosen: list[User]) -> HttpResponse:
    if not chosen:
        raise Refused("invalid", gettext("Choose at least one person."))
    count = add_members(actor=viewer_of(request), conversation_id=room.id, people=chosen)
    words = ngettext("%(count)d person was added.", "%(count)d people were added.", count)
    messages.success(request, words % {"count": count})
    return redirect("conversation_members", room.id)


def _room_and_person(request: HttpRequest, conversation_id: UUID, bit: Permission) -> tuple[Room, User]:
    """The room, where the viewer may do so, and the member whom the address or the form names. Raises Refused."""
    room = room_of(request, conversation_id)
    check_permission(room.membership, bit)
    given = checked(PersonForm(request.POST if request.method == "POST" else request.GET))
    return room, membership_of(given["person"], room.id).user


def _page(
    request: HttpRequest,
    template: str,
    room: Room,
    context: dict[str, Any],
    form: Form | None = None,
) -> HttpResponse:
    """A page about the conversation, inside the shell."""
    common = {"room": room} | shell(request, pane="talk", current=room.id, room=room)
    return render(request, template, common | context, status=status_of(form) if form else 200)
