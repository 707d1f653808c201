"""The conversation's page: its history, both ways, and the form that writes into it."""

import json
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.models.user import hue_of, initials_of
from chat import reading
from chat.actions.send import max_length_of, send_message
from chat.forms import ComposerForm, WindowForm
from chat.permissions import Permission
from chat.reading import MessagePage, Room
from chat.views.access import checked, refusals_beside, room_of, viewer_of
from chat.views.details import details_of
from chat.views.history import focus_of, page_for
from chat.views.sidebar import place_line, shell
from chat.views.timeline import Viewer, pending_article, timeline
from chatter.core.errors import NotFound

QUICK_EMOJI = ("👍", "❤️", "😂")


@require_safe
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The newest page, or the one the address asks for: ?before= ?after= ?at= ?date= ?unread=1."""
    room = room_of(request, conversation_id)
    window = checked(WindowForm(request.GET)) if request.GET else {}
    form = ComposerForm(initial={"content": room.membership.draft, "client_id": uuid4()})
    return _answer(
        request,
        room,
        form,
        page_for(room, window),
        focus=focus_of(window),
        reply=window.get("reply"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_send(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Post without JavaScript. Refused: the page again with the text in it, so that nothing typed is lost."""
    if request.method != "POST":
        return redirect("conversation", conversation_id)
    form = ComposerForm(request.POST)
    if form.is_valid():
        with refusals_beside(form, "content"):
            return redirect(
                _place_after(
                    conversation_id,
                    form.cleaned_data,
                    _send(request, conversation_id, form.cleaned_data),
                )
            )
    room = room_of(request, conversation_id)
    return _answer(request, room, form, reading.page_of(room), status=getattr(form, "status", 400))


@require_safe
def conversation_place(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The line of the side bar, for scripts that learn of a conversation they do not show yet."""
    viewer = viewer_of(request).pk
    for row in reading.conversations_of(viewer):
        if row.id == conversation_id:
            return HttpResponse(place_line(row, viewer, presence="offline"))
    raise NotFound


def _send(request: HttpRequest, conversation_id: UUID, given: dict[str, Any]) -> int:
    sent = send_message(
        sender=viewer_of(request),
        conversation_id=conversation_id,
        client_id=given["client_id"],
        content=given["content"],
        reply_to=given["reply_to"],
    )
    return sent.number


def _place_after(conversation_id: UUID, given: dict[str, Any], number: int) -> str:
    if given["thread"]:
        return f"/c/{conversation_id}/m/{given['thread']}/thread/#m-{number}"
    return f"/c/{conversation_id}/#m-{number}"


def _answer(
    request: HttpRequest,
    room: Room,
    form: ComposerForm,
    page: MessagePage,
    *,
    focus: int | None = None,
    reply: int | None = None,
    status: int = 200,
) -> HttpResponse:
    viewer = viewer_of(request)
    stream = timeline(page.messages, Viewer.of(viewer, room.first_unread, focus))
    context = (
        {"room": room, "stream": stream, "page": page, "focus": focus}
        | composer_of(room, form, reply)
        | numbers_of(room, page)
    )
    if request.headers.get("X-Fragment") == "messages":
        return render(request, "chat/_messages.html", context, status=status)
    context |= shell(request, pane="talk", current=room.id) | details_of(room) | parts_of(room, viewer)
    return render(request, "chat/conversation.html", context, status=status)


def composer_of(room: Room, form: ComposerForm, reply: int | None = None) -> dict[str, Any]:
    """The form below the messages, or why there is none."""
    membership, place = room.membership, room.conversation
    timed_out = membership.timed_out_until is not None and membership.timed_out_until > timezone.now()
    locked = place.archived_at is not None or timed_out or not room.can(Permission.SEND)
    return {
        "composer": form,
        "locked": locked,
        "timed_out": timed_out,
        "quoted": _quoted(room, form, reply),
        "max_length": max_length_of(place.kind, place.settings),
    }


def _quoted(room: Room, form: ComposerForm, number: int | None) -> dict[str, Any] | None:
    """The message that is answered: named by the address, or by the form that comes back."""
    if number:
        shown = reading.message_numbered(room, number)
        return None if shown.wire["deleted_at"] else shown.wire
    key = form.cleaned_data.get("reply_to") if form.is_bound else None
    found = reading.shown_messages([key], None, room.membership.history_from) if key else {}
    wires = [shown.wire for shown in found.values() if shown.wire["conversation"] == str(room.id)]
    return wires[0] if wires and not wires[0]["deleted_at"] else None


def parts_of(room: Room, viewer: User) -> dict[str, Any]:
    """What the conversation's bar shows, and what its scripts copy."""
    return {
        "room_hue": hue_of(room.id),
        "room_initials": initials_of(room.title),
        "can_add": room.conversation.kind == "group" and room.can(Permission.ADD_MEMBERS),
        "pending": pending_article(room.id, viewer),
        "quick_emoji": QUICK_EMOJI,
    }


def numbers_of(room: Room, page: MessagePage) -> dict[str, Any]:
    """Numbers the scripts start from, as text: no thousands separators."""
    first, unread = (
        page.messages[0].wire["number"] if page.messages else None,
        room.first_unread,
    )
    reacted = {
        each.wire["number"]: each.wire["my_reactions"] for each in page.messages if each.wire.get("my_reactions")
    }
    return {
        "first": "" if first is None else str(first),
        "last": str(page.messages[-1].wire["number"]) if page.messages else "",
        "version": str(room.conversation.version),
        "count": str(room.conversation.message_count),
        "read": str(room.membership.last_read_number),
        "permissions": str(room.membership.permissions),
        "unread_above": unread is not None and first is not None and unread < first,
        "unread_count": room.conversation.message_count - unread + 1 if unread else 0,
        "reacted": json.dumps(reacted, ensure_ascii=False),
    }
