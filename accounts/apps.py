"""People: who they are, what they may, whom they know."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import listeners  # noqa: F401, PLC0415 (signals are connected once the models are loaded)
