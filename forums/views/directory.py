"""Forums from outside: the directory."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from forums.views.shell import forums_page


@login_not_required
@require_safe
def forum_directory(request: HttpRequest) -> HttpResponse:
    """Public forums, the largest first."""
    return render(request, "forums/directory.html", forums_page(request, at="browse"))
