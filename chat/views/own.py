"""One's own row of a conversation: read, unread, muted, told of, put away, what was begun to write. Forms without pages."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from chat import reading
from chat.actions.read import (
    archive_conversation,
    choose_notifications,
    mark_read,
    mark_unread,
    mute_conversation,
    save_draft,
)
from chat.forms import ArchiveForm, DraftForm, MuteForm, NotifyForm, NumberForm
from chat.views.access import checked, room_of, viewer_of
from chat.views.sidebar import shell
from chat.views.timeline import Viewer, timeline
from chatter.core.asking import is_own_address


@require_POST
def conversation_read(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Read up to a number, or everything."""
    room = room_of(request, conversation_id)
    number = checked(NumberForm(request.POST))["number"]
    upto = room.conversation.message_count if number is None else number
    mark_read(reader=viewer_of(request), conversation_id=room.id, number=upto)
    return redirect("conversation", room.id)


@require_POST
def conversation_unread(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Back, so that the number is the first unread; then home, where it shows."""
    room = room_of(request, conversation_id)
    number = checked(NumberForm(request.POST))["number"] or room.conversation.message_count
    mark_unread(reader=viewer_of(request), conversation_id=room.id, number=number)
    return redirect("home")


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_mute(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """For how long it shall be quiet."""
    room = room_of(request, conversation_id)
    if request.method != "POST":
        return redirect("conversation_settings", room.id)
    given = checked(MuteForm(request.POST))
    minutes = given["minutes"]
    until = timezone.now() + timedelta(minutes=minutes) if minutes else None
    mute_conversation(person=viewer_of(request), conversation_id=room.id, until=until)
    messages.success(request, gettext("Muted.") if minutes else gettext("No longer muted."))
    if is_own_address(request, given["next"]):
        return redirect(given["next"])
    return redirect("conversation_settings", room.id)


@require_POST
def conversation_notify(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """What of it they want to be told of."""
    room = room_of(request, conversation_id)
    notify = checked(NotifyForm(request.POST))["notify"]
    choose_notifications(person=viewer_of(request), conversation_id=room.id, notify=notify)
    messages.success(request, gettext("Saved."))
    return redirect("conversation_settings", room.id)


@require_POST
def conversation_archive(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Put away for oneself, or take back."""
    room = room_of(request, conversation_id)
    archived = checked(ArchiveForm(request.POST))["archived"]
    archive_conversation(person=viewer_of(request), conversation_id=room.id, archived=archived)
    messages.success(
        request,
        gettext("Put away until somebody writes here.") if archived else gettext("Back in the list."),
    )
    return redirect("home" if archived else room.conversation)


@require_POST
def conversation_draft(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Scripts keep here what is being written."""
    text = checked(DraftForm(request.POST))["text"]
    save_draft(author=viewer_of(request), conversation_id=conversation_id, text=text)
    return HttpResponse(status=204)


@require_safe
def conversation_pins(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The pinned messages, newest first; scripts ask for the part alone."""
    room = room_of(request, conversation_id)
    pinned = reading.pinned_of(room)
    viewer = Viewer.of(viewer_of(request), room)
    context = {
        "room": room,
        "pins": [(each.wire, timeline([each], viewer)) for each in pinned],
    }
    if request.headers.get("X-Fragment") == "pins":
        return render(request, "chat/_pins.html", context)
    return render(
        request,
        "chat/pins.html",
        context | shell(request, pane="talk", current=room.id, room=room),
    )
