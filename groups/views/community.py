"""A group's settings: the overview, where its name, description and icon are, and whether everybody finds it."""

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from chat.views.access import refusals_beside, status_of
from groups.actions.group import EDITED, edit_group
from groups.forms.community import EditGroupForm
from groups.permissions import Right, Standing, check_right, visible_group
from groups.views.shell import settings_shell


@require_safe
def group_settings(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """The list of the settings; where there is room, the overview beside it."""
    return _page(request, visible_group(reader(request), group_id), list_only=True)


@require_http_methods(["GET", "HEAD", "POST"])
def group_overview(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """What the group is, and a form for those who may change it."""
    standing = visible_group(reader(request), group_id)
    if request.method != "POST":
        return _page(request, standing)
    check_right(standing, Right.MANAGE_GROUP)
    form = EditGroupForm(request.POST)
    if form.is_valid():
        with refusals_beside(form, "name"):
            edit_group(actor=reader(request), group_id=group_id, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return redirect("group_overview", group_id)
    return _page(request, standing, form=form)


def _page(request: HttpRequest, standing: Standing, **more: Any) -> HttpResponse:
    group = standing.group
    form = more.pop("form", None) or EditGroupForm(initial={name: getattr(group, name) for name in EDITED})
    may_edit = standing.can(Right.MANAGE_GROUP)
    context = settings_shell(request, standing, at="overview", form=form if may_edit else None, **more)
    return render(request, "groups/overview.html", context, status=status_of(form))


def reader(request: HttpRequest) -> User:
    return cast("User", request.user)
