"""The first page: what Chatter is for strangers, one's places for everybody else."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from chat.actions.conversation import ensure_lobby
from chat.models import Conversation
from chat.views.access import viewer_of
from chat.views.sidebar import rows_of, shell


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Signed out: the landing page. Guests: the lobby. Else the side bar and an empty talk; on a phone the list."""
    if not request.user.is_authenticated:
        return render(request, "chat/landing.html")
    if viewer_of(request).is_guest:
        return redirect("conversation", ensure_lobby().pk)
    rows = rows_of(request)
    is_new = [row.kind for row in rows] == [Conversation.Kind.LOBBY]
    return render(request, "chat/home.html", shell(request, pane="list", rows=rows) | {"is_new": is_new})


@require_safe
def lobby(request: HttpRequest) -> HttpResponse:
    """An address for the place where everybody is: who has just registered lands there."""
    return redirect("conversation", ensure_lobby().pk)
