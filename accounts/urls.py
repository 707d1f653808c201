"""Where people enter, and where they are shown. allauth's own addresses and names stay."""

from django.urls import include, path, re_path

from accounts.views import entrance, guests, people, settings

urlpatterns = [
    path("accounts/login/", entrance.login, name="account_login"),
    path("accounts/signup/", entrance.signup, name="account_signup"),
    path("accounts/email/", entrance.address, name="account_email"),
    path("", include("accounts.urls_security")),
    path("", include("accounts.urls_ways")),
    # not allauth.urls: its pages of providers check less than ours (accounts.urls_ways)
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("guest/", guests.guest_enter, name="guest_enter"),
    path("claim/", guests.guest_claim, name="guest_claim"),
    re_path(r"^people/(?P<username>[A-Za-z0-9_-]{1,50})/$", people.person, name="person"),
    path("settings/", settings.overview, name="settings"),
    path("settings/account/", settings.account, name="settings_account"),
    path("settings/profile/", settings.profile, name="profile_edit"),
    path("settings/appearance/", settings.appearance, name="settings_appearance"),
]
