"""Changing one's picture, and serving the pictures of everybody."""

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actions.pictures import change_picture, file_of, remove_picture
from accounts.forms.pictures import PictureForm
from accounts.models import User
from accounts.models.user import avatar_url
from chatter.core.asking import wants_json
from chatter.core.errors import Refused

# A key is never used for another picture.
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@login_not_required
@require_safe
def avatar(request: HttpRequest, picture: str, size: str) -> HttpResponse:
    """The file of a picture. Who knows its key was shown it; keys cannot be guessed."""
    try:
        with default_storage.open(file_of(picture, int(size))) as file:
            content = file.read()
    except FileNotFoundError:
        return HttpResponse(status=404, headers={"Cache-Control": "no-store"})
    return HttpResponse(content, content_type="image/webp", headers=_HEADERS)


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


def _asks_for_json(request: HttpRequest) -> bool:
    return wants_json(request)
