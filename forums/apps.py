"""Forums: posts, votes, comments, and the people who keep them in order."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ForumsConfig(AppConfig):
    name = "forums"
    verbose_name = _("Forums")

    def ready(self) -> None:
        # What it registers asks the models.
        from forums import (  # noqa: F401, PLC0415
            decision_notices,
            erasure,
            export,
            finding,
            listeners,
            live,
            notices,
            reported,
            spreads,
            talk,
        )
        from forums.views import discussions  # noqa: PLC0415

        decision_notices.register_all()
        erasure.register()
        export.register()
        finding.register()
        live.register()
        notices.register_all()
        reported.register_kinds()
        spreads.register_all()
        discussions.register()
        talk.register()
