"""A group as a whole: its settings' overview."""

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from groups.permissions import visible_group
from groups.views.shell import settings_shell


@require_safe
def group_settings(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """The list of the settings; where there is room, the overview beside it."""
    return overview_page(request, group_id, list_only=True)


@require_safe
def group_overview(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """What the group is."""
    return overview_page(request, group_id)


def overview_page(request: HttpRequest, group_id: UUID, **more: Any) -> HttpResponse:
    standing = visible_group(reader(request), group_id)
    return render(request, "groups/overview.html", settings_shell(request, standing, at="overview", **more))


def reader(request: HttpRequest) -> User:
    return cast("User", request.user)
