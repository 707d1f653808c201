"""The icons of groups: served to everybody who was shown them, changed by those who manage the group."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from groups.actions.pictures import ICONS


@login_not_required
@require_safe
def icon(request: HttpRequest, picture: str, size: str) -> HttpResponse:
    """The file of an icon; an invitation shows it to strangers, too."""
    return ICONS.answer(picture, int(size))
