"""A person's posts that are not finished."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from chat.views.access import viewer_of
from chatter.core.errors import NotFound, Refused
from forums.actions.drafts import DRAFTS_MAX, delete_draft, save_draft
from forums.forms.posts import DraftForm
from forums.models import Draft
from forums.permissions import standing_in, visible_forums
from forums.views.shell import forums_page


@require_safe
def drafts(request: HttpRequest) -> HttpResponse:
    """The latest first. Where a draft is for a forum that its author sees no more, it keeps its words and loses its place."""
    person = viewer_of(request)
    rows = list(Draft.objects.filter(author=person).order_by("-updated_at")[:DRAFTS_MAX])
    places = visible_forums(person).in_bulk([row.forum_id for row in rows if row.forum_id])
    shown = [(row, places.get(row.forum_id) if row.forum_id else None) for row in rows]
    return render(request, "forums/drafts.html", forums_page(request, at="drafts", drafts=shown, most=DRAFTS_MAX))


@require_POST
def draft_save(request: HttpRequest) -> HttpResponse:
    """What the form holds so far, sent by scripts while one writes."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", gettext("This is too long to be kept as a draft."))
    person, forum_id = viewer_of(request), form.cleaned_data["forum"]
    if forum_id:
        standing_in(forum_id, person)
    draft = save_draft(author=person, forum_id=forum_id, **form.wanted())
    return JsonResponse({"draft": str(draft.pk)})


@require_POST
def draft_delete(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    person = viewer_of(request)
    if not Draft.objects.filter(author=person, pk=draft_id).exists():
        raise NotFound
    delete_draft(author=person, draft_id=draft_id)
    messages.success(request, gettext("The draft was deleted."))
    return redirect("forum_drafts")
