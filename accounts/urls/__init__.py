"""Where people enter, and where they are shown. allauth's own addresses and names stay."""

from django.urls import include, path, re_path

from accounts.views import contacts, entrance, guests, people, settings

USERNAME = r"(?P<username>[A-Za-z0-9_-]{1,50})"

urlpatterns = [
    path("accounts/login/", entrance.login, name="account_login"),
    path("accounts/signup/", entrance.signup, name="account_signup"),
    path("accounts/email/", entrance.address, name="account_email"),
    path("", include("accounts.urls.devices")),
    path("", include("accounts.urls.notifications")),
    path("", include("accounts.urls.security")),
    path("", include("accounts.urls.ways")),
    path("", include("accounts.urls.data")),
    # not allauth.urls: its pages of providers check less than ours (accounts.urls.ways)
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("", include("accounts.urls.profiles")),
    path("", include("accounts.urls.leaving")),
    path("guest/", guests.guest_enter, name="guest_enter"),
    path("claim/", guests.guest_claim, name="guest_claim"),
    re_path(r"^people/(?P<username>[A-Za-z0-9_-]{1,50})/$", people.person, name="person"),
    path("contacts/", contacts.contacts, name="contacts"),
    re_path(rf"^contacts/{USERNAME}/request/$", contacts.contact_request, name="contact_request"),
    re_path(rf"^contacts/{USERNAME}/answer/$", contacts.contact_answer, name="contact_answer"),
    re_path(rf"^contacts/{USERNAME}/cancel/$", contacts.contact_cancel, name="contact_cancel"),
    re_path(rf"^contacts/{USERNAME}/remove/$", contacts.contact_remove, name="contact_remove"),
    re_path(rf"^contacts/{USERNAME}/block/$", contacts.block_person, name="block_person"),
    re_path(rf"^contacts/{USERNAME}/unblock/$", contacts.unblock_person, name="unblock_person"),
    path("settings/", settings.overview, name="settings"),
    path("settings/account/", settings.account, name="settings_account"),
    path("settings/username/", settings.username, name="settings_username"),
    path("settings/profile/", settings.profile, name="profile_edit"),
    path("settings/privacy/", settings.privacy, name="settings_privacy"),
    path("settings/appearance/", settings.appearance, name="settings_appearance"),
    path("settings/zone/", settings.browser_zone, name="browser_zone"),
]
