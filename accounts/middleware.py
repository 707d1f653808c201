"""Who asks, and what a person whose account is suspended meets, whatever they ask for."""

from functools import partial
from typing import Any

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware, get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.sessions import at_hand
from chatter.core.asking import wants_json
from chatter.core.errors import Refused

# Reading in another language or theme stays possible, and so does leaving; who serves a picture asks for nobody.
# Programs bring a token, not a session.
OPEN = {"set_language", "theme", "livez", "readyz", "metrics", "avatar", "token_refresh", "token_revoke"} | {
    *("manifest", "service_worker", "offline"),
}


class PersonMiddleware(AuthenticationMiddleware):
    """Puts who asks into `request.user`: as Django does while it may be that nobody wants to know, then the person themselves."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(partial(person_of, request))  # type: ignore[assignment]  # as Django's own

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        match = request.resolver_match
        if match is None or match.view_name not in OPEN:
            # Each look at somebody lazy costs a detour, and a page looks hundreds of times.
            request.user = person_of(request)  # type: ignore[assignment]


class SuspensionMiddleware(MiddlewareMixin):
    """Shows why and until when to the browser that holds a session the suspension ended, and to nobody else."""

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if name in OPEN or request.user.is_authenticated:
            return None
        person = shut_out(request)
        if person is None:
            return None
        if name == "account_logout" and request.method == "POST":
            request.session.flush()
            return redirect("home")
        return suspended(request, person)


def person_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """Who asks, once for each request."""
    with at_hand(request.session):  # type: ignore[arg-type]  # SESSION_ENGINE says which
        return get_user(request)


def shut_out(request: HttpRequest) -> User | None:
    """Who is suspended and was signed in here. Costs strangers nothing: their session names nobody."""
    key = request.session.get(SESSION_KEY)
    if key is None:
        return None
    person = User.objects.reachable().filter(pk=key).first()
    if person is None or not person.was_shut_out_of(request.session.get(HASH_SESSION_KEY, "")):
        return None
    return person


def suspended(request: HttpRequest, person: User, *, signed_in: bool = True) -> HttpResponse:
    """The reason and the end, for the person alone; scripts get the refusal that they know."""
    if wants_json(request):
        refusal = Refused("forbidden", _("This account is suspended."))
        return JsonResponse({"error": {"code": refusal.code, "message": str(refusal)}}, status=refusal.status)
    context = {"person": person, "signed_in": signed_in}
    return render(request, "account/suspended.html", context, status=403)
