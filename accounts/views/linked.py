"""Leaving for the site that signs people in, coming back, linking and unlinking it."""

from typing import cast

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from accounts.actions.linked import unlink_account
from accounts.adapter import client_address
from accounts.models import User
from accounts.permissions import check_member
from accounts.social import OidcAdapter, is_configured
from accounts.stepup import recently_confirmed
from chatter.core.errors import NotFound, Refused
from chatter.core.limits import check_limit

TRIES, TRIES_SECONDS = 20, 60


@login_not_required
@never_cache
@require_POST
def oidc_login(request: HttpRequest) -> HttpResponse:
    """Off to the provider, to come back signed in."""
    if request.user.is_authenticated:
        return redirect("guest_claim" if request.user.is_guest else "home")
    return _leave(request, AuthProcess.LOGIN)


@never_cache
@require_POST
@recently_confirmed
def oidc_connect(request: HttpRequest) -> HttpResponse:
    """Off to the provider, to come back with one more way in."""
    check_member(cast("User", request.user))
    return _leave(request, AuthProcess.CONNECT)


def _leave(request: HttpRequest, process: str) -> HttpResponse:
    """A page that goes on by itself: a redirect after a form would have to be allowed by the policy (form-action) for
    every host that the provider may redirect to."""
    if not is_configured():
        raise Http404
    check_limit("oidc", client_address(request), limit=TRIES, seconds=TRIES_SECONDS)
    provider = OidcAdapter(request).get_provider()
    try:
        answer = provider.redirect(request, process, next_url=get_next_redirect_url(request))
    except (OAuth2Error, RequestException, ValueError) as error:
        return cast("HttpResponse", render_authentication_error(request, provider, exception=error))
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "socialaccount/leaving.html", {"url": answer.url, "name": settings.OIDC_NAME})
    return cast("HttpResponse", answer)


@login_not_required
@never_cache
@require_safe
def oidc_callback(request: HttpRequest) -> HttpResponse:
    """Back from the provider, with a code or with an error."""
    if not is_configured():
        raise Http404
    try:
        return cast("HttpResponse", OAuth2CallbackView.adapter_view(OidcAdapter(request))(request))
    except (ValueError, KeyError, TypeError) as error:
        # An answer that is no JSON, or lacks what every such answer has.
        return cast(
            "HttpResponse", render_authentication_error(request, OidcAdapter(request).get_provider(), exception=error)
        )


@login_not_required
@require_safe
def oidc_cancelled(request: HttpRequest) -> HttpResponse:
    """They changed their mind at the provider."""
    messages.info(request, gettext("You did not log in there."))
    return redirect("settings_security" if request.user.is_authenticated else "account_login")


@require_safe
def connections(request: HttpRequest) -> HttpResponse:
    """allauth's name for the list of linked accounts: ours is on the page about security."""
    return redirect("settings_security")


@never_cache
@require_POST
@recently_confirmed
def oidc_disconnect(request: HttpRequest, account_id: int) -> HttpResponse:
    person = cast("User", request.user)
    try:
        unlink_account(person=person, account_id=account_id)
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, gettext("The account is not linked any more."))
        context = {"user": person, "provider": settings.OIDC_NAME}
        get_adapter(request).send_notification_mail("socialaccount/email/account_disconnected", person, context)
    return redirect("settings_security")
