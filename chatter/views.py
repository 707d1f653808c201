"""Pages of the site itself: the theme, and what Django shows when something is wrong."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from chatter.context import THEMES

THEME_AGE = 60 * 60 * 24 * 365


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie; "system" forgets it."""
    answer = HttpResponseRedirect(_page_before(request))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        answer.set_cookie(
            "theme",
            chosen,
            max_age=THEME_AGE,
            samesite="Lax",
            secure=request.is_secure(),
        )
    else:
        answer.delete_cookie("theme", samesite="Lax")
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its proof: most often the page was open for too long."""
    return render(request, "403_csrf.html", status=403)


def _page_before(request: HttpRequest) -> str:
    """Where the form was sent from, only if that is here."""
    target = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return "/"
