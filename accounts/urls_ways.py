"""Wallets and sign-ins of other sites: entering by them, linking them, removing them."""

from django.urls import path

from accounts.views import wallets

urlpatterns = [
    path("accounts/wallet/message/", wallets.wallet_message, name="wallet_message"),
    path("accounts/wallet/login/", wallets.wallet_login, name="wallet_login"),
    path("settings/security/wallets/message/", wallets.wallet_link_message, name="wallet_link_message"),
    path("settings/security/wallets/link/", wallets.wallet_link, name="wallet_link"),
    path("settings/security/wallets/<uuid:wallet_id>/remove/", wallets.wallet_unlink, name="wallet_unlink"),
]
