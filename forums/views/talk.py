"""From a conversation to a post: which messages, and in which forum. Then the form of every post goes on with their text."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.permissions import check_member
from chat import reading
from chat.reading import Room
from chat.rendering import Shown
from chat.views.access import room_of, viewer_of
from chatter.core.errors import NotFound, Refused
from chatter.core.text import render as rendered
from forums.forms.talk import Making, WhereForm, numbers_in
from forums.permissions import forum_for
from forums.talk import MESSAGES_MAX, chosen_messages, forums_to_post_in, may_quote, quoted
from forums.views.shell import forums_page

# So many messages around those that are chosen can be added.
AROUND = 60


@require_safe
def post_from_talk(request: HttpRequest, conversation_id: UUID) -> HttpResponse:
    """Tick messages, see what becomes of them, choose a forum. Without scripts one begins with a single message."""
    reader = viewer_of(request)
    check_member(reader)
    room, numbers = room_of(request, conversation_id), numbers_in(request.GET)
    chosen = checked_messages(room, reader, numbers)
    error = ""
    if chosen and "go" in request.GET:
        form = WhereForm(request.GET)
        try:
            return redirect(_form_of(reader, form.slug() if form.is_valid() else "", room.id, numbers))
        except NotFound:
            error = gettext("There is no such forum, or you may not see it.")
    context = _page(room, reader, chosen) | {"error": error, "typed": request.GET.get("address", "")[:60]}
    return render(request, "forums/from_talk.html", forums_page(request, **context), status=400 if error else 200)


def checked_messages(room: Room, reader: User, numbers: list[int]) -> list[Shown]:
    """The messages. Raises NotFound where one is not there for the reader, Refused where it is not theirs to quote."""
    chosen = chosen_messages(room, reader, numbers)
    if len(chosen) != len(numbers):
        if len(reading.messages_numbered(room, numbers)) != len(numbers):
            raise NotFound
        raise Refused("forbidden", gettext("You can make a post of your own messages, or of all you moderate."))
    return chosen


def beginning(request: HttpRequest, making: Making) -> str:
    """The text of a post that is made of messages. Raises NotFound or Refused."""
    return quoted(checked_messages(room_of(request, making.conversation), viewer_of(request), making.numbers))


def choosing_url(making: Making) -> str:
    """Where its messages are chosen."""
    return f"{reverse('post_from_talk', args=[making.conversation])}?{urlencode({'n': making.numbers}, doseq=True)}"


def _form_of(reader: User, slug: str, place: UUID, numbers: list[int]) -> str:
    """The form of a new post in that forum. Raises NotFound."""
    forum = forum_for(reader, slug).forum
    query = urlencode({"kind": "text", "talk": place, "n": numbers}, doseq=True)
    return f"{reverse('post_new', args=[forum.slug])}?{query}"


def _page(room: Room, reader: User, chosen: list[Shown]) -> dict[str, Any]:
    middle = chosen[len(chosen) // 2].wire["number"] if chosen else None
    near = reading.page_of(room, around=middle, limit=AROUND).messages
    rows = {shown.wire["number"]: shown for shown in [*chosen, *near] if may_quote(room, shown, reader)}
    ticked = {shown.wire["number"] for shown in chosen}
    return {
        "room": room,
        "rows": [(rows[number], number in ticked, _body(rows[number])) for number in sorted(rows)],
        "chosen_count": len(chosen),
        "preview": mark_safe(rendered(quoted(chosen)).html) if chosen else "",  # noqa: S308 -- made safe there
        "forums": forums_to_post_in(reader),
        "most": MESSAGES_MAX,
    }


def _body(shown: Shown) -> str:
    # Made safe by chatter.core.text when it was written.
    return mark_safe(shown.body)  # noqa: S308 -- see above
