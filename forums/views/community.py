"""A forum's settings: what it is called and looks like, where it lies, how it works."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chat.views.access import refusals_beside, status_of, viewer_of
from forums.actions.forum import LOOKS, edit_forum, move_forum
from forums.forms.community import LooksForm, OptionsForm, SlugForm
from forums.models import FormerSlug
from forums.permissions import Right, Standing, check_right
from forums.views.entry import in_forum
from forums.views.settings_shell import check_moderates, settings_page

both = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
@in_forum
def forum_settings(request: HttpRequest, standing: Standing) -> HttpResponse:
    """The list of the settings; where there is room, the overview beside it."""
    check_moderates(standing)
    if standing.can(Right.FORUM):
        return _overview(request, standing, list_only=True)
    return settings_page(request, standing, "forums/settings.html", "", list_only=True)


@both
@in_forum
def forum_overview(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Looks and address."""
    check_moderates(standing)
    check_right(standing, Right.FORUM)
    form = LooksForm(request.POST if request.method == "POST" else None, initial=_looks(standing))
    if form.is_valid():
        with refusals_beside(form, "name"):
            edit_forum(actor=viewer_of(request), forum_id=standing.forum.pk, **form.cleaned_data)
            messages.success(request, gettext("Saved."))
            return redirect("forum_overview", standing.forum.slug)
    return _overview(request, standing, form=form)


@require_POST
@in_forum
def forum_move(request: HttpRequest, standing: Standing) -> HttpResponse:
    """To another address."""
    check_moderates(standing)
    check_right(standing, Right.FORUM)
    form = SlugForm(request.POST)
    if form.is_valid():
        with refusals_beside(form, "slug"):
            moved = move_forum(actor=viewer_of(request), forum_id=standing.forum.pk, slug=form.cleaned_data["slug"])
            messages.success(request, gettext("The forum lies there now; links to the former address lead there."))
            return redirect("forum_overview", moved.slug)
    return _overview(request, standing, slug_form=form)


@both
@in_forum
def forum_options(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Who reads and posts, what, and what waits."""
    check_moderates(standing)
    check_right(standing, Right.FORUM)
    form = OptionsForm(request.POST) if request.method == "POST" else OptionsForm.of(standing.forum)
    if form.is_valid():
        with refusals_beside(form, None):
            edit_forum(actor=viewer_of(request), forum_id=standing.forum.pk, **form.wanted())
            messages.success(request, gettext("Saved."))
            return redirect("forum_options", standing.forum.slug)
    return settings_page(request, standing, "forums/options.html", "options", status=status_of(form), form=form)


def _overview(request: HttpRequest, standing: Standing, **more: Any) -> HttpResponse:
    form = more.pop("form", None) or LooksForm(initial=_looks(standing))
    slug_form = more.pop("slug_form", None) or SlugForm(initial={"slug": standing.forum.slug})
    former = FormerSlug.objects.filter(forum=standing.forum).order_by("-created_at").values_list("slug", flat=True)
    context = {"form": form, "slug_form": slug_form, "former": former, **more}
    status = max(status_of(form), status_of(slug_form))
    return settings_page(request, standing, "forums/overview.html", "overview", status=status, **context)


def _looks(standing: Standing) -> dict[str, Any]:
    return {name: getattr(standing.forum, name) for name in LOOKS}
