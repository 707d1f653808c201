"""Whom the request is from and which place it names: the first lines of every view."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast
from uuid import UUID

from django.forms import Form
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.models.user import USERNAME
from accounts.permissions import visible_people
from chat import reading
from chat.forms import NUMBER_MAX
from chat.reading import Room
from chat.rendering import Shown
from chatter.core.errors import NotFound, Refused

INVALID_ADDRESS = _("This address could not be understood.")


def viewer_of(request: HttpRequest) -> User:
    """The person who asks; views that let strangers in do not call this."""
    return cast("User", request.user)


def room_of(request: HttpRequest, conversation_id: UUID) -> Room:
    """The conversation as the viewer sees it. Raises NotFound for outsiders and unknown ids alike."""
    return reading.conversation_for(viewer_of(request).pk, conversation_id)


def message_of(request: HttpRequest, conversation_id: UUID, number: int) -> tuple[Room, Shown]:
    """The room and its message `number`. Raises NotFound."""
    room = room_of(request, conversation_id)
    return room, reading.message_numbered(room, min(number, NUMBER_MAX))


def own_message_of(request: HttpRequest, conversation_id: UUID, number: int) -> tuple[Room, Shown]:
    """The room and the viewer's own message `number`. Raises NotFound or Refused."""
    room, shown = message_of(request, conversation_id, number)
    if shown.wire["deleted_at"]:
        raise NotFound
    if not is_by(shown, room):
        raise Refused("forbidden", _("Only who wrote a message can change it."))
    return room, shown


def is_by(shown: Shown, room: Room) -> bool:
    """Did the viewer of `room` write the message?"""
    sender = shown.wire["sender"]
    return bool(sender) and sender["id"] == str(room.membership.user_id)


def people_named(viewer: User, usernames: list[str]) -> list[User]:
    """The people with these usernames whom the viewer may see; the unknown are left out."""
    names = [name for name in usernames[:200] if USERNAME.match(name)]
    return list(visible_people(viewer).filter(username__in=names)) if names else []


def checked(form: Any) -> Any:
    """What a form without a page of its own was given. Raises Refused."""
    if not form.is_valid():
        raise Refused("invalid", INVALID_ADDRESS)
    return form.cleaned_data


def status_of(form: Form) -> int:
    """200 for a page that asks, else what the refusal beside a field amounts to."""
    return int(getattr(form, "status", 400)) if form.is_bound and form.errors else 200


@contextmanager
def refusals_beside(form: Form, field: str | None) -> Iterator[None]:
    """Show a refusal beside the field instead of on a page of its own; what may not be known stays not found."""
    try:
        yield
    except NotFound:
        raise
    except Refused as refusal:
        form.add_error(field, str(refusal))
        form.status = refusal.status  # type: ignore[attr-defined]
