"""The forms of second factors and passkeys: allauth's, with our words, stricter about what browsers hand over."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm as AllauthActivateTOTPForm
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from fido2.webauthn import AuthenticationResponse

from accounts.forms.entrance import dress_fields
from accounts.second_factor import MALFORMED, is_own_origin, take_recovery_code, take_totp
from chatter.core.sealing import Broken

CODE_MAX = 32
NAME_MAX = 60
CREDENTIAL_MAX = 16_384
PASSKEYS_MAX = 20
SETUP_KEY = "accounts.totp_setup"
ANSWERS = {"too_many_login_attempts", "rate_limited"}


def dress_code(field: forms.Field, label: Any) -> None:
    field.label, field.max_length = label, CODE_MAX  # type: ignore[attr-defined]
    field.widget.attrs = {
        "autocomplete": "one-time-code",
        "autocapitalize": "none",
        "spellcheck": "false",
        "maxlength": str(CODE_MAX),
    }


class CodeMixin(forms.Form):
    """A code of the app, or a recovery code: one field, one answer, one limit."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_code(self.fields["code"], _("Code"))

    def clean_code(self) -> str:
        clear_limit = check_rate_limit(self.user)
        code = str(self.cleaned_data["code"])[:CODE_MAX]
        kinds = {Authenticator.Type.TOTP: take_totp, Authenticator.Type.RECOVERY_CODES: take_recovery_code}
        for authenticator in Authenticator.objects.filter(user=self.user, type__in=kinds).order_by("-type"):
            if kinds[Authenticator.Type(authenticator.type)](authenticator, code):
                authenticator.refresh_from_db()
                authenticator.user = self.user
                self.authenticator = authenticator
                clear_limit()
                return code
        raise get_adapter().validation_error("incorrect_code")


class AuthenticateForm(CodeMixin, base.AuthenticateForm):
    """At the door."""


class ReauthenticateForm(CodeMixin, base.ReauthenticateForm):
    """Confirming that it is the person."""


class ActivateTOTPForm(AllauthActivateTOTPForm):
    """The secret waits in the session, encrypted like those that are in use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.user = kwargs.pop("user")
        forms.Form.__init__(self, *args, **kwargs)
        self.secret = self._waiting() if self.is_bound else self._made()
        dress_code(self.fields["code"], _("The code the app shows"))
        self.fields["code"].widget.attrs["inputmode"] = "numeric"

    def _waiting(self) -> str:
        try:
            return get_adapter().decrypt(context.request.session.get(SETUP_KEY, ""))
        except Broken:
            return self._made()

    def _made(self) -> str:
        secret = generate_totp_secret()
        context.request.session[SETUP_KEY] = get_adapter().encrypt(secret)
        return secret


class CredentialField(forms.JSONField):
    """JSON of a bounded size and depth."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > CREDENTIAL_MAX:
            raise get_adapter().validation_error("incorrect_passkey")
        try:
            return super().to_python(value)
        except (ValidationError, RecursionError) as error:
            raise get_adapter().validation_error("incorrect_passkey") from error


class CredentialMixin(forms.Form):
    """What a browser says of a passkey. Whatever is wrong with it, the answer is the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        required = get_adapter().error_messages["incorrect_passkey"]
        self.fields["credential"] = CredentialField(error_messages={"required": required})

    def clean(self) -> dict[str, Any]:
        try:
            typed: dict[str, Any] = super().clean() or {}
        except ValidationError as error:
            raise self._answer(error) from error
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_passkey") from error
        return typed

    @staticmethod
    def _answer(error: ValidationError) -> ValidationError:
        code = getattr(error, "code", None)
        return error if code in ANSWERS else get_adapter().validation_error("incorrect_passkey")

    def check_origin(self, credential: Any) -> None:
        if not isinstance(credential, dict) or not is_own_origin(context.request, credential):
            raise get_adapter().validation_error("incorrect_passkey")


class AssertionMixin(CredentialMixin):
    def clean_credential(self) -> Authenticator:
        credential = self.cleaned_data["credential"]
        self.check_origin(credential)
        try:
            self.check_assertion(credential)
            return super().clean_credential()  # type: ignore[misc]
        except ValidationError as error:
            raise self._answer(error) from error
        except MALFORMED as error:
            raise get_adapter().validation_error("incorrect_passkey") from error

    def check_assertion(self, credential: Any) -> None:
        """More that this use of a passkey asks for."""


class LoginWebAuthnForm(AssertionMixin, webauthn.LoginWebAuthnForm):
    """At the door, instead of a password: the device must have asked for a finger, a face or a PIN.

    Asked again here, whatever the session was told when it began: a key found in the street is no way in.
    """

    def check_assertion(self, credential: Any) -> None:
        shown = AuthenticationResponse.from_dict(credential)
        if shown is None or not shown.response.authenticator_data.is_user_verified():
            raise get_adapter().validation_error("incorrect_passkey")


class AuthenticateWebAuthnForm(AssertionMixin, webauthn.AuthenticateWebAuthnForm):
    """At the door, after the password."""


class ReauthenticateWebAuthnForm(AssertionMixin, webauthn.ReauthenticateWebAuthnForm):
    """Confirming that it is the person."""


class NameMixin(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name = forms.CharField(label=_("Name"), max_length=NAME_MAX, required=self.fields["name"].required)
        name.help_text = _("So that you recognise it: “Phone”, “Blue key”.")
        name.widget.attrs["dir"] = "auto"
        self.fields["name"] = name
        dress_fields(self)


class AddWebAuthnForm(NameMixin, CredentialMixin, webauthn.AddWebAuthnForm):
    """A new passkey. Whether it can stand for the password too, the browser says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("passwordless", None)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("credential") is not None:
            self.check_origin(self.cleaned_data["credential"])
        if Authenticator.objects.filter(user=self.user, type=Authenticator.Type.WEBAUTHN).count() >= PASSKEYS_MAX:
            raise ValidationError(
                _("You have as many passkeys as there can be. Remove one first."), code="rate_limited"
            )
        return super().clean()


class EditWebAuthnForm(NameMixin, webauthn.EditWebAuthnForm):
    """Another name for a passkey."""
