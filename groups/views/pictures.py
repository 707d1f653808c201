"""The icons of groups: served to everybody who was shown them, changed by those who manage the group."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.forms.pictures import PictureForm
from chatter.core.asking import wants_json
from chatter.core.errors import Refused
from groups.actions.pictures import ICONS, change_icon, remove_icon
from groups.models import Group
from groups.permissions import Right, check_right, visible_group
from groups.views.community import reader


@login_not_required
@require_safe
def icon(request: HttpRequest, picture: str, size: str) -> HttpResponse:
    """The file of an icon; an invitation shows it to strangers, too."""
    return ICONS.answer(picture, int(size))


@require_POST
def icon_change(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Take a new icon. Scripts get its address or the refusal, pages go back to the overview."""
    check_right(visible_group(reader(request), group_id), Right.MANAGE_GROUP)
    form = PictureForm(request.POST, request.FILES)
    try:
        group = change_icon(actor=reader(request), group_id=group_id, upload=form.upload(), crop=form.crop)
    except Refused as refusal:
        if wants_json(request):
            raise
        messages.error(request, str(refusal))
        return redirect("group_overview", group_id)
    return _answer(request, group, gettext("This is the group’s icon now."))


@require_POST
def icon_remove(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Initials again."""
    group = remove_icon(actor=reader(request), group_id=group_id)
    return _answer(request, group, gettext("The icon is removed."))


def _answer(request: HttpRequest, group: Group, words: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"avatar": group.icon_url(128), "large": group.icon_url(512), "message": words})
    messages.success(request, words)
    return redirect("group_overview", group.pk)
