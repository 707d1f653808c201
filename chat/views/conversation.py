"""The conversation's page: its history, both ways, and the form that writes into it."""

import json
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.notifications import read_place
from accounts.models import User
from accounts.models.user import Face, hue_of, initials_of
from accounts.permissions import blocked_by, visible_statuses
from chat import reading, surroundings
from chat.actions.send import max_length_of, send_message
from chat.forms import ComposerForm, MuteForm, WindowForm
from chat.offshoots import offshoot_list, offshoots_of
from chat.permissions import Permission
from chat.reading import MessagePage, Room
from chat.surroundings import Around
from chat.views.access import checked, refusals_beside, room_of, status_of, viewer_of
from chat.views.calls import question_before
from chat.views.details import MEMBERS_SHOWN, details_of
from chat.views.history import first_window, focus_of, page_for
from chat.views.sidebar import place_line, rows_of, shell
from chat.views.timeline import Viewer, pending_article, timeline
from chatter.core.addresses import address
from chatter.core.errors import NotFound, Refused
from chatter.core.fragments import remembered, with_token
from chatter.core.limits import check_limit

SEND_SECONDS = 10
# What scripts may ask for instead of the whole page, by the header X-Fragment; the messages besides.
PARTS = {"places": "layouts/_side.html", "members": "chat/_member_part.html", "standing": "chat/_standing.html"}
QUICK_EMOJI = ("👍", "❤️", "😂")


@require_safe
def conversation(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Where the reader stopped, or what the address asks for: ?latest=1 ?before= ?after= ?at= ?date= ?unread=1."""
    room = room_of(request, conversation_id)
    if request.headers.get("X-Fragment") in PARTS:
        return _part(request, room, request.headers["X-Fragment"])
    window = checked(WindowForm(request.GET)) if request.GET else {}
    if not request.GET and "X-Fragment" not in request.headers:
        window = first_window(room)
    form = ComposerForm(initial={"content": room.membership.draft, "client_id": uuid4()})
    stream = stream_of(request, room, page_for(room, window), focus_of(room, window))
    return _answer(request, room, stream, form, window.get("reply"))


@require_http_methods(["GET", "HEAD", "POST"])
def conversation_send(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Post without JavaScript. Refused: the page again with the text in it, so that nothing typed is lost."""
    if request.method != "POST":
        return redirect("conversation", conversation_id)
    form = ComposerForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        if not given["confirmed"]:
            form.question = question_before(viewer_of(request), conversation_id, given["content"])
        with refusals_beside(form, "content"):
            if not form.question:
                return redirect(_place_after(conversation_id, given, _send(request, conversation_id, given)))
    room = room_of(request, conversation_id)
    return _answer(request, room, stream_of(request, room, reading.page_of(room)), form, None)


@require_safe
def conversation_place(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """The line of the side bar, for scripts that learn of a conversation they do not show yet."""
    viewer = viewer_of(request)
    for row in reading.conversations_of(viewer.pk):
        if row.id == conversation_id:
            return HttpResponse(place_line(row, viewer, presence="offline"))
    raise NotFound


def _send(request: HttpRequest, conversation_id: UUID, given: dict[str, Any]) -> int:
    sender = viewer_of(request)
    sent = send_message(
        sender=sender,
        conversation_id=conversation_id,
        client_id=given["client_id"],
        content=given["content"],
        reply_to=given["reply_to"],
        limited=wait_of(sender),
    )
    # Who writes has read what was said before: with scripts the open page says so, here nobody else would.
    read_place(sender.pk, conversation_id, sent.number)
    return sent.number


def wait_of(sender: User) -> float | None:
    """The seconds until the person may send again through the form, None where they may now. Never less than a burst
    and the rate after it; a message that is sent again counts, and is answered all the same."""
    limit = settings.CHATTER_SEND_BURST + round(settings.CHATTER_SEND_RATE * SEND_SECONDS)
    try:
        check_limit("send", sender.pk, limit=limit, seconds=SEND_SECONDS)
    except Refused as refusal:
        return refusal.retry_after
    return None


def _place_after(conversation_id: UUID, given: dict[str, Any], number: int) -> str:
    if given["thread"]:
        return f"/c/{conversation_id}/m/{given['thread']}/thread/#m-{number}"
    return f"/c/{conversation_id}/#m-{number}"


def _answer(
    request: HttpRequest, room: Room, stream: dict[str, Any], form: ComposerForm, reply: int | None
) -> HttpResponse:
    """The whole page, or for scripts the messages alone. `stream` comes from `stream_of`."""
    status = status_of(form)
    context = {"room": room} | stream
    part = request.headers.get("X-Fragment")
    if part == "messages":
        return render(request, "chat/_messages.html", context, status=status)
    around = surroundings.around(request, room)
    context |= _surrounded(around) if around else _own_frame(request, room)
    context |= talk_parts(request, room) | {
        "composer": composer_of(request, room, form, reply, name=around.name if around else ""),
        "tab": around.tab if around else room.title,
    }
    return render(request, "chat/conversation.html", context, status=status)


def _part(request: HttpRequest, room: Room, part: str) -> HttpResponse:
    """What scripts read again when something around the talk changed: the side, who is in it, or what the reader may do here."""
    around = surroundings.around(request, room)
    context: dict[str, Any] = {"room": room}
    if part == "places":
        context |= shell(request, pane="talk", current=room.id, room=room)
    elif part == "members":
        context |= {"member_pane": around.members()} if around else details_of(room)
    else:
        form = ComposerForm(initial={"content": room.membership.draft, "client_id": uuid4()})
        context |= {
            "bar": around.bar() if around else "",
            "composer": composer_of(request, room, form, name=around.name if around else ""),
            "permissions": str(room.membership.permissions),
            "offshoots": offshoot_list(offshoots_of(viewer_of(request), room.conversation)),
        }
    return render(request, PARTS[part], context)


def _own_frame(request: HttpRequest, room: Room) -> dict[str, Any]:
    """Side bar, bar and details of a conversation that chat knows by itself."""
    rows, members = rows_of(request), reading.members_of(room, limit=MEMBERS_SHOWN)
    shown = {row.other_id for row in rows if row.other_id} | {member.id for member in members}
    presence = visible_statuses(room.membership.user_id, shown)
    frame = shell(request, pane="talk", current=room.id, rows=rows, presence=presence)
    frame |= details_of(room, members, presence)
    return frame | {"bar": talk_bar(request, room, frame["other_status"])}


def _surrounded(around: Around) -> dict[str, Any]:
    """The same of a conversation that another application surrounds."""
    return around.side() | {"pane": "talk", "bar": around.bar(), "member_pane": around.members()}


def stream_of(request: HttpRequest, room: Room, page: MessagePage, focus: int | None = None) -> dict[str, Any]:
    """The messages as html, and the numbers that scripts start from."""
    reader = viewer_of(request)
    made = offshoots_of(reader, room.conversation, [shown.wire["number"] for shown in page.messages])
    viewer = Viewer.of(reader, room, room.first_unread, focus, made)
    return (
        {"stream": timeline(page.messages, viewer), "page": page, "focus": focus}
        | numbers_of(room, page)
        | {"roles": " ".join(viewer.roles)}
    )


def composer_of(
    request: HttpRequest, room: Room, form: ComposerForm, reply: int | None = None, thread: str = "", name: str = ""
) -> str:
    """The form below the messages, or why there is none; `name` is what it writes to, where that is not the title."""
    quoted = _quoted(room, form, reply)
    html = remembered(
        "chat/_composer.html",
        gaps={
            "client_id": escape(form["client_id"].value()),
            "words": escape(form["content"].value() or ""),
            "quoted_id": quoted["id"] if quoted else "",
            "quoted_name": escape(quoted["sender"]["display_name"]) if quoted else "",
            "quoted_words": escape(Truncator(quoted["content"]).chars(120)) if quoted else "",
        },
        place=room.id,
        title=name or room.title,
        max_length=str(max_length_of(room.conversation.kind, room.conversation.settings)),
        locked=_lock_of(room, viewer_of(request)),
        other=room.other.username if room.other else "",
        is_reply=quoted is not None,
        thread=thread,
        errors=tuple(form["content"].errors) if form.is_bound else (),
        question=form.question,
    )
    return with_token(html, request)


def _lock_of(room: Room, viewer: User) -> str:
    """Why the member cannot write here; empty where they can. Being blocked is not told before one writes."""
    until = room.membership.timed_out_until
    if room.other and room.other.deleted_at:
        return "gone"
    if room.other and room.other.pk in blocked_by(viewer):
        return "blocking"
    if room.conversation.archived_at is not None:
        return "archived"
    if until is not None and until > timezone.now():
        return "timed_out"
    return "" if room.can(Permission.SEND) else "forbidden"


def _quoted(room: Room, form: ComposerForm, number: int | None) -> dict[str, Any] | None:
    """The message that is answered: named by the address, or by the form that comes back."""
    if number:
        shown = reading.message_numbered(room, number)
        return shown.wire if _can_be_quoted(shown.wire) else None
    key = form.cleaned_data.get("reply_to") if form.is_bound else None
    found = reading.shown_messages([key], None, room.membership.history_from) if key else {}
    wires = [shown.wire for shown in found.values() if shown.wire["conversation"] == str(room.id)]
    return wires[0] if wires and _can_be_quoted(wires[0]) else None


def _can_be_quoted(wire: dict[str, Any]) -> bool:
    """Somebody said it, and it still stands."""
    return wire["sender"] is not None and not wire["deleted_at"]


def talk_bar(request: HttpRequest, room: Room, other_status: str) -> SafeString:
    """The conversation's bar: remembered, for it seldom changes."""
    place, other = room.conversation, room.other
    bar = remembered(
        "chat/_talk_bar.html",
        place=room.id,
        kind=place.kind,
        title=room.title,
        topic=other.present_status_text if other and other_status != "offline" else place.topic,
        other=Face(other.pk, other.initials, other.hue, other.avatar_url) if other else None,
        other_status=other_status,
        can_add=place.kind == place.Kind.GROUP and room.can(Permission.ADD_MEMBERS),
        is_archived=room.membership.archived_at is not None,
        is_muted=is_muted(room),
        mute_times=MuteForm.TIMES[:-1],
    )
    return with_token(bar, request)


def talk_parts(request: HttpRequest, room: Room) -> dict[str, Any]:
    """What the conversation's scripts copy."""
    gaps = {"make_post": "" if viewer_of(request).is_guest else address("post_from_talk", room.id)}
    return {
        "parts": with_token(remembered("chat/_talk_parts.html", gaps=gaps, quick_emoji=QUICK_EMOJI), request),
        "pending": pending_article(room.membership, viewer_of(request)),
        "room_hue": hue_of(room.id),
        "room_initials": initials_of(room.title),
    }


def is_muted(room: Room) -> bool:
    """Does the member want no notifications from there at this moment?"""
    until = room.membership.muted_until
    return until is not None and until > timezone.now()


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
