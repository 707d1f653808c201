"""Wallets and sign-ins of other sites: entering by them, linking them, removing them."""

from django.urls import path

from accounts.views import linked, wallets

urlpatterns = [
    path("accounts/wallet/message/", wallets.wallet_message, name="wallet_message"),
    path("accounts/wallet/login/", wallets.wallet_login, name="wallet_login"),
    path("settings/security/wallets/message/", wallets.wallet_link_message, name="wallet_link_message"),
    path("settings/security/wallets/link/", wallets.wallet_link, name="wallet_link"),
    path("settings/security/wallets/<uuid:wallet_id>/remove/", wallets.wallet_unlink, name="wallet_unlink"),
    # allauth's names, where its code asks for them; its own pages would check less.
    path("accounts/oidc/login/", linked.oidc_login, name="openid_connect_login"),
    path("accounts/oidc/callback/", linked.oidc_callback, name="openid_connect_callback"),
    path("accounts/oidc/cancelled/", linked.oidc_cancelled, name="socialaccount_login_cancelled"),
    path("settings/security/linked/", linked.connections, name="socialaccount_connections"),
    path("settings/security/linked/link/", linked.oidc_connect, name="socialaccount_connect"),
    path("settings/security/linked/<int:account_id>/remove/", linked.oidc_disconnect, name="socialaccount_disconnect"),
]
