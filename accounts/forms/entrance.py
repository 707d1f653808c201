"""The shape of what people type about themselves. allauth's field names stay; words and limits are ours."""

from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.account.fields import PasswordField
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.internal.userkit import filter_users_by_email
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.addresses import change_address
from accounts.actions.signup import register_person
from accounts.models import User
from accounts.names import USERNAME_MAX, likeness, tidy_name

GUEST_NAME_MAX = 50
PASSWORD_MAX = 1000
PASSWORD_HELP = _("At least 8 characters; not a common one, not only digits.")


class LoginForm(allauth_forms.LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        login, password, remember = self.fields["login"], self.fields["password"], self.fields["remember"]
        login.label, login.max_length = _("Username or e-mail"), 254
        login.widget.attrs |= {"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}
        remember.label, remember.initial = _("Keep me logged in on this device"), True
        password.label = _("Password")
        dress_fields(self)


class SignupForm(allauth_forms.SignupForm):
    """Registering. The second password is asked for on the page; a client that sends none has made no typing error."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_identity(self)

    def clean_password2(self) -> str:
        return str(self.cleaned_data["password2"] or self.cleaned_data.get("password1", ""))

    def save(self, request: HttpRequest) -> User:
        """Raises Refused when somebody took the username since it was checked."""
        typed = self.cleaned_data
        return register_person(username=typed["username"], email=typed["email"], password=typed["password1"])


class ClaimForm(forms.Form):
    """What a guest adds to become a member: the same fields as registering."""

    username = forms.CharField(max_length=USERNAME_MAX)
    email = forms.EmailField(max_length=254)
    password1 = PasswordField(label=_("Password"), autocomplete="new-password")
    password2 = PasswordField(label=_("Password (again)"), autocomplete="new-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_identity(self)

    def clean_username(self) -> str:
        return str(get_adapter().clean_username(self.cleaned_data["username"]))

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"].lower())

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        if password := typed.get("password1"):
            someone = User(username=typed.get("username", ""), email=typed.get("email"))
            try:
                password_validation.validate_password(password, someone)
            except ValidationError as error:
                self.add_error("password1", error)
            if typed.get("password2") and typed["password2"] != password:
                self.add_error("password2", _("You must type the same password each time."))
        return typed


class AddressForm(allauth_forms.AddEmailForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("New e-mail address")
        dress_fields(self)

    def save(self, request: HttpRequest) -> EmailAddress:
        address = change_address(person=self.user, email=self.cleaned_data["email"])
        send_verification_email_to_address(request, address)
        return address


class ResetPasswordForm(allauth_forms.ResetPasswordForm):
    users: list[User]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        dress_fields(self)

    def clean_email(self) -> str:
        """Also those whose account waits to be erased: without a password they could not keep it."""
        email = str(super().clean_email())
        if not self.users:
            off = filter_users_by_email(email, is_active=False, prefer_verified=True, for_login=True)
            self.users = [person for person in off if person.deletion_due_at and not person.deleted_at]
        return email


class ChangePasswordForm(allauth_forms.ChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["oldpassword"].label = _("Current password")
        dress_new_password(self)


class SetPasswordForm(allauth_forms.SetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_new_password(self)


class ResetPasswordKeyForm(allauth_forms.ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_new_password(self)


class ReauthenticateForm(allauth_forms.ReauthenticateForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        dress_fields(self)


class CodeForm(forms.Form):
    """A code that was mailed."""

    code = forms.CharField(
        label=_("Code"),
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class GuestForm(forms.Form):
    """A name, in any script, is all that a guest gives."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=GUEST_NAME_MAX,
        error_messages={"required": _("Tell the others what to call you.")},
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not likeness(name):
            raise ValidationError(_("Tell the others what to call you."))
        return name


def dress_identity(form: forms.Form) -> None:
    """The words and limits that registering and claiming share."""
    username, email = form.fields["username"], form.fields["email"]
    username.label, email.label = _("Username"), _("E-mail address")
    username.help_text = _("Letters a–z, digits, “_” and “-”, at most 50. Others mention you by it.")
    username.widget.attrs |= {
        "autocomplete": "username",
        "autocapitalize": "none",
        "spellcheck": "false",
        "pattern": "[A-Za-z0-9_\\-]{1,50}",
        "maxlength": str(USERNAME_MAX),
    }
    email.widget.attrs["autocomplete"] = "email"
    form.fields["password2"].required = False
    form.fields["password2"].widget.attrs["required"] = True
    dress_fields(form)


def dress_new_password(form: forms.Form) -> None:
    form.fields["password1"].label, form.fields["password2"].label = _("New password"), _("New password (again)")
    dress_fields(form)


def dress_fields(form: forms.Form) -> None:
    """Bounds what is hashed; takes placeholders and allauth's help away: every field has its label and our words."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if isinstance(field, PasswordField):
            field.validators.append(MaxLengthValidator(PASSWORD_MAX))
            field.help_text = ""
    if "password1" in form.fields:
        form.fields["password1"].help_text = PASSWORD_HELP
