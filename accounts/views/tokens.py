"""API tokens: the pages on which a person makes and revokes them, and the two addresses that programs ask."""

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.tokens import (
    ACCESS_LIFE,
    KEPT_SHOWN,
    REFRESH_LIFE,
    ended_tokens,
    give_back_token,
    living_tokens,
    make_token,
    refresh_token,
    revoke_token,
)
from accounts.adapter import client_address
from accounts.forms.devices import TokenForm
from accounts.models import User
from accounts.stepup import recently_confirmed
from chatter.core.errors import Refused
from chatter.core.limits import check_limit

BODY_MAX = 4096
# A program refreshes every 15 minutes; many may share one address.
ASKED_MAX, ASKED_SECONDS = 60, 60
REASONS = {
    "revoked": _("revoked"),
    "reused": _("used twice, perhaps stolen"),
    "password": _("the password changed"),
    "logout": _("logged out everywhere"),
    "rights": _("other rights"),
    "suspended": _("the account was suspended"),
    "claimed": _("the account was kept"),
    "deletion": _("the account was to be deleted"),
    "factor removed": _("the second factor was taken away"),
    "off": _("the account was switched off"),
}


def for_members(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Guests keep their account before programs enter with it."""

    @wraps(view)
    def asked(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        return redirect("guest_claim") if cast("User", request.user).is_guest else view(request, *given, **named)

    return asked


@require_safe
@for_members
def tokens(request: HttpRequest) -> HttpResponse:
    person = cast("User", request.user)
    ended = list(ended_tokens(person)[:KEPT_SHOWN])
    context = {
        "tokens": living_tokens(person),
        "ended": [(token, REASONS.get(token.revoked_reason, _("run out"))) for token in ended],
    }
    return render(request, "accounts/tokens.html", context)


@never_cache
@require_http_methods(["GET", "POST"])
@for_members
@recently_confirmed
def token_new(request: HttpRequest) -> HttpResponse:
    """Make one. Its tokens are shown in the answer, once, and never again."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            issued = make_token(person=cast("User", request.user), **form.cleaned_data)
        except Refused as refusal:
            form.add_error("name", str(refusal))
        else:
            lives = {"minutes": ACCESS_LIFE.seconds // 60, "days": REFRESH_LIFE.days}
            return render(request, "accounts/token_made.html", {"issued": issued} | lives)
    return render(request, "accounts/token_new.html", {"form": form})


@require_POST
def token_revoke_own(request: HttpRequest, token_id: UUID) -> HttpResponse:
    revoke_token(person=cast("User", request.user), token_id=token_id)
    messages.success(request, gettext("The token is revoked. The program that used it is logged out."))
    return redirect("settings_tokens")


@method_decorator([csrf_exempt, login_not_required, never_cache], name="dispatch")
class Endpoint(View):
    """An address for programs: JSON in, JSON out. A cookie that comes along is nobody's."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest) -> JsonResponse:
        try:
            check_limit("token", client_address(request), limit=ASKED_MAX, seconds=ASKED_SECONDS)
            return JsonResponse(self.answer(request))
        except Refused as refusal:
            return refused(refusal)

    def answer(self, request: HttpRequest) -> dict[str, object]:
        raise NotImplementedError


class RefreshView(Endpoint):
    def answer(self, request: HttpRequest) -> dict[str, object]:
        token = token_in(request, "refresh_token")
        return refresh_token(token=token, address=client_address(request)).as_wire()


class RevokeView(Endpoint):
    """The same answer whether or not there was something to revoke."""

    def answer(self, request: HttpRequest) -> dict[str, object]:
        give_back_token(token=token_in(request, "token"))
        return {}


def token_in(request: HttpRequest, name: str) -> str:
    """The one field of the body. Raises Refused("invalid") for anything else than a small JSON object with it."""
    try:
        given = json.loads(request.body) if len(request.body) <= BODY_MAX else None
    except (ValueError, RecursionError, RequestDataTooBig):
        given = None
    token = given.get(name) if isinstance(given, dict) else None
    if not isinstance(token, str) or not token:
        raise Refused("invalid")
    return token


def refused(refusal: Refused) -> JsonResponse:
    answer = JsonResponse({"error": {"code": refusal.code, "message": str(refusal)}}, status=refusal.status)
    if refusal.retry_after is not None:
        answer["Retry-After"] = str(max(1, round(refusal.retry_after)))
    return answer


token_refresh, token_revoke = RefreshView.as_view(), RevokeView.as_view()
