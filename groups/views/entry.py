"""The way into a group: its members come to a channel, others see what is public of it. And how loud it is for oneself."""

from datetime import timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from chat.forms import MuteForm
from chat.views.access import checked
from chatter.core.errors import NotFound
from groups.actions.mute import mute_group, read_group
from groups.models import Group
from groups.reading import channels_for, group_for, last_channel_of
from groups.surroundings import side_of
from groups.views.directory import preview
from groups.views.ending import waiting


@require_safe
def group(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """To the channel that was read last, else the first; with ?list=1, or where none can be read, the channels alone."""
    person = cast("User", request.user).pk
    try:
        standing = group_for(person, group_id)
    except NotFound:
        return _outside(request, group_id)
    channels = channels_for(person, group_id)
    if channels and "list" not in request.GET:
        return redirect("conversation", last_channel_of(person, channels))
    context = side_of(request, standing, channels, is_heading=True)
    context |= {"pane": "list", "group": standing.group, "has_channels": bool(channels)}
    return render(request, "groups/group.html", context)


def _outside(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """For who is not in it: a public group's preview, and the owner's page of one that waits for its end. Raises NotFound."""
    found = Group.objects.alive().filter(pk=group_id, is_public=True).first()
    answer = preview(request, found) if found else waiting(request, group_id)
    if answer is None:
        raise NotFound
    return answer


@require_POST
def group_mute(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """For how long all of the group shall be quiet."""
    minutes = checked(MuteForm(request.POST))["minutes"]
    until = timezone.now() + timedelta(minutes=minutes) if minutes else None
    mute_group(person=request.user, group_id=group_id, until=until)
    messages.success(request, gettext("Muted.") if minutes else gettext("No longer muted."))
    return redirect("group", group_id)


@require_POST
def group_read(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Everything in the group is read."""
    read_group(reader=request.user, group_id=group_id)
    messages.success(request, gettext("Everything is marked as read"))
    return redirect("group", group_id)
