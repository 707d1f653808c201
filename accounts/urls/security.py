"""Where people look after what lets them in, and confirm that it is them. allauth's names and addresses stay."""

from allauth.account import views as account
from allauth.mfa.base import views as base
from allauth.mfa.recovery_codes import views as codes
from django.urls import path

from accounts.views import confirm, security
from accounts.views import second_factor as factor
from accounts.views.second_factor import guarded

PASSKEYS = "accounts/2fa/webauthn/"
CODES = "accounts/2fa/recovery-codes/"

urlpatterns = [
    path("settings/security/", security.overview, name="settings_security"),
    path("accounts/confirm/code/", confirm.confirm_code, name="confirm_code"),
    path("accounts/confirm/again/", confirm.confirm_anew, name="confirm_anew"),
    path("accounts/password/set/", guarded(account.password_set), name="account_set_password"),
    path("accounts/2fa/", factor.overview, name="mfa_index"),
    path("accounts/2fa/authenticate/", factor.AuthenticateView.as_view(), name="mfa_authenticate"),
    path("accounts/2fa/reauthenticate/", base.reauthenticate, name="mfa_reauthenticate"),
    path("accounts/2fa/totp/activate/", guarded(factor.TotpOnView.as_view()), name="mfa_activate_totp"),
    path("accounts/2fa/totp/deactivate/", guarded(factor.TotpOffView.as_view()), name="mfa_deactivate_totp"),
    path(CODES, guarded(factor.CodesView.as_view()), name="mfa_view_recovery_codes"),
    path(f"{CODES}generate/", guarded(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path(f"{CODES}download/", guarded(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
    path(PASSKEYS, factor.overview, name="mfa_list_webauthn"),
    path(f"{PASSKEYS}add/", guarded(factor.PasskeyAddView.as_view()), name="mfa_add_webauthn"),
    path(f"{PASSKEYS}reauthenticate/", factor.PasskeyConfirmView.as_view(), name="mfa_reauthenticate_webauthn"),
    path(f"{PASSKEYS}login/", factor.PasskeyLoginView.as_view(), name="mfa_login_webauthn"),
    path(f"{PASSKEYS}keys/<int:pk>/remove/", guarded(factor.PasskeyRemoveView.as_view()), name="mfa_remove_webauthn"),
    path(f"{PASSKEYS}keys/<int:pk>/edit/", guarded(factor.PasskeyNameView.as_view()), name="mfa_edit_webauthn"),
]
