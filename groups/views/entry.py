"""The way into a group: its members come to a channel, others see what is public of it."""

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.models import User
from groups.reading import channels_for, group_for, last_channel_of
from groups.surroundings import side_of


@require_safe
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """To the channel that was read last, else the first; with ?list=1, or where none can be read, the channels alone."""
    person = cast("User", request.user).pk
    standing = group_for(person, group_id)
    channels = channels_for(person, group_id)
    if channels and "list" not in request.GET:
        return redirect("conversation", last_channel_of(person, channels))
    context = side_of(request, standing, channels, is_heading=True)
    context |= {"pane": "list", "group": standing.group, "has_channels": bool(channels)}
    return render(request, "groups/group.html", context)
