"""The log of a group: who did what, for those who may read it."""

from functools import partial
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.views.log import log_page
from chat.views.access import viewer_of
from groups.log import log_lines
from groups.log_words import KINDS
from groups.permissions import Right, check_right, visible_group
from groups.views.shell import settings_shell


@require_safe
def log(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """A page of it, newest first."""
    standing = visible_group(viewer_of(request), group_id)
    check_right(standing, Right.VIEW_AUDIT)
    context = log_page(request, group_id, KINDS, partial(log_lines, standing))
    return render(request, "groups/log.html", settings_shell(request, standing, at="log", **context))
