"""A forum changes hands, or ends: the pages of its owner, who confirms that it is them, and types the forum's name."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.stepup import recently_confirmed
from chat.views.access import checked, refusals_beside, status_of, viewer_of
from chatter.core.errors import NotFound
from forums.actions.ending import is_waiting, request_forum_deletion, restore_forum, transfer_forum
from forums.forms.community import ConfirmForm, HeirForm, WordsForm
from forums.member_list import called
from forums.models import Forum, Member
from forums.permissions import Standing, check_owner
from forums.slugs import normal
from forums.views.entry import in_forum
from forums.views.settings_shell import check_moderates, settings_page
from forums.views.shell import forums_page

HEIRS_SHOWN = 20
both = require_http_methods(["GET", "HEAD", "POST"])


@both
@recently_confirmed
@in_forum
def forum_transfer(request: HttpRequest, standing: Standing) -> HttpResponseBase:
    """Choose a member, and hand the forum over."""
    _check(standing)
    form = HeirForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        with refusals_beside(form, None):
            deed: dict[str, Any] = {"forum_id": standing.forum.pk, "person_id": said["person"], "name": said["name"]}
            transfer_forum(actor=viewer_of(request), **deed)
            messages.success(request, gettext("The forum has a new owner."))
            return redirect("forum_moderators", standing.forum.slug)
    words = checked(WordsForm(request.GET))["q"]
    context: dict[str, Any] = {"form": form, "heirs": _heirs(standing.forum, words)[:HEIRS_SHOWN], "words": words}
    return settings_page(request, standing, "forums/transfer.html", "transfer", status=status_of(form), **context)


@both
@recently_confirmed
def forum_delete(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Ask for the end of the forum; while it waits, the way back."""
    return waiting(request, slug) or _delete(request, slug=slug)


@in_forum
def _delete(request: HttpRequest, standing: Standing) -> HttpResponse:
    _check(standing)
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        with refusals_beside(form, "name"):
            name = form.cleaned_data["name"]
            request_forum_deletion(actor=viewer_of(request), forum_id=standing.forum.pk, name=name)
            return redirect("forum_delete", standing.forum.slug)
    context: dict[str, Any] = {"form": form, "days": settings.CHATTER_FORUM_DELETION_DAYS}
    return settings_page(request, standing, "forums/delete.html", "delete", status=status_of(form), **context)


@require_POST
def forum_restore(request: HttpRequest, slug: str) -> HttpResponse:
    """Take the deletion back."""
    ended = _ended(request, slug)
    if ended is None:
        raise NotFound
    forum = restore_forum(actor=viewer_of(request), forum_id=ended.pk)
    messages.success(request, gettext("“%(forum)s” is back.") % {"forum": forum.name})
    return redirect(forum.get_absolute_url())


def waiting(request: HttpRequest, slug: str) -> HttpResponse | None:
    """For the owner of a forum that waits to be deleted: when, and the way back; for everybody else nothing."""
    forum = _ended(request, slug)
    if forum is None:
        return None
    context = forums_page(request, ended=forum, can_restore=is_waiting(forum))
    return render(request, "forums/waiting.html", context)


def _ended(request: HttpRequest, slug: str) -> Forum | None:
    mine = Forum.objects.filter(slug=normal(slug), owner=viewer_of(request))
    return mine.exclude(deletion_due_at=None).first()


def _heirs(forum: Forum, words: str) -> QuerySet[Member]:
    """Members who may be given the forum: those who look after it first, then those who have been here longest."""
    rows = Member.objects.filter(forum=forum, user__is_active=True, user__deleted_at=None, user__is_guest=False)
    if words:
        rows = rows.filter(pk__in=called(forum, words))
    return rows.exclude(user=forum.owner_id).select_related("user").order_by("-permissions", "created_at", "pk")


def _check(standing: Standing) -> None:
    check_moderates(standing)
    check_owner(standing)
