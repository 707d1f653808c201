"""Icons and banners of forums: served to everybody who was shown them, changed by who looks after the forum."""

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.pictures import PictureForm
from chat.views.access import viewer_of
from chatter.core.asking import wants_json
from chatter.core.errors import Refused
from forums.actions.pictures import BANNERS, ICONS, change_banner, change_icon, remove_banner, remove_icon
from forums.models import Forum
from forums.permissions import Right, Standing, check_right
from forums.views.entry import in_forum


@login_not_required
@require_safe
def icon(request: HttpRequest, picture: str, size: str) -> HttpResponse:
    """The file of an icon; an invitation shows it to who is not in."""
    return ICONS.answer(picture, int(size))


@login_not_required
@require_safe
def banner(request: HttpRequest, picture: str, size: str) -> HttpResponse:
    return BANNERS.answer(picture, int(size))


@require_POST
@in_forum
def icon_change(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Take a new icon. Scripts get its address or the refusal, pages go back to the overview."""

    def deed(form: PictureForm) -> Forum:
        key = standing.forum.pk
        return change_icon(actor=viewer_of(request), forum_id=key, upload=form.upload(), crop=form.crop)

    return _changed(request, standing, deed, gettext("This is the forum’s icon now."))


@require_POST
@in_forum
def icon_remove(request: HttpRequest, standing: Standing) -> HttpResponse:
    """Initials again."""
    forum = remove_icon(actor=viewer_of(request), forum_id=standing.forum.pk)
    return _answer(request, forum, gettext("The icon is removed."))


@require_POST
@in_forum
def banner_change(request: HttpRequest, standing: Standing) -> HttpResponse:
    def deed(form: PictureForm) -> Forum:
        return change_banner(actor=viewer_of(request), forum_id=standing.forum.pk, upload=form.upload())

    return _changed(request, standing, deed, gettext("This is the forum’s banner now."))


@require_POST
@in_forum
def banner_remove(request: HttpRequest, standing: Standing) -> HttpResponse:
    forum = remove_banner(actor=viewer_of(request), forum_id=standing.forum.pk)
    return _answer(request, forum, gettext("The banner is removed."))


def _changed(
    request: HttpRequest, standing: Standing, deed: Callable[[PictureForm], Forum], words: str
) -> HttpResponse:
    check_right(standing, Right.FORUM)
    try:
        forum = deed(PictureForm(request.POST, request.FILES))
    except Refused as refusal:
        if wants_json(request):
            raise
        messages.error(request, str(refusal))
        return redirect("forum_overview", standing.forum.slug)
    return _answer(request, forum, words)


def _answer(request: HttpRequest, forum: Forum, words: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"avatar": forum.icon_url(128), "large": forum.icon_url(512), "message": words})
    messages.success(request, words)
    return redirect("forum_overview", forum.slug)
