"""People: who they are, what they may, whom they know."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        # Signals are connected, and what shows notifications is registered, once the models are loaded.
        from accounts import audit, contact_notices, listeners, portable, visits, warnings  # noqa: F401, PLC0415
