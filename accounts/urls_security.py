"""Where people look after what lets them in, and confirm that it is them."""

from django.urls import path

from accounts.views import confirm, security

urlpatterns = [
    path("settings/security/", security.overview, name="settings_security"),
    path("accounts/confirm/code/", confirm.confirm_code, name="confirm_code"),
    path("accounts/confirm/again/", confirm.confirm_anew, name="confirm_anew"),
]
