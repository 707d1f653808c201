"""Talk: conversations, memberships, messages."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from chat import listeners, live  # noqa: F401 (signals are connected once the models are loaded)

        live.register()
