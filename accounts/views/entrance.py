"""allauth's pages where ours differ: guests at the door, a username taken in this moment, one address an account."""

from typing import Any

from allauth.account import views as allauth_views
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext

from chatter.core.errors import Refused


class GuestsClaim:
    """A guest is somebody already: they keep that account, or leave it before they enter with another."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated and request.user.is_guest:
            return redirect("guest_claim")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class LoginView(GuestsClaim, allauth_views.LoginView):
    """allauth's, for everybody but guests."""


class SignupView(GuestsClaim, allauth_views.SignupView):
    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except Refused as refusal:
            form.add_error("username", str(refusal))
            return self.form_invalid(form)


class AddressView(GuestsClaim, allauth_views.EmailView):
    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Verifying makes an address the current one; nothing else does."""
        messages.info(request, gettext("Follow the link in the e-mail; the address becomes yours with it."))


login, signup, address = LoginView.as_view(), SignupView.as_view(), AddressView.as_view()
