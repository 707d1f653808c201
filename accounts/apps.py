"""People: who they are, what they may, whom they know."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        from accounts import listeners  # noqa: F401 (signals are connected once the models are loaded)
