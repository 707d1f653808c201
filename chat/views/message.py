"""One message's own page: its permalink, and everything that can be done to it without a script."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from accounts.models import User
from chat import reading
from chat.actions.change import (
    add_reaction,
    delete_message,
    edit_message,
    pin_message,
    remove_reaction,
    unpin_message,
)
from chat.forms import ComposerForm, EditForm, ReactionForm
from chat.permissions import Permission
from chat.reading import Room
from chat.rendering import Shown
from chat.views.access import (
    checked,
    is_by,
    message_of,
    own_message_of,
    refusals_beside,
    status_of,
    viewer_of,
)
from chat.views.conversation import QUICK_EMOJI, composer_of
from chat.views.sidebar import shell
from chat.views.timeline import Viewer, marked_article, timeline
from chatter.core.addresses import address
from chatter.core.emoji import canonical_emoji
from chatter.core.errors import NotFound, Refused


@require_safe
def message(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """The message, who reacted and who read it, and what may be done to it."""
    room, shown = message_of(request, conversation_id, number)
    context = {
        "reacted_by": reading.reactors_of(shown, room.membership.user_id),
        "read_by": reading.readers_of(room, number) if is_by(shown, room) else [],
        "form": ReactionForm(),
        "quick_emoji": QUICK_EMOJI,
    }
    return _page(request, "chat/message.html", room, shown, context)


@require_http_methods(["GET", "HEAD", "POST"])
def message_edit(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """Edit one's own message."""
    room, shown = own_message_of(request, conversation_id, number)
    form = EditForm(
        request.POST if request.method == "POST" else None,
        initial={"content": shown.wire["content"]},
    )
    if form.is_valid():
        with refusals_beside(form, "content"):
            edit_message(
                editor=viewer_of(request),
                message_id=_key(shown),
                content=form.cleaned_data["content"],
            )
            return redirect(_in_place(room, number))
    return _page(
        request,
        "chat/message_edit.html",
        room,
        shown,
        {"form": form},
        status=status_of(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def message_delete(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """Asks first; then a tombstone stays."""
    room, shown = message_of(request, conversation_id, number)
    if shown.wire["deleted_at"]:
        raise NotFound
    if not _may_delete(room, shown):
        raise Refused("forbidden")
    if request.method != "POST":
        return _page(request, "chat/message_delete.html", room, shown, {})
    delete_message(actor=viewer_of(request), message_id=_key(shown))
    return redirect(_in_place(room, number))


@require_POST
def message_react(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """Add the reaction, or take one's own back."""
    room, shown = message_of(request, conversation_id, number)
    emoji = canonical_emoji(checked(ReactionForm(request.POST))["emoji"]) or ""
    change = remove_reaction if emoji in shown.wire["my_reactions"] else add_reaction
    change(person=viewer_of(request), message_id=_key(shown), emoji=emoji)
    return redirect(_in_place(room, number))


@require_POST
def message_pin(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """Pin, or unpin what is pinned."""
    room, shown = message_of(request, conversation_id, number)
    change = unpin_message if shown.wire["pinned_at"] else pin_message
    change(actor=viewer_of(request), message_id=_key(shown))
    return redirect(_in_place(room, number))


@require_safe
def message_history(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """What the message said before."""
    room, shown = message_of(request, conversation_id, number)
    return _page(
        request,
        "chat/message_history.html",
        room,
        shown,
        {"revisions": reading.revisions_of(room, number)},
    )


@require_safe
def message_thread(request: HttpRequest, conversation_id: UUID, number: int) -> HttpResponse:
    """The message and everything that answers it; scripts ask for the part alone and show it beside the talk."""
    room, shown = message_of(request, conversation_id, number)
    root, *replies = reading.thread_of(room, number)
    viewer = Viewer.of(viewer_of(request), room)
    context = {
        "root": timeline([root], viewer),
        "replies": timeline(replies, viewer),
        "reply_count": len(replies),
    }
    context["composer"] = composer_of(request, room, ComposerForm(), number, thread=str(number))
    context["thread"] = str(number)
    if request.headers.get("X-Fragment") == "thread":
        return render(request, "chat/_thread.html", context | {"room": room})
    return _page(request, "chat/message_thread.html", room, shown, context)


def _page(
    request: HttpRequest,
    template: str,
    room: Room,
    shown: Shown,
    context: dict[str, Any],
    status: int = 200,
) -> HttpResponse:
    """A page about one message, inside the shell."""
    wire, own = shown.wire, is_by(shown, room)
    common = {
        "room": room,
        "message": wire,
        "article": marked_article(shown, Viewer.of(viewer_of(request), room)),
        "base": f"/c/{room.id}/m/{wire['number']}/",
        "in_place": _in_place(room, wire["number"]),
        "is_own": own,
        "can_edit": own and not wire["deleted_at"],
        "can_delete": _may_delete(room, shown),
        "can_pin": room.can(Permission.PIN) and not wire["deleted_at"],
        "make_post": _making(room, shown, viewer_of(request)),
        "can_react": room.can(Permission.REACT) and not wire["deleted_at"],
    }
    return render(
        request,
        template,
        common | shell(request, pane="talk", current=room.id, room=room) | context,
        status=status,
    )


def _may_delete(room: Room, shown: Shown) -> bool:
    return not shown.wire["deleted_at"] and (is_by(shown, room) or room.can(Permission.MANAGE_MESSAGES))


def _making(room: Room, shown: Shown, viewer: User) -> str:
    """Where a post is made of it, for who may: the page asks again."""
    wire = shown.wire
    may = is_by(shown, room) or (room.is_shared and room.can(Permission.MANAGE_MESSAGES))
    if not may or wire["deleted_at"] or wire["kind"] != "text" or viewer.is_guest:
        return ""
    page = address("post_from_talk", room.id)
    return f"{page}?n={wire['number']}" if page else ""


def _key(shown: Shown) -> UUID:
    return UUID(shown.wire["id"])


def _in_place(room: Room, number: int) -> str:
    """Where the message stands in the conversation."""
    return f"/c/{room.id}/?at={number}#m-{number}"
