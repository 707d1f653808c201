"""A group changes hands, or ends: the pages of its owner, who confirms that it is them, and types the group's name."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.stepup import recently_confirmed
from chat.views.access import checked, refusals_beside, status_of
from groups.actions.ending import is_waiting, request_group_deletion, restore_group, transfer_group
from groups.forms.community import ConfirmForm, HeirForm, HeirSearchForm
from groups.models import Group, Member
from groups.permissions import Standing, check_owner, visible_group
from groups.views.community import reader
from groups.views.shell import settings_shell

HEIRS_SHOWN = 20
both = require_http_methods(["GET", "HEAD", "POST"])


def _as_owner(request: HttpRequest, group_id: UUID) -> Standing:
    standing = visible_group(reader(request), group_id)
    check_owner(standing)
    return standing


@both
@recently_confirmed
def group_transfer(request: HttpRequest, group_id: UUID) -> HttpResponseBase:
    """Choose a member, and hand the group over."""
    standing = _as_owner(request, group_id)
    form = HeirForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        with refusals_beside(form, None):
            transfer_group(actor=reader(request), group_id=group_id, person_id=said["person"], name=said["name"])
            messages.success(request, gettext("The group has a new owner."))
            return redirect("group_overview", group_id)
    words = checked(HeirSearchForm(request.GET))["q"]
    heirs = _heirs(standing.group, words)[:HEIRS_SHOWN]
    return _page(request, "groups/transfer.html", standing, form, at="transfer", heirs=heirs, words=words)


@both
@recently_confirmed
def group_delete(request: HttpRequest, group_id: UUID) -> HttpResponseBase:
    """Ask for the end of the group; while it waits, the way back."""
    if answer := waiting(request, group_id):
        return answer
    standing = _as_owner(request, group_id)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, "name"):
            request_group_deletion(actor=reader(request), group_id=group_id, name=form.cleaned_data["name"])
            return redirect("group_delete", group_id)
    days = settings.CHATTER_GROUP_DELETION_DAYS
    return _page(request, "groups/delete.html", standing, form, at="delete", days=days)


@require_POST
def group_restore(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Take the deletion back."""
    group = restore_group(actor=reader(request), group_id=group_id)
    messages.success(request, gettext("“%(group)s” is back.") % {"group": group.name})
    return redirect("group", group_id)


def waiting(request: HttpRequest, group_id: UUID) -> HttpResponse | None:
    """For the owner of a group that waits to be deleted: when, and the way back; for everybody else nothing."""
    group = Group.objects.filter(pk=group_id, owner=reader(request)).exclude(deletion_due_at=None).first()
    if group is None:
        return None
    return render(request, "groups/waiting.html", {"group": group, "can_restore": is_waiting(group)})


def _heirs(group: Group, words: str) -> Any:
    """Members who may be given the group, those who have been here longest first."""
    members = Member.objects.filter(group=group, user__is_active=True, user__deleted_at=None, user__is_guest=False)
    named = Q(user__username__icontains=words) | Q(user__display_name__icontains=words) | Q(nickname__icontains=words)
    return members.filter(named).exclude(user=group.owner_id).select_related("user").order_by("joined_at", "pk")


def _page(request: HttpRequest, template: str, standing: Standing, form: Any, **more: Any) -> HttpResponse:
    return render(request, template, settings_shell(request, standing, form=form, **more), status=status_of(form))
