"""Groups from outside: the directory, a new one, what a public group shows before one joins; and coming and going."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from chat.views.access import checked, refusals_beside, status_of
from chatter.core.errors import NotFound, Refused
from groups.actions.coming import join_group, leave_group
from groups.actions.group import create_group
from groups.directory import find_groups, open_channels
from groups.forms.community import DirectoryForm, NewGroupForm
from groups.models import Group
from groups.permissions import check_not_banned, visible_group
from groups.views.community import reader

WAITING_MAX = 20


@require_safe
def group_directory(request: HttpRequest) -> HttpResponse:
    """Public groups, the largest first; on top those of the reader's own that wait to be deleted."""
    person, form = reader(request), DirectoryForm(request.GET)
    asked = checked(form)
    waiting = Group.objects.filter(owner=person).exclude(deletion_due_at=None).order_by("deletion_due_at")
    context = {
        "at": "groups",
        "form": form,
        "words": asked["q"],
        "page": find_groups(person, asked["q"], after=asked["after"]),
        "waiting": [] if asked["after"] else waiting[:WAITING_MAX],
    }
    return render(request, "groups/directory.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def group_new(request: HttpRequest) -> HttpResponse:
    """Make a group, and enter it."""
    person = reader(request)
    if person.is_guest:
        return redirect("guest_claim")
    form = NewGroupForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        with refusals_beside(form, None):
            group = create_group(owner=person, **form.wanted())
            return redirect("group", group.pk)
    return render(request, "groups/new.html", {"at": "groups", "form": form}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def group_join(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Come into a public group; links lead to what it shows."""
    if request.method == "POST":
        join_group(person=reader(request), group_id=group_id)
    return redirect("group", group_id)


@require_http_methods(["GET", "HEAD", "POST"])
def group_leave(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Ask, then go. Owners are shown what they can do instead."""
    standing = visible_group(reader(request), group_id)
    if request.method == "POST":
        leave_group(person=reader(request), group_id=group_id)
        messages.success(request, gettext("You have left “%(group)s”.") % {"group": standing.group.name})
        return redirect("group_directory" if standing.group.is_public else "home")
    return render(request, "groups/leave.html", {"group": standing.group, "standing": standing})


def preview(request: HttpRequest, group: Group) -> HttpResponse:
    """What a public group shows to those who are not in it. Raises NotFound for any other."""
    if not group.is_public or group.deletion_due_at is not None:
        raise NotFound
    context = {
        "at": "groups",
        "group": group,
        "channels": open_channels(group),
        "refusal": _why_not(request, group),
    }
    return render(request, "groups/preview.html", context)


def _why_not(request: HttpRequest, group: Group) -> str:
    """Why the reader cannot join, in words; "" where they can."""
    try:
        check_not_banned(group, reader(request))
    except Refused as refusal:
        return str(refusal)
    return ""
