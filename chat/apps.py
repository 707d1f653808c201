"""Talk: conversations, memberships, messages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Talk")

    def ready(self) -> None:
        # Signals are connected once the models are loaded.
        from chat import erasure, export, listeners, live, notices, occasions  # noqa: F401, PLC0415

        erasure.register()
        export.register()
        live.register()
        occasions.register_all()
        notices.register_all()
