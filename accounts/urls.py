"""Where people enter, and where they are shown. allauth's own addresses and names stay."""

from django.urls import include, path

from accounts.views import entrance, guests, people

urlpatterns = [
    path("accounts/login/", entrance.login, name="account_login"),
    path("accounts/signup/", entrance.signup, name="account_signup"),
    path("accounts/email/", entrance.address, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("guest/", guests.guest_enter, name="guest_enter"),
    path("claim/", guests.guest_claim, name="guest_claim"),
    path("people/<str:username>/", people.person, name="person"),
    path("settings/profile/", people.profile_edit, name="profile_edit"),
]
