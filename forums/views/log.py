"""The log of a forum: for its moderators always, for everybody who reads it where the forum wants that."""

from functools import partial

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.views.log import log_page
from chatter.core.errors import Refused
from forums.log import log_lines
from forums.log_words import KINDS, PUBLIC
from forums.permissions import Standing
from forums.views.entry import in_forum
from forums.views.settings_shell import settings_page
from forums.views.shell import forum_page


@login_not_required
@require_safe
@in_forum
def forum_log(request: HttpRequest, standing: Standing) -> HttpResponse:
    """A page of it, newest first. Reports and notes are for the moderators."""
    if not standing.is_moderator and not standing.forum.is_log_public:
        raise Refused("forbidden")
    is_whole = standing.is_moderator
    kinds = KINDS if is_whole else PUBLIC
    context = log_page(request, standing.forum.pk, kinds, partial(log_lines, standing), is_whole=is_whole)
    if is_whole:
        return settings_page(request, standing, "forums/log.html", "log", **context)
    return render(request, "forums/log_public.html", forum_page(request, standing, at="log", **context))
