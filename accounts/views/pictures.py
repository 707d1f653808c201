"""Changing one's picture, and serving the pictures of everybody."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.pictures import AVATARS, change_picture, remove_picture
from accounts.forms.pictures import PictureForm
from accounts.models import User
from accounts.models.user import avatar_url
from chatter.core.asking import wants_json
from chatter.core.errors import Refused


@login_not_required
@require_safe
def avatar(request: HttpRequest, picture: str, size: str) -> HttpResponse:
    """The file of a picture. Who knows its key was shown it; keys cannot be guessed."""
    return AVATARS.answer(picture, int(size))


@require_POST
def picture_change(request: HttpRequest) -> HttpResponse:
    """Take a new picture. Scripts get its address or the refusal, pages go back to the profile's settings."""
    person, form = cast("User", request.user), PictureForm(request.POST, request.FILES)
    try:
        change_picture(person=person, upload=form.upload(), crop=form.crop)
    except Refused as refusal:
        if wants_json(request):
            raise
        messages.error(request, str(refusal))
        return redirect("profile_edit")
    return _answer(request, person, gettext("This is your picture now."))


@require_POST
def picture_remove(request: HttpRequest) -> HttpResponse:
    """Initials again."""
    person = cast("User", request.user)
    remove_picture(person=person)
    return _answer(request, person, gettext("Your picture is removed."))


def _answer(request: HttpRequest, person: User, words: str) -> HttpResponse:
    if wants_json(request):
        large = avatar_url(person.avatar, 512) if person.avatar else ""
        return JsonResponse({"avatar": person.avatar_url, "large": large, "message": words})
    messages.success(request, words)
    return redirect("profile_edit")
