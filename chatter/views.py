"""Pages of the site itself: the theme, and what Django shows when something is wrong."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.actions.preferences import set_setting
from accounts.models import User
from chatter.context import THEMES
from chatter.core.asking import is_own_address, is_own_origin

THEME_AGE = 60 * 60 * 24 * 365

type View = Callable[[HttpRequest], HttpResponseBase]


def without_token_for_visitors(view: View) -> View:
    """Forms on pages that all visitors share hold no token: from who has no session a form of ours does without.

    A browser that another site could mislead says where it comes from, and with a session the token is asked for.
    """
    guarded = csrf_protect(view)

    @csrf_exempt
    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponseBase:
        is_visitor = settings.SESSION_COOKIE_NAME not in request.COOKIES and not request.user.is_authenticated
        return (view if is_visitor and is_own_origin(request) else guarded)(request)

    return answered


@login_not_required
@require_POST
@without_token_for_visitors
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark in a cookie; "system" forgets it. Whoever is signed in has it on every device."""
    wants_page = "application/json" not in request.headers.get("Accept", "")
    answer = HttpResponseRedirect(_page_before(request)) if wants_page else HttpResponse(status=204)
    chosen = request.POST.get("theme", "")
    if isinstance(request.user, User):
        set_setting(person=request.user, key="theme", value=chosen if chosen in THEMES else "system")
    remember_theme(request, answer, chosen)
    return answer


def remember_theme(request: HttpRequest, answer: HttpResponse, chosen: str) -> None:
    """Keep the theme in this browser, for the pages one sees before signing in."""
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


@login_not_required
@without_token_for_visitors
def language(request: HttpRequest) -> HttpResponseBase:
    """Django's way to choose a language, in a cookie; whoever is signed in has it on every device."""
    chosen = request.POST.get("language", "")
    if request.method == "POST" and isinstance(request.user, User) and chosen in dict(settings.LANGUAGES):
        set_setting(person=request.user, key="language", value=chosen)
    return set_language(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form came without its proof: most often the page was open for too long."""
    return render(request, "403_csrf.html", status=403)


def _page_before(request: HttpRequest) -> str:
    """Where the form was sent from, only if that is here."""
    target = request.headers.get("Referer", "")
    if is_own_address(request, target):
        return target
    return "/"
