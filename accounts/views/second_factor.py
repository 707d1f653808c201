"""allauth's pages of second factors and passkeys where ours differ: confirmed first, no guests, one answer to mistakes."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from allauth.account.internal.decorators import login_not_required
from allauth.mfa.base import views as base
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from accounts.forms.second_factor import SETUP_KEY
from accounts.models import User
from accounts.second_factor import FEW_CODES, may_go_on, take_totp
from accounts.stepup import recently_confirmed
from accounts.views.entrance import GuestsClaim
from accounts.ways_in import lock_ways, ways_in

View = Callable[..., HttpResponseBase]
OVERVIEW = reverse_lazy("settings_security")


def guarded(view: View) -> View:
    """For members who confirmed lately that it is them; kept by no cache and in no error report."""

    @wraps(view)
    def members_only(request: HttpRequest, *given: Any, **named: Any) -> HttpResponseBase:
        if cast("User", request.user).is_guest:
            return redirect("guest_claim")
        return view(request, *given, **named)

    return never_cache(sensitive_post_parameters()(recently_confirmed(members_only)))


def overview(_request: HttpRequest) -> HttpResponse:
    """allauth's own lists: everything is on one page here."""
    return redirect("settings_security")


class AuthenticateView(base.AuthenticateView):
    """After the password. A passkey is offered to those who have one."""

    def post(self, request: HttpRequest, *given: Any, **named: Any) -> HttpResponse:
        if not may_go_on(request, self.stage.login.user):
            return cast("HttpResponse", self.stage.abort())
        return cast("HttpResponse", super().post(request, *given, **named))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        person = self.stage.login.user
        context["kinds"] = set(Authenticator.objects.filter(user=person).values_list("type", flat=True))
        return context


class PasskeyConfirmView(webauthn.ReauthenticateWebAuthnView):
    def form_invalid(self, form: Any) -> HttpResponse:
        response: HttpResponse = self.render_to_response(self.get_context_data(form=form))
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | kwargs


@method_decorator(login_not_required, name="dispatch")
class PasskeyLoginView(GuestsClaim, webauthn.LoginWebAuthnView):
    """At the door with a passkey alone."""


class TotpOnView(totp.ActivateTOTPView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The secret in groups of four, as people type it."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"secret": " ".join(re.findall(".{1,4}", context["form"].secret))}

    def get_success_url(self) -> str:
        return str(super().get_success_url() if self.did_generate_recovery_codes else OVERVIEW)

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            response: HttpResponse = super().form_valid(form)
        except IntegrityError:  # set up in another tab at this moment
            return redirect("settings_security")
        self.request.session.pop(SETUP_KEY, None)
        # The code that set it up is used.
        take_totp(
            Authenticator.objects.get(user=self.request.user, type=Authenticator.Type.TOTP), form.cleaned_data["code"]
        )
        return response


class TotpOffView(totp.DeactivateTOTPView):
    success_url = OVERVIEW


class PasskeyAddView(webauthn.AddWebAuthnView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | kwargs

    def get_success_url(self) -> str:
        return str(super().get_success_url() if self.did_generate_recovery_codes else OVERVIEW)


class PasskeyNameView(webauthn.EditWebAuthnView):
    success_url = OVERVIEW


class PasskeyRemoveView(webauthn.RemoveWebAuthnView):
    success_url = OVERVIEW

    def form_valid(self, form: Any) -> HttpResponse:
        """Nobody locks themselves out: the last way in stays."""
        person = cast("User", self.request.user)
        with transaction.atomic():
            lock_ways(person)
            if ways_in(person) > 1:
                return cast("HttpResponse", super().form_valid(form))
        messages.error(self.request, gettext("This is your only way in. Set a password first."))
        return redirect("settings_security")


class CodesView(recovery_codes.ViewRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"few": len(context["unused_codes"]) < FEW_CODES}
