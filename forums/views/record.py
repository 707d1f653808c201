"""The page of a person for the moderators of a forum, and the notes on it."""

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from chat.views.access import refusals_beside, status_of, viewer_of
from chatter.core.errors import Refused
from forums.actions.notes import add_note, check_notes, delete_note
from forums.forms.moderation import NoteForm
from forums.people import person_here, record_of
from forums.permissions import Right, Standing, check_above, check_right, member_of
from forums.views.entry import in_forum
from forums.views.settings_shell import settings_page

both = require_http_methods(["GET", "HEAD", "POST"])


@both
@in_forum
def forum_person(request: HttpRequest, standing: Standing, username: str) -> HttpResponse:
    """What they wrote here and what became of it; the form on it writes a note."""
    check_right(standing, Right.POSTS | Right.PEOPLE)
    shown = person_here(standing, username)
    if shown.username != username:
        return redirect("forum_person", standing.forum.slug, shown.username)
    form = NoteForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, "text"):
            add_note(moderator=viewer_of(request), forum_id=standing.forum.pk, person_id=shown.pk, **form.cleaned_data)
            return redirect("forum_person", standing.forum.slug, shown.username)
    may_note, may_act = _may(standing, shown)
    context = {
        "record": record_of(standing, shown, with_notes=may_note),
        "shown": shown,
        "form": form,
        "may_note": may_note,
        "may_act": may_act,
    }
    return settings_page(request, standing, "forums/record.html", "members", status=status_of(form), **context)


@require_POST
@in_forum
def forum_note_delete(request: HttpRequest, standing: Standing, note_id: UUID) -> HttpResponse:
    note = delete_note(moderator=viewer_of(request), forum_id=standing.forum.pk, note_id=note_id)
    messages.success(request, gettext("The note was deleted."))
    return redirect("forum_person", standing.forum.slug, note.user.username)


def _may(standing: Standing, shown: User) -> tuple[bool, bool]:
    """May the reader see notes on them, and ban them?"""
    return _allowed(check_notes, standing, shown.pk), _allowed(_check_acts, standing, shown.pk)


def _check_acts(standing: Standing, person_id: UUID) -> None:
    check_right(standing, Right.PEOPLE)
    if standing.person is not None and standing.person.pk == person_id:
        raise Refused("forbidden")
    check_above(standing, member_of(standing.forum, person_id), person_id)


def _allowed(check: Callable[[Standing, UUID], None], standing: Standing, person_id: UUID) -> bool:
    try:
        check(standing, person_id)
    except Refused:
        return False
    return True
