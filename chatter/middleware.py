"""What happens between any view and its answer."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone, translation
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.preferences import setting_of, zone_of
from chatter.core.asking import wants_json
from chatter.core.clock import use_clock
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit
from chatter.core.pages import TOO_LARGE

# Far more than anybody clicks; sending has its own, stricter measure.
POSTS_MAX, POSTS_SECONDS = 200, 10
# Not for people, and without their session.
UNREAD = {"avatar", "livez", "readyz", "metrics"}


class RefusalMiddleware(MiddlewareMixin):
    """Turns a `Refused` that no view showed beside a field into a page (or JSON) with its status and its words."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return answer_to(request, exception) if isinstance(exception, Refused) else None


class BodyMiddleware(MiddlewareMixin):
    """Answers whoever sent more than CHATTER_BODY_MAX; their request's body was not read to its end."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        if TOO_LARGE not in getattr(request, "scope", {}):
            return None
        most = filesizeformat(settings.CHATTER_BODY_MAX)
        answer = answer_to(request, Refused("invalid", _("This is too large: at most %(most)s.") % {"most": most}))
        answer.status_code = 413
        return answer


class PaceMiddleware(MiddlewareMixin):
    """No program in somebody's name floods the others through forms: the sockets' commands have limits, so have these."""

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        if request.method != "POST" or not request.user.is_authenticated:
            return None
        try:
            check_limit("post", request.user.pk, limit=POSTS_MAX, seconds=POSTS_SECONDS)
        except Refused as refusal:
            return answer_to(request, refusal)
        return None


class PreferenceMiddleware(MiddlewareMixin):
    """Writes pages in the language, the time zone and the clock of who reads them."""

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        match = request.resolver_match
        name = match.view_name if match else ""
        # The administration speaks of times in UTC.
        if name in UNREAD or name.startswith("admin:") or not isinstance(request.user, User):
            return
        timezone.activate(zone_of(request.user))
        use_clock(setting_of(request.user, "clock"))
        language = setting_of(request.user, "language")
        if language and language != translation.get_language():
            translation.activate(language)
            request.LANGUAGE_CODE = language
            request.META["CHATTER_OWN_LANGUAGE"] = language

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """The next request begins anew. The browser keeps a language that was set elsewhere: for its sockets, for pages
        that are not there, and for before one logs in."""
        timezone.deactivate()
        use_clock("auto")
        name, language = settings.LANGUAGE_COOKIE_NAME, request.META.get("CHATTER_OWN_LANGUAGE")
        if language and name not in response.cookies:
            age, secure = settings.LANGUAGE_COOKIE_AGE, settings.LANGUAGE_COOKIE_SECURE
            response.set_cookie(name, language, max_age=age, secure=secure, samesite="Lax")
        return response


class PrivacyMiddleware(MiddlewareMixin):
    """What was made for somebody is theirs: in no shared cache, and not behind the Back button of who comes after them."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if request.session.accessed and not response.has_header("Cache-Control"):
            response.headers["Cache-Control"] = "private, no-store"
        return response


def answer_to(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The refusal as JSON for scripts that ask for it, else as a page."""
    if wants_json(request):
        return JsonResponse({"error": {"code": refusal.code, "message": str(refusal)}}, status=refusal.status)
    return not_found(request) if isinstance(refusal, NotFound) else refused(request, refusal)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The same page for what does not exist and for what one may not know of."""
    return render(request, "404.html", status=404)


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Says why not, and how long to wait where waiting helps."""
    answer = render(request, "refused.html", {"refusal": refusal}, status=refusal.status)
    if refusal.retry_after is not None:
        answer["Retry-After"] = str(max(1, round(refusal.retry_after)))
    return answer
